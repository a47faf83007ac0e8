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
    "close_overdue_groups",
    "reconcile_attendance",
    "follow_commitments",
    "tidy_exports",
    "tidy_slides",
    "deliver_messages",
)


NIGHTLY = ("refresh_reports", "expire_transcripts")
NIGHT_ENDS = 3  # o'clock in the programme's zone


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

    def _tick(self, stopping):
        last_night = None
        while not stopping.is_set():
            now = timezone.localtime(timezone=zoneinfo.ZoneInfo(settings.PROGRAMME_TIME_ZONE))
            at_night = now.hour >= NIGHT_ENDS and now.date() != last_night
            self._do((*EVERY_MINUTE, *NIGHTLY) if at_night else EVERY_MINUTE)
            last_night = now.date() if at_night else last_night
            close_old_connections()
            stopping.wait(60)

    @staticmethod
    def _do(commands):
        for command in commands:
            try:
                call_command(command, verbosity=0)
            except Exception:  # one failing duty must not stop the others, nor the next minute
                log.exception("periodic duty failed: %s", command)
