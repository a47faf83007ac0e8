from django.core.management.base import BaseCommand

from sessions import reminders


class Command(BaseCommand):
    help = (
        "Writes the reminders of meetings that are due (a day and 15 minutes before), each once. The worker runs it every minute."
    )

    def handle(self, *args, verbosity, **options):
        written = reminders.remind()
        if verbosity:
            self.stdout.write(f"{written} written")
