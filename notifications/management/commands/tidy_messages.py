from django.core.management.base import BaseCommand

from notifications import tidying


class Command(BaseCommand):
    help = "Erases what messages older than 180 days said, and notices older than a year. The worker runs it every night."

    def handle(self, *args, verbosity, **options):
        emptied, deleted = tidying.tidy()
        if verbosity:
            self.stdout.write(f"{emptied} messages emptied, {deleted} notices deleted")
