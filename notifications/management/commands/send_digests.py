from django.core.management.base import BaseCommand

from notifications import digest


class Command(BaseCommand):
    help = "Writes one digest for each person whose gathered messages are due. The worker runs it every minute."

    def handle(self, *args, verbosity, **options):
        written = digest.send_due()
        if verbosity:
            self.stdout.write(f"{written} digests written")
