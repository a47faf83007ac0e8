"""The checklist: what ticks itself, what a member ticks, who is reminded when, what the Today page says."""

import datetime
import itertools

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from notifications import mail
from notifications.models import Message
from sessions import duties, forming_groups, lead_groups, rotation, schedule
from sessions.models import DutyTick, Material, Outcome, QuarterSlot, RegionalMeeting
from tests.confirming import confirmed
from tests.factories import EnrollmentFactory, UserFactory
from tests.sessions.planning import signed, text_of, url
from tests.sessions.rooms import do
from tests.sessions.rotating import a_cohort, a_group, a_lead, a_mentor, at, the_days

pytestmark = pytest.mark.django_db
Q2 = "2027-Q2"


@pytest.fixture
def here(monkeypatch):
    """A group whose meeting is on Thursday 20 May 2027, planned by a lead in December."""
    at(monkeypatch, "2026-12-05")
    lead, group = a_lead(), a_group("Andes", "CO", size=3)
    rotation.assign(Q2, group.pk, lead)
    signed(lead).post(url("year_dates", 2027), the_days(q2="2027-05-20"))
    rotation.accept(Q2, group.people[0])
    Message.objects.all().delete()
    group.lead, group.meeting = lead, RegionalMeeting.objects.get()
    return group


def act(user, what, **data):
    return signed(user).post(url("duty_act", Q2, what), data)


def done():
    return [line.key for line in duties.lines(duties.with_facts(QuarterSlot.objects).get(quarter=Q2)) if line.done]


def page(user):
    return text_of(signed(user).get(url("duties", Q2)))


# --- steps ----------------------------------------------------------------------------------------------------------


def test_steps_are_due_before_and_after_the_meeting(here):
    due = {line.key: line.due.isoformat() for line in duties.lines(duties.with_facts(QuarterSlot.objects).get(quarter=Q2))}
    assert due == {
        "topic": "2027-04-08", "roles": "2027-04-08", "agenda": "2027-04-22", "questions": "2027-04-22", "invitation": "2027-04-29",
        "materials": "2027-05-06", "technical": "2027-05-13", "meeting": "2027-05-20", "notes": "2027-05-27", "hand_over": "2027-05-27",
    }  # fmt: skip
    schedule.cancel(here.meeting, "strike")
    QuarterSlot.objects.update(planned_on=None)
    assert duties.day_of(QuarterSlot.objects.get(quarter=Q2)) == datetime.date(2027, 5, 16)


def test_each_step_ticks_itself_when_its_rows_are_there(here):
    one, two, three = here.people
    assert done() == []
    act(one, "topic", topic="Capture beyond the hospital")
    assert done() == ["topic"]
    assert RegionalMeeting.objects.get().topic == "Capture beyond the hospital"
    act(one, "roles", leader=one.pk, co_leader=two.pk, note_taker=three.pk)
    act(two, "agenda")
    act(two, "questions", **the_questions())
    assert done() == ["topic", "roles", "agenda", "questions"]
    confirmed(signed(two), url("duty_invite", Q2))
    Material.objects.create(meeting=here.meeting, title="Reading", url="https://example.org/a.pdf")
    act(three, "tick", step="technical")
    assert done()[4:] == ["invitation", "materials", "technical"]
    do(here.meeting, one, "session.open")
    do(here.meeting, one, "session.end")
    Outcome.objects.create(meeting=here.meeting, text="Registry", what="decision")
    act(one, "hand_over", hand_over="Begin early")
    assert len(done()) == len(duties.STEPS)
    assert "10 of 10 done." in page(one)


def the_questions(text="¿?"):
    return {
        f"{key}_{code}": f"{text} {key[:8]} {code}"
        for key in ("challenges", "actions", "effective")
        for code in ("es", "pt-br", "en")
    }


def test_a_tick_shows_who_and_can_be_taken_back(here):
    one = here.people[0]
    assert act(one, "tick", step="technical").status_code == 302
    assert f"Ticked by {one.full_name}" in page(here.people[1])
    assert act(here.people[1], "untick", step="technical").status_code == 302
    assert "Ticked by" not in page(one)
    act(here.people[1], "tick", step="technical")
    assert f"Ticked by {here.people[1].full_name}" in page(one)


@pytest.mark.parametrize("step", ["topic", "nothing", "", "\x00", "x" * 500])
def test_what_is_done_by_doing_it_is_not_ticked(here, step):
    response = act(here.people[0], "tick", step=step)
    assert response.status_code in (302, 400)
    assert not DutyTick.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_ticks_at_once_are_one(here, in_parallel):
    slot = QuarterSlot.objects.get(quarter=Q2)
    results = in_parallel(lambda number: duties.tick(slot, "technical", here.people[number % 3]))
    assert results == [None] * 10
    assert DutyTick.objects.count() == 1


def test_bad_input_stays_in_the_form_with_words(here):
    one, two, _three = here.people
    outsider = a_mentor()
    assert "Write the topic" in text_of(act(one, "topic", topic=" "), 422)
    assert "Shorten the topic" in text_of(act(one, "topic", topic="x" * 201), 422)
    assert "two different people" in text_of(act(one, "roles", leader=one.pk, co_leader=one.pk, note_taker=two.pk), 422)
    assert "Choose somebody of the group" in text_of(
        act(one, "roles", leader=outsider.pk, co_leader=one.pk, note_taker=two.pk), 422
    )
    assert act(one, "roles", leader="9" * 30, co_leader="\x00", note_taker="x").status_code in (400, 422)
    text = text_of(act(one, "questions", **{**the_questions(), "actions_en": "x" * 61}), 422)
    assert "Shorten the question to 60 characters" in text and "x" * 61 in text
    assert "Write the question in each language" in text_of(act(one, "questions", **{**the_questions(), "actions_en": ""}), 422)
    assert "Write the note" in text_of(act(one, "hand_over", hand_over=""), 422)
    assert act(one, "nothing").status_code == 404
    assert done() == []


def test_a_new_group_begins_with_its_own_names_and_ticks(here):
    one, two, three = here.people
    act(one, "roles", leader=one.pk, co_leader=two.pk, note_taker=three.pk)
    act(one, "topic", topic="Registries")
    act(one, "tick", step="technical")
    other = a_group("Sur", "AR")
    rotation.assign(Q2, other.pk, here.lead)
    assert done() == ["topic"]
    assert act(one, "topic", topic="Mine").status_code == 403
    assert page(other.people[0])


def test_who_sees_the_checklist_and_who_ticks(here):
    outsider, trainee, other_lead = a_mentor(), EnrollmentFactory(cohort=a_cohort()).user, EnrollmentFactory(role="lead").user
    for user, status in (
        (here.people[0], 200),
        (here.lead, 200),
        (other_lead, 200),
        (outsider, 403),
        (trainee, 404),
        (UserFactory(), 404),
    ):
        assert signed(user).get(url("duties", Q2)).status_code == status
        expected = 302 if status == 200 else status
        assert act(user, "tick", step="technical").status_code == expected
    assert signed(here.lead).get(url("duties", "2031-Q1")).status_code == 404
    assert signed(here.people[0]).get(url("duty_act", Q2, "tick")).status_code == 405


def test_another_lead_prepares_the_questions_too(here):
    other_lead = EnrollmentFactory(role="lead").user
    assert act(other_lead, "questions", **the_questions()).status_code == 302
    assert here.meeting.streams.get(name="main").board.columns[0]["title"]["en"] == "¿? challeng en"


# --- reminders ------------------------------------------------------------------------------------------------------


def nudge(monkeypatch, day):
    at(monkeypatch, day)
    call_command("nudge_duties", verbosity=0)


def told(step="topic", **more):
    rows = Message.objects.filter(what="checklist_step", context__step=step, **more).order_by("pk")
    return [(one.user, one.context["stage"]) for one in rows]


def test_the_group_first_and_a_lead_second(here, monkeypatch):
    Message.objects.all().delete()
    nudge(monkeypatch, "2027-04-04")
    assert told() == []
    nudge(monkeypatch, "2027-04-05")
    assert told() == [(user, "ahead") for user in here.people]
    for day in ("2027-04-06", "2027-04-07", "2027-04-08"):
        nudge(monkeypatch, day)
    assert len(told()) == 3
    for day in ("2027-04-09", "2027-04-10"):
        nudge(monkeypatch, day)
    assert len(told()) == 3  # not seven days yet
    nudge(monkeypatch, "2027-04-12")
    assert told()[3:] == [*((user, "overdue") for user in here.people), (here.lead, "lead")]
    for day in ("2027-04-13", "2027-04-20", "2027-05-02", "2027-06-10", "2027-06-11"):
        nudge(monkeypatch, day)
    assert len(told()) == 7


def test_sunday_and_monday_are_not_two_weeks(here, monkeypatch):
    signed(here.lead).post(url("year_dates", 2027), the_days(q2="2027-05-15"))  # steps are due on Saturdays
    nudge(monkeypatch, "2027-04-03")
    for day in ("2027-04-04", "2027-04-05", "2027-04-09"):
        nudge(monkeypatch, day)
    ours = [stage for user, stage in told() if user != here.lead]
    assert ours == ["ahead"] * 3
    nudge(monkeypatch, "2027-04-10")
    assert [stage for user, stage in told() if user != here.lead] == ["ahead"] * 3 + ["overdue"] * 3


def test_nobody_hears_of_one_step_twice_in_a_week(here, monkeypatch):
    for day in range(120):
        nudge(monkeypatch, datetime.date(2027, 3, 1) + datetime.timedelta(days=day))
    heard = {}
    for one in Message.objects.filter(what="checklist_step").order_by("created_at"):
        heard.setdefault((one.user_id, one.context["step"]), []).append(one.created_at)
    gaps = [later - sooner for days in heard.values() for sooner, later in itertools.pairwise(days)]
    assert gaps and min(gaps) >= datetime.timedelta(days=7)
    each = {(one.user_id, one.context["step"], one.context["stage"]) for one in Message.objects.filter(what="checklist_step")}
    assert len(each) == sum(map(len, heard.values())) == 10 * (3 + 3 + 1)


def test_a_worker_that_was_dead_sends_only_what_still_matters(here, monkeypatch):
    nudge(monkeypatch, "2027-04-10")
    assert {stage for _user, stage in told()} == {"overdue"}
    one = Message.objects.filter(what="checklist_step").first()
    assert one.expires_at > datetime.datetime(2027, 4, 16, tzinfo=datetime.UTC)
    nudge(monkeypatch, "2027-06-11")
    late = Message.objects.filter(what="checklist_step", created_at__gte=datetime.datetime(2027, 6, 11, tzinfo=datetime.UTC))
    assert not late.exists()


def test_a_group_that_takes_over_late_hears_first_and_a_lead_three_days_later(here, monkeypatch):
    nudge(monkeypatch, "2027-05-01")
    assert told() == [(user, "overdue") for user in here.people]
    nudge(monkeypatch, "2027-05-03")
    assert len(told()) == 3
    nudge(monkeypatch, "2027-05-04")
    assert told()[3:] == [(here.lead, "lead")]


def test_done_steps_are_left_in_peace_even_when_a_message_was_waiting(here, monkeypatch):
    nudge(monkeypatch, "2027-04-05")
    Message.objects.filter(what="checklist_step").update(sent_at=None, settled_as="")
    act(here.people[0], "topic", topic="Registries")
    nudge(monkeypatch, "2027-04-06")
    waiting = Message.objects.filter(what="checklist_step", context__step="topic", sent_at=None, settled_as="")
    assert not waiting.exists()
    nudge(monkeypatch, "2027-04-12")
    assert "overdue" not in {stage for _user, stage in told()}


def test_who_joins_the_group_later_is_told_of_its_turn_once(here, monkeypatch):
    new = a_mentor("CO")
    signed(here.lead).post(url("lead_group_add", here.pk), {"user": new.pk})
    for _ in range(2):
        call_command("nudge_duties", verbosity=0)
    assert [one.context["news"] for one in Message.objects.filter(user=new, what="meeting_duty")] == ["accepted"]
    assert here.meeting.people.get(user=new).part == "host"


@pytest.mark.parametrize("language", ["es", "pt-br", "en"])
def test_the_mails_are_small_with_one_button(here, monkeypatch, language):
    nudge(monkeypatch, "2027-04-12")
    rotation.decline(Q2, here.people[0], "no time")
    for message in Message.objects.filter(what__in=("meeting_duty", "checklist_step")):
        message.language = language
        subject, text, html = mail.render(message)[:3]
        assert subject and "\n" not in subject
        assert message.context["url"] in text and message.context["url"] in html and len(html) < 40_000


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_workers_at_once_write_each_message_once(here, monkeypatch, in_parallel):
    at(monkeypatch, "2027-04-05")
    results = in_parallel(lambda _number: call_command("nudge_duties", verbosity=0))
    assert results == [None] * 10
    assert told() == [(user, "ahead") for user in here.people]


# --- today ----------------------------------------------------------------------------------------------------------


def today(user):
    client = signed(user)
    response = client.get(reverse("today"))
    return response.content.decode() if response.status_code == 200 else client.get(response.url).content.decode()


def test_today_says_that_the_group_leads_and_what_is_next(here):
    text = today(here.people[0])
    assert "Your group leads: Andes" in text and "Choose the topic" in text and url("duties", Q2) in text
    assert "Your group leads" not in today(a_mentor())


def test_today_knows_at_once_who_joined_and_costs_others_nothing(here, django_capture_on_commit_callbacks):
    new = a_mentor()
    assert "Your group leads" not in today(new)
    assert _queries(lambda: lead_groups.is_member_as_remembered(new)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        forming_groups.add(here, new)
    assert "Your group leads" in today(new)


def test_pages_cost_the_same_with_one_duty_and_many(here):
    member, outsider = here.people[0], a_mentor()
    assert _queries(lambda: list(duties.slots_of(outsider))) == 1
    one = _queries(lambda: list(duties.slots_of(member)))
    for quarter in ("2027-Q3", "2027-Q4", "2028-Q1"):
        slot = QuarterSlot.objects.get_or_create(quarter=quarter)[0]
        QuarterSlot.objects.filter(pk=slot.pk).update(group=here.pk, state="accepted")
        DutyTick.objects.create(slot=slot, step="technical", by=member)
    many = _queries(lambda: list(duties.slots_of(member)))
    assert many <= one + 1 <= 4  # ticks are there now
    QuarterSlot.objects.filter(quarter__gt="2027-Q3").update(group=None, state="empty")
    assert _queries(lambda: list(duties.slots_of(member))) == many


def _queries(work):
    with CaptureQueriesContext(connection) as found:
        work()
    return len(found)


def test_the_page_costs_the_same_whatever_was_done(here):
    client = signed(here.people[0])
    client.get(url("duties", Q2))
    few = _queries(lambda: client.get(url("duties", Q2)))
    for number in range(12):
        Outcome.objects.create(meeting=here.meeting, text=f"{number}", what="decision")
        Material.objects.create(meeting=here.meeting, title="x", url="/x")
    DutyTick.objects.create(slot=QuarterSlot.objects.get(quarter=Q2), step="technical", by=here.lead)
    assert _queries(lambda: client.get(url("duties", Q2))) <= few + 1 <= 40
