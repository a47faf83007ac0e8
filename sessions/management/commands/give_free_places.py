from django.core.management.base import BaseCommand

from sessions.places import give_free_places


class Command(BaseCommand):
    help = "Gives places that became free (removed, left the cohort, more places) to those who wait longest, and tells them."

    def handle(self, **options):
        moved = give_free_places()
        if options["verbosity"]:
            self.stdout.write(f"moved up: {moved}")
