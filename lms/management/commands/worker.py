"""The one background process: delivers tasks, and every minute, and once a night, does what falls due by the clock."""

import logging
import threading
import zoneinfo

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

log = logging.getLogger(__name__)
EVERY_MINUTE = (
    "publish_scheduled",
    "close_overdue_attempts",
    "run_waves",
    "end_forgotten_meetings",
    "bring_calendars_up_to_date",
    "carry_actions",
    "close_overdue_groups",
    "reconcile_attendance",
    "give_free_places",
    "follow_commitments",
    "nudge_duties",
    "tidy_exports",
    "tidy_slides",
    "remind",
    "send_digests",
)
# What talks to servers that may be slow or down has threads of its own: nothing else waits for them.
POST, POST_PAUSE = ("deliver_messages",), 10
MAILBOX = ("read_mailbox",)

NIGHTLY = ("refresh_reports", "expire_transcripts", "invite_new_mentors", "remind_renewals", "keep_wall_clocks", "tidy_messages")
NIGHT_ENDS = 3  # o'clock in the programme's zone


class Command(BaseCommand):
    help = "Runs queued tasks; every minute publishes scheduled pages and delivers messages that are due."

    def handle(self, **options):
        stopping = threading.Event()
        threading.Thread(target=self._tick, args=(stopping,), daemon=True).start()
        threading.Thread(target=self._repeat, args=(stopping, POST, POST_PAUSE), daemon=True).start()
        threading.Thread(target=self._repeat, args=(stopping, MAILBOX, 60), daemon=True).start()
        try:
            call_command("db_worker", interval=1.0, startup_delay=False, reload=False, verbosity=0)
        finally:
            stopping.set()

    def _tick(self, stopping):
        last_night = None
        while not stopping.is_set():
            now = timezone.localtime(timezone=zoneinfo.ZoneInfo(settings.PROGRAMME_TIME_ZONE))
            at_night = now.hour >= NIGHT_ENDS and now.date() != last_night
            self._do((*EVERY_MINUTE, *NIGHTLY) if at_night else EVERY_MINUTE)
            last_night = now.date() if at_night else last_night
            close_old_connections()
            stopping.wait(60)

    def _repeat(self, stopping, commands, pause):
        while not stopping.is_set():
            self._do(commands)
            close_old_connections()
            stopping.wait(pause)

    @staticmethod
    def _do(commands):
        for command in commands:
            try:
                call_command(command, verbosity=0)
            except Exception:  # one failing duty must not stop the others, nor the next minute
                log.exception("periodic duty failed: %s", command)
