"""What a certificate takes, and its life: issued, revoked, renewed, verified. Expiry is read off the date, never stored.

Every act is a lead's, and nobody acts on their own certificate: whoever earned it and whoever signs are two people.
"""

import calendar
import datetime
import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum import certificate_pdf, roles
from curriculum.models import Certificate, CurriculumPage, Enrollment, EnrollmentChange, Requirement
from curriculum.outline import in_language, outline_of
from curriculum.progress import progress_of
from notifications import outbox

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without 0 O, 1 I L, U V-alikes: twelve of these are 58 bits
CODE_LENGTH = 12
SEPARATORS = dict.fromkeys(map(ord, " \t\n\r\u00a0\u2007\u2009\u202f-\u2010\u2011\u2012\u2013\u2014\u2212"))
CAPITALS = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)
RENEWABLE_BEFORE = datetime.timedelta(days=90)
SHOWN_MISSING = 5

Status = Enrollment.Status
# settings.REQUIREMENT_CHECKS names one check for each kind of requirement: check(enrollment, parameters) says whether it is met.
RequirementCheck = Callable[[Any, dict], "RequirementState"]


class Refused(Exception):
    """An act that may not happen now. `text` says why and what would help, for people; `url` leads there, if anything does."""

    def __init__(self, text, url=None):
        super().__init__(str(text))
        self.text = text
        self.url = url


@dataclass(frozen=True)
class Missing:
    text: str
    url: str | None = None


@dataclass(frozen=True)
class RequirementState:
    """One line of the checklist. `missing` has at most five things to do next, `more` counts the rest."""

    kind: str
    met: bool
    text: str
    url: str | None = None
    missing: tuple[Missing, ...] = field(default=())
    more: int = 0


@dataclass(frozen=True)
class Verification:
    outcome: str  # valid, expired, revoked, not_found
    certificate: Certificate | None
    checked_at: datetime.datetime

    @property
    def newer(self):
        """The certificate that renewed this one and may be shown in its place, or `None`."""
        newer = getattr(self.certificate, "renewal", None)
        return newer if newer and newer.revoked_at is None else None


# --- requirements ----------------------------------------------------------------------------------------------------


def activities_done(enrollment, parameters):
    """Every required activity of the cohort's outline is done."""
    progress = progress_of(enrollment, started=set())
    if progress.complete:
        words = ngettext("The required activity is done.", "All %(count)d required activities are done.", progress.total)
        return RequirementState("activities", True, words % {"count": progress.total})
    if not progress.total:
        return RequirementState("activities", False, _("The programme has no required activities yet."))
    left = [
        Missing(_("%(activity)s (%(module)s)") % {"activity": state.title, "module": _module_words(item)}, state.url)
        for item in progress.items
        for state in item.activities
        if state.activity.required and state.state != "done"
    ]
    shown, more = tuple(left[:SHOWN_MISSING]), len(left[SHOWN_MISSING:])
    return RequirementState("activities", False, _missing_words(shown, more), shown[0].url, shown, more)


def _module_words(item):
    return item.title if item.module.number is None else _("module %(number)d") % {"number": item.module.number}


def _missing_words(shown, more):
    names = ", ".join(missing.text for missing in shown)
    if not more:
        return _("Missing: %(names)s.") % {"names": names}
    words = ngettext("Missing: %(names)s and %(count)d more.", "Missing: %(names)s and %(count)d more.", more)
    return words % {"names": names, "count": more}


def requirements_of(enrollment):
    """The state of each requirement of the enrolment's curriculum, in order. A kind that nobody can check is never met."""
    rows = Requirement.objects.filter(curriculum_key=enrollment.cohort.curriculum_key)
    return [_state_of(row, enrollment) for row in rows]


def _state_of(row, enrollment):
    path = settings.REQUIREMENT_CHECKS.get(row.kind)
    if path is None:
        return RequirementState(row.kind, False, _("“%(kind)s” cannot be checked here.") % {"kind": row.kind})
    return import_string(path)(enrollment, row.parameters)


def meets_all(states):
    """Whether the checklist is complete. A curriculum that asks for nothing certifies nothing."""
    return bool(states) and all(state.met for state in states)


# --- acts ------------------------------------------------------------------------------------------------------------


def issue(enrollment, by):
    """Certifies an enrolled trainee who meets all requirements, tells them, and returns the certificate.

    Raises `Refused`: `by` does not lead the cohort or is the person; not an enrolled trainee; something is missing;
    no name for the certificate, or one that cannot be printed; there is a certificate already.
    """
    _require_other_lead(enrollment, by)
    with transaction.atomic():
        enrollment = _locked(enrollment)
        if enrollment.certificates.standing().exists():
            raise Refused(_("This person already has a certificate."))
        if enrollment.role != Enrollment.Role.TRAINEE or enrollment.status != Status.ENROLLED:
            raise Refused(_("Only enrolled trainees can be certified. This person's state is: %(state)s.") % _state_words(enrollment))
        _require_requirements(enrollment)
        certificate = _save_new(_drafted(enrollment, by))
        _move(enrollment, Status.CERTIFIED, by, _("Certificate %(code)s issued") % {"code": certificate.grouped_code})
        _tell(certificate, "certificate_issued", f"certificate:{certificate.code}")
    return certificate


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


# --- checking a code -------------------------------------------------------------------------------------------------


def clean_code(typed):
    """The code as stored, however people write it: spaces, dashes and small letters are fine. "" if it cannot be one."""
    code = typed[:64].translate(SEPARATORS).translate(CAPITALS)
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else ""


def verify(code):
    """What the register says about a code, now. The same work whether or not there is such a certificate.

    Revoked comes before expired. A renewed certificate is valid or expired by its own date; `newer` names its successor.
    """
    found = Certificate.objects.select_related("enrollment__user", "renewal").filter(code=clean_code(code)).first()
    return Verification(outcome_of(found), found, timezone.now())


def outcome_of(certificate):
    if certificate is None:
        return "not_found"
    if certificate.revoked_at:
        return "revoked"
    return "expired" if certificate.expires_on and certificate.expires_on < today() else "valid"


def renewable_from(certificate):
    """The first day on which a lead may renew, or `None` where there is nothing to renew."""
    if not certificate.expires_on or not certificate.is_standing:
        return None
    return certificate.expires_on - RENEWABLE_BEFORE


def today():
    """The programme's day. A certificate is valid through its last day there."""
    return timezone.now().astimezone(ZoneInfo(settings.PROGRAMME_TIME_ZONE)).date()


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
        raise Refused(_("The name for the certificate is missing. The person writes it in the profile."), reverse("profile"))
    outline = outline_of(enrollment.cohort)
    page = _curriculum_page(enrollment.cohort.curriculum_key)
    language = _language_of(enrollment)
    now = timezone.now()
    months = page.certificate_valid_months
    certificate = Certificate(
        enrollment=enrollment, code=_new_code(), name=name, name_public=_last_choice(enrollment),
        curriculum_key=outline.curriculum_key, curriculum_title=in_language(outline.titles, language)[:200],
        curriculum_version=outline.version, hours=page.hours, language=language, issued_at=now, issued_by=by,
        expires_on=add_months(counted_from or today(), months) if months else None,
    )  # fmt: skip
    try:
        certificate_pdf.draw(certificate)
    except certificate_pdf.Unprintable as error:
        words = _("The certificate cannot be printed with the sign %(sign)s. Change it in the name, in the profile.")
        raise Refused(words % {"sign": error.text}, reverse("profile")) from error
    return certificate


def _curriculum_page(key):
    pages = {page.locale.language_code: page for page in CurriculumPage.objects.filter(translation_key=key).select_related("locale")}
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


def _new_code():
    return "".join(secrets.choice(ALPHABET) for _place in range(CODE_LENGTH))


def _save_new(certificate):
    """Saves under a code nobody has. The database alone decides that there is one standing certificate per enrolment."""
    while True:
        try:
            with transaction.atomic():
                certificate.save(force_insert=True)
        except IntegrityError:
            if not Certificate.objects.filter(code=certificate.code).exists():
                raise Refused(_("This person already has a certificate.")) from None
            certificate.code = _new_code()
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
    context = {
        "name": certificate.name,
        "curriculum": certificate.curriculum_title,
        "code": certificate.grouped_code,
        "url": settings.SITE_BASE_URL + reverse("curriculum:certificate"),
        "verify_url": certificate_pdf.public_address(certificate),
        "expires_on": certificate.expires_on.isoformat() if certificate.expires_on else "",
    }
    outbox.enqueue(what, certificate.enrollment.user, dedupe_key, context)
