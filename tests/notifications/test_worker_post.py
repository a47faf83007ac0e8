"""What talks to slow servers runs beside the worker's other duties, never in front of them."""

import threading

from lms.management.commands import worker


def test_mail_has_a_thread_of_its_own():
    assert "deliver_messages" in worker.POST and "read_mailbox" in worker.MAILBOX
    assert not {*worker.POST, *worker.MAILBOX} & {*worker.EVERY_MINUTE, *worker.NIGHTLY}
    assert "send_digests" in worker.EVERY_MINUTE and "tidy_messages" in worker.NIGHTLY


def test_a_mail_server_that_hangs_does_not_hold_up_the_clock(monkeypatch):
    hangs, ticked, release = threading.Event(), threading.Event(), threading.Event()

    def run(command, **options):
        if command == "db_worker":
            assert hangs.wait(10) and ticked.wait(10)
        elif command == "deliver_messages":
            hangs.set()
            release.wait(10)
        elif command == worker.EVERY_MINUTE[-1]:
            assert hangs.wait(10)
            ticked.set()

    monkeypatch.setattr(worker, "call_command", run)
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    worker.Command().handle()
    release.set()
