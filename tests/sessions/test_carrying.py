"""Open actions go on to the next meeting of the same people, once, until somebody says that they are done."""

import datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions import afterwards, carrying
from sessions.models import (
    InPersonDay,
    Meeting,
    MeetingPerson,
    NationalMeeting,
    Outcome,
    PreparatoryMeeting,
    RegionalMeeting,
    TrainingSession,
)
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory
from tests.sessions.planning import planned, said, signed, text_of, url
from tests.sessions.rooms import do, state_of

pytestmark = pytest.mark.django_db


def made(model, cohort=None, *, days=0, state="scheduled", **fields):
    begun = {"started_at": timezone.now()} if state in ("live", "ended") else {}
    when = timezone.now() + datetime.timedelta(days=days)
    return model.objects.create(cohort=cohort, state=state, starts_at=when, title=f"{model.kind} {days}", **begun, **fields)


def action(meeting, text="Write to the ministry", **fields):
    return Outcome.objects.create(meeting=meeting, what="action", text=text, **fields)


def carried(meeting):
    return list(Outcome.objects.filter(meeting=meeting.pk, carried_from__isnull=False))


def run():
    call_command("carry_actions", verbosity=0)


# --- carrying --------------------------------------------------------------------------------------------------------


def test_an_open_action_stands_in_the_next_meeting_with_owner_and_day():
    here = planned()
    last = made(TrainingSession, here.cohort, days=-7, state="ended")
    done = action(last, "Done already", done_at=timezone.now())
    due = timezone.localdate() - datetime.timedelta(days=3)
    original = action(last, owner=here.trainee, owner_name="Ana", due=due)
    Outcome.objects.create(meeting=last, what="note", text="Only a note")
    for _again in range(3):
        run()
    (copy,) = carried(here.meeting)
    assert (copy.carried_from, copy.text, copy.owner, copy.owner_name, copy.due) == (
        original,
        original.text,
        here.trainee,
        "Ana",
        due,
    )
    assert done.carried_to.count() == 0
    assert state_of(here.meeting)["outcomes"][str(copy.pk)]["text"] == original.text
    text = text_of(signed(here.trainee).get(url("meeting", here.meeting.pk)))
    assert "From earlier meetings" in text and "overdue by 3 days" in text and "Ana" in text and last.title in text


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_at_once_carry_once(in_parallel):
    here = planned()
    last = made(TrainingSession, here.cohort, days=-7, state="ended")
    for number in range(3):
        action(last, f"Action {number}")
    in_parallel(lambda _number: carrying.carry_all())
    run()
    assert len(carried(here.meeting)) == 3 == here.meeting.outcomes.count()


def test_it_goes_when_the_meeting_ends_and_when_the_next_is_planned():
    here = planned()
    last = made(TrainingSession, here.cohort, days=-1, state="ended")
    action(last)
    afterwards.meeting_ended(Meeting.objects.get(pk=last.pk))
    assert len(carried(here.meeting)) == 1
    other = CohortFactory()
    lead = EnrollmentFactory(cohort=other, role="lead").user
    action(made(TrainingSession, other, days=-1, state="ended"))
    assert signed(lead).post(f"{url('new')}?cohort={other.pk}", said(title="Next")).status_code == 302
    assert len(carried(Meeting.objects.get(title="Next"))) == 1


def test_a_draft_waits_until_it_is_announced():
    here = planned(state="draft")
    action(made(TrainingSession, here.cohort, days=-7, state="ended"))
    run()
    assert carried(here.meeting) == []
    Meeting.objects.filter(pk=here.meeting.pk).update(state="scheduled")
    run()
    assert len(carried(here.meeting)) == 1


def test_what_is_called_off_hands_on_what_it_had_taken_over():
    here = planned()
    action(made(TrainingSession, here.cohort, days=-7, state="ended"))
    run()
    later = made(TrainingSession, here.cohort, days=20)
    Meeting.objects.filter(pk=here.meeting.pk).update(state="cancelled")
    run()
    (copy,) = carried(later)
    assert copy.carried_from == carried(here.meeting)[0]


def test_an_entry_taken_off_by_hand_does_not_come_back():
    here = planned()
    action(made(TrainingSession, here.cohort, days=-7, state="ended"))
    run()
    do(here.meeting, here.trainer, "outcome.remove", {"id": carried(here.meeting)[0].pk})
    later = made(TrainingSession, here.cohort, days=20)
    run()
    Meeting.objects.filter(pk=here.meeting.pk).update(state="ended", started_at=timezone.now())
    run()
    assert carried(here.meeting) == carried(later) == []


@pytest.mark.parametrize(
    ("source", "target", "goes"),
    [
        (TrainingSession, InPersonDay, True), (InPersonDay, TrainingSession, True), (PreparatoryMeeting, PreparatoryMeeting, True),
        (PreparatoryMeeting, TrainingSession, False), (TrainingSession, PreparatoryMeeting, False),
        (PreparatoryMeeting, NationalMeeting, False), (TrainingSession, NationalMeeting, False),
    ],
)  # fmt: skip
def test_only_the_same_people_take_over(source, target, goes):
    cohort = CohortFactory()
    action(made(source, cohort, days=-7, state="ended"))
    following = made(target, cohort, days=7)
    run()
    assert bool(carried(following)) is goes


def test_regional_meetings_are_one_chain_and_national_ones_a_chain_per_country():
    action(made(RegionalMeeting, days=-90, state="ended"), "Regional")
    lead = EnrollmentFactory(role="lead").user
    last = made(NationalMeeting, days=-90, state="ended", country="BR", created_by=lead)
    MeetingPerson.objects.create(meeting=last, user=lead, part="host")
    action(last, "Brasil")
    regional, brazil, mexico = (
        made(RegionalMeeting, days=3),
        made(NationalMeeting, days=3, country="BR", created_by=lead),
        made(NationalMeeting, days=3, country="MX", created_by=lead),
    )
    other = made(InPersonDay, days=2)
    run()
    assert [[row.text for row in carried(one)] for one in (regional, brazil, mexico, other)] == [["Regional"], ["Brasil"], [], []]


def test_a_national_meeting_without_a_cohort_receives_nothing_of_meetings_that_its_planner_may_not_see():
    one, other = (EnrollmentFactory(role="lead").user for _number in range(2))
    last = made(NationalMeeting, days=-90, state="ended", country="BR", created_by=one)
    MeetingPerson.objects.create(meeting=last, user=one, part="host")
    action(last, "Brasil")
    strangers = made(NationalMeeting, days=3, country="BR", created_by=other)
    nobodys = made(NationalMeeting, days=4, country="BR")
    run()
    assert carrying.bring_to(strangers) == 0
    assert carried(strangers) == carried(nobodys) == []
    own = made(NationalMeeting, days=5, country="BR", created_by=one)
    run()
    assert [row.text for row in carried(own)] == ["Brasil"]


def test_an_owner_who_does_not_belong_to_the_next_one_stays_by_name():
    here = planned()
    guest = UserFactory(full_name="Dr Guest")
    last = made(TrainingSession, here.cohort, days=-7, state="ended")
    MeetingPerson.objects.create(meeting=last, user=guest, part="guest")
    action(last, owner=guest, owner_name="Dr Guest")
    run()
    (copy,) = carried(here.meeting)
    assert (copy.owner, copy.owner_name) == (None, "Dr Guest")


# --- done ------------------------------------------------------------------------------------------------------------


def chained(here, **fields):
    """An action that has gone through two meetings: first, second (both over), and the meeting to come."""
    first = made(TrainingSession, here.cohort, days=-14, state="ended")
    original = action(first, **fields)
    second = made(TrainingSession, here.cohort, days=-7)
    run()
    Meeting.objects.filter(pk=second.pk).update(state="ended", started_at=timezone.now())
    run()
    return original, carried(second)[0], carried(here.meeting)[0]


def test_the_owner_says_done_and_the_whole_chain_is():
    here = planned()
    rows = chained(here, owner=here.trainee)
    client = signed(here.trainee)
    newest = rows[-1]
    assert url("outcome_done", here.meeting.pk, newest.pk) in text_of(client.get(url("meeting", here.meeting.pk)))
    assert client.post(url("outcome_done", here.meeting.pk, newest.pk)).status_code == 302
    assert all(Outcome.objects.get(pk=row.pk).done_at for row in rows)
    assert state_of(here.meeting)["outcomes"][str(newest.pk)]["done"] is True
    assert client.post(url("outcome_done", here.meeting.pk, newest.pk), {"open": "1"}).status_code == 302
    assert not any(Outcome.objects.get(pk=row.pk).done_at for row in rows)


@pytest.mark.parametrize(
    ("role", "status"), [("trainer", 302), ("lead", 302), ("trainee", 403), ("evaluator", 403), ("stranger", 404)]
)
def test_who_says_that_an_action_is_done(role, status):
    here = planned()
    row = action(here.meeting, owner=here.trainer)
    assert signed(getattr(here, role)).post(url("outcome_done", here.meeting.pk, row.pk)).status_code == status
    assert bool(Outcome.objects.get(pk=row.pk).done_at) is (status == 302)


def test_notes_and_entries_of_other_meetings_are_not_done():
    here, there = planned(), planned()
    note = Outcome.objects.create(meeting=here.meeting, what="note", text="x", owner=here.trainee)
    assert signed(here.trainee).post(url("outcome_done", here.meeting.pk, note.pk)).status_code == 403
    assert signed(here.trainer).post(url("outcome_done", here.meeting.pk, action(there.meeting).pk)).status_code == 404
    assert signed(here.trainer).get(url("outcome_done", here.meeting.pk, note.pk)).status_code == 405


# --- writing them down -----------------------------------------------------------------------------------------------


def typed(**changed):
    return {"what": "action", "text": "Call the hospital", "owner": "", "owner_name": "", "due": "", **changed}


@pytest.mark.parametrize("state", ["scheduled", "live", "ended"])
def test_hosts_write_edit_and_remove_before_and_after(state):
    here = planned(state=state)
    client = signed(here.trainer)
    form = client.get(url("outcomes", here.meeting.pk))
    sent = typed(owner=str(here.trainee.pk), due="2027-03-05", cid=form.context["cid"])
    for _twice in range(2):
        assert client.post(url("outcomes", here.meeting.pk), sent).status_code == 302
    row = here.meeting.outcomes.get()
    assert (row.owner, row.owner_name, row.due.isoformat()) == (here.trainee, here.trainee.full_name, "2027-03-05")
    client.post(url("outcome", here.meeting.pk, row.pk), typed(what="decision", text="We call", owner_name="The ministry"))
    row.refresh_from_db()
    assert (row.what, row.text, row.owner, row.owner_name, row.due) == ("decision", "We call", None, "The ministry", None)
    told = state_of(here.meeting)["outcomes"][str(row.pk)]
    assert (told["what"], told["owner_name"], told["due"]) == ("decision", "The ministry", None)
    text = text_of(signed(here.trainee).get(url("meeting", here.meeting.pk)))
    assert "Decisions" in text and "We call" in text and url("outcomes", here.meeting.pk) not in text
    assert client.post(url("outcome", here.meeting.pk, row.pk), {"remove": "1"}).status_code == 302
    assert not here.meeting.outcomes.exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"text": ""}, "Write what was said."), ({"text": "x" * 501}, "Shorten it to 500"), ({"what": "party"}, "Choose note"),
        ({"owner": "999999"}, "Choose somebody of the meeting."), ({"owner": "x"}, "Choose somebody"), ({"due": "2027-02-31"}, "Write the day as"),
        ({"owner_name": "x" * 151}, "Shorten the name"), ({"text": "a\x00b"}, ""),
    ],
)  # fmt: skip
def test_bad_entries_are_said_and_kept(changed, words):
    here = planned()
    text = text_of(signed(here.trainer).post(url("outcomes", here.meeting.pk), typed(**changed)), 422)
    assert words in text and not here.meeting.outcomes.exists()
    row = action(here.meeting)
    assert words in text_of(signed(here.trainer).post(url("outcome", here.meeting.pk, row.pk), typed(**changed)), 422)


@pytest.mark.parametrize(
    ("role", "status"), [("trainer", 200), ("lead", 200), ("trainee", 403), ("evaluator", 403), ("stranger", 404)]
)
def test_who_writes_them(role, status):
    here = planned()
    row = action(here.meeting)
    client = signed(getattr(here, role))
    assert {
        client.get(url("outcomes", here.meeting.pk)).status_code,
        client.get(url("outcome", here.meeting.pk, row.pk)).status_code,
    } == {status}
    assert client.post(url("outcomes", here.meeting.pk), typed()).status_code == (302 if status == 200 else status)


def test_the_page_costs_the_same_with_one_action_and_with_many():
    here = planned()
    client = signed(here.trainee)

    def queries():
        client.get(url("meeting", here.meeting.pk))
        with CaptureQueriesContext(connection) as found:
            client.get(url("meeting", here.meeting.pk))
        return len(found)

    last = made(TrainingSession, here.cohort, days=-7, state="ended")
    action(last, owner=here.trainee)
    run()
    few = queries()
    for number in range(20):
        action(last, f"Action {number}", owner=here.trainee)
        action(here.meeting, f"Mine {number}", owner=here.lead)
    run()
    assert queries() == few
