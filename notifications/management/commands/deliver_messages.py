from django.core.management.base import BaseCommand, CommandError

from notifications import outbox


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
        tried = min(limit, outbox.due().count())
        sent = 0 if dry_run else outbox.deliver_due(limit)
        if verbosity:
            self.stdout.write(f"{tried} waiting" if dry_run else f"{sent} of {tried} sent")
            self._report("may or may not have left (--repeat-interrupted sends them again)", outbox.interrupted())
            self._report("failed for good (see last_error)", outbox.spent())
        if sent < tried and not dry_run and outbox.due().exists() is False:
            raise CommandError(f"{tried - sent} messages could not be sent; they are tried again later.")

    def _report(self, what, messages):
        numbers = list(messages.values_list("pk", flat=True)[:20])
        if numbers:
            self.stderr.write(f"Messages that {what}: {', '.join(map(str, numbers))}")
