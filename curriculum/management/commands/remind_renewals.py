from django.core.management.base import BaseCommand

from curriculum import renewals


class Command(BaseCommand):
    help = "Reminds holders of certificates that run out (60 and 14 days before, and when they have), each once. The worker runs it at night."

    def handle(self, *args, verbosity, **options):
        written = renewals.remind()
        if verbosity:
            self.stdout.write(f"{written} written")
