"""The people of a control room, and its parts: who is here, what they say, and that nothing grows with them."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions import check_in
from sessions.models import CheckIn, Poll
from tests.sessions.controlling import SCREENS, lease, page, prepared, said, segment, signed_in
from tests.sessions.rooms import do, meeting_of, new_cid, person_in, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting():
    return meeting_of(title="From finding to treating")


@pytest.fixture
def trainer(meeting):
    return person_in(meeting, "trainer", user__full_name="Ana Ruiz")


def test_present_means_alive_and_a_screen_is_nobody(meeting, trainer):
    here, gone, screen, hall, away = (
        person_in(meeting, user__full_name=name) for name in ("Here", "Gone", "Screen", "Hall", "Away")
    )
    lease(meeting, here, device="companion")
    lease(meeting, gone, seen_at=timezone.now() - timedelta(minutes=2))
    lease(meeting, screen, device="screen")
    lease(meeting, trainer)
    CheckIn.objects.create(meeting=meeting, user=hall, way="code")
    html = page(signed_in(trainer), meeting)
    rows = {said(row).split()[0]: said(row) for row in re.findall(r'<tr id="person-.*?</tr>', html, re.S)}
    assert "2 of 5" in said(html) and set(rows) == {"Here", "Gone", "Screen", "Hall", "Away"}
    assert "phone in the hall" in rows["Here"] and "left" in rows["Gone"] and "in the hall" in rows["Hall"]
    assert rows["Screen"] == "Screen Mark" and rows["Away"] == "Away Mark" and away.full_name == "Away"


def test_hands_stand_in_their_order_and_questions_by_votes(meeting, trainer):
    first, second = person_in(meeting, user__full_name="First Up"), person_in(meeting, user__full_name="Second Up")
    do(meeting, first, "hand.up")
    do(meeting, second, "hand.up")
    do(meeting, first, "qa.ask", {"text": "Who pays for it?"})
    do(meeting, first, "qa.ask", {"text": "How long does it take?"})
    do(meeting, second, "qa.upvote", {"id": meeting.questions.latest("pk").pk})
    words = said(page(signed_in(trainer), meeting))
    assert words.index("1. First Up") < words.index("2. Second Up")
    assert words.index("+ 1 How long") < words.index("+ 0 Who pays")
    hall = said(page(signed_in(trainer), meeting, "hall"))
    assert hall.index("How long") < hall.index("Who pays")


def test_words_of_people_are_escaped(meeting, trainer):
    ana = person_in(meeting, user__full_name="<u>Eva</u>")
    do(meeting, ana, "chat.post", {"text": "<script>alert(1)</script>"})
    do(meeting, ana, "qa.ask", {"text": "<img src=x onerror=alert(1)>"})
    for screen in SCREENS:
        html = page(signed_in(trainer), meeting, screen)
        assert "<script>alert" not in html and "<img src=x" not in html and "<u>Eva" not in html


def test_the_hall_shows_code_and_sign_while_checking_in_is_open(meeting, trainer):
    client = signed_in(trainer)
    assert "I am here" not in page(client, meeting, "hall")
    code = check_in.new_code(meeting)
    assert code in page(client, meeting, "hall") and code not in page(client, meeting, "projector")
    do(meeting, trainer, "session.end")
    assert code not in page(client, meeting, "hall")


def test_the_reason_for_a_removal_is_read_by_hosts_only(meeting, trainer):
    loud = person_in(meeting, user__full_name="Loud Person")
    client = signed_in(trainer)
    fields = {"k": "role.set", "id": loud.pk, "role": "removed", "reason": "Sold things in the chat", "cid": new_cid()}
    client.post(f"/en/live/{meeting.pk}/acts/", fields | {"back": f"/en/live/{meeting.pk}/control/"})
    html = page(client, meeting)
    assert "Sold things in the chat" in html and "Removed: Loud Person" in said(html)
    assert "Sold things" not in str(state_of(meeting))
    page(signed_in(loud), meeting, status=404)


# --- the parts ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("screen", SCREENS)
def test_the_parts_alone_are_the_same_without_the_frame(meeting, trainer, screen):
    html = page(signed_in(trainer), meeting, screen, query="?part=1")
    assert "<html" not in html and "From finding to treating" in html


@pytest.mark.parametrize("language", ["es", "pt-br", "en"])
@pytest.mark.parametrize("screen", SCREENS)
def test_each_language_has_its_page(meeting, trainer, language, screen):
    assert f'lang="{language}"' in page(signed_in(trainer, language), meeting, screen, language)


@pytest.mark.parametrize("screen", SCREENS)
def test_queries_do_not_grow_with_people_messages_notes_and_polls(meeting, trainer, screen, django_assert_max_num_queries):
    client = signed_in(trainer)
    _fill(meeting, trainer, 1)
    page(client, meeting, screen)
    few = _queries(client, meeting, screen)
    _fill(meeting, trainer, 6)
    assert _queries(client, meeting, screen) == few
    with django_assert_max_num_queries(45):
        page(client, meeting, screen)


def _fill(meeting, trainer, number):
    do(meeting, trainer, "board.setup")
    for _each in range(number):
        person = person_in(meeting)
        lease(meeting, person)
        segment(meeting, "Talk", owner=trainer)
        do(meeting, person, "chat.post", {"text": "Hello"})
        do(meeting, person, "qa.ask", {"text": "Why is that?"})
        do(meeting, person, "hand.up")
        do(meeting, person, "board.note", {"column": "challenges", "text": "No scanner"})
        do(meeting, trainer, "outcome.add", {"text": "Write to the ministry"})
        poll = prepared(meeting, trainer, "identified", text=f"Question {meeting.polls.count()}?")
        do(meeting, trainer, "poll.open", {"id": poll.pk})
        key = state_of(meeting)["polls"][str(poll.pk)]["question"]["choices"][0]["key"]
        do(meeting, person, "poll.vote", {"id": poll.pk, "value": key})
    assert Poll.objects.filter(state="open").count() == meeting.polls.count()


def _queries(client, meeting, screen):
    with CaptureQueriesContext(connection) as queries:
        page(client, meeting, screen)
    return len(queries)


# --- sound and picture -------------------------------------------------------------------------------------------------------


def sound_in(html):
    found = re.search(
        r'<details class="panel cr-box" id="sound">.*?</details>\s*(?=<p class="row cr-tight small" id="reactions")', html, re.S
    )
    return found.group() if found else ""


def press(client, meeting, html, words):
    """The button with these words, as a page without scripts posts it."""
    button = next(one for one in re.findall(r"<button.*?</button>", html, re.S) if words in one)
    value = unescape(re.search(r'value="([^"]+)"', button).group(1))
    assert client.post(f"/en/live/{meeting.pk}/acts/", {"act": value, "st": "main"}).status_code == 302
    return state_of(meeting)["media"]


def test_who_may_be_heard_and_seen_is_steered_from_here():
    meeting = meeting_of(engine="mesh")
    trainer = person_in(meeting, "trainer")
    ana, luz, _away = (person_in(meeting, user__full_name=name) for name in ("Ana", "Luz", "Away"))
    for user in (ana, luz):
        lease(meeting, user)
    client = signed_in(trainer)
    assert press(client, meeting, sound_in(page(client, meeting)), "Voices only")["video"] is False
    assert press(client, meeting, sound_in(page(client, meeting)), "Mute Luz")["muted"] == [luz.pk]
    assert press(client, meeting, sound_in(page(client, meeting)), "Mute everybody")["muted"] == [ana.pk, luz.pk]
    assert press(client, meeting, sound_in(page(client, meeting)), "Allow the microphone of Ana")["muted"] == [luz.pk]
    assert press(client, meeting, sound_in(page(client, meeting)), "Allow all")["muted"] == []
    assert press(client, meeting, sound_in(page(client, meeting)), "Trainers and the stage")["publish"] == "stage"
    do(meeting, ana, "hand.up")
    assert "Put Ana on the stage" not in page(client, meeting)
    do(meeting, trainer, "hand.call", {"id": ana.pk})
    assert press(client, meeting, page(client, meeting), "Put Ana on the stage")["stage"] == [ana.pk]
    do(meeting, trainer, "hand.down", {"id": ana.pk})
    html = sound_in(page(client, meeting))
    assert 'aria-pressed="true">Trainers and the stage' in html
    assert press(client, meeting, html, "Take Ana off the stage")["stage"] == []


def test_the_backup_address_is_shown_and_taken_back_from_here(meeting, trainer):
    client = signed_in(trainer)
    assert not sound_in(page(client, meeting))
    type(meeting).objects.filter(pk=meeting.pk).update(engine="none", backup_url="https://zoom.us/j/9")
    html = sound_in(page(client, meeting))
    assert "Mute" not in html
    assert press(client, meeting, html, "Show everybody")["backup"] == "https://zoom.us/j/9"
    html = sound_in(page(client, meeting))
    assert "Everybody sees the backup address." in html and 'href="https://zoom.us/j/9"' in html
    assert press(client, meeting, html, "Take it back")["backup"] == ""
    type(meeting).objects.filter(pk=meeting.pk).update(state="ended")
    assert not sound_in(page(client, meeting))


def test_the_trainers_own_sound_is_loaded_after_a_tap_and_knows_who_is_muted():
    meeting = meeting_of(engine="mesh")
    trainer = person_in(meeting, "trainer")
    do(meeting, trainer, "media.policy", {"mute": 5})
    client = signed_in(trainer)
    html = page(client, meeting)
    assert html.count("data-media-open") == 1 and 'src="/static/live/js/media.js"' not in html and 'id="room-act"' not in html
    assert 'form="room-act"' not in html
    follow = json.loads(re.search(r'<script id="follow" type="application/json">(.*?)</script>', html, re.S).group(1))
    assert follow["streams"]["main"]["state"]["media"]["muted"] == [5]
    assert set(follow["fold"]["table"]) == {"media.policy", "media.backup"}
    assert "data-media-open" not in page(client, meeting, query="?part=1")
    type(meeting).objects.filter(pk=meeting.pk).update(engine="none")
    assert "data-media" not in page(client, meeting)
