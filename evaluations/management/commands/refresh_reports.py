"""Builds the reports of all cohorts anew; meant for every night. Former snapshots stay."""

import logging

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curriculum.models import Cohort
from evaluations.moore import snapshots

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = gettext_lazy("Builds the reports of all running and closed cohorts, or of one, and keeps those that changed.")

    def add_arguments(self, parser):
        parser.add_argument("--cohort", type=int, metavar="ID", help=gettext_lazy("number of the cohort; all if left out"))

    def handle(self, *, cohort=None, **options):
        cohorts = _chosen(cohort)
        failed = [one for one in cohorts if not self._refresh(one)]
        self.stdout.write(_("%(done)d reports built.") % {"done": len(cohorts) - len(failed)})
        if failed:
            raise CommandError(_("Some reports could not be built: %(names)s.") % {"names": ", ".join(map(str, failed))})

    def _refresh(self, cohort):
        """One cohort's fault must not keep the others from their report."""
        try:
            snapshots.refresh(cohort)
        except Exception:
            logger.exception("The report of cohort %s could not be built", cohort.pk)
            return False
        return True


def _chosen(number):
    if number is None:
        return list(Cohort.objects.exclude(status=Cohort.Status.PLANNED))
    cohorts = list(Cohort.objects.filter(pk=number))
    if not cohorts:
        raise CommandError(_("There is no cohort with this number."))
    return cohorts
