"""The one background process: delivers tasks, and every minute does what falls due by the clock."""

import logging
import threading

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import close_old_connections

log = logging.getLogger(__name__)
EVERY_MINUTE = ("publish_scheduled", "close_overdue_attempts", "run_waves", "follow_commitments", "tidy_exports", "deliver_messages")


class Command(BaseCommand):
    help = "Runs queued tasks; every minute publishes scheduled pages and delivers messages that are due."

    def handle(self, **options):
        stopping = threading.Event()
        clock = threading.Thread(target=self._tick, args=(stopping,), daemon=True)
        clock.start()
        try:
            call_command("db_worker", interval=1.0, startup_delay=False, reload=False, verbosity=0)
        finally:
            stopping.set()

    @staticmethod
    def _tick(stopping):
        while not stopping.is_set():
            for command in EVERY_MINUTE:
                try:
                    call_command(command, verbosity=0)
                except Exception:  # one failing duty must not stop the others, nor the next minute
                    log.exception("periodic duty failed: %s", command)
            close_old_connections()
            stopping.wait(60)
