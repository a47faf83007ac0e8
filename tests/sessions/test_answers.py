"""Answers through the page, the mailed link and the organisers' table: who may, until when, what is said."""

import csv
import io
import re

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sessions import answers
from sessions.models import Invitee, Meeting, MeetingPerson
from tests.factories import UserFactory
from tests.sessions.answering import hours, people_in, place, said_by, stands, yes
from tests.sessions.planning import planned, signed, text_of, url
from tests.sessions.rooms import person_in

pytestmark = pytest.mark.django_db


def link(meeting, user):
    return answers.link_for(meeting, user).removeprefix("http://testserver")


# --- on the page -----------------------------------------------------------------------------------------------------


def test_an_answer_is_given_and_changed_on_the_page():
    here = planned()
    client = signed(here.trainee)
    assert "Do you take part?" in text_of(client.get(url("meeting", here.meeting.pk)))
    page = text_of(said_by(here.trainee, here.meeting, "yes", "Llego tarde"))
    assert "Noted: you take part." in page and "Your answer: I take part" in page and "Llego tarde" in page
    assert "1 person takes part so far" in page
    assert stands(here.meeting, here.trainee) == ("yes", "page", False)
    said_by(here.trainee, here.meeting, "no")
    assert stands(here.meeting, here.trainee) == ("no", "page", False)
    assert Invitee.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [({}, "Choose one of the three answers."), ({"answer": ""}, "Choose one"), ({"answer": "of course"}, "Choose one"),
     ({"answer": ["yes", "never"]}, "Choose one"), ({"answer": "yes", "note": "x" * 301}, "Shorten the note"), ({"answer": "yes", "note": "a\x00b"}, "")],
)  # fmt: skip
def test_answers_that_cannot_be_read_come_back_with_what_was_typed(data, words):
    here = planned()
    page = text_of(signed(here.trainee).post(url("answer", here.meeting.pk), {"note": "escrito", **data}), 422)
    assert words in page and "There is a problem" in page
    if "note" not in data:
        assert "escrito" in page
    assert not Invitee.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"state": "cancelled"}, "does not take place, so no answer"), ({"state": "live"}, "has begun"), ({"state": "ended"}, "is over"),
     ({"starts_at": hours(-0.1)}, "has begun")],
)  # fmt: skip
def test_answers_are_closed_in_words(fields, words):
    here = planned()
    yes(here.meeting, here.trainee)
    place(here.meeting, **fields)
    client = signed(here.trainee)
    page = text_of(client.get(url("meeting", here.meeting.pk)))
    assert words in page and "Send the answer" not in page and "Your answer: I take part" in page
    assert words in text_of(client.post(url("answer", here.meeting.pk), {"answer": "no"}), 422)
    assert stands(here.meeting, here.trainee)[0] == "yes"


def test_who_may_answer():
    here = planned()
    address = url("answer", here.meeting.pk)
    assert signed(here.stranger).post(address, {"answer": "yes"}).status_code == 404
    assert signed(here.evaluator).post(address, {"answer": "yes"}).status_code == 403
    assert Client().post(address, {"answer": "yes"}).status_code == 302
    assert signed(here.trainee).get(address).url == url("meeting", here.meeting.pk)
    assert "Send the answer" not in text_of(signed(here.evaluator).get(url("meeting", here.meeting.pk)))
    MeetingPerson.objects.create(meeting=here.meeting, user=here.trainee, part="removed")
    assert signed(here.trainee).post(address, {"answer": "yes"}).status_code == 404
    assert not Invitee.objects.exists()


def test_the_page_says_whether_the_calendar_program_is_heard(settings):
    here = planned()
    client, address = signed(here.trainee), url("meeting", here.meeting.pk)
    settings.INBOX_URL = ""
    assert "does not reach us" in text_of(client.get(address))
    settings.INBOX_URL = "imaps://inbox.example.org"
    assert "is read as well" in text_of(client.get(address))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_answers_of_one_person_are_one_row(in_parallel):
    here = planned()
    results = in_parallel(lambda number: said_by(here.trainee, here.meeting, ("yes", "maybe", "no")[number % 3]).status_code)
    assert results == [200] * 10
    assert Invitee.objects.filter(meeting=here.meeting).count() == 1


def test_the_page_costs_the_same_with_one_and_with_three_hundred_invitees():
    here, counted = planned(capacity=400), []
    client = signed(here.trainee)
    yes(here.meeting, here.trainee)
    for more in (0, 299):
        Invitee.objects.bulk_create(
            Invitee(meeting=here.meeting, user=one, answer="yes") for one in people_in(here.meeting, more)
        )
        client.get(url("meeting", here.meeting.pk))
        with CaptureQueriesContext(connection) as queries:
            page = text_of(client.get(url("meeting", here.meeting.pk)))
        counted.append(len(queries))
    assert "300 people take part" in page and "Free places: 100 of 400" in page
    assert counted[0] == counted[1]


# --- by link ---------------------------------------------------------------------------------------------------------


def test_the_link_answers_without_signing_in_and_opening_it_changes_nothing():
    here = planned(place="Calle secreta 5", about="de qué va")
    client, address = Client(), link(here.meeting, here.trainee)
    page = text_of(client.get(address))
    assert client.head(address).status_code == 200
    assert here.meeting.title in page and "Ciudad de México" in page
    assert "Calle secreta" not in page and "de qué va" not in page and here.trainee.full_name not in page
    assert not Invitee.objects.exists()
    assert client.post(address, {"answer": "maybe"}).url == address
    assert stands(here.meeting, here.trainee) == ("maybe", "link", False)
    assert "_auth_user_id" not in client.session
    assert client.get(url("meeting", here.meeting.pk)).status_code == 302


def test_the_link_needs_the_token_of_the_form():
    here = planned()
    assert Client(enforce_csrf_checks=True).post(link(here.meeting, here.trainee), {"answer": "yes"}).status_code == 403
    assert not Invitee.objects.exists()


def test_the_link_is_in_the_readers_language():
    here = planned()
    here.trainee.language = "pt-br"
    assert answers.link_for(here.meeting, here.trainee).startswith("http://testserver/pt-br/live/answer/")


def forged(meeting, user):
    good, other = answers.token_for(meeting, user), UserFactory()
    mine = [meeting.uid.hex, other.pk]
    return [
        "x", good[:-1], good + "x", good.replace(":", "%3A:", 1), ":", "a:b:c", "%00", "ü" * 50, "." * 4000,
        signing.Signer(salt="another").sign_object([meeting.uid.hex, user.pk]),
        signing.Signer(key="guessed", salt="answer").sign_object([meeting.uid.hex, user.pk]),
        signing.Signer(salt="answer").sign_object(mine).split(":")[0] + ":" + good.split(":")[1],
    ]  # fmt: skip


def test_forged_links_are_not_there():
    here = planned()
    for token in forged(here.meeting, here.trainee):
        address = f"/en/live/answer/{token}/"
        for response in (Client().get(address), Client().post(address, {"answer": "yes"})):
            assert response.status_code in (400, 404), token
            assert response.status_code == 400 or tells_how_to_answer(response, here.meeting)
    assert not Invitee.objects.exists()


def test_the_link_ends_with_the_meeting():
    here = planned()
    address = link(here.meeting, here.trainee)
    place(here.meeting, starts_at=hours(-1))
    page = text_of(signed(here.stranger).get(f"{address}".replace("/es/", "/en/")))
    assert "has begun" in page
    assert text_of(Client().post(address, {"answer": "yes"}), 422)
    place(here.meeting, starts_at=hours(-2))
    for response in (Client().get(address), Client().post(address, {"answer": "yes"})):
        assert response.status_code == 410 and tells_how_to_answer(response, here.meeting)
    assert not Invitee.objects.exists()


def test_the_link_of_a_meeting_called_off_says_so():
    here = planned()
    address = link(here.meeting, here.trainee)
    place(here.meeting, state="cancelled")
    assert '<button class="btn' not in text_of(Client().get(address)).partition("<main")[2].partition("</main")[0]
    assert text_of(Client().post(address, {"answer": "yes"}), 422)
    assert not Invitee.objects.exists()


@pytest.mark.parametrize("data", [{}, {"answer": ""}, {"answer": "YES"}, {"answer": "x" * 5000}, {"answer": "\x00"}])
def test_bad_answers_by_link(data):
    here = planned()
    assert text_of(Client().post(link(here.meeting, here.trainee), data), 422)
    assert not Invitee.objects.exists()


def test_whoever_no_longer_belongs_has_no_link():
    here = planned()
    address = link(here.meeting, here.trainee)
    here.trainee.is_active = False
    here.trainee.save()
    assert_fails(address, here.meeting)
    here.trainee.is_active = True
    here.trainee.save()
    assert Client().get(address).status_code == 200
    MeetingPerson.objects.create(meeting=here.meeting, user=here.trainee, part="removed")
    assert_fails(address, here.meeting)
    draft = planned(state=Meeting.State.DRAFT)
    assert_fails(link(draft.meeting, draft.trainer), draft.meeting)


def assert_fails(address, meeting):
    response = Client().get(address)
    assert response.status_code == 410 and tells_how_to_answer(response, meeting)


def tells_how_to_answer(response, meeting):
    """A page of its own: the way to the calendar, and nothing of the meeting; whatever happened to it, the same words."""
    text = response.content.decode()
    assert "/live/calendar/" in text and response["X-Robots-Tag"] == "noindex, nofollow"
    assert meeting.title not in text and f"/live/{meeting.pk}/" not in text
    return True


def test_a_link_that_the_mail_program_cut_says_so_and_where_to_answer():
    here = planned()
    for address in ("/en/live/answer/", link(here.meeting, here.trainee)[:-12] + "/"):
        response = Client().get(address)
        assert response.status_code == 404 and tells_how_to_answer(response, here.meeting)
    assert signed(here.trainee).get("/en/live/calendar/").status_code == 200


def test_what_became_of_the_meeting_makes_no_difference_to_a_stranger():
    """Whoever finds an old link learns neither which meeting it was nor why it ended."""
    over, removed = planned(hours=-5), planned()
    MeetingPerson.objects.create(meeting=removed.meeting, user=removed.trainee, part="removed")
    pages = [Client().get(link(one.meeting, one.trainee)).content.decode() for one in (over, removed)]
    assert (
        len(
            {
                re.sub(r'nonce="[^"]+"|value="[^"]+"|/answer/[^/"]+', "", page.partition("<main")[2].partition("</main")[0])
                for page in pages
            }
        )
        == 1
    )


# --- the organisers --------------------------------------------------------------------------------------------------


def test_organisers_see_names_and_participants_only_how_many():
    here = planned()
    said_by(here.trainee, here.meeting, "maybe", "quizá desde casa")
    page = text_of(signed(here.trainer).get(url("who_comes", here.meeting.pk)))
    assert here.trainee.full_name in page and "quizá desde casa" in page and "on the page" in page
    assert "0 people take part, 1 perhaps, 0 not. Without an answer: 2." in " ".join(page.split())
    own = text_of(signed(here.lead).get(url("meeting", here.meeting.pk)))
    assert "Who comes, by name" in own
    other = person_in(here.meeting)
    seen = text_of(signed(other).get(url("meeting", here.meeting.pk)))
    assert "quizá desde casa" not in seen and here.trainee.full_name not in seen and "Who comes, by name" not in seen


@pytest.mark.parametrize("name", ["who_comes", "who_comes_file"])
def test_who_may_see_who_comes(name):
    here = planned()
    address = url(name, here.meeting.pk)
    assert signed(here.stranger).get(address).status_code == 404
    assert signed(here.trainee).get(address).status_code == 403
    assert signed(here.evaluator).get(address).status_code == 403
    assert Client().get(address).status_code == 302
    assert signed(here.lead).get(address).status_code == 200


def test_an_organiser_enters_an_answer_for_somebody():
    here = planned()
    client, address = signed(here.trainer), url("who_comes", here.meeting.pk)
    page = text_of(client.post(address, {"person": here.trainee.pk, "answer": "no", "note": "por teléfono"}, follow=True))
    assert f"Noted for {here.trainee.full_name}: does not take part." in page
    assert stands(here.meeting, here.trainee) == ("no", "host", False)
    assert signed(here.trainee).post(address, {"person": here.trainee.pk, "answer": "yes"}).status_code == 403
    assert stands(here.meeting, here.trainee)[0] == "no"


@pytest.mark.parametrize("person", ["", "0", "-1", "abc", "9" * 30, "\x00", "stranger", "evaluator"])
def test_answers_for_nobody_of_the_meeting(person):
    here = planned()
    person = getattr(here, person).pk if person in ("stranger", "evaluator") else person
    page = text_of(signed(here.trainer).post(url("who_comes", here.meeting.pk), {"person": person, "answer": "yes"}), 422)
    assert "Choose somebody of the meeting." in page or person == "\x00"
    assert "There is a problem" in page
    assert not Invitee.objects.exists()


def test_nobody_enters_answers_once_it_has_begun():
    here = planned(state="live", hours=-0.1)
    client, address = signed(here.trainer), url("who_comes", here.meeting.pk)
    assert "Enter an answer for somebody" not in text_of(client.get(address))
    assert "has begun" in text_of(client.post(address, {"person": here.trainee.pk, "answer": "yes"}), 422)


def test_the_file_holds_no_formula():
    here = planned()
    here.trainee.full_name = "=HYPERLINK(1)"
    here.trainee.save()
    said_by(here.trainee, here.meeting, "yes", "+1;=cmd")
    response = signed(here.trainer).get(url("who_comes_file", here.meeting.pk))
    assert response["Content-Type"].startswith("text/csv") and "attachment" in response["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    mine = next(row for row in rows if row["E-mail address"] == here.trainee.email)
    assert mine["Name"] == "'=HYPERLINK(1)" and mine["Note"].startswith("'+1") and mine["Answer"] == "takes part"
    assert {row["Answer"] for row in rows} == {"takes part", "no answer yet"}


def test_who_comes_costs_the_same_with_one_and_with_three_hundred():
    here, counted = planned(), []
    client = signed(here.trainer)
    for more in (1, 299):
        Invitee.objects.bulk_create(
            Invitee(meeting=here.meeting, user=one, answer="yes") for one in people_in(here.meeting, more)
        )
        client.get(url("who_comes", here.meeting.pk))
        with CaptureQueriesContext(connection) as queries:
            text_of(client.get(url("who_comes", here.meeting.pk)))
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_an_empty_meeting_says_so():
    here = planned(state=Meeting.State.DRAFT)
    assert "not announced yet" in text_of(signed(here.trainer).get(url("who_comes", here.meeting.pk)))
