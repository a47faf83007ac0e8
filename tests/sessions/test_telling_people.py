"""In whose calendars a meeting stands: who joins, leaves, declines, closes the account; many people, many meetings, many workers."""

import datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from curriculum.models import Enrollment
from notifications.models import Message, Preference
from sessions import belonging, entries, schedule, telling
from sessions.models import Invitee, Meeting, MeetingPerson
from tests.factories import CohortFactory, EnrollmentFactory
from tests.sessions.calendar_round import change, one_person, only, settle, summary, waiting
from tests.sessions.planning import planned
from tests.sessions.rooms import meeting_of, person_in

pytestmark = pytest.mark.django_db


# --- who belongs -----------------------------------------------------------------------------------------------------


def test_who_joins_the_cohort_later_gets_its_meetings_to_come_and_who_leaves_loses_them(told):
    here = planned()
    meeting_of(here.cohort, state="ended", starts_at=timezone.now() - datetime.timedelta(days=3))
    told()
    new = EnrollmentFactory(cohort=here.cohort, status="invited")
    assert told() == []
    Enrollment.objects.filter(pk=new.pk).update(status="enrolled")
    assert [(to, what) for to, what, *_rest in told()] == [(new.user.email, "meeting_request")]
    Enrollment.objects.filter(pk=new.pk).update(status="withdrawn")
    assert [(to, what) for to, what, *_rest in told()] == [(new.user.email, "meeting_cancel")]
    assert told() == []


def test_those_who_declined_are_told_of_changes_too(told):
    meeting, _user = one_person()
    told()
    Invitee.objects.update(answer="no")
    change(meeting, title="Otra")
    _to, what, _method, event = only(told())
    assert what == "meeting_update" and event["attendees"][0]["partstat"] == "DECLINED"
    schedule.cancel(meeting, "Sin luz")
    assert summary(told()) == [("meeting_cancel", "CANCEL", 2)]


def test_an_answer_before_the_first_mail_keeps_its_row(told):
    meeting, user = one_person()
    Invitee.objects.create(meeting=meeting, user=user, answer="yes", via="page")
    assert only(told())[3]["attendees"][0]["partstat"] == "ACCEPTED"
    assert (Invitee.objects.get().answer, Invitee.objects.get().told_sequence) == ("yes", 0)


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "draft"}, {"state": "ended"}, {"state": "cancelled"},
        {"starts_at": timezone.now() - datetime.timedelta(days=2)}, {"starts_at": timezone.now() - datetime.timedelta(minutes=61)},
    ],
)  # fmt: skip
def test_drafts_and_what_is_past_are_told_to_nobody(told, fields):
    meeting, _user = one_person()
    Meeting.objects.update(**fields)
    assert told() == [] and telling.bring_up_to_date(meeting.pk) == 0 and not Invitee.objects.exists()


def test_what_has_begun_is_still_told(told):
    one_person(starts_at=timezone.now() - datetime.timedelta(minutes=20), state="live")
    assert summary(told()) == [("meeting_request", "REQUEST", 0)]


def test_an_announced_meeting_that_is_a_draft_again_leaves_the_calendars(told):
    meeting, _user = one_person()
    told()
    change(meeting, state="draft")
    assert summary(told()) == [("meeting_cancel", "CANCEL", 1)]
    change(meeting, state="scheduled")
    assert summary(told()) == [("meeting_request", "REQUEST", 2)]


def test_a_closed_account_is_not_written_to(told):
    meeting, user = one_person()
    told()
    user.is_active = False
    user.save()
    schedule.cancel(meeting, "Sin luz")
    assert told() == [] and Invitee.objects.get().told_off
    assert not list(telling.behind())


def test_who_wants_no_such_mail_gets_none_and_the_round_is_over(told):
    _meeting, user = one_person()
    Preference.objects.create(user=user, kind="meetings", mail=False)
    assert told() == [] and not list(telling.behind())


def test_mail_is_of_use_until_the_end_of_the_meeting():
    meeting, _user = one_person()
    settle()
    assert Message.objects.get().expires_at == meeting.ends_at
    Message.objects.update(sent_at=timezone.now())
    change(meeting, starts_at=meeting.starts_at - datetime.timedelta(days=3))
    settle()
    assert Message.objects.latest("pk").expires_at == meeting.ends_at  # the wrong entry stands until then


# --- many ------------------------------------------------------------------------------------------------------------


def test_the_sql_and_the_rule_name_the_same_meetings(told):
    """Each kind of belonging, in each state of being told: `behind` finds a meeting exactly if telling it would change something."""
    here = planned()
    told()
    cases = [here.meeting]
    for fields in ({}, {"for_cohort": False}, {"state": "draft"}, {"state": "cancelled"}, {"state": "ended"}):
        cases.append(
            meeting_of(here.cohort, starts_at=timezone.now() + datetime.timedelta(days=2), **{"state": "scheduled", **fields})
        )
    person_in(here.meeting, "evaluator")
    removed = person_in(here.meeting)
    MeetingPerson.objects.create(meeting=here.meeting, user=removed, part="removed")
    for meeting in cases:
        Invitee.objects.update_or_create(meeting=meeting, user=here.evaluator, defaults={"told_sequence": 0, "told_off": True})
    found = {one.pk for one in telling.behind()}
    wanted = set()
    for meeting in cases:
        rows, people = telling._rows(meeting), telling._wanted(meeting)
        if meeting.state != "ended" and any(telling._is_behind(meeting, pk in people, rows.get(pk)) for pk in {*rows, *people}):
            wanted.add(meeting.pk)
    assert found == wanted and len(found) == 2
    told()
    assert not list(telling.behind())


@pytest.mark.parametrize("leaves", ["removed", "withdrawn", "inactive", "for_cohort", "named", "role"])
def test_whoever_is_told_wrongly_is_found(told, leaves):
    here = planned()
    MeetingPerson.objects.create(meeting=here.meeting, user=here.stranger)
    told()
    acts = {
        "removed": lambda: MeetingPerson.objects.create(meeting=here.meeting, user=here.trainee, part="removed"),
        "withdrawn": lambda: Enrollment.objects.filter(user=here.trainee).update(status="withdrawn"),
        "inactive": lambda: type(here.trainee).objects.filter(pk=here.trainee.pk).update(is_active=False),
        "for_cohort": lambda: Meeting.objects.update(for_cohort=False),
        "named": lambda: MeetingPerson.objects.all().delete(),
        "role": lambda: Enrollment.objects.filter(user=here.trainee).update(role="evaluator"),
    }
    acts[leaves]()
    assert [one.pk for one in telling.behind()] == [here.meeting.pk]
    found = told()
    assert [what for _to, what, *_rest in found] == ([] if leaves == "inactive" else ["meeting_cancel"])
    assert not list(telling.behind())


def test_both_sides_of_belonging_agree():
    here = planned()
    others = [meeting_of(here.cohort, state="scheduled", for_cohort=False), meeting_of(state="scheduled")]
    MeetingPerson.objects.create(meeting=others[1], user=here.trainee, part="guest")
    MeetingPerson.objects.create(meeting=here.meeting, user=here.lead, part="removed")
    for user in (here.trainee, here.trainer, here.lead, here.evaluator, here.stranger):
        mine = set(belonging.meetings_of(user).values_list("pk", flat=True))
        assert mine == {one.pk for one in (here.meeting, *others) if belonging.belongs(user, one)}


def test_a_round_with_nothing_to_tell_is_one_query_whatever_the_number(told):
    here, counted = planned(), []
    for number in (0, 30):
        for days in range(number):
            meeting_of(here.cohort, state="scheduled", starts_at=timezone.now() + datetime.timedelta(days=days + 1))
        told()
        with CaptureQueriesContext(connection) as found:
            call_command("bring_calendars_up_to_date", verbosity=0)
        counted.append(len(found))
    assert counted == [1, 1]


def test_more_people_than_fit_into_one_portion_are_all_told(monkeypatch):
    monkeypatch.setattr(telling, "AT_ONCE", 3)
    cohort = CohortFactory()
    meeting = meeting_of(cohort, state="scheduled", starts_at=timezone.now() + datetime.timedelta(days=1))
    for _number in range(8):
        EnrollmentFactory(cohort=cohort)
    assert telling.bring_up_to_date(meeting.pk) == 8 == waiting().count() and telling.bring_up_to_date(meeting.pk) == 0


def test_one_meeting_that_cannot_be_told_does_not_keep_the_others_back(told, caplog, monkeypatch):
    broken, _user = one_person()
    _meeting, other = one_person()
    whole = entries.facts_of

    def facts_of(meetings):
        if broken.pk in [one.pk for one in meetings]:
            raise ValueError("a row that nobody can read")
        return whole(meetings)

    monkeypatch.setattr(entries, "facts_of", facts_of)
    assert [to for to, *_rest in told()] == [other.email]
    assert f"nobody was told about meeting {broken.pk}" in caplog.text and not Invitee.objects.filter(meeting=broken).exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_workers_tell_everybody_once(in_parallel):
    cohort = CohortFactory()
    meeting = meeting_of(cohort, state="scheduled", starts_at=timezone.now() + datetime.timedelta(days=1))
    people = [EnrollmentFactory(cohort=cohort).user for _number in range(5)]
    results = in_parallel(lambda number: telling.bring_up_to_date(meeting.pk))
    assert not [one for one in results if isinstance(one, Exception)] and sum(results) == len(people)
    assert Message.objects.filter(dedupe_key__startswith=f"calendar:{meeting.pk}:").count() == len(people)
    assert Invitee.objects.filter(meeting=meeting, told_sequence=0).count() == len(people)
