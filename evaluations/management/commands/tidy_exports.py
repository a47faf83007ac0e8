"""Deletes prepared files after a week and gives up those that no worker took. The worker's clock calls it every minute."""

from django.core.management.base import BaseCommand

from evaluations.takeaway import jobs


class Command(BaseCommand):
    help = "Deletes prepared files after seven days; files that no worker took in an hour are marked as failed."

    def handle(self, *, verbosity, **options):
        gone, given_up = jobs.tidy()
        if verbosity and (gone or given_up):
            self.stdout.write(f"{gone} deleted, {given_up} given up")
