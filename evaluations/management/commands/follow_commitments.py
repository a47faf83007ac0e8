from django.core.management.base import BaseCommand

from evaluations import following_up


class Command(BaseCommand):
    help = (
        "Writes the mails about commitments that are due (after 21, 90 and 180 days), each once. The worker runs it every minute."
    )

    def handle(self, *args, verbosity, **options):
        told = following_up.tell()
        if verbosity:
            self.stdout.write(f"{told} written")
