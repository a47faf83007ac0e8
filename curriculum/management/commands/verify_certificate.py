"""What the register says about a code; ends with 0 only for a valid certificate."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curriculum.verification import verify
from notifications.readers import written_date


class Command(BaseCommand):
    help = gettext_lazy("Checks a certificate's code. Ends with 0 if it is valid, 1 if it is expired, revoked or not found.")

    def add_arguments(self, parser):
        parser.add_argument("code", help=gettext_lazy("as printed; spaces, dashes and small letters are fine"))

    def handle(self, *, code, **options):
        verification = verify(code)
        certificate = verification.certificate
        if certificate is None:
            raise CommandError(_("Code not found"))
        until = written_date(certificate.expires_on) if certificate.expires_on else _("Without end")
        for label, value in (
            (_("Name"), certificate.name),
            (_("Programme"), f"{certificate.curriculum_title} ({certificate.curriculum_version})"),
            (_("Issued on"), written_date(certificate.issued_on)),
            (_("Valid until"), until),
            (_("Code"), certificate.grouped_code),
        ):
            self.stdout.write(f"{label}: {value}")
        if verification.newer:
            self.stdout.write(f"{_('It was renewed:')} {verification.newer.grouped_code}")
        if verification.outcome == "revoked":
            words = {"date": written_date(certificate.revoked_on), "class": certificate.get_revoke_class_display()}
            raise CommandError(_("Revoked on %(date)s: %(class)s") % words)
        if verification.outcome == "expired":
            raise CommandError(_("Expired certificate"))
        self.stdout.write(self.style.SUCCESS(_("Valid certificate")))
