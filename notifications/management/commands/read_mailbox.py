from django.core.management.base import BaseCommand

from notifications import mailbox


class Command(BaseCommand):
    help = "Reads delivery reports and answers to calendar mail from settings.INBOX_URL. The worker runs it every minute."

    def handle(self, *args, verbosity, **options):
        handled = mailbox.read()
        if verbosity:
            self.stdout.write(
                f"{handled} mails handled" if mailbox.configured() else "INBOX_URL is empty: replies by mail are not read."
            )
