from django.core.management.base import BaseCommand

from sessions.forgotten import close_overdue_groups


class Command(BaseCommand):
    help = "Closes breakout groups whose time was up half a minute ago and which nobody closed."

    def handle(self, **options):
        closed = close_overdue_groups()
        if options["verbosity"]:
            self.stdout.write(f"closed: {closed}")
