"""What leads and trainers see of their cohorts at a glance. Each function asks a fixed number of queries, however many rows."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum.cohorts import is_late
from curriculum.enrollment_states import Role, Status
from curriculum.models import Certificate, Cohort, Completion, Enrollment, Invitation
from curriculum.outline import outline_of
from notifications.models import Message

QUIET_AFTER = timedelta(days=14)
UNANSWERED_AFTER = timedelta(days=7)
IN_ORDER = (
    Status.CANDIDATE, Status.SELECTED, Status.ENROLLED, Status.PAUSED, Status.CERTIFIED,
    Status.NOT_SELECTED, Status.DECLINED, Status.WITHDRAWN, Status.TRANSFERRED,
)  # fmt: skip


@dataclass(frozen=True)
class CohortRow:
    """One cohort of the list. `assessed` of `members` (trainees) sent the first survey; `None` where there is no survey."""

    cohort: Cohort
    states: list  # (words, count) of trainees, states without anybody left out
    members: int
    assessed: int | None
    certificates: int


@dataclass(frozen=True)
class PersonRow:
    enrollment: Enrollment
    done: int
    total: int
    last_active: object  # datetime or None
    late: bool


@dataclass(frozen=True)
class Attention:
    enrollment: Enrollment
    text: str
    kind: str = "warn"


# --- the list of cohorts -------------------------------------------------------------------------------------------
def rows_of(cohorts):
    """A `CohortRow` for each of `cohorts`, in three queries."""
    cohorts = list(cohorts)
    counts = _states_of(cohorts)
    surveys = {cohort.pk: _first_survey(cohort) for cohort in cohorts}
    assessed = _assessed(surveys)
    certificates = dict(
        Certificate.objects.standing()
        .filter(enrollment__cohort__in=cohorts)
        .values_list("enrollment__cohort")
        .annotate(Count("pk"))
        .order_by()
    )
    return [
        CohortRow(
            cohort,
            [(status.label, counts[cohort.pk][status]) for status in IN_ORDER if counts[cohort.pk][status]],
            sum(counts[cohort.pk][status] for status in Enrollment.MEMBER_STATES),
            assessed.get(cohort.pk, 0) if surveys[cohort.pk] else None,
            certificates.get(cohort.pk, 0),
        )
        for cohort in cohorts
    ]


def state_counts(cohort):
    """(state, words, people) for the filter above the people of a cohort, states without anybody left out."""
    counts = dict(cohort.enrollments.values_list("status").annotate(Count("pk")).order_by())
    return [(status.value, status.label, counts[status]) for status in IN_ORDER if counts.get(status)]


def _states_of(cohorts):
    counts = defaultdict(lambda: defaultdict(int))
    rows = Enrollment.objects.filter(cohort__in=cohorts, role=Role.TRAINEE).values_list("cohort", "status")
    for cohort, status, number in rows.annotate(Count("pk")).order_by():
        counts[cohort][status] = number
    return counts


def _first_survey(cohort):
    """The needs assessment: a curriculum asks it in its first survey."""
    return next((activity.key for activity in outline_of(cohort).activities if activity.kind == "survey"), None)


def _assessed(surveys):
    keys = {key for key in surveys.values() if key}
    rows = (
        Completion.objects.filter(
            activity_key__in=keys, enrollment__in=Enrollment.objects.members(), enrollment__cohort__in=list(surveys)
        )
        .values_list("enrollment__cohort", "activity_key")
        .annotate(Count("pk"))
        .order_by()
    )
    return {cohort: number for cohort, key, number in rows if surveys[cohort] == key}


# --- the people of one cohort --------------------------------------------------------------------------------------
def people_of(cohort, enrollments):
    """A `PersonRow` for each of `enrollments`, in two queries. Progress is completions within what the outline requires."""
    enrollments = list(enrollments)
    required = outline_of(cohort).required_keys
    rows = (
        Completion.objects.filter(enrollment__in=[enrollment.pk for enrollment in enrollments])
        .values("enrollment")
        .annotate(done=Count("pk", filter=Q(activity_key__in=required)), latest=Max("at"))
        .order_by()
    )
    found = {row["enrollment"]: row for row in rows}
    people = []
    for enrollment in enrollments:
        row = found.get(enrollment.pk, {"done": 0, "latest": None})
        seen = [moment for moment in (row["latest"], enrollment.user.last_login) if moment]
        late = enrollment.role == Role.TRAINEE and is_late(enrollment, cohort)
        people.append(PersonRow(enrollment, row["done"], len(required), max(seen, default=None), late))
    return people


def needing_attention(cohort):
    """Whom a lead should write to or decide about, and why. A fixed number of queries."""
    trainees = cohort.enrollments.filter(status__in=(Status.SELECTED, Status.ENROLLED)).select_related("user", "cohort")
    people = people_of(cohort, trainees)
    links = {invitation.enrollment_id: invitation for invitation in _standing_links(cohort)}
    failed = _failed(links.values())
    found = [_reason(person, links.get(person.enrollment.pk), failed) for person in people]
    return [attention for attention in found if attention]


def _reason(person, invitation, failed):
    enrollment = person.enrollment
    if enrollment.status == Status.SELECTED:
        return _about_invitation(enrollment, invitation, failed)
    if enrollment.role != Role.TRAINEE:
        return None
    if person.total and person.done == person.total:
        return Attention(enrollment, _("Everything required is done. The certificate can be issued."), "ok")
    last = max(moment for moment in (person.last_active, enrollment.enrolled_at, enrollment.created_at) if moment)
    if enrollment.cohort.status == Cohort.Status.RUNNING and timezone.now() - last > QUIET_AFTER:
        return Attention(enrollment, _("Quiet for %(days)s days.") % {"days": (timezone.now() - last).days})
    return None


def _about_invitation(enrollment, invitation, failed):
    if invitation is None:
        return Attention(enrollment, _("Selected, not invited yet."))
    if invitation.pk in failed:
        return Attention(enrollment, _("The invitation could not be sent. Check the address."), "err")
    if not invitation.is_open:
        return Attention(enrollment, _("The invitation ran out without an answer."))
    waiting = timezone.now() - invitation.created_at
    if waiting > UNANSWERED_AFTER:
        return Attention(enrollment, _("Invited %(days)s days ago, no answer yet.") % {"days": waiting.days})
    return None


def _standing_links(cohort):
    return Invitation.objects.filter(
        enrollment__cohort=cohort, accepted_at__isnull=True, declined_at__isnull=True, replaced_at__isnull=True
    )


def _failed(invitations):
    keys = {f"invitation:{invitation.pk}": invitation.pk for invitation in invitations}
    failed = Message.objects.filter(dedupe_key__in=keys, sent_at__isnull=True, attempts__gt=0)
    return {keys[key] for key in failed.values_list("dedupe_key", flat=True)}


# --- one person ----------------------------------------------------------------------------------------------------
def invitation_words(enrollment):
    """Where the person's newest invitation stands, as (words, tag kind, the moment it is about), or `None`."""
    invitation = enrollment.invitations.first()
    if invitation is None:
        return None
    if invitation.accepted_at:
        return _("accepted"), "ok", invitation.accepted_at
    if invitation.declined_at:
        return _("declined"), "", invitation.declined_at
    if invitation.replaced_at:
        return _("no longer stands"), "", invitation.replaced_at
    if not invitation.is_open:
        return _("ran out"), "warn", invitation.expires_at
    message = Message.objects.filter(dedupe_key=f"invitation:{invitation.pk}").first()
    if message and message.sent_at is None:
        return (_("could not be sent yet"), "err", invitation.created_at) if message.attempts else (
            _("is being sent"), "", invitation.created_at)  # fmt: skip
    return _("sent, no answer yet"), "", invitation.created_at


def history_of(enrollment):
    """Every change of the person in this cohort as (when, what, who, why), oldest first. One query."""
    words = dict(Status.choices)
    history = []
    for change in enrollment.changes.select_related("by"):
        former, present = (words.get(status, status) for status in (change.from_status, change.to_status))
        history.append((change.at, present if former in ("", present) else f"{former} → {present}", change.by, change.reason))
    return history


def other_cohorts(enrollment, user):
    """The cohorts that the person may be transferred to by `user`: same curriculum, not closed, and led by `user`."""
    return (
        Cohort.objects.run_by(user, (Role.LEAD,))
        .filter(curriculum_key=enrollment.cohort.curriculum_key)
        .exclude(status=Cohort.Status.CLOSED)
        .exclude(pk=enrollment.cohort_id)
    )
