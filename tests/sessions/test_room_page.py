"""The room's page: everything is readable and works without scripts, for those it belongs to."""

import json
import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from sessions.models import Meeting
from tests.factories import UserFactory
from tests.sessions.boards import open_board, write
from tests.sessions.polling import opened, room_with, vote, voted_and_closed
from tests.sessions.rooms import do, meeting_of, person_in, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def ana_in(client):
    """(meeting, person) with the person signed in."""
    meeting = meeting_of()
    ana = person_in(meeting, user__full_name="Ana Pérez", user__country="MX")
    client.force_login(ana)
    return meeting, ana


def page(client, meeting, **query):
    answer = client.get(reverse("live:room", args=[meeting.pk]), query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("name", ["room", "act", "state", "chat_before"])
def test_strangers_find_no_room(client, name):
    meeting = meeting_of()
    client.force_login(UserFactory())
    assert client.get(reverse(f"live:{name}", args=[meeting.pk])).status_code == 404


@pytest.mark.parametrize("name", ["room", "act", "chat_before"])
def test_who_is_signed_out_is_led_to_the_sign_in(client, name):
    answer = client.get(reverse(f"live:{name}", args=[meeting_of().pk]))
    assert answer.status_code == 302 and "/accounts/" in answer["Location"]


def test_a_draft_is_for_its_hosts_alone(client):
    meeting = meeting_of(state=Meeting.State.DRAFT)
    trainee, trainer = person_in(meeting), person_in(meeting, role="trainer")
    client.force_login(trainee)
    assert client.get(reverse("live:room", args=[meeting.pk])).status_code == 404
    client.force_login(trainer)
    assert client.get(reverse("live:room", args=[meeting.pk])).status_code == 200


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("scheduled", "The session has not begun."),
        ("paused", "Pause."),
        ("ended", "The session has ended."),
        ("cancelled", "was cancelled"),
    ],
)
def test_each_state_is_said_in_words(client, state, words):
    meeting = meeting_of(state=state)
    client.force_login(person_in(meeting))
    text = visible(page(client, meeting))
    assert words in text
    others = {"The session has not begun.", "Pause.", "The session has ended.", "was cancelled"} - {words}
    assert not [other for other in others if other in text]


def visible(html):
    """The page without what is hidden: templates, and parts with the attribute `hidden` up to their end."""
    html = re.sub(r"<template.*?</template>", "", html, flags=re.S)
    return re.sub(r"<(div|p|span|ul)\b[^>]*\shidden[^>]*>.*?</\1>", "", html, flags=re.S)


def test_the_page_shows_what_was_said_and_asked(client, ana_in):
    meeting, _ana = ana_in
    bruno = person_in(meeting, user__full_name="Bruno Souza", user__country="BR")
    do(meeting, bruno, "chat.post", {"text": "<b>Hola</b> a todos"})
    gone = do(meeting, bruno, "chat.post", {"text": "palabras que se van"}).seq
    do(meeting, bruno, "chat.redact", {"id": gone})
    do(meeting, bruno, "qa.ask", {"text": "¿Y el alta?"})
    do(meeting, bruno, "hand.up")
    html = page(client, meeting)
    text = visible(html)
    assert "&lt;b&gt;Hola&lt;/b&gt; a todos" in text and "<b>Hola" not in html
    assert "palabras que se van" not in html and "This message was taken back." in text
    assert "¿Y el alta?" in text and "Bruno Souza" in text and ">BR<" in text
    assert 'aria-pressed="false"' in text and "No hands are up." not in text


def test_empty_parts_say_what_will_come(client, ana_in):
    text = visible(page(client, ana_in[0]))
    for words in ("Nobody has written yet.", "No open questions.", "No hands are up.", "Slides and the board appear here"):
        assert words in text


def test_patients_data_is_warned_of_beside_each_field_that_could_attract_it(client, ana_in):
    html = re.sub(r"<template.*?</template>", "", page(client, ana_in[0]), flags=re.S)
    forms = re.findall(r"<form[^>]*class=\"say.*?</form>", html, flags=re.S)
    assert len(forms) >= 2
    assert all("patients" in form for form in forms)


def test_the_page_needs_as_many_queries_for_much_as_for_little(client, ana_in):
    meeting, _ana = ana_in
    speak(meeting, 1)
    page(client, meeting)
    one = count_queries(client, meeting)
    speak(meeting, 12)
    assert count_queries(client, meeting) == one


def speak(meeting, times):
    for number in range(times):
        person = person_in(meeting)
        do(meeting, person, "chat.post", {"text": f"Hola {number}"})
        do(meeting, person, "qa.ask", {"text": f"Pregunta {number}"})
        do(meeting, person, "hand.up")


def count_queries(client, meeting):
    with CaptureQueriesContext(connection) as queries:
        page(client, meeting)
    return len(queries)


def test_the_scripts_start_from_the_state_of_the_page(client, ana_in):
    meeting, ana = ana_in
    seq = do(meeting, ana, "chat.post", {"text": "Hola </script>"}).seq
    html = page(client, meeting)
    state = json.loads(re.search(r'<script id="room-state" type="application/json">(.*?)</script>', html, re.S).group(1))
    assert state["streams"]["main"]["s"] == seq
    assert state["streams"]["main"]["state"]["chat"][str(seq)]["text"] == "Hola </script>"
    assert state["me"] == {"u": ana.pk, "role": "participant", "name": "Ana Pérez"}
    assert "hosts" not in state["streams"]


def test_the_state_door_gives_the_stream_and_its_tallies(client, ana_in):
    meeting, ana = ana_in
    bruno = person_in(meeting)
    do(meeting, bruno, "qa.ask", {"text": "¿Quién?"})
    question = meeting.questions.get()
    do(meeting, ana, "qa.upvote", {"id": question.pk})
    found = client.get(reverse("live:state", args=[meeting.pk])).json()
    assert found["state"]["questions"][str(question.pk)]["text"] == "¿Quién?"
    assert [(tally["k"], tally["n"]) for tally in found["tallies"]] == [("question", 1)]


@pytest.mark.parametrize("stream", ["hosts", "group:1", "user:999999", "nonsense", ""])
def test_streams_of_others_are_not_there(client, ana_in, stream):
    for name in ("state", "chat_before"):
        answer = client.get(reverse(f"live:{name}", args=[ana_in[0].pk]), {"st": stream, "before": "5"})
        assert answer.status_code == 404


def test_a_host_may_not_make_streams_by_asking_for_them(client):
    meeting = meeting_of()
    client.force_login(person_in(meeting, role="trainer"))
    assert client.get(reverse("live:state", args=[meeting.pk]), {"st": "group:77"}).status_code == 404
    assert not meeting.streams.filter(name="group:77").exists()


def test_older_messages_are_read_page_by_page_as_they_stand_now(client, ana_in):
    meeting, ana = ana_in
    seqs = [do(meeting, ana, "chat.post", {"text": f"Mensaje {number}."}).seq for number in range(55)]
    do(meeting, ana, "chat.edit", {"id": seqs[1], "text": "Corregido."})
    do(meeting, ana, "chat.redact", {"id": seqs[2]})
    html = page(client, meeting)
    older = re.search(r'href="([^"]*chat/\?st=main&amp;before=\d+)"', html).group(1).replace("&amp;", "&")
    answer = client.get(older).content.decode()
    assert "Mensaje 0." in answer and "Corregido." in answer and "Mensaje 1." not in answer and "Mensaje 2." not in answer
    assert "Mensaje 5." not in answer and "This message was taken back." in answer
    assert "Mensaje 5." in html


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 60])
def test_nonsense_for_older_messages_is_no_fault_of_ours(client, ana_in, before):
    answer = client.get(reverse("live:chat_before", args=[ana_in[0].pk]), {"before": before})
    assert answer.status_code in (200, 404)


# --- one's own vote ----------------------------------------------------------------------------------------------------


def own_votes(html):
    return json.loads(re.search(r'<script id="room-state" type="application/json">(.*?)</script>', html, re.S).group(1))["own"][
        "votes"
    ]


def test_a_vote_with_ones_name_is_there_again_after_a_reload_and_an_anonymous_one_is_not(client):
    here = room_with(2)
    ana, other = here.people
    polls = {kind: opened(here, kind=kind, promise="identified") for kind in ("single-choice", "multiple-choice", "ordering")}
    words = opened(here, kind="short-text", choices=(), promise="identified")
    hidden = opened(here)
    items = state_of(here.meeting)["polls"][str(polls["ordering"].pk)]["question"]["items"]
    order = [one["key"] for one in items][::-1]
    for poll, value in zip((*polls.values(), words, hidden), ("b", ["a", "b"], order, "Más camas", "a"), strict=True):
        vote(here, ana, poll, value)
    client.force_login(ana)
    html = page(client, here.meeting)
    votes = own_votes(html)
    assert {key: one["value"] for key, one in votes.items()} == {
        str(polls["single-choice"].pk): "b",
        str(polls["multiple-choice"].pk): ["a", "b"],
        str(polls["ordering"].pk): {order[0]: 1, order[1]: 2},
        str(words.pk): "Más camas",
    }
    cards = html.partition('data-list="polls"')[2].partition('id="board"')[0]
    assert cards.count(" checked") == 3 and cards.count(" selected") == 2 and 'value="Más camas"' in cards
    assert cards.count("You have voted. You can change it") == 4
    client.force_login(other)
    assert own_votes(page(client, here.meeting)) == {}


def test_a_vote_of_an_earlier_round_is_not_shown_as_this_ones(client):
    here = room_with(5)
    poll = voted_and_closed(here, ["a"] * 5, promise="identified")
    client.force_login(here.people[0])
    assert own_votes(page(client, here.meeting))[str(poll.pk)]["round"] == 1
    do(here.meeting, here.host, "poll.open", {"id": poll.pk})
    html = page(client, here.meeting)
    assert own_votes(html) == {} and " checked" not in html.partition('data-list="polls"')[2].partition('id="board"')[0]


# --- the board ---------------------------------------------------------------------------------------------------------


def test_what_was_put_together_or_linked_is_taken_apart_without_scripts(client):
    meeting = meeting_of()
    trainer, ana = person_in(meeting, "trainer"), person_in(meeting)
    open_board(meeting, trainer)
    head, under, action = (write(meeting, ana, text) for text in ("Camas", "Faltan camas", "x"))
    do(meeting, ana, "board.move", {"id": action.pk, "column": "actions"}, base=action.version)
    do(meeting, ana, "board.cluster", {"ids": [under.pk], "into": head.pk})
    do(meeting, ana, "board.link", {"action": action.pk, "challenge": head.pk})
    client.force_login(ana)
    for words, left in (("Take out", "Take apart"), ("Take apart", "")):
        board = page(client, meeting).partition('id="board"')[2].partition('class="room-side"')[0]
        rows = re.findall(r"<li data-key=.{5,120}<span data-text=.*?</li>", board)
        row = next(one for one in rows if words in one)
        assert " hidden" not in row
        pressed = unescape(re.search(r'name="act" value="([^"]+)"', row).group(1))
        assert client.post(reverse("live:act", args=[meeting.pk]), {"act": pressed, "st": "main"}).status_code == 302
        assert bool(left) == (left in board if left else False)
    state = state_of(meeting)
    assert not state["links"] and state["notes"][str(under.pk)]["into"] is None
    do(meeting, ana, "board.cluster", {"ids": [under.pk], "into": head.pk})
    do(meeting, trainer, "board.lock", {"locked": True})
    assert re.search(r'data-show="isFree" hidden>Take out', page(client, meeting))
