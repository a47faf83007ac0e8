from django.core.management.base import BaseCommand

from sessions import duty_mail


class Command(BaseCommand):
    help = "Tells lead groups of their turn and of open steps, and a lead of what is overdue, each once. The worker runs it every minute."

    def handle(self, **options):
        told = duty_mail.tell_due()
        if options["verbosity"]:
            self.stdout.write(f"{told} written")
