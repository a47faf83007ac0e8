"""Who is in a cohort: adding, selecting, inviting, accepting, pausing, transferring. Each change leaves a line of history.

Every act takes the cohort's row lock first and the enrolment's second, so that two acts on the last place come one
after the other. Every act says no by raising `Refused`, with words for the person who asked.
"""

import hashlib
import secrets
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from curriculum import selection_mail
from curriculum.accounts import account_for, clean_address
from curriculum.cohort_facts import facts, is_late, zone_of
from curriculum.enrollment_states import TAKES_A_PLACE, TRANSITIONS, Refused, Role, Status, choices_for
from curriculum.models import Cohort, Enrollment, EnrollmentChange, Invitation
from notifications import outbox

__all__ = [
    "Refused", "accept", "add_candidate", "change_role", "choices_for", "decide", "decline", "facts",
    "find_invitation", "invite", "is_late", "renew", "require_open", "transfer", "zone_of",
]  # fmt: skip

INVITATION_LIFE, RENEWAL_PAUSE = timedelta(days=21), timedelta(hours=1)


# --- people come in ------------------------------------------------------------------------------------------------
def add_candidate(cohort, email, by, role=Role.TRAINEE, **profile):
    """Puts the person with this address into the cohort and returns the enrolment; an account is made if there is none.

    A trainee begins as a candidate. Trainers and leads are chosen by being named: they begin as selected and are
    members when they accept their invitation. Of `profile` only what the person has not filled in is taken over.
    Somebody who is in already comes back unchanged (`enrollment.was_added` tells). Raises `Refused` for a bad
    address, a closed account or a closed cohort.
    """
    email = clean_address(email)
    with transaction.atomic():
        cohort = _locked(Cohort, cohort.pk)
        require_open(cohort)
        user = account_for(email, **profile)
        if not user.is_active:
            raise Refused(_("The account of this address is closed. Write to the operator of the site."), "email")
        begin = Status.CANDIDATE if role == Role.TRAINEE else Status.SELECTED
        enrollment, added = Enrollment.objects.get_or_create(user=user, cohort=cohort, defaults={"role": role, "status": begin})
        enrollment.was_added = added
        if added:
            _remember(enrollment, "", by, "")
    return enrollment


# --- decisions -----------------------------------------------------------------------------------------------------
def decide(enrollment, to_status, by, reason=""):
    """Moves the person to `to_status` and returns the fresh enrolment. Raises `Refused`: not from here, no reason, no place."""
    with transaction.atomic():
        enrollment = _lock(enrollment)
        step = TRANSITIONS[enrollment.status].get(to_status)
        if step is None or step.door != "decision":
            raise Refused(
                _("%(name)s is %(state)s now, so this is not possible. Choose one of the states offered.")
                % {"name": enrollment.user.get_full_name(), "state": enrollment.get_status_display()},
                "status",
            )
        if step.reason and not reason.strip():
            raise Refused(_("Write the reason; it is kept in the history."), "reason")
        return selection_mail.decided(_move(enrollment, to_status, by, reason))


def change_role(enrollment, role, by, reason):
    """Makes a trainee a trainer or lead, or back. Needs a reason; a cohort never loses its only lead this way."""
    with transaction.atomic():
        enrollment = _lock(enrollment)
        if role not in Role.values or role == enrollment.role:
            raise Refused(_("Choose a role other than the present one."), "role")
        if not reason.strip():
            raise Refused(_("Write the reason; it is kept in the history."), "reason")
        leads = enrollment.cohort.enrollments.filter(role=Role.LEAD, status__in=Enrollment.MEMBER_STATES)
        if enrollment.role == Role.LEAD and not leads.exclude(pk=enrollment.pk).exists():
            raise Refused(_("This is the only programme lead of the cohort. Name another one first."), "role")
        if role == Role.TRAINEE and enrollment.status in TAKES_A_PLACE:
            _require_place(enrollment.cohort)
        former, enrollment.role = enrollment.get_role_display(), role
        enrollment.save(update_fields=["role"])
        _remember(enrollment, enrollment.status, by, f"{former} → {enrollment.get_role_display()}: {reason}")
    return enrollment


def transfer(enrollment, cohort, by, reason):
    """Moves the person to another cohort of the same curriculum and returns the enrolment, now in `cohort`.

    The enrolment itself moves, with everything that hangs on it: completions (counted by key, so exactly those in
    the new cohort's outline count), responses, certificates and history. In the former cohort a marker in the state
    `transferred` stays. Opening instants set for this person alone are dropped, they belonged to the former dates. A
    row in the new cohort from before the person ever studied there gives its history to the enrolment and goes.
    Raises `Refused`: no reason, another curriculum, closed, full, not studying, or studied there before.
    """
    with transaction.atomic():
        both = Cohort.objects.filter(pk__in=[enrollment.cohort_id, cohort.pk]).order_by("pk").select_for_update()
        cohorts = {row.pk: row for row in both}
        enrollment = _locked(Enrollment, enrollment.pk)
        target = cohorts[cohort.pk]
        former = cohorts.get(enrollment.cohort_id)
        if former is None or former == target or former.curriculum_key != target.curriculum_key:
            raise Refused(_("Choose another cohort that follows the same curriculum."), "cohort")
        if Status.TRANSFERRED not in TRANSITIONS[enrollment.status] or enrollment.role != Role.TRAINEE:
            raise Refused(_("Only trainees who are enrolled or paused can be transferred."), "cohort")
        if not reason.strip():
            raise Refused(_("Write the reason; it is kept in the history."), "reason")
        require_open(target, "cohort")
        _require_place(target, "cohort")
        _absorb(target, enrollment)
        enrollment.cohort, enrollment.releases = target, {}
        enrollment.save(update_fields=["cohort", "releases"])
        marker = Enrollment.objects.create(user=enrollment.user, cohort=former, status=Status.TRANSFERRED)
        _remember(marker, enrollment.status, by, f"→ {target.name}: {reason}")
        _remember(enrollment, enrollment.status, by, f"{former.name} → {target.name}: {reason}")
    return enrollment


# --- invitations ---------------------------------------------------------------------------------------------------
def invite(enrollment, by, what="invitation"):
    """Mails a fresh single-use link to the person, who must be selected; an earlier open link stops working.

    `by` is `None` when the person asked for a new link. Returns the invitation. Raises `Refused`.
    """
    with transaction.atomic():
        enrollment = _lock(enrollment)
        require_open(enrollment.cohort)
        if enrollment.status != Status.SELECTED:
            raise Refused(_("Only a selected person can be invited. Select the person first."), "status")
        if not enrollment.user.is_active:
            raise Refused(_("The account of this address is closed. Write to the operator of the site."), "status")
        _close_open_links(enrollment)
        selection_mail.withdraw(enrollment)  # the invitation says it
        token = secrets.token_urlsafe(32)
        invitation = Invitation.objects.create(
            enrollment=enrollment, token_hash=_hash(token), created_by=by, expires_at=timezone.now() + INVITATION_LIFE
        )
        _mail(invitation, token, what)
    return invitation


def renew(invitation):
    """Mails a new link at the wish of whoever holds an old one; only ever to the invited address, at most one an hour.

    Says nothing about what it did: the answer to the person is the same in every case.
    """
    with transaction.atomic():
        enrollment = _lock(invitation.enrollment)
        newest = enrollment.invitations.first()
        recent = newest and newest.created_at > timezone.now() - RENEWAL_PAUSE
        closed = enrollment.cohort.status == Cohort.Status.CLOSED or not enrollment.user.is_active
        if enrollment.status == Status.SELECTED and not recent and not closed:
            invite(enrollment, None, what="invitation_renewed")


def find_invitation(token):
    """The invitation this link belongs to, used or not, or `None`."""
    return Invitation.objects.select_related("enrollment__user", "enrollment__cohort").filter(token_hash=_hash(token)).first()


def accept(invitation, user):
    """Enrols the invited person and returns the enrolment. Doing it twice is the same as once.

    Call it only for somebody who holds the mailed link and is signed in. Raises `Refused` for somebody else, or when
    the link or the selection no longer stands.
    """
    with transaction.atomic():
        enrollment = _lock(invitation.enrollment)
        invitation = _locked(Invitation, invitation.pk)
        if enrollment.user_id != user.pk:
            raise Refused(_("This invitation is for another person. Sign out, then open the link again."))
        if invitation.accepted_at and enrollment.status in Enrollment.MEMBER_STATES:
            return enrollment
        _require_standing(invitation, enrollment)
        invitation.accepted_at = timezone.now()
        invitation.save(update_fields=["accepted_at"])
        for address in EmailAddress.objects.filter(user=user, email__iexact=user.email):
            address.set_verified()
        return _move(enrollment, Status.ENROLLED, user, "")


def decline(invitation, reason=""):
    """Notes that the invited person cannot take part. Doing it twice is the same as once. Raises `Refused`."""
    with transaction.atomic():
        enrollment = _lock(invitation.enrollment)
        invitation = _locked(Invitation, invitation.pk)
        if invitation.declined_at and enrollment.status == Status.DECLINED:
            return enrollment
        _require_standing(invitation, enrollment)
        invitation.declined_at, invitation.decline_reason = timezone.now(), reason.strip()[:500]
        invitation.save(update_fields=["declined_at", "decline_reason"])
        return _move(enrollment, Status.DECLINED, enrollment.user, reason)


# --- inside --------------------------------------------------------------------------------------------------------
def _locked(model, pk):
    return model.objects.select_for_update().get(pk=pk)


def _lock(enrollment):
    """The enrolment as it is now, its cohort and itself locked in that order."""
    while True:
        cohort = _locked(Cohort, enrollment.cohort_id)
        fresh = Enrollment.objects.select_for_update(of=("self",)).select_related("user").get(pk=enrollment.pk)
        if fresh.cohort_id == cohort.pk:
            fresh.cohort = cohort
            return fresh
        enrollment = fresh  # transferred between reading and locking


def _move(enrollment, to_status, by, reason):
    former = enrollment.status
    if enrollment.role == Role.TRAINEE and to_status in TAKES_A_PLACE and former not in TAKES_A_PLACE:
        require_open(enrollment.cohort, "status")
        _require_place(enrollment.cohort, "status")
    enrollment.status = to_status
    if to_status == Status.ENROLLED and enrollment.enrolled_at is None:
        enrollment.enrolled_at = timezone.now()
    enrollment.save(update_fields=["status", "enrolled_at"])
    if former == Status.SELECTED:
        _close_open_links(enrollment)
    _remember(enrollment, former, by, reason)
    return enrollment


def _remember(enrollment, former, by, reason):
    EnrollmentChange.objects.create(
        enrollment=enrollment, from_status=former, to_status=enrollment.status, by=by, reason=str(reason).strip()[:500]
    )


def require_open(cohort, field=None):
    """Refuses for a closed cohort."""
    if cohort.status == Cohort.Status.CLOSED:
        raise Refused(_("The cohort is closed. Choose one that is planned or running."), field)


def _require_standing(invitation, enrollment):
    require_open(enrollment.cohort)
    if not invitation.is_open or enrollment.status != Status.SELECTED:
        raise Refused(_("This invitation no longer stands. Ask for a new one."))


def _require_place(cohort, field=None):
    if cohort.enrollments.counted().count() >= cohort.capacity:
        raise Refused(
            _("All %(places)s places of %(cohort)s are taken. Raise the number of places or withdraw somebody first.")
            % {"places": cohort.capacity, "cohort": cohort.name},
            field,
        )


def _absorb(target, enrollment):
    """Makes room in `target`: an earlier row of the same person there is only its history, unless it was studied in."""
    earlier = target.enrollments.select_for_update().filter(user_id=enrollment.user_id).first()
    if earlier is None:
        return
    if earlier.enrolled_at or earlier.role != Role.TRAINEE:
        raise Refused(_("The person was in that cohort before. Take the person up again there instead."), "cohort")
    _close_open_links(earlier)
    earlier.changes.update(enrollment=enrollment)
    earlier.invitations.update(enrollment=enrollment)
    earlier.delete()


def _close_open_links(enrollment):
    standing = enrollment.invitations.filter(accepted_at=None, declined_at=None, replaced_at=None)
    for invitation in standing:
        outbox.withdraw(f"invitation:{invitation.pk}")
    standing.update(replaced_at=timezone.now())


def _hash(token):
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _mail(invitation, token, what):
    enrollment, by = invitation.enrollment, invitation.created_by
    cohort, language = enrollment.cohort, enrollment.user.language or enrollment.cohort.language
    with translation.override(language):
        url = settings.SITE_BASE_URL + reverse("curriculum:invitation", args=[token])
    outbox.enqueue(
        what, enrollment.user, f"invitation:{invitation.pk}",
        {
            **facts(cohort, language),
            "role": enrollment.role,
            "invited_by": by.addressed_as if by and by.full_name else "",
            "expires_on": timezone.localtime(invitation.expires_at, zone_of(cohort)).date().isoformat(),
            "secret_url": url,
        },
        language=language, expires_at=invitation.expires_at,
    )  # fmt: skip
