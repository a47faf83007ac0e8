from django.core.management.base import BaseCommand, CommandError

from content.demo_removal import RealPeople, remove_demo
from content.management.commands.load_demo import load_all, require_allowed, tell_logins


class Command(BaseCommand):
    help = "Removes the demonstration with everything its people did and loads it anew. Real people and content stay."

    def add_arguments(self, parser):
        parser.add_argument("--allow-demo", action="store_true", help="also where the setting ALLOW_DEMO is off")
        parser.add_argument("--remove", action="store_true", help="only remove it")

    def handle(self, *args, **options):
        if not options["remove"]:
            require_allowed(options["allow_demo"])
        try:
            remove_demo()
        except RealPeople as people:
            advice = f"Real people are in a cohort of the demonstration: {people}. Move them to another cohort first."
            raise CommandError(advice) from None
        self.stdout.write("The demonstration is removed.")
        if not options["remove"]:
            tell_logins(self, load_all(options["verbosity"]))
