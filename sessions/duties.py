"""The hand-over checklist of the group whose turn it is: what is due when, what is done, what a member ticks.

Days count from the meeting: its day, else the planned one, else the middle of the quarter. A step that rows prove is done when they do;
only what no row can prove is ticked by hand.
"""

import datetime
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curriculum.enrollment_states import Refused
from sessions import lead_groups, quarters, rota, schedule, wall_clock
from sessions.models import DutyTick, LeadGroupMember, Material, Meeting, Outcome, QuarterSlot, Segment, SlideDeck

WEEK = 7
OVER_AFTER = 3 * WEEK  # days after the meeting in which somebody is still reminded
ROLES = ("leader", "co_leader", "note_taker")


@dataclass(frozen=True)
class Step:
    """Due `days` after the meeting (before it: negative). `by_hand`: no row proves it, or not always."""

    key: str
    days: int
    name: str | Promise
    by_hand: bool = False


STEPS = (
    Step("topic", -6 * WEEK, gettext_lazy("Choose the topic")),
    Step("roles", -6 * WEEK, gettext_lazy("Name who leads, who co-leads and who takes notes")),
    Step("agenda", -4 * WEEK, gettext_lazy("Make the agenda")),
    Step("questions", -4 * WEEK, gettext_lazy("Prepare the three guiding questions")),
    Step("invitation", -3 * WEEK, gettext_lazy("Send the invitation")),
    Step("materials", -2 * WEEK, gettext_lazy("Prepare slides or materials"), by_hand=True),
    Step("technical", -1 * WEEK, gettext_lazy("Check sound, picture and the room"), by_hand=True),
    Step("meeting", 0, gettext_lazy("Hold the meeting")),
    Step("notes", 1 * WEEK, gettext_lazy("Publish notes and decisions")),
    Step("hand_over", 1 * WEEK, gettext_lazy("Write the hand-over note for the next group")),
)
BY_KEY = {step.key: step for step in STEPS}


@dataclass(frozen=True)
class Line:
    step: Step
    due: datetime.date
    done: bool
    tick: DutyTick | None
    overdue: bool

    @property
    def key(self):
        return self.step.key


# --- reading ---------------------------------------------------------------------------------------------------------


def with_facts(slots):
    """Slots with all that `lines` asks, in three queries whatever their number."""
    here = OuterRef("meeting_id")
    return (
        slots.select_related("group", "meeting", "leader", "co_leader", "note_taker")
        .prefetch_related("ticks__by")
        .annotate(
            has_agenda=Exists(Segment.objects.filter(meeting=here)),
            has_slides=Exists(SlideDeck.objects.filter(meeting=here)),
            has_materials=Exists(Material.objects.filter(meeting=here)),
            has_outcomes=Exists(Outcome.objects.filter(meeting=here)),
        )
    )


def day_of(slot):
    """The day from which the steps count."""
    meeting = rota.standing_meeting(slot)
    if meeting is not None:
        return meeting.starts_at.astimezone(wall_clock.zone(meeting.time_zone)).date()
    return slot.planned_on or quarters.middle(slot.quarter)


def lines(slot, today=None):
    """The checklist, in its order. `slot` comes from `with_facts`."""
    today, day = today or quarters.today(), day_of(slot)
    ticks = {tick.step: tick for tick in slot.ticks.all() if tick.taken_back_at is None}
    return [_line(step, day, step.key in proved(slot), ticks.get(step.key), today) for step in STEPS]


def _line(step, day, proved_, tick, today):
    due = day + datetime.timedelta(days=step.days)
    tick = tick if step.by_hand else None
    done = proved_ or tick is not None
    return Line(step, due, done, tick, not done and due < today)


def proved(slot):
    """The keys of the steps that rows prove."""
    meeting = rota.standing_meeting(slot)
    here = meeting is not None
    found = {
        "topic": bool(slot.topic),
        "roles": all(getattr(slot, f"{part}_id") for part in ROLES),
        "agenda": here and slot.has_agenda,
        "questions": bool(slot.questions),
        "invitation": here and meeting.state != Meeting.State.DRAFT,
        "materials": here and (slot.has_slides or slot.has_materials),
        "meeting": here and meeting.state == Meeting.State.ENDED,
        "notes": here and slot.has_outcomes,
        "hand_over": bool(slot.hand_over),
    }
    return {key for key, holds in found.items() if holds}


def next_line(slot, today=None):
    """The open step that is due first, or `None`."""
    return min((line for line in lines(slot, today) if not line.done), key=lambda line: line.due, default=None)


def is_past(slot, today=None):
    """Whether nobody is reminded any more."""
    return (today or quarters.today()) > day_of(slot) + datetime.timedelta(days=OVER_AFTER)


def slots_of(user):
    """Quarters that the person's group leads and that are not long over, the next one first. One query where there is none."""
    mine = LeadGroupMember.objects.filter(user=user, left_at=None).values("group_id")
    since = quarters.preceding(quarters.quarter_of(quarters.today()))
    return with_facts(QuarterSlot.objects.filter(group__in=mine, quarter__gte=since)).order_by("quarter")


# --- acts ------------------------------------------------------------------------------------------------------------


def tick(slot, step, by, said_at=None):
    """Ticked once, whoever comes second. `said_at` is when, where that is not now. Raises `Refused` for a step that is done by doing it,
    and for a tick that was taken back after it was said."""
    if step not in BY_KEY or not BY_KEY[step].by_hand:
        raise Refused(_("This step ticks itself as soon as it is done."))
    with transaction.atomic():
        said_at, last = _before(slot, step, said_at)
        if last is None:
            DutyTick.objects.create(slot=slot, step=step, by=by, at=said_at)
        elif last.taken_back_at is not None:
            _require_newer(said_at, last.taken_back_at)
            DutyTick.objects.filter(pk=last.pk).update(by=by, at=said_at, taken_back_at=None)


def untick(slot, step, said_at=None):
    """Takes the tick back, whoever made it. Raises `Refused` where it was made after this was said."""
    if step not in BY_KEY:
        return
    with transaction.atomic():
        said_at, last = _before(slot, step, said_at)
        if last is not None and last.taken_back_at is None:
            _require_newer(said_at, last.at)
            DutyTick.objects.filter(pk=last.pk).update(taken_back_at=said_at)


def _before(slot, step, said_at):
    """When it was said, never in the future, and the row of the step or `None`, while the quarter is held."""
    QuarterSlot.objects.select_for_update().get(pk=slot.pk)
    now = timezone.now()
    return min(said_at or now, now), DutyTick.objects.filter(slot=slot, step=step).first()


def _require_newer(said_at, changed_at):
    if said_at < changed_at:
        raise Refused(_("This step was changed after that, so it stays as it is."))


def choose_topic(slot, topic):
    """The topic, on the quarter and on its meeting."""
    with transaction.atomic():
        QuarterSlot.objects.filter(pk=slot.pk).update(topic=topic)
        meeting = rota.standing_meeting(slot)
        if meeting is not None and meeting.topic != topic:
            schedule.change(meeting, topic=topic)


def name_roles(slot, **people):
    """Leader, co-leader and note-taker, users of the group. Raises `Refused`."""
    if people["leader"] is not None and people["leader"] == people["co_leader"]:
        raise Refused(_("Choose two different people to lead and to co-lead."), "co_leader")
    inside = {user.pk for user in lead_groups.people_in(slot.group_id)}
    for part, user in people.items():
        if user is not None and user.pk not in inside:
            raise Refused(_("Choose somebody of the group."), part)
    QuarterSlot.objects.filter(pk=slot.pk, group=slot.group_id).update(**people)


def write_hand_over(slot, text):
    QuarterSlot.objects.filter(pk=slot.pk).update(hand_over=text.strip())
