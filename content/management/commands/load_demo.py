import logging
import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from content import demo
from content.demo_people import DOMAIN, LOGINS
from content.loader import load


class Command(BaseCommand):
    help = "Loads a fictional cohort in which every state occurs, and prints its logins. Loading twice changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("--allow-demo", action="store_true", help="also where the setting ALLOW_DEMO is off")

    def handle(self, *args, **options):
        require_allowed(options["allow_demo"])
        begun = time.monotonic()
        link = load_all(options["verbosity"])
        tell_logins(self, link)
        self.stdout.write(f"{time.monotonic() - begun:.1f} s")


def require_allowed(allow):
    if not (settings.ALLOW_DEMO or allow):
        raise CommandError(
            "The demonstration has logins with a known password, so it is refused here. "
            "Set ALLOW_DEMO=1, or give --allow-demo if this site holds no real people."
        )


def load_all(verbosity=1):
    """The content first (nothing happens where it is loaded), then the demonstration."""
    if verbosity < 2:
        logging.getLogger("wagtail").setLevel(logging.WARNING)
    load()
    return demo.load_demo()


def tell_logins(command, link):
    command.stdout.write(f"Sign in with one of these addresses and the password {demo.PASSWORD}")
    for slug, what in LOGINS:
        command.stdout.write(f"  {slug}@{DOMAIN}".ljust(40) + what)
    if link:
        command.stdout.write(f"An invitation that waits to be opened: {link}")
