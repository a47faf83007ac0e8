"""The life of a certificate: issued, revoked, renewed, verified. Expiry is read off the date, never stored.

Every act is a lead's, and nobody acts on their own certificate: whoever earned it and whoever signs are two people.
"""

import calendar
import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from curriculum import certificate_pdf, roles
from curriculum.enrollment_states import Refused
from curriculum.models import Certificate, CurriculumPage, Enrollment, EnrollmentChange
from curriculum.outline import in_language, outline_of
from curriculum.requirements import RequirementCheck, RequirementState, activities_done, meets_all, requirements_of
from curriculum.verification import Verification, clean_code, new_code, outcome_of, today, verify
from notifications import outbox
from notifications.readers import language_for

__all__ = [
    "Refused",
    "RequirementCheck",
    "RequirementState",
    "Verification",
    "activities_done",
    "add_months",
    "clean_code",
    "draw_pdf",
    "issue",
    "meets_all",
    "new_code",
    "outcome_of",
    "renew",
    "renewable_from",
    "require_issuable",
    "requirements_of",
    "revoke",
    "show_name",
    "title_of",
    "today",
    "verify",
]

RENEWABLE_BEFORE = datetime.timedelta(days=90)
Status = Enrollment.Status


def issue(enrollment, by):
    """Certifies an enrolled trainee who meets all requirements, tells them, and returns the certificate.

    Raises `Refused`: `by` does not lead the cohort or is the person; not an enrolled trainee; something is missing;
    no name for the certificate, or one that cannot be printed; there is a certificate already.
    """
    with transaction.atomic():
        enrollment = _locked(enrollment)
        certificate = _save_new(require_issuable(enrollment, by))
        _move(enrollment, Status.CERTIFIED, by, _("Certificate %(code)s issued") % {"code": certificate.grouped_code})
        _tell(certificate, "certificate_issued", f"certificate:{certificate.code}")
    return certificate


def require_issuable(enrollment, by):
    """The certificate that `issue` would save now; changes nothing. Raises `Refused` like it."""
    _require_other_lead(enrollment, by)
    if enrollment.certificates.standing().exists():
        raise Refused(_("This person already has a certificate."))
    if enrollment.role != Enrollment.Role.TRAINEE or enrollment.status != Status.ENROLLED:
        raise Refused(_("Only enrolled trainees can be certified. This person's state is: %(state)s.") % _state_words(enrollment))
    _require_requirements(enrollment)
    return _drafted(enrollment, by)


def revoke(certificate, by, revoke_class, reason):
    """Takes the certificate back, and with it the earlier ones that it renewed; the person is enrolled again.

    The class is public on the verification page, the reason is not. Raises `Refused`: `by` does not lead the cohort or
    is the holder; no reason or class; revoked or renewed already.
    """
    _require_other_lead(certificate.enrollment, by)
    reason = " ".join(reason.split())
    if not reason:
        raise Refused(_("Write the reason for revoking the certificate."))
    if len(reason) > Certificate._meta.get_field("revoke_reason").max_length:
        raise Refused(_("Shorten the reason to 500 characters."))
    if revoke_class not in Certificate.RevokeClass.values:
        raise Refused(_("Choose the class of the reason."))
    with transaction.atomic():
        enrollment = _locked(certificate.enrollment)
        _require_standing(certificate)
        enrollment.certificates.filter(revoked_at__isnull=True).update(
            revoked_at=timezone.now(), revoked_by=by, revoke_class=revoke_class, revoke_reason=reason
        )
        if enrollment.status == Status.CERTIFIED:
            _move(enrollment, Status.ENROLLED, by, reason)
        certificate.refresh_from_db()
        outbox.withdraw(f"certificate:{certificate.code}")
        _tell(certificate, "certificate_revoked", f"certificate-revoked:{certificate.code}")
    return certificate


def renew(certificate, by):
    """Issues the next certificate: from ninety days before this one expires, if all requirements are still met.

    The new one counts from the old expiry, so renewing early loses nobody time; after it, from today. The old one keeps
    its own date and points to the new one. Raises `Refused` like `issue`.
    """
    _require_other_lead(certificate.enrollment, by)
    with transaction.atomic():
        enrollment = _locked(certificate.enrollment)
        _require_standing(certificate)
        _require_renewable(certificate, enrollment)
        _require_requirements(enrollment)
        renewed = _drafted(enrollment, by, counted_from=max(today(), certificate.expires_on))
        renewed.renewal_of, renewed.name_public = certificate, certificate.name_public
        Certificate.objects.filter(pk=certificate.pk).update(renewed_at=renewed.issued_at)
        _save_new(renewed)
        _tell(renewed, "certificate_issued", f"certificate:{renewed.code}")
    certificate.refresh_from_db()
    return renewed


def show_name(certificate, public):
    """The holder decides whether the verification page shows the name or only initials."""
    certificate.name_public = public
    certificate.save(update_fields=["name_public"])


def draw_pdf(certificate):
    """The certificate as a file (bytes). Every certificate was drawn once before it was issued, so it can be."""
    return certificate_pdf.draw(certificate)


def title_of(enrollment):
    """What the person is certified in, in the active language."""
    return outline_of(enrollment.cohort).title()


def renewable_from(certificate):
    """The first day on which a lead may renew, or `None` where there is nothing to renew."""
    if not certificate.expires_on or not certificate.is_standing:
        return None
    return certificate.expires_on - RENEWABLE_BEFORE


def add_months(day, months):
    """The same day `months` later, or the month's last day where it has no such day (31 January + 1 = 28 February)."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))


# --- steps of the acts -----------------------------------------------------------------------------------------------


def _require_other_lead(enrollment, by):
    if not roles.leads(by, enrollment.cohort):
        raise Refused(_("Only leads of this cohort can do this."))
    if by.pk == enrollment.user_id:
        raise Refused(_("Nobody can do this for themselves. Ask another lead of the cohort."))


def _locked(enrollment):
    """The row as it is now, held until the end of the transaction, so that acts on one person happen one after another."""
    rows = Enrollment.objects.select_for_update(of=("self",)).select_related("cohort", "user")
    return rows.get(pk=enrollment.pk)


def _require_standing(certificate):
    certificate.refresh_from_db(fields=["revoked_at", "renewed_at", "expires_on"])
    if certificate.revoked_at:
        raise Refused(_("This certificate was revoked."))
    if certificate.renewed_at:
        raise Refused(_("This certificate was renewed. Act on the newer one."))


def _require_renewable(certificate, enrollment):
    first_day = renewable_from(certificate)
    if first_day is None:
        raise Refused(_("This certificate does not expire, so there is nothing to renew."))
    if today() < first_day:
        words = {"date": certificate_pdf.written_date(first_day)}
        raise Refused(_("It is too early to renew. A lead can renew this certificate from %(date)s.") % words)
    if enrollment.status != Status.CERTIFIED:
        raise Refused(_("Only certified people can be renewed. This person's state is: %(state)s.") % _state_words(enrollment))


def _require_requirements(enrollment):
    states = requirements_of(enrollment)
    if not states:
        raise Refused(_("The programme does not say yet what its certificate takes. Ask an editor to set it."))
    unmet = [str(state.text) for state in states if not state.met]
    if unmet:
        raise Refused(" ".join(unmet))


def _drafted(enrollment, by, counted_from=None):
    """An unsaved certificate with everything copied on to it, proven to be printable."""
    name = " ".join(enrollment.user.certificate_name.split())
    if not name:
        raise Refused(_("The name for the certificate is missing. The person writes it in the profile."))
    outline = outline_of(enrollment.cohort)
    page = _curriculum_page(enrollment.cohort.curriculum_key)
    language = _language_of(enrollment)
    now = timezone.now()
    months = page.certificate_valid_months
    certificate = Certificate(
        enrollment=enrollment, code=new_code(), name=name, name_public=_last_choice(enrollment),
        curriculum_key=outline.curriculum_key, curriculum_title=in_language(outline.titles, language)[:200],
        curriculum_version=outline.version, hours=page.hours, language=language, issued_at=now, issued_by=by,
        expires_on=add_months(counted_from or today(), months) if months else None,
    )  # fmt: skip
    try:
        certificate_pdf.draw(certificate)
    except certificate_pdf.Unprintable as error:
        words = _("The certificate cannot be printed with the sign %(sign)s. Change it in the name, in the profile.")
        raise Refused(words % {"sign": error.text}) from error
    return certificate


def _curriculum_page(key):
    pages = {
        page.locale.language_code: page for page in CurriculumPage.objects.filter(translation_key=key).select_related("locale")
    }
    if not pages:
        raise Refused(_("The programme of this cohort no longer exists."))
    return pages.get(settings.LANGUAGE_CODE) or next(iter(pages.values()))


def _language_of(enrollment):
    """The person's own language, else the cohort's."""
    own = enrollment.user.language
    return own if own in dict(settings.LANGUAGES) else enrollment.cohort.language


def _last_choice(enrollment):
    last = enrollment.certificates.first()
    return last.name_public if last else True


def _save_new(certificate):
    """Saves under a code nobody has. The database alone decides that there is one standing certificate per enrolment."""
    while True:
        try:
            with transaction.atomic():
                certificate.save(force_insert=True)
        except IntegrityError:
            if not Certificate.objects.filter(code=certificate.code).exists():
                raise Refused(_("This person already has a certificate.")) from None
            certificate.code = new_code()
        else:
            return certificate


def _move(enrollment, status, by, reason):
    EnrollmentChange.objects.create(
        enrollment=enrollment, from_status=enrollment.status, to_status=status, by=by, reason=reason[:500], at=timezone.now()
    )
    enrollment.status = status
    enrollment.save(update_fields=["status"])


def _state_words(enrollment):
    return {"state": enrollment.get_status_display()}


def _tell(certificate, what, dedupe_key):
    user = certificate.enrollment.user
    with translation.override(language_for(user)):
        reason = certificate.get_revoke_class_display()
    context = {
        "title": certificate.curriculum_title,
        "curriculum": certificate.curriculum_title,
        "url": settings.SITE_BASE_URL + reverse("curriculum:certificate"),
        "verify_url": certificate_pdf.public_address(certificate),
        "expires_on": certificate.expires_on.isoformat() if certificate.expires_on else "",
        "reason": str(reason),
    }
    outbox.enqueue(what, user, dedupe_key, context)
    transaction.on_commit(lambda: roles.forget(user), robust=True)  # the shell calls a holder "mentor"
