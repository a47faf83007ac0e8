from django.core.management.base import BaseCommand

from sessions.telling import bring_all_up_to_date


class Command(BaseCommand):
    help = "Writes the mails that bring people's calendars in line with the meetings: new ones, other hours, meetings called off."

    def handle(self, **options):
        written = bring_all_up_to_date()
        if options["verbosity"]:
            self.stdout.write(f"messages: {written}")
