"""The door for acts: POST as JSON or from a form. What a socket may say, a form may say; what is refused says what to do."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from sessions.models import Event, Meeting, Upvote
from sessions.protocol import ACTS_AT_ONCE
from tests.factories import UserFactory
from tests.sessions.rooms import do, meeting_of, new_cid, person_in, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def ana_in(client):
    meeting = meeting_of()
    ana = person_in(meeting, user__language="en")
    client.force_login(ana)
    return meeting, ana


def door(meeting):
    return reverse("live:act", args=[meeting.pk])


def send(client, meeting, kind, body=None, **more):
    frame = {"t": "op", "cid": new_cid(), "st": "main", "k": kind, "b": body or {}, **more}
    return client.post(door(meeting), json.dumps(frame), content_type="application/json")


# --- as JSON -----------------------------------------------------------------------------------------------------------


def test_an_act_is_acknowledged_once_it_is_stored_and_once_for_all(client, ana_in):
    meeting, _ana = ana_in
    first, again = (send(client, meeting, "chat.post", {"text": "Hola"}, cid="same-cid-1") for _time in (1, 2))
    assert (first.status_code, first.json()) == (200, {"t": "ack", "cid": "same-cid-1", "st": "main", "s": 1})
    assert again.json() == first.json()
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "body", "status", "why"),
    [
        ("chat.post", {"text": ""}, 422, "invalid"),
        ("chat.post", {"text": "x" * 1001}, 422, "invalid"),
        ("chat.edit", {"id": 10**30, "text": "x"}, 422, "invalid"),
        ("session.end", {}, 403, "forbidden"),
        ("no.such", {}, 422, "invalid"),
        (None, {}, 422, "invalid"),
        (["chat.post"], {}, 422, "invalid"),
        ("chat.post", [], 422, "invalid"),
    ],
)
def test_what_is_refused_comes_with_its_reason_in_words(client, ana_in, kind, body, status, why):
    answer = send(client, ana_in[0], kind, body)
    assert (answer.status_code, answer.json()["why"]) == (status, why)
    assert answer.json()["text"]
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    "body", [" ", "x", "[]", "1", "null", '{"k":', '{"k":NaN}', "[" * 5000, '"' + "x" * 20_000 + '"', "\udcff"]
)
def test_whatever_is_sent_is_answered_with_a_refusal(client, ana_in, body):
    answer = client.post(door(ana_in[0]), body.encode(errors="surrogateescape"), content_type="application/json")
    assert answer.status_code == 422 and answer.json()["t"] == "nack"


@pytest.mark.parametrize("cid", [None, "", "short", 5, "x" * 40, "ñ" * 10, ["cid-0000001"]])
def test_a_cid_must_be_one(client, ana_in, cid):
    assert send(client, ana_in[0], "chat.post", {"text": "Hola"}, cid=cid).status_code == 422


@pytest.mark.parametrize("stream", ["hosts", "group:1", "user:1", "", None, 5, ["main"]])
def test_other_streams_are_refused(client, ana_in, stream):
    assert send(client, ana_in[0], "chat.post", {"text": "Hola"}, st=stream).status_code == 403


def test_who_was_signed_out_is_told_in_words_and_json(client):
    answer = send(client, meeting_of(), "chat.post", {"text": "Hola"})
    assert answer.status_code == 401 and "Sign in again" in answer.json()["text"]


def test_strangers_find_no_door(client):
    meeting = meeting_of()
    client.force_login(UserFactory())
    assert send(client, meeting, "chat.post", {"text": "Hola"}).status_code == 404
    assert client.post(door(meeting), {"k": "chat.post", "text": "Hola"}).status_code == 404


def test_a_form_of_another_site_is_refused(ana_in):
    meeting, ana = ana_in
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ana)
    assert send(strict, meeting, "chat.post", {"text": "Hola"}).status_code == 403
    assert strict.post(door(meeting), {"k": "chat.post", "text": "Hola"}).status_code == 403
    assert not Event.objects.exists()


def test_too_many_acts_at_once_wait(client, ana_in, monkeypatch):
    monkeypatch.setattr("sessions.views.acts.time.time", lambda: 1000.0)
    meeting, _ana = ana_in
    for _time in range(ACTS_AT_ONCE):
        assert send(client, meeting, "hand.up").status_code == 200
    refused = send(client, meeting, "hand.up")
    assert (refused.status_code, refused.json()["why"]) == (429, "rate")
    assert refused.json()["retry_ms"] > 0 and refused["Retry-After"]
    by_form = client.post(door(meeting), {"k": "chat.post", "text": "Lo que escribí"})
    assert by_form.status_code == 429 and "too fast" in by_form.content.decode() and "Lo que escribí" in by_form.content.decode()
    monkeypatch.setattr("sessions.views.acts.time.time", lambda: 1002.0)
    assert send(client, meeting, "hand.up").status_code == 200


# --- from forms --------------------------------------------------------------------------------------------------------


def test_a_form_leads_back_to_its_part_of_the_room(client, ana_in):
    meeting, _ana = ana_in
    answer = client.post(door(meeting), {"k": "chat.post", "text": "Hola"})
    assert (answer.status_code, answer["Location"]) == (302, reverse("live:room", args=[meeting.pk]) + "#chat")
    assert [one["text"] for one in state_of(meeting)["chat"].values()] == ["Hola"]


def test_a_form_sent_twice_is_done_once(client, ana_in):
    meeting, _ana = ana_in
    for _time in (1, 2):
        client.post(door(meeting), {"k": "chat.post", "text": "Hola", "cid": "form-cid-1"})
    assert Event.objects.count() == 1


def test_buttons_say_all_in_one_value(client, ana_in):
    meeting, ana = ana_in
    do(meeting, person_in(meeting), "qa.ask", {"text": "¿Quién?"})
    question = meeting.questions.get()
    answer = client.post(
        door(meeting), {"act": json.dumps({"k": "qa.upvote", "b": {"id": question.pk, "up": True}})}, follow=True
    )
    assert Upvote.objects.filter(question=question, user=ana).count() == 1
    assert "Your vote for the question was counted." in answer.content.decode()
    client.post(door(meeting), {"act": json.dumps({"k": "hand.up", "b": {}})})
    assert str(ana.pk) in state_of(meeting)["hands"]


def test_fields_become_the_types_that_the_act_wants(client, ana_in):
    meeting, ana = ana_in
    seq = do(meeting, ana, "chat.post", {"text": "Hola"}).seq
    client.post(door(meeting), {"k": "chat.edit", "id": str(seq), "text": "Hola a todos"})
    assert state_of(meeting)["chat"][str(seq)]["text"] == "Hola a todos"
    do(meeting, person_in(meeting), "qa.ask", {"text": "¿Quién?"})
    question = meeting.questions.get()
    client.post(door(meeting), {"k": "qa.upvote", "id": str(question.pk), "up": "false"})
    assert not Upvote.objects.exists()


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"k": "chat.post", "text": "Lo que escribí " + "x" * 1000}, 422, "at most 1000 characters"),
        ({"k": "qa.ask", "text": "¿?"}, 422, "at least 3 characters"),
        ({"k": "session.end"}, 403, "may not do this"),
        ({"k": "no.such"}, 422, "could not be read"),
        ({}, 422, "could not be read"),
        ({"act": "[]"}, 422, "could not be read"),
        ({"act": "{"}, 422, "could not be read"),
        ({"act": "[" * 5000}, 422, "could not be read"),
        ({"act": '{"k":"chat.post","b":{"text":5}}'}, 422, "could not be read"),
        ({"k": "poll.vote", "id": "x", "value": "a"}, 422, "could not be read"),
        ({"k": "chat.redact", "id": "9" * 40}, 422, ""),
    ],
)
def test_a_refused_form_shows_the_room_with_the_reason_and_what_was_typed(client, ana_in, fields, status, words):
    answer = client.post(door(ana_in[0]), fields)
    html = answer.content.decode()
    assert answer.status_code == status
    assert "This was not done" in html and words in html and "Error:" in html
    if fields.get("text"):
        assert fields["text"] in html


def test_after_the_end_a_message_is_refused_and_kept(client):
    meeting = meeting_of(state=Meeting.State.ENDED)
    client.force_login(person_in(meeting))
    answer = client.post(door(meeting), {"k": "chat.post", "text": "Una cosa más"})
    assert answer.status_code == 409 and "Una cosa más" in answer.content.decode()


@pytest.mark.parametrize(
    ("back", "followed"), [("/en/today/", True), ("https://evil.example/", False), ("//evil.example/", False)]
)
def test_other_pages_are_led_back_to_and_never_other_sites(client, ana_in, back, followed):
    answer = client.post(door(ana_in[0]), {"k": "chat.post", "text": "Hola", "back": back})
    assert (answer["Location"] == back) is followed
    assert "evil" not in answer["Location"]


def test_a_refusal_on_another_page_is_a_message_there(client, ana_in):
    meeting, _ana = ana_in
    room = reverse("live:room", args=[meeting.pk])
    answer = client.post(door(meeting), {"k": "session.end", "back": room}, follow=True)
    assert "You may not do this here." in answer.content.decode()


def test_loading_the_door_leads_to_the_room(client, ana_in):
    meeting, _ana = ana_in
    assert client.get(door(meeting))["Location"] == reverse("live:room", args=[meeting.pk])
    assert client.put(door(meeting)).status_code == 405
