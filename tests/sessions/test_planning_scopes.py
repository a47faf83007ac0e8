"""Whose meetings an act may touch, and what stands when two people act at once or somebody comes back."""

import datetime
import uuid
from types import SimpleNamespace

import pytest
from django.utils import timezone

from curriculum.enrollment_states import Refused
from curriculum.models import Enrollment
from sessions import carrying, forming_groups, quarter_days, rota, rotation, schedule, series
from sessions.acts import session as session_acts
from sessions.models import (
    CandidateDecision,
    LeadGroup,
    Meeting,
    MeetingPerson,
    Outcome,
    PreparatoryMeeting,
    QuarterSlot,
    RegionalMeeting,
)
from sessions.refusals import Refusal
from sessions.replies import take
from sessions.views import planning
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory
from tests.sessions.answering import people_in, said_by, stands, yes
from tests.sessions.planning import planned, said, signed, text_of, url
from tests.sessions.planning_moving import sequences, series_of, walls
from tests.sessions.planning_series import coming, create, led, with_sessions, written
from tests.sessions.rooms import do
from tests.sessions.rotating import a_group, a_lead, a_mentor, at, the_days
from tests.sessions.test_moving import move
from tests.sessions.test_replies import reply

pytestmark = pytest.mark.django_db
Part = MeetingPerson.Part


# --- a host of one meeting runs that one ------------------------------------------------------------------------------


@pytest.fixture
def guest_host():
    """A series of four; somebody from outside runs the second one by name."""
    cohort, lead, client = led()
    made = series_of(cohort, lead)
    guest = UserFactory()
    schedule.ask(made[1], guest, Part.HOST)
    return SimpleNamespace(made=made, guest=guest, client=client)


def test_a_host_of_one_meeting_moves_that_one_alone(guest_host):
    before = walls(guest_host.made)
    client, one = signed(guest_host.guest), guest_host.made[1]
    assert ">M3<" not in text_of(client.get(url("move", one.pk)))
    day = coming() + datetime.timedelta(days=8)
    text = text_of(client.post(url("move", one.pk), {"day": day.isoformat(), "hour": "17:30", "rest": "on", "preview": "1"}))
    assert ">M3<" not in text  # what the others are called, and when they are, is not for this person
    assert move(client, one, day, "17:30", rest=True).status_code == 302
    assert walls(guest_host.made) == [before[0], f"{day}T17:30", *before[2:]]


def test_a_host_of_one_meeting_calls_off_that_one_alone(guest_host):
    one = guest_host.made[1]
    assert signed(guest_host.guest).post(url("cancel", one.pk), {"reason": "Ill", "rest": "on"}).status_code == 302
    assert [Meeting.objects.get(pk=made.pk).state for made in guest_host.made] == [
        "scheduled", "cancelled", "scheduled", "scheduled",
    ]  # fmt: skip


def test_the_room_of_a_selection_is_handed_to_nobody_who_may_not_read_it():
    """Whoever runs a preparatory meeting reads every mark and reason."""
    here = planned()
    meeting = PreparatoryMeeting.objects.create(
        cohort=here.cohort, title="S", starts_at=timezone.now(), started_at=timezone.now(), state="live"
    )
    guest, colleague = UserFactory(), EnrollmentFactory(role="lead").user
    for person in (guest, colleague):
        schedule.ask(meeting, person, Part.GUEST)
    with pytest.raises(Refusal) as refused:
        do(meeting, here.trainer, "role.set", {"id": guest.pk, "role": "host"})
    assert refused.value.why == "forbidden" and "Only trainers and leads" in str(refused.value.text)
    assert signed(guest).get(url("selection", meeting.pk)).status_code == 403
    do(meeting, here.trainer, "role.set", {"id": colleague.pk, "role": "host"})
    assert signed(colleague).get(url("selection", meeting.pk)).status_code == 200


# --- somebody has to run it ------------------------------------------------------------------------------------------


def test_the_last_host_is_not_made_a_guest():
    lead = EnrollmentFactory(role="lead").user
    meeting = schedule.create("regional", lead, title="R", starts_at=timezone.now() + datetime.timedelta(days=9))
    client = signed(lead)
    text = text_of(client.post(url("people", meeting.pk), {"email": lead.email, "part": "guest"}), 422)
    assert "Somebody has to run the meeting" in text
    assert meeting.people.get().part == Part.HOST
    schedule.ask(meeting, UserFactory(), Part.HOST)
    assert client.post(url("people", meeting.pk), {"email": lead.email, "part": "guest"}).status_code == 302


def test_a_host_with_a_closed_account_runs_nothing():
    lead = EnrollmentFactory(role="lead").user
    meeting = schedule.create("regional", lead, title="R", starts_at=timezone.now() + datetime.timedelta(days=9))
    schedule.ask(meeting, UserFactory(is_active=False), Part.HOST)
    with pytest.raises(Refused):
        schedule.let_go(meeting.people.get(user=lead))


# --- two at once -----------------------------------------------------------------------------------------------------


def test_a_form_that_was_opened_before_does_not_take_the_meeting_out_of_the_room():
    here = planned()
    Meeting.objects.filter(pk=here.meeting.pk).update(state="live", started_at=timezone.now())
    schedule.change(here.meeting, title="New", state=Meeting.State.SCHEDULED)
    here.meeting.refresh_from_db()
    assert (here.meeting.state, here.meeting.title) == ("live", "New")


def test_what_was_called_off_in_this_moment_does_not_begin():
    here = planned(hours=1)
    stale = Meeting.objects.get(pk=here.meeting.pk)
    schedule.cancel(here.meeting, "Strike")
    with pytest.raises(Refusal) as refused:
        session_acts.open_(SimpleNamespace(meeting=stale, now=timezone.now(), also=lambda *_: None), None)
    assert refused.value.why == "closed"
    here.meeting.refresh_from_db()
    assert (here.meeting.state, here.meeting.started_at) == ("cancelled", None)


def test_an_older_form_does_not_move_a_meeting_back():
    here = planned()
    client = signed(here.trainer)
    opened = text_of(client.get(url("edit", here.meeting.pk)))
    seen = opened.split('name="seen" value="')[1].split('"')[0]
    schedule.change(here.meeting, starts_at=here.meeting.starts_at + datetime.timedelta(days=7))
    moved = Meeting.objects.get(pk=here.meeting.pk)
    text = text_of(client.post(url("edit", here.meeting.pk), said(title="Corrected", seen=seen)), 422)
    assert "in the meantime" in text and "Corrected" in text
    assert Meeting.objects.get(pk=here.meeting.pk).starts_at == moved.starts_at
    seen = text.split('name="seen" value="')[1].split('"')[0]
    assert client.post(url("edit", here.meeting.pk), said(title="Corrected", seen=seen)).status_code == 302


def test_a_form_with_another_mistake_stays_as_old_as_it_was():
    here = planned()
    client, address = signed(here.trainer), url("edit", here.meeting.pk)
    seen = text_of(client.get(address)).split('name="seen" value="')[1].split('"')[0]
    schedule.change(here.meeting, title="Theirs")
    text = text_of(client.post(address, said(title="", seen=seen)), 422)
    assert f'name="seen" value="{seen}"' in text and "What stands now" not in text
    text = text_of(client.post(address, said(title="Mine", seen=seen)), 422)
    assert f'name="seen" value="{seen}"' not in text and "What stands now" in text and "Theirs" in text
    assert Meeting.objects.get(pk=here.meeting.pk).title == "Theirs"


@pytest.mark.parametrize("seen", ["x", "-1", "9" * 30, "\x00"])
def test_a_form_with_a_strange_version(seen):
    here = planned()
    assert signed(here.trainer).post(url("edit", here.meeting.pk), said(seen=seen)).status_code == 422


def test_a_group_that_left_is_not_brought_back_by_its_name(monkeypatch):
    at(monkeypatch, "2026-12-05")
    lead = a_lead()
    group = a_group("Grupo A", by=lead)
    opened = LeadGroup.objects.get(pk=group.pk)
    rotation.drop_out(group, lead, "No time")
    with pytest.raises(Refused):
        forming_groups.rename(opened, "Grupo Z")
    group.refresh_from_db()
    assert group.left_at and group.name == "Grupo A"


def test_an_older_page_of_days_does_not_move_a_quarter_back(monkeypatch):
    at(monkeypatch, "2026-12-05")
    lead = a_lead()
    client, address = signed(lead), url("year_dates", 2027)
    client.post(address, the_days(q2="2027-05-20"))
    seen = text_of(client.get(address)).split('name="q2-seen" value="')[1].split('"')[0]
    client.post(address, {**the_days(q2="2027-05-27"), "q2-seen": seen})
    text = text_of(client.post(address, {**the_days(q1="2027-02-10", q2="2027-05-20"), "q2-seen": seen}), 422)
    assert "in the meantime" in text
    slot = QuarterSlot.objects.get(quarter="2027-Q2")
    assert str(slot.planned_on) == "2027-05-27"
    assert not QuarterSlot.objects.filter(quarter="2027-Q1", meeting__isnull=False).exists()  # all or nothing


# --- who comes back --------------------------------------------------------------------------------------------------


def test_who_leaves_and_comes_back_waits_where_the_place_is_gone(told):
    here = planned(capacity=1)
    one, other = people_in(here.meeting, 2)
    yes(here.meeting, one)
    place = Enrollment.objects.filter(user=one)
    place.update(status="withdrawn")
    said_by(other, here.meeting)
    place.update(status="enrolled")
    assert stands(here.meeting, other) == ("yes", "page", False)
    assert stands(here.meeting, one)[2], "one place, two people"
    assert "number 1" in text_of(signed(one).get(url("meeting", here.meeting.pk)))


def test_a_reply_counts_though_somebody_else_came_back(told):
    """Who comes back needs a higher SEQUENCE; what others have in their calendars is as true as before."""
    here = planned()
    guest = UserFactory()
    person = schedule.ask(here.meeting, guest, Part.GUEST)
    told()
    person.delete()
    told()
    schedule.ask(here.meeting, guest, Part.GUEST)
    told()
    here.meeting.refresh_from_db()
    assert here.meeting.sequence == 1
    assert take(here.trainee.email, reply(here.meeting, here.trainee, SEQUENCE="SEQUENCE:0"))
    assert stands(here.meeting, here.trainee)[0] == "yes"
    schedule.change(here.meeting, starts_at=here.meeting.starts_at + datetime.timedelta(days=1))
    assert not take(here.trainee.email, reply(here.meeting, here.trainee, "DECLINED", SEQUENCE="SEQUENCE:0"))
    told()
    assert not take(here.trainee.email, reply(here.meeting, here.trainee, "DECLINED", SEQUENCE="SEQUENCE:0"))
    assert stands(here.meeting, here.trainee)[0] == "yes"


def test_a_plan_that_somebody_elses_plan_has_changed_is_previewed_again(monkeypatch):
    """Between the look at the preview and the lock somebody else plans the first session of the programme."""
    cohort, lead, client = with_sessions()
    form, look = written(), planning._may_create

    def meanwhile(*arguments):
        schedule.create(
            "training", lead, cohort=cohort, title="x", starts_at=timezone.now() + datetime.timedelta(days=3),
            activity_key=series.unplanned(cohort)[0].key,
        )  # fmt: skip
        return look(*arguments)

    monkeypatch.setattr(planning, "_may_create", meanwhile)
    assert "Look at the preview first" in text_of(create(client, cohort, form), 422)
    assert cohort.meetings.count() == 1


# --- what was stays --------------------------------------------------------------------------------------------------


def test_who_led_last_year_stays_written_when_they_leave_the_group(monkeypatch):
    at(monkeypatch, "2026-01-05")
    lead = a_lead()
    group = a_group("Grupo A", size=3, by=lead)
    rotation.propose(2026, lead)
    leader = group.people[0]
    QuarterSlot.objects.filter(quarter="2026-Q2").update(leader=leader)
    at(monkeypatch, "2026-12-05")
    rotation.assign("2027-Q1", group.pk, lead, "Only one")
    QuarterSlot.objects.filter(quarter="2027-Q1").update(leader=leader)
    forming_groups.remove(group.members.get(user=leader), "Moves away")
    assert QuarterSlot.objects.get(quarter="2026-Q2").leader == leader
    assert QuarterSlot.objects.get(quarter="2027-Q1").leader is None


def test_a_group_counts_from_the_quarter_of_the_programmes_calendar(monkeypatch):
    """31 March, 19:00 in Mexico City, is the first of April in UTC."""
    at(monkeypatch, "2027-03-30")
    group = a_group("Grupo A", by=a_lead())
    LeadGroup.objects.filter(pk=group.pk).update(created_at=datetime.datetime(2027, 4, 1, 1, tzinfo=datetime.UTC))
    assert [one.since for one in rota.groups_for_fairness()] == ["2027-Q1"]


def test_a_session_that_the_programme_lost_can_still_be_moved_and_renamed():
    cohort, lead, client = led()
    (meeting,) = series_of(cohort, lead, 1)
    gone = "00000000-0000-0000-0000-000000000009"
    meeting.activity_key = gone
    meeting.save()
    assert move(client, meeting, coming() + datetime.timedelta(days=1), "17:30").status_code == 302
    assert sequences([meeting]) == [1]
    assert client.post(url("edit", meeting.pk), said(title="New", activity_key=gone)).status_code == 302


def test_an_action_is_done_everywhere_or_nowhere(monkeypatch):
    here = planned(hours=-50)
    Meeting.objects.filter(pk=here.meeting.pk).update(state="ended", started_at=here.meeting.starts_at)
    action = Outcome.objects.create(meeting=here.meeting, what="action", text="Call", owner=here.trainee)
    later = planned(here.cohort).meeting
    assert carrying.carry_all() == 1
    act = carrying._act

    def refused_there(meeting, *arguments):
        if meeting.pk == later.pk:
            raise Refusal("closed")
        return act(meeting, *arguments)

    monkeypatch.setattr(carrying, "_act", refused_there)
    signed(here.trainee).post(url("outcome_done", here.meeting.pk, action.pk))
    assert not Outcome.objects.exclude(done_at=None).exists()
    monkeypatch.undo()
    signed(here.trainee).post(url("outcome_done", here.meeting.pk, action.pk))
    assert Outcome.objects.exclude(done_at=None).count() == 2


def test_a_form_of_a_copy_that_is_sent_twice_copies_the_criteria_once():
    cohort, lead, client = led()
    first = schedule.create("preparatory", lead, cohort=cohort, title="S", starts_at=timezone.now() + datetime.timedelta(days=3))
    first.criteria.create(text="Ready", order=1)
    address = f"{url('new')}?kind=preparatory&cohort={cohort.pk}&copy={first.pk}"
    form = {**said(), "uid": str(uuid.uuid4())}
    assert [client.post(address, form).status_code for _ in range(2)] == [302, 302]
    (copy,) = PreparatoryMeeting.objects.exclude(pk=first.pk)
    assert copy.criteria.count() == 1


# --- two cohorts -----------------------------------------------------------------------------------------------------


def test_a_decision_is_not_applied_to_somebody_who_is_in_another_cohort_now():
    cohort, lead, client = led()
    other = CohortFactory()
    meeting = schedule.create(
        "preparatory", lead, cohort=cohort, title="S", starts_at=timezone.now() + datetime.timedelta(days=3)
    )
    away = EnrollmentFactory(cohort=other, status="candidate", enrolled_at=None, user__full_name="Ana Ausente")
    CandidateDecision.objects.create(meeting=meeting, enrollment=away, decision="selected", reason="x", by=lead)
    text = text_of(client.post(url("selection_apply", meeting.pk), follow=True))
    assert "Ana Ausente" not in text
    away.refresh_from_db()
    assert away.status == "candidate"


def test_a_copy_gets_the_next_number():
    cohort, lead, client = led()
    made = series_of(cohort, lead, 2)
    meeting = schedule.create(
        "preparatory", lead, cohort=cohort, title="S", starts_at=timezone.now() + datetime.timedelta(days=3)
    )
    for source in (meeting, made[0]):
        text = text_of(client.get(f"{url('new')}?kind=training&cohort={cohort.pk}&copy={source.pk}"))
        assert 'name="number" value="3"' in text


# --- the year --------------------------------------------------------------------------------------------------------


@pytest.fixture
def draft(monkeypatch):
    at(monkeypatch, "2026-12-05")
    lead = a_lead()
    group = a_group("Grupo A", by=lead)
    rotation.assign("2027-Q2", group.pk, lead)
    signed(lead).post(url("year_dates", 2027), the_days(q2="2027-05-20"))
    return SimpleNamespace(lead=lead, group=group, slot=QuarterSlot.objects.get(quarter="2027-Q2"))


def test_a_draft_of_the_year_is_seen_by_its_group_and_leads_alone(draft):
    way = url("meeting", draft.slot.meeting_id)
    other_lead = EnrollmentFactory(role="lead").user
    for person, sees, opens in (
        (draft.lead, True, True), (draft.group.people[0], True, True), (other_lead, True, False), (a_mentor("BR"), False, False),
    ):  # fmt: skip
        text = text_of(signed(person).get(url("year", 2027)))
        assert ("2027-05-20" in text) == sees, person
        assert (f'href="{way}"' in text) == opens, person
        assert (signed(person).get(way).status_code == 200) == opens
    quarter_days.invite("2027-Q2", draft.lead)
    invited = RegionalMeeting.objects.get().people.filter(part=Part.PARTICIPANT).first().user
    assert f'href="{way}"' in text_of(signed(invited).get(url("year", 2027)))


def test_a_topic_written_on_the_meeting_is_the_topic_of_the_quarter(draft):
    meeting = RegionalMeeting.objects.get()
    schedule.change(meeting, topic="Nursing")
    text = text_of(signed(draft.group.people[0]).get(url("duties", "2027-Q2")))
    assert "<h1>Nursing</h1>" in text
    assert QuarterSlot.objects.get(quarter="2027-Q2").topic == "Nursing"
