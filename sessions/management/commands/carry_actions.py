"""Open actions of meetings that are over go to the next meeting of the same people. May run at any time, any number of times."""

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from sessions import carrying


class Command(BaseCommand):
    help = "Carries open actions of meetings that are over to the next meeting."

    def handle(self, *, verbosity, **options):
        carried = carrying.carry_all()
        if verbosity:
            self.stdout.write(_("%(count)s actions carried on.") % {"count": carried})
