from django.core.management.base import BaseCommand

from sessions.forgotten import end_forgotten


class Command(BaseCommand):
    help = "Ends meetings that nobody ended, two hours after their planned end, once the room is empty."

    def handle(self, **options):
        ended = end_forgotten()
        if options["verbosity"]:
            self.stdout.write(f"ended: {ended}")
