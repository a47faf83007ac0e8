"""A meeting that nobody ended is ended by the clock, and groups that nobody closed; what is used goes on."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from lms.management.commands import worker
from sessions import forgotten
from sessions.forgotten import close_overdue_groups
from sessions.models import Event, Lease, Meeting
from tests.sessions.rooms import do, meeting_of, person_in, state_of

pytestmark = pytest.mark.django_db


def state(meeting):
    return Meeting.objects.get(pk=meeting.pk).state


@pytest.mark.parametrize(("hours", "after"), [(1.5, "live"), (3.4, "live"), (3.6, "ended")])
def test_two_hours_after_the_planned_end(hours, after):
    meeting = meeting_of(starts_at=timezone.now() - timedelta(hours=hours), minutes=90)
    call_command("end_forgotten_meetings", verbosity=0)
    assert state(meeting) == after


def test_a_room_with_somebody_in_it_goes_on_and_ends_once():
    meeting = meeting_of(starts_at=timezone.now() - timedelta(hours=9))
    lease = Lease.objects.create(meeting=meeting, user=person_in(meeting), conn="c", tab="t")
    call_command("end_forgotten_meetings", verbosity=0)
    assert state(meeting) == "live"
    Lease.objects.filter(pk=lease.pk).update(seen_at=timezone.now() - timedelta(minutes=11))
    for _time in (1, 2):
        call_command("end_forgotten_meetings", verbosity=0)
    assert state(meeting) == "ended"
    assert Event.objects.filter(kind="session.end", actor=None).count() == 1


# --- groups ------------------------------------------------------------------------------------------------------------


def in_groups(**opened):
    """A meeting whose groups are at work: (meeting, trainer)."""
    meeting = meeting_of()
    trainer, ana = person_in(meeting, "trainer"), person_in(meeting)
    do(meeting, trainer, "group.plan", {"groups": [{"people": [ana.pk]}]})
    do(meeting, trainer, "group.open", opened)
    return meeting, trainer


def later(**by):
    return timezone.now() + timedelta(**by)


def closings(meeting):
    return Event.objects.filter(stream__meeting=meeting, kind="group.close").count()


def test_groups_close_half_a_minute_after_their_time_exactly_once():
    meeting, _trainer = in_groups(minutes=5)
    assert close_overdue_groups(later(minutes=5, seconds=20)) == 0
    assert [close_overdue_groups(later(minutes=5, seconds=40)) for _time in (1, 2)] == [1, 0]
    assert state_of(meeting)["breakout"]["state"] == "closed"
    assert closings(meeting) == 1
    assert Event.objects.get(kind="group.close").actor is None
    assert Event.objects.filter(kind="you.moved").latest("pk").body == {"group": None}


def test_groups_without_a_deadline_that_were_closed_or_got_more_time_are_left_alone():
    in_groups()
    _closed, trainer = in_groups(minutes=1)
    do(_closed, trainer, "group.close")
    longer, trainer = in_groups(minutes=1)
    do(longer, trainer, "group.open", {"minutes": 30})
    assert close_overdue_groups(later(minutes=10)) == 0
    assert (closings(_closed), closings(longer)) == (1, 0)


def test_more_time_that_is_given_in_the_same_moment_wins(monkeypatch):
    meeting, trainer = in_groups(minutes=1)
    found = forgotten._last_steps

    def then_they_get_more_time():
        steps = list(found())
        do(meeting, trainer, "group.open", {"minutes": 30})
        return steps

    monkeypatch.setattr(forgotten, "_last_steps", then_they_get_more_time)
    assert close_overdue_groups(later(minutes=5)) == 0
    assert state_of(meeting)["breakout"]["state"] == "open"


def test_the_worker_closes_them_when_they_were_called_back():
    meeting, trainer = in_groups(minutes=5)
    do(meeting, trainer, "group.recall")
    Event.objects.filter(kind="group.recall").update(
        body={"state": "recalled", "ends_at": round(later(seconds=-31).timestamp() * 1000)}
    )
    assert "close_overdue_groups" in worker.EVERY_MINUTE
    call_command("close_overdue_groups", verbosity=0)
    assert closings(meeting) == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_workers_close_them_once(in_parallel):
    meeting, _trainer = in_groups(minutes=1)
    assert not [one for one in in_parallel(lambda _number: close_overdue_groups(later(minutes=5))) if isinstance(one, Exception)]
    assert closings(meeting) == 1
