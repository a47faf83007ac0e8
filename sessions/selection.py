"""A preparatory meeting selects: criteria, a mark per criterion and a decision with reasons for each candidate, then all is applied.

While people decide, several may have the same candidate open: who saves over somebody else's newer words is told first (`Changed`).
Applying goes through `curriculum.cohorts.decide`, one candidate after the other, each at most once; from then on the enrolment holds the
truth. A reserve stays a candidate and may be selected later. Views ask who may: who runs the meeting marks, leads of the cohort apply.
"""

from collections import defaultdict
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from curriculum import cohorts, roles
from curriculum.enrollment_states import Refused
from curriculum.models import Enrollment
from sessions import ordering
from sessions.models import CandidateDecision, Criterion, Meeting, PreparatoryMeeting

MOST_CRITERIA = 12
MARKS = ((0, gettext_lazy("not met")), (1, gettext_lazy("partly met")), (2, gettext_lazy("met")))
RUN_BY = gettext_lazy("Only trainers and leads run a preparatory meeting: who runs it reads what is said of candidates.")
# What the programme looks for in people who will train others, until the lead says otherwise.
USUAL = (
    gettext_lazy("Looks after people with fragility fractures in their daily work"),
    gettext_lazy("Can set up a Fracture Liaison Service, or works in one"),
    gettext_lazy("Is ready to train and accompany teams of other hospitals"),
    gettext_lazy("Has the support of the management of the hospital"),
    gettext_lazy("Has the time: every session, the closing day and the year after"),
)
Decision, Status = CandidateDecision.Decision, Enrollment.Status
ON_THE_TABLE = (Status.CANDIDATE, Status.SELECTED, Status.NOT_SELECTED)
APPLIED_AS = {Decision.SELECTED: Status.SELECTED, Decision.NOT_SELECTED: Status.NOT_SELECTED}


class Changed(Refused):
    """Somebody has decided since the page was opened; `row` is what stands now."""

    def __init__(self, row):
        name = row.by.addressed_as if row.by else _("somebody")
        super().__init__(
            _("%(name)s has changed this candidate meanwhile. Compare what stands now with yours, then save again.")
            % {"name": name}
        )
        self.row = row


@dataclass(frozen=True)
class Candidate:
    """`row` is the decision as saved, or `None`. `marks` are [(criterion, mark or None, word)] in the order of the criteria."""

    enrollment: Enrollment
    row: CandidateDecision | None
    marks: tuple

    @property
    def user(self):
        return self.enrollment.user

    @property
    def version(self):
        return version_of(self.row)

    @property
    def points(self):
        return sum(mark or 0 for _criterion, mark, _word in self.marks)

    @property
    def marked(self):
        return sum(mark is not None for _criterion, mark, _word in self.marks)

    @property
    def is_decided(self):
        return bool(self.row and self.row.decision)

    @property
    def is_applied(self):
        return bool(self.row and self.row.applied_at)

    @property
    def may_apply(self):
        return bool(self.row and self.row.decision in APPLIED_AS and not self.row.applied_at)


def version_of(row):
    """What a form hands back so that an older page does not overwrite a newer decision; "" for none yet."""
    return row.at.isoformat() if row else ""


# --- criteria --------------------------------------------------------------------------------------------------------


def add_criterion(meeting, text):
    """At the end. Raises `Refused` beyond twelve, and after decisions were applied."""
    with transaction.atomic():
        there = _held(meeting)
        if len(there) >= MOST_CRITERIA:
            raise Refused(_("A meeting has at most %(count)s criteria. Put some together.") % {"count": MOST_CRITERIA}, "text")
        return Criterion.objects.create(meeting=meeting, text=text, order=there[-1].order + 1 if there else 1)


def use_usual(meeting):
    """The usual five, in the working language of who asks. Raises `Refused` where there are criteria already."""
    with transaction.atomic():
        if _held(meeting):
            raise Refused(_("There are criteria already."))
        for text in USUAL:
            add_criterion(meeting, str(text))


def copy_criteria(source, target):
    """Those of an earlier selection, where both meetings are one; never its candidates or marks."""
    if isinstance(source, PreparatoryMeeting) and isinstance(target, PreparatoryMeeting):
        rows = [Criterion(meeting=target, text=one.text, order=one.order) for one in source.criteria.all()]
        Criterion.objects.bulk_create(rows)


def change_criterion(criterion, text):
    """Other words; the marks stay."""
    with transaction.atomic():
        _held(criterion.meeting)
        Criterion.objects.filter(pk=criterion.pk).update(text=text)


def remove_criterion(criterion):
    """With its marks."""
    with transaction.atomic():
        _held(criterion.meeting)
        for row in CandidateDecision.objects.select_for_update().filter(meeting=criterion.meeting_id):
            if row.marks.pop(str(criterion.pk), None) is not None:
                row.save(update_fields=["marks"])
        criterion.delete()


def shift_criterion(criterion, places):
    """Up (-1) or down (1). At the edge nothing happens."""
    with transaction.atomic():
        ordering.shift(_held(criterion.meeting), criterion.pk, places)


def _held(meeting):
    """The criteria in their order, while the meeting's row is held. Raises `Refused` once a decision was applied or it is called off."""
    _require_standing(Meeting.objects.non_polymorphic().select_for_update(of=("self",)).get(pk=meeting.pk))
    if CandidateDecision.objects.filter(meeting=meeting.pk, applied_at__isnull=False).exists():
        raise Refused(_("Decisions were applied, so the criteria they rest on stay as they are."))
    return list(Criterion.objects.filter(meeting=meeting.pk))


def _require_standing(meeting):
    if meeting.state == Meeting.State.CANCELLED:
        raise Refused(_("The meeting is called off. Plan a new one, or copy this one."))


# --- candidates ------------------------------------------------------------------------------------------------------


def enrollments_of(meeting):
    """The trainees of the cohort who may still be chosen or not, and everybody about whom the meeting has decided; by name."""
    rows = Enrollment.objects.filter(cohort=meeting.cohort_id, role=Enrollment.Role.TRAINEE)
    rows = rows.filter(Q(status__in=ON_THE_TABLE) | Q(candidate_decisions__meeting=meeting.pk)).distinct()
    return rows.select_related("user").order_by("user__full_name", "pk")


def candidates_of(meeting):
    """`[Candidate]` in the order of names. Three queries."""
    criteria = list(meeting.criteria.all())
    rows = {row.enrollment_id: row for row in meeting.decisions.select_related("by")}
    return [_candidate(one, rows.get(one.pk), criteria) for one in enrollments_of(meeting)]


def _candidate(enrollment, row, criteria):
    words, marks = dict(MARKS), row.marks if row else {}
    marked = [(one, marks.get(str(one.pk))) for one in criteria]
    return Candidate(enrollment, row, tuple((one, mark, words.get(mark, "")) for one, mark in marked))


def missing_in(meetings):
    """`{meeting id: [sentences]}` of what a selection lacks. Two queries whatever the number of meetings."""
    if not meetings:
        return {}
    open_, people = _undecided(meetings)
    criteria = dict(
        Criterion.objects.filter(meeting__in=[one.pk for one in meetings]).order_by().values_list("meeting").annotate(Count("pk"))
    )
    return {one.pk: list(_missing(criteria.get(one.pk), people[one.cohort_id], open_[one.pk])) for one in meetings}


def _missing(criteria, people, undecided):
    if not criteria:
        yield _("no criteria")
    if not people:
        yield _("no candidates")
    elif undecided:
        yield ngettext("no decision for %(count)s candidate", "no decision for %(count)s candidates", undecided) % {
            "count": undecided
        }


def _undecided(meetings):
    """`{meeting id: candidates without a decision}`, `{cohort id: people on the table}`."""
    cohort_ids = {one.cohort_id for one in meetings}
    there = Enrollment.objects.filter(cohort__in=cohort_ids, role=Enrollment.Role.TRAINEE, status__in=ON_THE_TABLE)
    decided = CandidateDecision.objects.filter(meeting__in=[one.pk for one in meetings]).exclude(decision="")
    done = set(decided.values_list("meeting_id", "enrollment_id"))
    open_, people = defaultdict(int), defaultdict(int)
    for pk, cohort_id, status in there.values_list("pk", "cohort_id", "status"):
        people[cohort_id] += 1
        for one in meetings:
            open_[one.pk] += one.cohort_id == cohort_id and status == Status.CANDIDATE and (one.pk, pk) not in done
    return open_, people


# --- decisions -------------------------------------------------------------------------------------------------------


def decide(meeting, enrollment, by, *, decision, reason, marks, version):
    """What the meeting thinks of one candidate: `marks` is `{criterion id: 0, 1 or 2}`. Returns the row.

    Raises `Refused`: no reason for a decision, applied already, called off; `Changed` where `version` is not the newest.
    """
    reason = reason.strip()
    if decision and not reason:
        raise Refused(_("Write the reasons for the decision."), "reason")
    with transaction.atomic():
        _require_standing(Meeting.objects.non_polymorphic().select_for_update(of=("self",)).get(pk=meeting.pk))
        row = _row(meeting, enrollment)
        _require_newest(row, version)
        row = row or CandidateDecision(meeting=meeting, enrollment=enrollment)
        known = {str(pk) for pk in Criterion.objects.filter(meeting=meeting.pk).values_list("pk", flat=True)}
        row.marks = {str(pk): mark for pk, mark in marks.items() if str(pk) in known}
        row.decision, row.reason, row.by, row.at = decision, reason, by, timezone.now()
        row.save()
    return row


def _row(meeting, enrollment):
    rows = CandidateDecision.objects.select_for_update(of=("self",)).select_related("by")
    return rows.filter(meeting=meeting.pk, enrollment=enrollment.pk).first()


def _require_newest(row, version):
    if row and row.applied_at:
        raise Refused(_("This decision was applied. The page of the cohort is where the person's state changes now."))
    if version_of(row) != version:
        raise Changed(row) if row else Refused(_("This page is out of date. Open it again."))


# --- applying --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Applied:
    """`refused` is why it could not be, or ""."""

    enrollment_id: int
    name: str
    decision: str
    refused: str = ""


def apply(meeting, by, shown):
    """The decisions of `shown` (`{id: what was decided}`) that still say so and were not applied yet. Returns `[Applied]` of those that this
    call tried. Ten at once apply each once."""
    _require_standing(meeting)
    waiting = meeting.decisions.filter(
        decision__in=APPLIED_AS, applied_at=None, enrollment__cohort=meeting.cohort_id, pk__in=shown
    )
    return [done for done in (_apply_one(pk, shown[pk], by) for pk in list(waiting.values_list("pk", flat=True))) if done]


def _apply_one(pk, decision, by):
    try:
        with transaction.atomic():
            rows = CandidateDecision.objects.select_for_update(of=("self",)).select_related("enrollment__user")
            row = rows.filter(pk=pk).first()
            if row is None or row.applied_at or row.decision != decision:
                return None
            if row.enrollment.status != APPLIED_AS[row.decision]:
                cohorts.decide(row.enrollment, APPLIED_AS[row.decision], by, row.reason)
            CandidateDecision.objects.filter(pk=pk).update(applied_at=timezone.now())
    except Refused as refusal:
        return Applied(row.enrollment_id, row.enrollment.user.get_full_name(), row.get_decision_display(), str(refusal.text))
    return Applied(row.enrollment_id, row.enrollment.user.get_full_name(), row.get_decision_display())


def may_run(user, meeting):
    """Whoever runs a preparatory meeting reads every mark and reason, so nobody else is made its host. True for other meetings."""
    found = PreparatoryMeeting.objects.filter(pk=meeting.pk).select_related("cohort").first()
    return found is None or roles.leads_programme(user) or (found.cohort is not None and roles.runs(user, found.cohort))


def is_candidate(user, meeting):
    """Nobody reads or marks a selection in which they are a candidate themselves."""
    return isinstance(meeting, PreparatoryMeeting) and enrollments_of(meeting).filter(user=user.pk).exists()
