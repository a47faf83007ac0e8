"""The year: proposed by fairness, answered by groups, changed by leads; ten at once give one state."""

import datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curriculum.models import Certificate
from notifications import outbox
from notifications.models import Message
from sessions import quarter_days, rotation, schedule
from sessions.models import LeadGroup, Meeting, MeetingPerson, QuarterSlot, RegionalMeeting, SlotChange
from tests.confirming import confirmed
from tests.factories import EnrollmentFactory, UserFactory
from tests.sessions.planning import signed, text_of, url
from tests.sessions.rotating import a_cohort, a_group, a_lead, a_mentor, at, five_groups, names_of, the_days

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    at(monkeypatch, "2026-12-05")


def post(user, name, /, *args, **data):
    if name in ("year_propose", "duty_invite"):
        return confirmed(signed(user), url(name, *args), **data)
    return signed(user).post(url(name, *args), data)


# --- proposing ------------------------------------------------------------------------------------------------------


def test_a_lead_proposes_a_year_and_the_page_says_why():
    lead = a_lead()
    five_groups()
    assert post(lead, "year_propose", 2027).status_code == 302
    assert sorted(names_of(2027)) == sorted(set(names_of(2027))) and all(names_of(2027))
    text = text_of(signed(lead).get(url("year", 2027)))
    assert text.count("Has not led yet") == 4 and "other country than the quarters beside it" in text
    assert post(lead, "year_propose", 2027).status_code == 302
    assert SlotChange.objects.count() == 4


def test_the_next_year_begins_with_who_has_not_led_then_who_led_longest_ago():
    lead = a_lead()
    five_groups()
    post(lead, "year_propose", 2027)
    post(lead, "year_propose", 2028)
    missing = ({*"ABCDE"} - {*names_of(2027)}).pop()
    assert names_of(2028) == [missing, *names_of(2027)[:3]]
    assert "Last led in Q1 2027, longest of all" in text_of(signed(lead).get(url("year", 2028)))


def test_quarters_that_have_begun_are_not_proposed_and_what_was_stays(monkeypatch):
    lead = a_lead()
    five_groups()
    at(monkeypatch, "2027-05-20")
    post(lead, "year_propose", 2027)
    assert [bool(one) for one in names_of(2027)] == [False, False, True, True]
    group = LeadGroup.objects.first()
    assert "it stays as it was" in text_of(post(lead, "slot_assign", "2027-Q1", group=group.pk), 422)
    assert (
        post(
            lead, "slot_assign", "2027-Q2", group=LeadGroup.objects.exclude(slots__quarter__gte="2027-Q1").first().pk
        ).status_code
        == 302
    )


def test_without_groups_the_year_says_what_to_do():
    text = text_of(signed(a_lead()).get(url("year", 2027)))
    assert "There are no groups yet. Make groups of 2 to 4 mentors." in text
    assert text.count("without a group") == 4 and "No day yet" in text


def test_two_groups_cannot_fill_a_round_against_the_rule_without_words():
    lead = a_lead()
    a_group("Grupo A")
    a_group("Grupo B")
    post(lead, "year_propose", 2027)
    assert names_of(2027) == ["A", "B", "A", "B"]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_proposals_and_ten_answers_at_once_give_one_state(in_parallel):
    lead = a_lead()
    five_groups()
    assert [one for one in in_parallel(lambda _n: rotation.propose(2027, lead)) if isinstance(one, Exception)] == []
    assert SlotChange.objects.filter(what="proposed").count() == 4
    group = LeadGroup.objects.get(slots__quarter="2027-Q2")
    people = list(group.members.all())
    results = in_parallel(lambda number: rotation.accept("2027-Q2", people[number % 2].user))
    assert not [one for one in results if isinstance(one, Exception)]
    assert SlotChange.objects.filter(what="accepted").count() == 1
    in_parallel(lambda number: rotation.decline("2027-Q3", lead, "no time") if number % 2 else rotation.propose(2027, lead))
    led = [one for one in names_of(2027) if one]
    assert len(led) == len(set(led))


# --- answers and changes --------------------------------------------------------------------------------------------


@pytest.fixture
def proposed():
    lead = a_lead()
    made = {group.name.removeprefix("Grupo "): group for group in five_groups()}
    post(lead, "year_propose", 2027)
    return lead, made


def test_a_member_accepts_and_the_group_is_told(proposed):
    _lead, made = proposed
    group = made[names_of(2027)[1]]
    assert post(group.people[0], "slot_accept", "2027-Q2").status_code == 302
    assert QuarterSlot.objects.get(quarter="2027-Q2").state == "accepted"
    told = Message.objects.filter(what="meeting_duty", context__news="accepted")
    assert {one.user for one in told} == set(group.people)
    assert all("/quarters/2027-Q2/" in one.context["url"] for one in told)
    post(group.people[1], "slot_accept", "2027-Q2")
    assert told.count() == 2


def test_who_has_accepted_is_not_asked_ten_minutes_later(proposed):
    group = proposed[1][names_of(2027)[1]]
    post(group.people[0], "slot_accept", "2027-Q2")
    Message.objects.update(due_at=datetime.datetime(2026, 12, 5, tzinfo=datetime.UTC))
    for message in Message.objects.filter(what="meeting_duty"):
        outbox.deliver(message.pk)
    told = Message.objects.filter(what="meeting_duty", user=group.people[1])
    assert {one.context["news"]: one.settled_as for one in told} == {"proposed": "withdrawn", "accepted": ""}
    other = proposed[1][names_of(2027)[2]].people[0]
    assert Message.objects.get(what="meeting_duty", user=other).sent_at is not None


def test_a_group_declines_and_the_next_one_is_asked_and_both_are_told(proposed):
    lead, made = proposed
    former = made[names_of(2027)[1]]
    Message.objects.filter(what="meeting_duty").update(sent_at=datetime.datetime(2026, 12, 4, tzinfo=datetime.UTC))
    missing = ({*"ABCDE"} - {*names_of(2027)}).pop()
    assert "Write the reason" in text_of(post(former.people[0], "slot_decline", "2027-Q2", reason=""), 422)
    assert post(former.people[0], "slot_decline", "2027-Q2", reason="Congress that week").status_code == 302
    assert names_of(2027)[1] == missing
    text = text_of(signed(lead).get(url("year", 2027)))
    assert f"Takes over from {former.name}" in text and "Congress that week" in text
    slot = QuarterSlot.objects.get(quarter="2027-Q2")
    newest = {
        one.user_id: one.context["news"]
        for one in Message.objects.filter(what="meeting_duty").order_by("pk")
        if f":{slot.pk}:" in one.dedupe_key
    }
    assert {newest[one.pk] for one in former.people} == {"handed_on"}
    assert {newest[one.pk] for one in made[missing].people} == {"proposed"}
    assert post(former.people[0], "slot_accept", "2027-Q2").status_code == 403


def test_when_nobody_else_can_lead_by_the_rule_the_slot_stays_empty_and_a_lead_is_told():
    lead, one, two = a_lead(), a_group("Grupo A"), a_group("Grupo B")
    rotation.assign("2027-Q1", one.pk, lead)
    rotation.assign("2027-Q2", two.pk, lead)
    rotation.decline("2027-Q2", two.people[0], "no time")
    assert names_of(2027)[:2] == ["A", ""]
    assert Message.objects.filter(user=lead, what="meeting_duty", context__news="nobody").count() == 1


def test_against_the_rule_only_with_a_reason_that_is_kept_and_shown(proposed):
    lead, made = proposed
    group = made[names_of(2027)[0]]
    refused = text_of(post(lead, "slot_assign", "2027-Q2", group=group.pk, reason=""), 422)
    assert "would lead twice before all groups have led once" in refused
    assert post(lead, "slot_assign", "2027-Q2", group=group.pk, reason="They host the congress").status_code == 302
    slot = QuarterSlot.objects.get(quarter="2027-Q2")
    assert (slot.group, slot.why["rule"], slot.why["reason"]) == (group, "override", "They host the congress")
    assert SlotChange.objects.filter(slot=slot, what="override", by=lead, reason="They host the congress").exists()
    assert "Leads again before all groups have led. Reason: They host the congress" in text_of(
        signed(lead).get(url("year", 2027))
    )


def test_two_quarters_swap_their_groups(proposed):
    lead, _made = proposed
    before = names_of(2027)
    assert post(lead, "slot_swap", "2027-Q1", other="2027-Q3").status_code == 302
    assert names_of(2027) == [before[2], before[1], before[0], before[3]]
    assert "Swapped with another quarter." in text_of(signed(lead).get(url("year", 2027)))
    assert "Choose a quarter" in text_of(post(lead, "slot_swap", "2027-Q1", other="2027-Q1"), 422)
    assert "Choose a quarter" in text_of(post(lead, "slot_swap", "2027-Q1", other="\x00"), 422)


def test_a_group_drops_out_and_the_next_fair_ones_follow(proposed):
    lead, made = proposed
    former = made[names_of(2027)[2]]
    missing = ({*"ABCDE"} - {*names_of(2027)}).pop()
    assert post(former.people[0], "lead_group_leave", former.pk, reason="The hospital closes").status_code == 302
    assert names_of(2027)[2] == missing
    former.refresh_from_db()
    assert former.left_reason == "The hospital closes" and not former.members.filter(left_at=None).exists()
    assert signed(lead).get(url("lead_group", former.pk)).status_code == 404
    text = text_of(signed(lead).get(url("lead_groups")))
    assert "The hospital closes" in text


def test_who_may_what(proposed):
    lead, made = proposed
    member, outsider = made[names_of(2027)[0]].people[0], a_mentor()
    trainee, other_lead = EnrollmentFactory(cohort=a_cohort()).user, EnrollmentFactory(role="lead").user
    for user, status in ((lead, 200), (other_lead, 200), (member, 200), (outsider, 200), (trainee, 404), (UserFactory(), 404)):
        assert signed(user).get(url("year", 2027)).status_code == status
    lead_pages = [("year_dates", 2027), ("slot_assign", "2027-Q1"), ("slot_swap", "2027-Q1")]
    for user, status in ((other_lead, 200), (member, 403), (outsider, 403), (trainee, 404)):
        assert [signed(user).get(url(*page)).status_code for page in lead_pages] == [status] * 3
    for user, status in ((outsider, 403), (trainee, 404)):
        assert [post(user, *page).status_code for page in (("slot_accept", "2027-Q1"), ("slot_decline", "2027-Q1"))] == [
            status
        ] * 2
        assert post(user, "year_propose", 2027).status_code == status
    page = text_of(signed(outsider).get(url("year", 2027))).split("<main")[1]
    assert "Propose a rotation" not in page and "Accept" not in page and "Checklist" not in page


@pytest.mark.parametrize(
    "path", ["/en/live/year/1999/", "/en/live/year/2099/", "/en/live/quarters/2027-Q5/", "/en/live/quarters/2027-Q1%00/"]
)
def test_years_and_quarters_that_are_none_are_not_found(path):
    assert signed(a_lead()).get(path).status_code in (400, 404)


def test_the_year_costs_the_same_empty_and_full(proposed):
    lead, _made = proposed
    full = _queries(lead, 2027)
    assert full <= 24
    for _ in range(3):
        post(lead, "slot_swap", "2027-Q1", other="2027-Q2")
    assert _queries(lead, 2027) == full


def _queries(lead, year):
    client = signed(lead)
    client.get(url("year", year))
    with CaptureQueriesContext(connection) as found:
        client.get(url("year", year))
    return len(found)


# --- days -----------------------------------------------------------------------------------------------------------


def test_a_day_makes_a_draft_that_the_group_and_the_lead_run(proposed):
    lead, made = proposed
    group = made[names_of(2027)[1]]
    response = post(lead, "year_dates", 2027, **the_days(q2="2027-05-20"), do="save")
    assert response.status_code == 302, response.content.decode()
    meeting = RegionalMeeting.objects.get()
    assert (meeting.state, meeting.quarter, meeting.slot.planned_on) == ("draft", "2027-Q2", datetime.date(2027, 5, 20))
    hosts = MeetingPerson.objects.filter(meeting=meeting, part="host")
    assert {one.user for one in hosts} == {lead, *group.people}
    post(lead, "year_dates", 2027, **the_days(q2="2027-05-27"))
    assert RegionalMeeting.objects.get().starts_at.day == 27
    rotation.decline("2027-Q2", group.people[0], "no time")
    assert not hosts.filter(user__in=group.people).exists() and hosts.filter(user=lead).exists()
    assert hosts.count() == 3


def test_the_preview_names_odd_hours_holidays_and_days_outside(proposed):
    lead, _made = proposed
    checked = signed(lead).post(
        url("year_dates", 2027), {**the_days(q2="2027-05-01", q3="2027-12-01"), "q2-hour": "20:30", "do": "check"}
    )
    text = text_of(checked)
    assert "Local hours of the mentors" in text and "outside 08:00 to 20:00" in text
    assert "This day is not in the quarter." in text
    assert "is a national holiday" in text and "Mexico" in text and "At the weekend." in text
    assert not RegionalMeeting.objects.exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"q2-day": "2020-01-01"}, "past"), ({"q2-day": "x"}, "Write the day as"), ({"q2-hour": ""}, "Write the hour"), ({"q2-hour": "99"}, "Write the hour as"),
     ({"q2-minutes": "9" * 30}, "from 5 to 720"), ({"q2-time_zone": "Mars/Base"}, "Choose a time zone"), ({"q2-day": "9999-12-31", "q2-minutes": "720"}, "Write the day as"),
     ({"q2-day": "2027-04-04", "q2-hour": "02:30", "q2-time_zone": "America/Santiago"}, "")],
)  # fmt: skip
def test_a_bad_day_is_refused_beside_its_row_and_nothing_is_saved(proposed, changed, words):
    lead, _made = proposed
    response = signed(lead).post(url("year_dates", 2027), {**the_days(q1="2027-02-10", q2="2027-05-20"), **changed})
    if changed.get("q2-time_zone") == "America/Santiago":
        assert response.status_code in (302, 422)
        return
    assert words in text_of(response, 422)
    assert not RegionalMeeting.objects.exists()


def test_the_invitation_asks_every_mentor_once_and_later_ones_at_night(proposed):
    lead, made = proposed
    member = made[names_of(2027)[1]].people[0]
    assert post(member, "duty_invite", "2027-Q2").status_code == 302
    assert not RegionalMeeting.objects.exists()
    post(lead, "year_dates", 2027, **the_days(q2="2027-05-20"))
    for _ in range(2):
        post(member, "duty_invite", "2027-Q2")
    meeting = Meeting.objects.get()
    assert meeting.state == "scheduled"
    assert meeting.people.filter(part="participant").count() == 8 and meeting.people.count() == 11
    new = a_mentor("CL")
    for _ in range(2):
        call_command("invite_new_mentors", verbosity=0)
        call_command("bring_calendars_up_to_date", verbosity=0)
    assert meeting.people.get(user=new).part == "participant" and meeting.people.count() == 12
    assert Message.objects.filter(user=new, what="meeting_request").count() == 1


def test_a_night_without_new_mentors_leaves_the_meeting_alone(proposed, monkeypatch):
    lead, made = proposed
    post(lead, "year_dates", 2027, **the_days(q2="2027-05-20"))
    post(made[names_of(2027)[1]].people[0], "duty_invite", "2027-Q2")
    touched = []
    monkeypatch.setattr(quarter_days.telling, "touched", lambda meeting, **options: touched.append(meeting))
    assert (quarter_days.ask_new_mentors(), touched) == (0, [])
    a_mentor("CL")
    assert [quarter_days.ask_new_mentors() for _night in range(2)] == [1, 0]
    assert touched == [RegionalMeeting.objects.get()]


def test_a_meeting_that_was_called_off_gets_a_new_day_and_its_group_has_not_led(proposed, monkeypatch):
    lead, made = proposed
    group = made[names_of(2027)[0]]
    post(lead, "year_dates", 2027, **the_days(q1="2027-02-18"))
    schedule.cancel(RegionalMeeting.objects.get(), "strike")
    post(lead, "year_dates", 2027, **the_days(q1="2027-03-18"))
    assert QuarterSlot.objects.get(quarter="2027-Q1").meeting.starts_at.month == 3
    schedule.cancel(RegionalMeeting.objects.latest("pk"), "strike")
    at(monkeypatch, "2027-12-05")
    post(lead, "year_propose", 2028)
    missing = ({*"ABCDE"} - {*names_of(2027)}).pop()
    assert set(names_of(2028)[:2]) == {group.name.removeprefix("Grupo "), missing}


def test_who_lapsed_stays_invited_and_cannot_be_chosen(proposed, monkeypatch):
    lead, made = proposed
    post(lead, "year_dates", 2027, **the_days(q2="2027-05-20"))
    post(lead, "duty_invite", "2027-Q2")
    gone = made[names_of(2027)[0]].people[0]
    Certificate.objects.filter(enrollment__user=gone).update(expires_on=datetime.date(2026, 12, 1))
    call_command("invite_new_mentors", verbosity=0)
    assert RegionalMeeting.objects.get().people.get(user=gone).part == "participant"
    assert "Choose a group" in text_of(post(lead, "slot_assign", "2027-Q3", group=made[names_of(2027)[0]].pk), 422)
