"""Open actions go on: what a meeting left undone stands in the next one of its chain, until somebody has done it.

The chain is by who meets: the regional meetings, the national ones of a country, the preparatory ones of a cohort, the meetings of
the cohort itself; what was said about candidates never comes before the people of the cohort, and what was said at a national meeting
without a cohort comes before those of another lead only where that lead may see it. Found from the state of the rows, so it
may run twice, late or in ten places: the identifier of the event and `an_action_is_carried_once` both see to once.
"""

import logging
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from sessions import room
from sessions.models import Event, Meeting, NationalMeeting, Outcome, PreparatoryMeeting, RegionalMeeting
from sessions.protocol import HOST
from sessions.refusals import Refusal
from sessions.seats import Seat

log = logging.getLogger(__name__)
State = Meeting.State
OVER = (State.ENDED, State.CANCELLED)
COMING = (State.SCHEDULED, State.LIVE, State.PAUSED)
LOOKS_BACK = timedelta(days=800)


# --- the chain -------------------------------------------------------------------------------------------------------


def chain_of(meeting):
    """The meetings of the same people, this one among them, as a queryset in order of time."""
    if isinstance(meeting, RegionalMeeting):
        found = RegionalMeeting.objects.all()
    elif isinstance(meeting, NationalMeeting):
        found = NationalMeeting.objects.filter(country=meeting.country, cohort=meeting.cohort_id)
    elif isinstance(meeting, PreparatoryMeeting):
        found = PreparatoryMeeting.objects.filter(cohort=meeting.cohort_id)
    else:
        found = Meeting.objects.filter(cohort=meeting.cohort_id, for_cohort=True)
    alone = meeting.cohort_id is None and not isinstance(meeting, RegionalMeeting | NationalMeeting)
    return (found.filter(pk=meeting.pk) if alone else found).non_polymorphic().order_by("starts_at", "pk")


def next_of(meeting):
    """The next meeting of the chain that is planned, not over, and by somebody who may see this one; or `None`."""
    after = Q(starts_at__gt=meeting.starts_at) | Q(starts_at=meeting.starts_at, pk__gt=meeting.pk)
    later = chain_of(meeting).filter(after, state__in=COMING)
    if isinstance(meeting, NationalMeeting) and meeting.cohort_id is None:  # a country is no group of people who know each other
        return next((one for one in later.select_related("created_by") if _planned_by_somebody_who_sees(meeting, one)), None)
    return later.first()


def _planned_by_somebody_who_sees(meeting, later):
    by = later.created_by
    return by is not None and Meeting.objects.non_polymorphic().filter(pk=meeting.pk).accessible_to(by).exists()


# --- carrying --------------------------------------------------------------------------------------------------------


def open_actions():
    """Actions of meetings that are over, neither done nor taken over by another meeting yet."""
    since = timezone.now() - LOOKS_BACK
    rows = Outcome.objects.filter(what=Outcome.What.ACTION, done_at=None, carried_to=None, meeting__state__in=OVER)
    return rows.filter(meeting__starts_at__gt=since).order_by("pk")


def carry_all():
    """Takes over all that can be; returns how many actions."""
    meetings = Meeting.objects.filter(pk__in=open_actions().values("meeting_id")).order_by("starts_at", "pk")
    return sum(carry(meeting) for meeting in meetings)


def carry(meeting):
    """Open actions of a meeting that is over go to the next of its chain, if there is one; returns how many went."""
    target = next_of(meeting) if meeting.state in OVER else None
    if target is None:
        return 0
    return sum(_carry(action.pk, target) for action in open_actions().filter(meeting_id=meeting.pk))


def bring_to(meeting):
    """A meeting that was just planned takes over what the last ones of its chain left open; returns how many actions."""
    if meeting.state not in COMING:
        return 0
    left = chain_of(meeting).filter(state__in=OVER, starts_at__lte=meeting.starts_at)
    left = left.filter(pk__in=open_actions().values("meeting_id"))
    return sum(carry(one) for one in Meeting.objects.filter(pk__in=left.values("pk")))


def _carry(pk, target):
    cid = f"carry-{pk:06d}"
    with transaction.atomic():
        action = Outcome.objects.select_for_update(of=("self",)).select_related("owner").get(pk=pk)
        if action.done_at or action.carried_to.exists() or _was_told(target, cid):
            return 0
        try:
            ack = _act(target, "outcome.add", _as_added(action, target), cid)
        except Refusal as refusal:
            log.warning("action %s was not carried to meeting %s: %s", pk, target.pk, refusal.why)
            return 0
        event = Event.objects.get(stream__meeting=target.pk, stream__name="main", seq=ack.seq)
        Outcome.objects.filter(pk=event.body["id"]).update(carried_from=action)
    return 1


def _was_told(target, cid):
    """Also where the entry was taken off by hand since: it does not come back, nor in a later meeting."""
    chain = chain_of(target.get_real_instance()).values("pk")
    return Event.objects.filter(stream__meeting__in=chain, stream__name="main", cid=cid).exists()


def _as_added(action, target):
    """An owner who does not belong to the next meeting stays by name."""
    named = {"owner_name": action.owner_name or (action.owner.full_name if action.owner else "")}
    here = action.owner and Meeting.objects.non_polymorphic().filter(pk=target.pk).accessible_to(action.owner).exists()
    due = action.due.isoformat() if action.due else None
    return {"what": "action", "text": action.text, "owner": action.owner_id if here else None, "due": due, **named}


def _act(meeting, kind, body, cid, seat=None):
    seat = seat or Seat(meeting.pk, None, "", "", HOST)
    return room.perform(seat, {"t": "op", "cid": cid, "st": "main", "k": kind, "b": body})


# --- done ------------------------------------------------------------------------------------------------------------


def may_finish(user, outcome, *, hosts):
    """Those who run the meeting, and whoever is to do it."""
    return outcome.what == Outcome.What.ACTION and (hosts or outcome.owner_id == user.pk)


def whole_chain(outcome):
    """The action as it stands in each meeting, the first one first."""
    first = outcome
    while first.carried_from_id:
        first = first.carried_from
    found = [first]
    for one in found:
        found += one.carried_to.order_by("pk")
    return found


def finish(outcome, seat, cid, *, done=True):
    """Done, or open again, in every meeting where the action stands. `seat` is who says so, in the outcome's meeting.

    Owners may although the room leaves its lists to hosts. Raises `Refusal`; then it stands everywhere as it was.
    """
    with transaction.atomic():
        for number, one in enumerate(whole_chain(outcome)):
            if (one.done_at is not None) == done:
                continue
            here = replace(seat, meeting_id=one.meeting_id, role=HOST, group=None)
            _act(one.meeting, "outcome.edit", {"id": one.pk, "done": done}, f"{cid[:30]}-{number}", here)
