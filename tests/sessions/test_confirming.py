"""Acts that tell many or cannot be undone: a page says who is told what, and the act does that and nothing else."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curriculum.models import Enrollment
from notifications.models import Bounce, Message, Preference
from sessions import lead_groups, moving, selection
from sessions.models import CandidateDecision, Meeting, QuarterSlot, RegionalMeeting
from tests.confirming import confirmed, seen_on
from tests.factories import EnrollmentFactory
from tests.sessions.planning import signed, text_of, url
from tests.sessions.planning_moving import series_of
from tests.sessions.planning_series import led
from tests.sessions.rotating import a_group, a_lead, a_mentor, at, five_groups, names_of, the_days
from tests.sessions.test_selection import decide, selecting

pytestmark = pytest.mark.django_db
Q2 = "2027-Q2"


@pytest.fixture
def clock(monkeypatch):
    at(monkeypatch, "2026-12-05")


# --- the invitation to all mentors -----------------------------------------------------------------------------------


@pytest.fixture
def dated(clock):
    """A quarter with a day, its group, and mentors in two languages: `.people`, `.lead`, `.address`."""
    group = a_group("Andes", "CO", size=2)
    group.lead, group.address = a_lead(), url("duty_invite", Q2)
    group.mentors = [a_mentor("BR", full_name="Beatriz Ramos"), a_mentor("MX", full_name="Rosa Vázquez")]
    QuarterSlot.objects.create(quarter=Q2, group=group, state="accepted")
    signed(group.lead).post(url("year_dates", 2027), the_days(q2="2027-05-20"))
    return group


def test_the_invitation_says_who_gets_it_in_which_languages_and_what_it_says(dated):
    Bounce.objects.create(user=dated.mentors[0], to=dated.mentors[0].email, kind="permanent")
    Preference.objects.create(user=dated.mentors[1], kind="meetings", mail=False)
    page = signed(dated.lead).get(dated.address)
    text, told = text_of(page), page.context["reach"]
    assert [user.full_name for user in told.refused] == ["Beatriz Ramos"] and "Beatriz Ramos" in text
    assert [user.full_name for user in told.unwanted] == ["Rosa Vázquez"] and "Rosa Vázquez" in text
    assert told.mailed == len(told.people) - 2 and dict(told.languages)["Spanish"] >= 2
    letters = {letter.language: letter for letter in page.context["letters"]}
    assert {"es", "pt-br"} <= letters.keys() and all(letter.subject in text for letter in letters.values())
    assert "20 de mayo de 2027" in letters["es"].text and "20 de maio de 2027" in letters["pt-br"].text
    assert "/answer/" not in text and "/stop/" not in text
    assert RegionalMeeting.objects.get().state == "draft" and not Message.objects.filter(what="meeting_request").exists()


def test_those_who_were_shown_are_those_who_are_asked(dated):
    client = signed(dated.people[0])
    shown = client.get(dated.address).context["reach"].people
    assert confirmed(client, dated.address).status_code == 302
    meeting = Meeting.objects.get()
    assert meeting.state == "scheduled"
    assert {user.pk for user in shown} == set(meeting.people.exclude(part="removed").values_list("user_id", flat=True))


@pytest.mark.parametrize("seen", ["", "x", "0" * 16])
def test_without_having_looked_nothing_goes_out(dated, seen):
    answer = signed(dated.people[0]).post(dated.address, {"seen": seen})
    assert answer.status_code == 409 and seen_on(answer)
    assert RegionalMeeting.objects.get().state == "draft"


def test_a_mentor_more_or_another_day_is_shown_first(dated):
    client = signed(dated.people[0])
    seen = seen_on(client.get(dated.address))
    a_mentor("CL", full_name="Nueva Mentora")
    answer = client.post(dated.address, {"seen": seen})
    assert answer.status_code == 409 and 'role="alert"' in answer.content.decode()
    seen = seen_on(answer)
    signed(dated.lead).post(url("year_dates", 2027), the_days(q2="2027-05-21"))
    assert RegionalMeeting.objects.get().starts_at.day == 21
    assert client.post(dated.address, {"seen": seen}).status_code == 409
    assert RegionalMeeting.objects.get().state == "draft"
    assert confirmed(client, dated.address).status_code == 302
    assert client.get(dated.address).status_code == 302, "there is nothing left to ask"


def test_the_button_of_a_page_kept_on_a_device_leads_to_the_question(dated):
    answer = signed(dated.people[0]).post(url("duty_act", Q2, "invite"))
    assert answer.status_code == 302 and answer["Location"].endswith(f"/quarters/{Q2}/invite/")
    assert RegionalMeeting.objects.get().state == "draft"


def test_nobody_else_sees_the_question(dated):
    assert signed(dated.mentors[0]).get(dated.address).status_code == 403
    assert signed(EnrollmentFactory().user).get(dated.address).status_code == 404
    assert signed(dated.lead).get(url("duty_invite", "2088-Q1")).status_code == 404


def test_the_question_costs_the_same_for_few_and_many(dated):
    client = signed(dated.people[0])
    client.get(dated.address)
    with CaptureQueriesContext(connection) as few:
        client.get(dated.address)
    for number in range(12):
        a_mentor(("MX", "BR", "CO")[number % 3])
    with CaptureQueriesContext(connection) as many:
        client.get(dated.address)
    assert len(many) == len(few)


# --- the year --------------------------------------------------------------------------------------------------------


def test_the_rotation_is_shown_with_its_reasons_before_anybody_is_asked(clock):
    lead, groups = a_lead(), five_groups()
    page = signed(lead).get(url("year_propose", 2027))
    rows = page.context["rows"]
    assert [slot.quarter for slot, _group, _why in rows] == [f"2027-Q{number}" for number in (1, 2, 3, 4)]
    assert "Has not led yet" in text_of(page) and not QuarterSlot.objects.exists() and not Message.objects.exists()
    asked = {user.pk for _slot, group, _why in rows for user in lead_groups.people_in(group.id)}
    assert {user.pk for user in page.context["reach"].people} == asked and len(asked) == 8
    assert confirmed(signed(lead), url("year_propose", 2027)).status_code == 302
    assert names_of(2027) == [group.name.removeprefix("Grupo ") for _slot, group, _why in rows]
    assert set(Message.objects.values_list("user_id", flat=True)) == asked and len(groups) == 5


def test_another_rotation_than_the_one_shown_is_shown_first(clock):
    lead, groups = a_lead(), five_groups()
    address, client = url("year_propose", 2027), signed(lead)
    page = client.get(address)
    gone = next(group for group in groups if group.pk == page.context["rows"][0][1].id)
    signed(lead).post(url("lead_group_leave", gone.pk), {"reason": "No time"})
    answer = client.post(address, {"seen": seen_on(page)})
    assert answer.status_code == 409 and gone.pk not in [group.id for _slot, group, _why in answer.context["rows"]]
    assert not QuarterSlot.objects.filter(group__isnull=False).exists()
    assert client.post(address, {"seen": seen_on(answer)}).status_code == 302
    assert all(names_of(2027))


def test_a_year_that_no_group_can_fill_has_no_button(clock):
    lead = a_lead()
    text = text_of(signed(lead).get(url("year_propose", 2027)))
    assert "No group can lead" in text and 'name="seen"' not in text


# --- a series --------------------------------------------------------------------------------------------------------


def calling_off():
    cohort, lead, client = led()
    EnrollmentFactory(cohort=cohort, user__language="pt-br", user__full_name="Ana Souza")
    made = series_of(cohort, lead, 3)
    return made, client, url("cancel", made[0].pk), {"reason": "Sin sede", "rest": "on"}, cohort


def states():
    return set(Meeting.objects.values_list("state", flat=True))


def test_a_series_is_called_off_on_a_second_page_that_says_what_people_will_read():
    made, client, address, said, _cohort = calling_off()
    page = client.post(address, said)
    text = text_of(page)
    assert [one.pk for one in page.context["meetings"]] == [one.pk for one in made]
    [letter] = [one for one in page.context["letters"] if one.language == "pt-br"]
    assert "Sin sede" in letter.text and letter.person.full_name == "Ana Souza" and letter.subject in text
    assert states() == {"scheduled"}
    answer = client.post(address, said | {"confirm": "1", "seen": seen_on(page)})
    assert answer.status_code == 302 and states() == {"cancelled"}


@pytest.mark.parametrize("changed", ["moved", "joined", "called off"])
def test_a_series_that_is_another_by_now_is_shown_first(changed):
    made, client, address, said, cohort = calling_off()
    seen = seen_on(client.post(address, said))
    if changed == "moved":
        Meeting.objects.non_polymorphic().filter(pk=made[2].pk).update(starts_at=made[2].starts_at + datetime.timedelta(hours=1))
    elif changed == "joined":
        EnrollmentFactory(cohort=cohort)
    else:
        signed(Meeting.objects.get(pk=made[1].pk).created_by).post(url("cancel", made[1].pk), {"reason": "Feriado"})
    answer = client.post(address, said | {"confirm": "1", "seen": seen})
    assert answer.status_code == 409 and "Sin sede" in answer.content.decode()
    assert Meeting.objects.get(pk=made[0].pk).state == Meeting.objects.get(pk=made[2].pk).state == "scheduled"


def test_one_meeting_is_called_off_on_the_page_that_says_who_is_told():
    made, client, address, said, cohort = calling_off()
    named = Enrollment.objects.filter(cohort=cohort).count()
    assert len(client.get(address).context["reach"].people) == named
    assert client.post(address, {"reason": said["reason"]}).status_code == 302
    assert [Meeting.objects.get(pk=one.pk).state for one in made] == ["cancelled", "scheduled", "scheduled"]
    assert moving.following(Meeting.objects.get(pk=made[0].pk), made[0].created_by).count() == 2


def test_the_page_of_a_series_costs_the_same_for_few_and_many_people():
    _made, client, address, said, cohort = calling_off()
    client.post(address, said)
    with CaptureQueriesContext(connection) as few:
        client.post(address, said)
    EnrollmentFactory.create_batch(9, cohort=cohort)
    with CaptureQueriesContext(connection) as many:
        client.post(address, said)
    assert len(many) == len(few)


# --- decisions -------------------------------------------------------------------------------------------------------


def test_decisions_are_applied_as_they_were_shown():
    here = selecting(2)
    lead, address = signed(here.lead), url("selection_apply", here.meeting.pk)
    decide(here, lead, 0, decision="selected", reason="The best")
    decide(here, lead, 1, decision="not_selected", reason="No time")
    page = lead.get(address)
    subjects = [letter.subject for letter in page.context["letters"]]
    assert len(subjects) == 2 and all(subject in text_of(page) for subject in subjects)
    assert "The best" not in "".join(letter.text for letter in page.context["letters"])
    row = CandidateDecision.objects.get(enrollment=here.candidates[1])
    decide(here, lead, 1, decision="selected", reason="After all", version=row.at.isoformat())
    answer = lead.post(address, {"seen": seen_on(page)})
    assert answer.status_code == 409
    assert not CandidateDecision.objects.exclude(applied_at=None).exists()
    assert lead.post(address, {"seen": seen_on(answer)}).status_code == 302
    assert CandidateDecision.objects.exclude(applied_at=None).count() == 2


def test_what_is_decided_anew_in_this_moment_is_not_applied():
    here = selecting(1)
    decide(here, signed(here.lead), 0, decision="selected", reason="The best")
    row = CandidateDecision.objects.get()
    assert selection.apply(here.meeting, here.lead, {row.pk: "not_selected"}) == []
    assert len(selection.apply(here.meeting, here.lead, {row.pk: "selected"})) == 1


def test_a_candidate_decided_on_meanwhile_is_not_applied_unseen():
    here = selecting(2)
    lead, address = signed(here.lead), url("selection_apply", here.meeting.pk)
    decide(here, lead, 0)
    seen = seen_on(lead.get(address))
    decide(here, lead, 1)
    assert lead.post(address, {"seen": seen}).status_code == 409
    assert not Message.objects.filter(what="selection").exists()
