from django.core.management.base import BaseCommand, CommandError

from evaluations import wave_clock


class Command(BaseCommand):
    help = "Opens, reminds of and closes the waves that are due, each person in their own zone. The worker runs it every minute."

    def handle(self, *args, verbosity, **options):
        done = wave_clock.run()
        if verbosity:
            self.stdout.write(f"{done.opened} told that it opens, {done.reminded} reminded, {done.closed} closed")
        if done.failed:
            raise CommandError(f"{done.failed} wave(s) failed; see the log. They are tried again at the next run.")
