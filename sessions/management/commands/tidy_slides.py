"""Gives up slides that no worker drew in an hour, so that they say so. The worker's clock calls it every minute."""

from django.core.management.base import BaseCommand

from sessions import slides


class Command(BaseCommand):
    help = "Marks uploaded slides that were not drawn within an hour as failed."

    def handle(self, *, verbosity, **options):
        given_up = slides.give_up_waiting()
        if verbosity and given_up:
            self.stdout.write(f"{given_up} given up")
