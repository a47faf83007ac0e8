import logging

from django.core.management.base import BaseCommand, CommandError

from sessions import attendance, attendance_completion
from sessions.models import Meeting

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Works out the attendance of meetings that have ended, until a day later, and completes the activities of those who attended. "
        "Running it again changes nothing. The worker runs it every minute."
    )

    def add_arguments(self, parser):
        parser.add_argument("--limit", type=int, default=500, help="at most this many meetings in one run (500)")
        parser.add_argument("--meeting", type=int, help="only this one")

    def handle(self, *args, limit, meeting, verbosity, **options):
        due = Meeting.objects.non_polymorphic().filter(state=Meeting.State.ENDED, started_at__isnull=False, reconciled_at=None)
        waiting = Meeting.objects.non_polymorphic().filter(pk__in=attendance_completion.waiting())
        if meeting is not None:
            due, waiting = due.filter(pk=meeting), waiting.filter(pk=meeting)
        found = {one.pk: one for one in [*due.order_by("ended_at")[: max(limit, 0)], *waiting[: max(limit, 0)]]}
        outcomes = [self._reconcile(one) for one in found.values()]
        failed = outcomes.count(None)
        if verbosity:
            self.stdout.write(f"{sum(filter(None, outcomes))} marks changed in {len(found)} meetings")
        if failed:
            raise CommandError(f"{failed} meetings could not be reconciled (see the log); they are tried again.")

    def _reconcile(self, meeting):
        """One that fails holds up no other."""
        try:
            return attendance.reconcile(meeting)
        except Exception:
            logger.exception("The attendance of meeting %s could not be worked out", meeting.pk)
            return None
