from django.core.management.base import BaseCommand, CommandError

from evaluations import attempts, clock
from evaluations.models import Response


class Command(BaseCommand):
    help = "Closes timed attempts whose time is over; what was saved counts. The worker runs it every minute."

    def add_arguments(self, parser):
        parser.add_argument("--limit", type=int, default=1000, help="at most this many in one run (1000)")
        parser.add_argument("--dry-run", action="store_true", help="only say how many wait")

    def handle(self, *args, limit, dry_run, verbosity, **options):
        if dry_run:
            self.stdout.write(f"{Response.objects.filter(clock.ended()).count()} waiting")
            return
        closed, failed = attempts.close_overdue(max(limit, 0))
        if verbosity:
            self.stdout.write(f"{closed} closed")
        if failed:
            raise CommandError(f"{failed} attempts could not be closed (see the log); they are tried again.")
