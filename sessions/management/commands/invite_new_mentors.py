from django.core.management.base import BaseCommand

from sessions import quarter_days


class Command(BaseCommand):
    help = "Asks mentors who were certified after an invitation went out to the coming regional meetings. The worker runs it every night."

    def handle(self, **options):
        asked = quarter_days.ask_new_mentors()
        if options["verbosity"]:
            self.stdout.write(f"{asked} asked")
