"""The door of the devices' outbox: each act once, as of when it was given, refused in words, never for somebody else."""

import datetime
import json
import uuid

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from sessions import answers, duties, kept_acts
from sessions.models import DutyTick, Invitee, LeadGroupMember, MeetingPerson, QuarterSlot, Receipt
from tests.sessions.answering import hours, people_in, place, said_by, stands, yes
from tests.sessions.planning import planned, signed, text_of, url
from tests.sessions.rotating import a_group

pytestmark = pytest.mark.django_db
Q = "2088-Q2"


def item(user, about, say, minutes=0, **more):
    """What the device sends for an act that was given so many minutes ago."""
    sent = timezone.now()
    given = sent - datetime.timedelta(minutes=minutes)
    return {
        "client_id": str(uuid.uuid4()), "person": user.pk, "about": about, "say": say, "note": None, "client_time": given.isoformat(),
        "sent_time": sent.isoformat(), **more,
    }  # fmt: skip


def post(user, body, kind="application/json"):
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    return signed(user).post(url("kept_acts"), data, content_type=kind)


def answer(user, meeting, say, minutes=0, **more):
    return post(user, item(user, f"meeting:{meeting.pk}", say, minutes, **more))


def tick(user, say="tick", step="technical", minutes=0):
    return post(user, item(user, f"duty:{Q}:{step}", say, minutes))


@pytest.fixture
def group():
    found = a_group("Grupo A", size=3)
    QuarterSlot.objects.create(quarter=Q, group=found, state="accepted")
    return found


def ticked():
    return [(one.step, one.by_id) for one in DutyTick.objects.filter(taken_back_at=None)]


# --- answers ---------------------------------------------------------------------------------------------------------


def test_an_answer_arrives_with_its_note_and_the_next_page_says_so():
    here = planned()
    assert answer(here.trainee, here.meeting, "yes", note="Llego tarde").json()["done"] is True
    assert stands(here.meeting, here.trainee) == ("yes", "page", False)
    page = text_of(signed(here.trainee).get(url("meeting", here.meeting.pk)))
    assert "Llego tarde" in page
    client = signed(here.trainee)
    client.post(
        url("kept_acts"), json.dumps(item(here.trainee, f"meeting:{here.meeting.pk}", "no")), content_type="application/json"
    )
    assert "Noted: you do not take part." in text_of(client.get(url("meetings")))
    assert Invitee.objects.get().note == "Llego tarde"  # it said none


def test_the_same_act_again_is_acknowledged_and_not_done_again():
    here = planned()
    first = item(here.trainee, f"meeting:{here.meeting.pk}", "yes", minutes=5)
    assert post(here.trainee, first).status_code == 200
    said_by(here.trainee, here.meeting, "no")
    place(here.meeting, state="cancelled")
    assert post(here.trainee, first).status_code == 200
    assert stands(here.meeting, here.trainee)[0] == "no"
    assert post(here.trainee, {**first, "say": "maybe"}).status_code == 409
    assert Receipt.objects.count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_at_once_are_one(in_parallel, group):
    here = planned(capacity=1)
    bodies = [
        (here.trainee, item(here.trainee, f"meeting:{here.meeting.pk}", "yes")),
        (group.people[0], item(group.people[0], f"duty:{Q}:technical", "tick")),
    ]
    for user, body in bodies:
        results = in_parallel(lambda _number, user=user, body=body: post(user, body).status_code)
        assert results == [200] * 10
    assert Receipt.objects.count() == 2
    assert Invitee.objects.count() == DutyTick.objects.count() == 1


def test_an_older_answer_that_arrives_late_changes_nothing():
    here = planned()
    said_by(here.trainee, here.meeting, "no")
    late = answer(here.trainee, here.meeting, "yes", minutes=30)
    assert (late.status_code, late.json()["message"]) == (409, "A newer answer stands already.")
    assert stands(here.meeting, here.trainee)[0] == "no"
    assert not Receipt.objects.exists()
    Invitee.objects.update(answered_at=hours(-1))
    assert answer(here.trainee, here.meeting, "yes", minutes=30).status_code == 200
    assert abs(Invitee.objects.get().answered_at - hours(-0.5)) < datetime.timedelta(minutes=1)


@pytest.mark.parametrize("wrong", [-9000, 9000])
def test_the_clock_of_the_device_may_be_wrong(wrong):
    here = planned()
    said_by(here.trainee, here.meeting, "no")
    body = item(here.trainee, f"meeting:{here.meeting.pk}", "yes")
    shifted = (timezone.now() + datetime.timedelta(minutes=wrong)).isoformat()
    assert post(here.trainee, {**body, "client_time": shifted, "sent_time": shifted}).status_code == 200
    row = Invitee.objects.get()
    assert row.answer == "yes" and abs(row.answered_at - timezone.now()) < datetime.timedelta(minutes=1)


def test_refusals_say_why_and_keep_nothing():
    here = planned(capacity=1)
    place(here.meeting, state="cancelled")
    refused = answer(here.trainee, here.meeting, "yes")
    assert refused.status_code == 409 and "does not take place" in refused.json()["message"]
    place(here.meeting, state="scheduled")
    assert answer(here.stranger, here.meeting, "yes").status_code == 404
    MeetingPerson.objects.create(meeting=here.meeting, user=here.trainee, part="removed")
    gone = answer(here.trainee, here.meeting, "yes")
    assert gone.status_code == 404 and "not among yours any more" in gone.json()["message"]
    assert answer(here.evaluator, here.meeting, "yes").status_code == 409
    assert not Receipt.objects.exists() and not Invitee.objects.exists()


def test_a_yes_that_comes_when_the_places_are_gone_waits_and_says_so():
    here = planned(capacity=1)
    yes(here.meeting, *people_in(here.meeting, 1))
    client = signed(here.trainee)
    body = item(here.trainee, f"meeting:{here.meeting.pk}", "yes")
    assert client.post(url("kept_acts"), json.dumps(body), content_type="application/json").status_code == 200
    assert stands(here.meeting, here.trainee) == ("yes", "page", True)
    assert "You wait, as number 1." in text_of(client.get(url("meetings")))


# --- ticks -----------------------------------------------------------------------------------------------------------


def test_a_tick_arrives_and_is_taken_back(group):
    one, two, _three = group.people
    assert tick(one, minutes=5).status_code == 200
    assert ticked() == [("technical", one.pk)]
    assert tick(two, minutes=4).status_code == 200
    assert ticked() == [("technical", one.pk)]  # whoever was first
    assert tick(two, "untick").status_code == 200
    assert ticked() == []


def test_an_older_tick_that_arrives_late_changes_nothing(group):
    one, two, _three = group.people
    duties.tick(QuarterSlot.objects.get(quarter=Q), "technical", two)
    duties.untick(QuarterSlot.objects.get(quarter=Q), "technical")
    late = tick(one, minutes=10)
    assert late.status_code == 409 and "changed after that" in late.json()["message"]
    assert ticked() == []
    assert tick(one).status_code == 200
    assert tick(two, "untick", minutes=10).status_code == 409
    assert ticked() == [("technical", one.pk)]


def test_who_left_the_group_ticks_nothing_and_is_told(group):
    one = group.people[0]
    LeadGroupMember.objects.filter(user=one).update(left_at=timezone.now())
    gone = tick(one)
    assert gone.status_code == 404 and "not in the group" in gone.json()["message"]
    assert not DutyTick.objects.exists() and not Receipt.objects.exists()


@pytest.mark.parametrize(("say", "step"), [("tick", "topic"), ("tick", "nothing"), ("yes", "technical")])
def test_what_cannot_be_ticked_is_refused(group, say, step):
    assert tick(group.people[0], say, step).status_code == 409
    assert not Receipt.objects.exists()


# --- the door --------------------------------------------------------------------------------------------------------


def test_the_act_of_one_person_is_never_anothers():
    here = planned()
    body = item(here.trainee, f"meeting:{here.meeting.pk}", "yes")
    assert post(here.trainer, body).status_code == 401  # the trainer signed in on the same phone
    reply = Client().post(url("kept_acts"), json.dumps(body), content_type="application/json")
    assert (reply.status_code, reply.json()["error"]) == (401, "signed_out")
    assert not Invitee.objects.exists() and not Receipt.objects.exists()
    assert Client(enforce_csrf_checks=True).post(url("kept_acts"), "{}", content_type="application/json").status_code == 403


@pytest.mark.parametrize(
    "changed",
    [{"client_id": "x"}, {"about": "meeting:0"}, {"about": "meeting:" + "9" * 40}, {"about": "duty:2027-Q9:x"}, {"about": "meeting:1\n"},
     {"say": "perhaps"}, {"client_time": "yesterday"}, {"client_time": "2027-01-01T00:00:00"}, {"person": None}, {"person": "x"}, {"more": 1},
     {"say": ["yes"]}, {"note": 5}],
)  # fmt: skip
def test_what_no_device_of_ours_sends(changed):
    here = planned()
    assert post(here.trainee, {**item(here.trainee, f"meeting:{here.meeting.pk}", "yes"), **changed}).status_code == 400


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b"{" * 2000, b"[" * 3000, b"x" * 5000, b'{"person": NaN}'])
def test_what_is_no_act(body):
    assert post(planned().trainee, body).status_code == 400


@pytest.mark.parametrize(
    "changed",
    [{"note": "a\x00b"}, {"note": "x" * 301}, {"client_time": "0001-01-01T00:00:00+14:00", "sent_time": "9999-12-31T23:59:59-14:00"},
     {"client_time": "9999-12-31T23:59:59Z", "sent_time": "0001-01-01T00:00:00Z"}, {"about": "meeting:" + "9" * 18}],
)  # fmt: skip
def test_odd_values_get_a_clear_answer(changed):
    here = planned()
    reply = post(here.trainee, {**item(here.trainee, f"meeting:{here.meeting.pk}", "yes"), **changed})
    assert reply.status_code in (200, 404, 409), reply.content
    assert post(here.trainee, item(here.trainee, "meeting:1", "yes"), kind="text/plain").status_code == 400


def test_old_receipts_go():
    here = planned()
    answer(here.trainee, here.meeting, "yes")
    call_command("expire_transcripts", verbosity=0)
    assert Receipt.objects.count() == 1
    Receipt.objects.update(at=timezone.now() - kept_acts.KEPT - datetime.timedelta(days=1))
    call_command("expire_transcripts", verbosity=0)
    assert not Receipt.objects.exists()


# --- forms without a script ------------------------------------------------------------------------------------------


def test_the_calendar_has_the_answers_where_one_was_asked():
    here = planned(hours=1)
    client, address = signed(here.trainee), url("calendar_page")
    month = f"{address}?month={here.meeting.starts_at:%Y-%m}&view=list"
    assert "calendar-answers" not in text_of(client.get(month))
    answers.answer(here.meeting, here.trainee, "maybe", "page", "Llego tarde")
    page = text_of(client.get(month))
    assert page.count('id="calendar-answers"') == 1 and url("answer", here.meeting.pk) in page
    reply = client.post(url("answer", here.meeting.pk), {"answer": "yes", "next": month})
    assert (reply.status_code, reply.url) == (302, month)
    assert (Invitee.objects.get().answer, Invitee.objects.get().note) == ("yes", "Llego tarde")
    elsewhere = client.post(url("answer", here.meeting.pk), {"answer": "no", "next": "https://example.org/"})
    assert elsewhere.url == url("meeting", here.meeting.pk) + "#answering"
    place(here.meeting, state="cancelled")
    assert "calendar-answers" not in text_of(client.get(month))
