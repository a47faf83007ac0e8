from django.core.management.base import BaseCommand, CommandError

from notifications import delivery, outbox
from notifications.models import Message

SECONDS = 45  # of one run: the worker's next one goes on


class Command(BaseCommand):
    help = "Sends the mail that waits: new messages, and failed ones whose pause is over. The worker runs it all the time."

    def add_arguments(self, parser):
        parser.add_argument("--limit", type=int, default=5000, help="at most this many in one run (5000)")
        parser.add_argument("--dry-run", action="store_true", help="only say what waits")
        parser.add_argument(
            "--repeat-interrupted",
            action="store_true",
            help="send again what a dying process left half-way; somebody may get a second copy",
        )

    def handle(self, *args, limit, dry_run, repeat_interrupted, verbosity, **options):
        if repeat_interrupted and not dry_run:
            outbox.release_interrupted()
        if dry_run:
            self.stdout.write(f"{outbox.due().count()} waiting")
            return
        tried, left = delivery.deliver_waiting(limit, SECONDS)
        if verbosity:
            self.stdout.write(f"{len(left)} of {len(tried)} sent")
            self._report("may or may not have left (--repeat-interrupted sends them again)", outbox.interrupted())
            self._report("failed for good (see last_error)", outbox.spent())
        failed = Message.objects.filter(pk__in=set(tried) - set(left), sent_at=None, settled_as="").count()
        if failed:
            raise CommandError(f"{failed} of {len(tried)} messages did not leave; they are tried again later.")

    def _report(self, what, messages):
        numbers = list(messages.values_list("pk", flat=True)[:20])
        if numbers:
            self.stderr.write(f"Messages that {what}: {', '.join(map(str, numbers))}")
