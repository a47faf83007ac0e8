from django.core.management.base import BaseCommand, CommandError

from sessions import kept_acts, retention


class Command(BaseCommand):
    help = (
        "Deletes what was said in meetings whose transcript has been kept long enough, and old receipts of acts from devices. "
        "The worker runs it every night."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only say how many are due")

    def handle(self, *args, dry_run, verbosity, **options):
        due = retention.due()
        if dry_run:
            self.stdout.write(f"{len(due)} due")
            return
        kept_acts.forget()
        gone, failed = 0, 0
        for meeting_id in due:
            try:
                gone += retention.expire(meeting_id)
            except Exception as error:
                failed += 1
                self.stderr.write(f"meeting {meeting_id}: {type(error).__name__}")
        if verbosity:
            self.stdout.write(f"{gone} deleted")
        if failed:
            raise CommandError(f"{failed} transcripts could not be deleted; they are tried again the next night.")
