"""Issues what a cohort has earned, in the name of one of its leads, through the same door as the button."""

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curriculum import certification, roles
from curriculum.models import Cohort, Enrollment


class Command(BaseCommand):
    help = gettext_lazy("Issues certificates to everyone in a cohort who has met all requirements and has none yet.")

    def add_arguments(self, parser):
        parser.add_argument("--cohort", type=int, required=True, metavar="ID", help=gettext_lazy("number of the cohort"))
        parser.add_argument(
            "--by", metavar="E-MAIL", help=gettext_lazy("the lead who issues; may be left out if there is one only")
        )
        parser.add_argument("--dry-run", action="store_true", help=gettext_lazy("say what would happen and change nothing"))

    def handle(self, *, cohort, by, dry_run, **options):
        cohort = Cohort.objects.filter(pk=cohort).first()
        if cohort is None:
            raise CommandError(_("There is no cohort with this number."))
        lead = _lead(cohort, by)
        counts = {"issued": 0, "waiting": 0, "refused": 0}
        for enrollment in _trainees(cohort):
            counts[self._one(enrollment, lead, dry_run)] += 1
        words = _("%(issued)d to be issued, %(waiting)d not ready, %(refused)d refused.") if dry_run else None
        self.stdout.write((words or _("%(issued)d issued, %(waiting)d not ready, %(refused)d refused.")) % counts)
        if counts["refused"]:
            raise CommandError(_("Some certificates could not be issued."))

    def _one(self, enrollment, lead, dry_run):
        name = enrollment.user.get_full_name()
        states = certification.requirements_of(enrollment)
        if not certification.meets_all(states):
            missing = " ".join(str(state.text) for state in states if not state.met)
            self.stdout.write(f"– {name}: {missing or _('The programme does not say yet what its certificate takes.')}")
            return "waiting"
        try:
            if dry_run:
                certification.require_issuable(enrollment, lead)
                self.stdout.write(f"✓ {name}")
            else:
                self.stdout.write(f"✓ {name}: {certification.issue(enrollment, lead).grouped_code}")
        except certification.Refused as refusal:
            self.stderr.write(f"✗ {name}: {refusal.text}")
            return "refused"
        return "issued"


def _trainees(cohort):
    enrolled = Enrollment.objects.filter(cohort=cohort, role=Enrollment.Role.TRAINEE, status=Enrollment.Status.ENROLLED)
    return enrolled.select_related("cohort", "user")


def _lead(cohort, email):
    """Whoever signs: named, or the cohort's only lead."""
    if email:
        lead = get_user_model().objects.filter(email__iexact=email).first()
        if lead is None or not roles.leads(lead, cohort):
            raise CommandError(_("Nobody with this address leads the cohort."))
        return lead
    in_lead = Enrollment.objects.filter(cohort=cohort, role=Enrollment.Role.LEAD, status__in=Enrollment.MEMBER_STATES)
    leads = list(in_lead.select_related("user")[:2])
    if len(leads) != 1:
        raise CommandError(_("Name the lead who issues, with --by: the cohort does not have exactly one."))
    return leads[0].user
