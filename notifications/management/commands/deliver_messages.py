from django.core.management.base import BaseCommand, CommandError

from notifications import outbox
from notifications.models import Message


class Command(BaseCommand):
    help = "Sends the mail that waits: new messages, and failed ones whose pause is over. The worker runs it every minute."

    def add_arguments(self, parser):
        parser.add_argument("--limit", type=int, default=100, help="at most this many in one run (100)")
        parser.add_argument("--dry-run", action="store_true", help="only say what waits")
        parser.add_argument(
            "--repeat-interrupted",
            action="store_true",
            help="send again what a dying process left half-way; somebody may get a second copy",
        )

    def handle(self, *args, limit, dry_run, repeat_interrupted, verbosity, **options):
        if repeat_interrupted and not dry_run:
            outbox.release_interrupted()
        tried = list(outbox.due().values_list("pk", flat=True)[:limit])
        if dry_run:
            self.stdout.write(f"{outbox.due().count()} waiting")
            return
        sent = sum(outbox.deliver(pk) for pk in tried)
        if verbosity:
            self.stdout.write(f"{sent} of {len(tried)} sent")
            self._report("may or may not have left (--repeat-interrupted sends them again)", outbox.interrupted())
            self._report("failed for good (see last_error)", outbox.spent())
        failed = Message.objects.filter(pk__in=tried, sent_at__isnull=True).count()
        if failed:
            raise CommandError(f"{failed} of {len(tried)} messages did not leave; they are tried again later.")

    def _report(self, what, messages):
        numbers = list(messages.values_list("pk", flat=True)[:20])
        if numbers:
            self.stderr.write(f"Messages that {what}: {', '.join(map(str, numbers))}")
