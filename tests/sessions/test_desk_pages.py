"""Polls, slides and people of a meeting, through their pages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions import slide_pages
from sessions.models import MeetingPerson, Poll, Segment, SlideDeck
from tests.evaluations.waving import planned as planned_wave
from tests.factories import UserFactory
from tests.sessions.planning import planned, signed, text_of, url
from tests.sessions.polling import opened, prepared
from tests.sessions.rooms import do

pytestmark = pytest.mark.django_db


def asked(**changed):
    usual = {"kind": "single-choice", "text": "¿Cuál?", "choices": "Uno\nDos\n\n", "promise": "anonymous", "segment": ""}
    return {**usual, **changed}


# --- polls -----------------------------------------------------------------------------------------------------------


def test_a_poll_is_prepared_changed_and_removed():
    here = planned()
    client = signed(here.trainer)
    segment = Segment.objects.create(meeting=here.meeting, title="Caso")
    assert "No poll is prepared" in text_of(client.get(url("polls", here.meeting.pk)))
    assert client.post(url("poll_new", here.meeting.pk), asked(segment=str(segment.pk))).status_code == 302
    poll = Poll.objects.get()
    assert (poll.state, poll.promise, poll.segment) == ("prepared", "anonymous", segment)
    assert [choice["text"]["es"] for choice in poll.question.choices] == ["Uno", "Dos"]
    text = text_of(client.get(url("poll_edit", here.meeting.pk, poll.pk)))
    assert "¿Cuál?" in text and "Uno\nDos" in text
    assert client.post(url("poll_edit", here.meeting.pk, poll.pk), asked(text="¿Por qué?")).status_code == 302
    assert "¿Por qué?" in text_of(client.get(url("polls", here.meeting.pk)))
    assert client.post(url("poll_remove", here.meeting.pk, poll.pk)).status_code == 302
    assert not Poll.objects.exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"text": ""}, "Write the question."), ({"text": "x" * 301}, "300"), ({"choices": "Uno"}, "2 to 10"),
        ({"choices": "\n".join(map(str, range(11)))}, "2 to 10"), ({"choices": "Uno\nuno"}, "say the same"), ({"kind": "essay"}, "kinds of poll"),
        ({"kind": ""}, "kinds of poll"), ({"promise": "secret"}, "who sees the votes"), ({"segment": "999"}, "segment of this meeting"),
        ({"text": "nul\x00"}, ""),
    ],
)  # fmt: skip
def test_polls_that_cannot_be_put(changed, words):
    here = planned()
    text = text_of(signed(here.trainer).post(url("poll_new", here.meeting.pk), asked(**changed)), 422)
    assert words in text and "There is a problem" in text
    assert not Poll.objects.exists()


def test_what_was_opened_stays_as_it_is():
    here = planned(state="live", hours=-0.1)
    here.host = here.trainer
    poll = opened(here)
    client = signed(here.trainer)
    for response in (
        client.get(url("poll_edit", here.meeting.pk, poll.pk), follow=True),
        client.post(url("poll_edit", here.meeting.pk, poll.pk), asked(), follow=True),
        client.post(url("poll_remove", here.meeting.pk, poll.pk), follow=True),
    ):
        assert "was opened already" in text_of(response)
    assert Poll.objects.get().state == "open"


def test_polls_of_another_meeting_are_not_there():
    here, there = planned(), planned()
    poll = prepared(there.meeting)
    client = signed(here.trainer)
    assert client.get(url("poll_edit", here.meeting.pk, poll.pk)).status_code == 404
    assert client.post(url("poll_remove", here.meeting.pk, poll.pk)).status_code == 404
    assert signed(here.trainee).post(url("poll_remove", here.meeting.pk, prepared(here.meeting).pk)).status_code == 403
    assert Poll.objects.count() == 2


def test_a_question_of_a_questionnaire_counts_there_with_names():
    here = planned()
    wave = planned_wave(here.cohort, promise="identified")
    client = signed(here.trainer)
    question = wave.instrument.questions.get(key="single")
    assert "with names" in text_of(client.get(url("poll_new", here.meeting.pk)))
    form = asked(text="", choices="", wave=f"{wave.pk}:{question.pk}")
    assert client.post(url("poll_new", here.meeting.pk), form).status_code == 302
    poll = Poll.objects.get()
    assert (poll.wave, poll.promise, poll.question_id) == (wave, "identified", question.pk)
    assert "counts in" in text_of(client.get(url("polls", here.meeting.pk)))
    assert text_of(client.post(url("poll_new", here.meeting.pk), asked(wave="1:999999")), 422)


def test_after_the_end_no_poll_is_prepared():
    here = planned(state="ended", hours=-3)
    assert "over" in text_of(signed(here.trainer).post(url("poll_new", here.meeting.pk), asked()), 422)
    assert not Poll.objects.exists()


def test_the_list_of_polls_costs_the_same_with_one_and_with_many():
    here = planned()
    client, counted = signed(here.trainer), []
    for number in range(2):
        for _time in range(1 + number * 10):
            prepared(here.meeting)
        client.get(url("polls", here.meeting.pk))
        with CaptureQueriesContext(connection) as found:
            client.get(url("polls", here.meeting.pk))
        counted.append(len(found))
    assert counted[0] == counted[1] <= 14


# --- slides ----------------------------------------------------------------------------------------------------------


def pdf(name="charla.pdf", content=b"%PDF-1.4\n%%EOF"):
    return SimpleUploadedFile(name, content, "application/pdf")


@pytest.fixture
def undrawn(monkeypatch):
    monkeypatch.setattr(slide_pages, "draw", lambda pk: None)


@pytest.mark.usefixtures("undrawn")
def test_slides_are_taken_and_removed():
    here = planned()
    client = signed(here.trainer)
    assert "There are no slides yet" in text_of(client.get(url("slides", here.meeting.pk)))
    assert client.post(url("slides", here.meeting.pk), {"title": "", "file": pdf()}).status_code == 302
    deck = SlideDeck.objects.get()
    assert (deck.title, deck.by) == ("charla", here.trainer)
    SlideDeck.objects.update(error="Este <archivo> no se pudo leer")
    assert "Este &lt;archivo&gt; no se pudo leer" in text_of(client.get(url("slides", here.meeting.pk)))
    assert signed(here.trainee).post(url("slides_remove", here.meeting.pk, deck.pk)).status_code == 403
    assert client.post(url("slides_remove", here.meeting.pk, deck.pk)).status_code == 302
    assert not SlideDeck.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Choose a PDF file."), ({"file": "text"}, "Choose a PDF file."),
        ({"file": SimpleUploadedFile("x.pdf", b"")}, "empty"), ({"file": SimpleUploadedFile("x.pdf", b"MZ...")}, "not a PDF"),
        ({"title": "x" * 161, "file": SimpleUploadedFile("x.pdf", b"%PDF-1.4")}, "Shorten"),
    ],
)  # fmt: skip
def test_files_that_are_no_slides(data, words):
    here = planned()
    assert words in text_of(signed(here.trainer).post(url("slides", here.meeting.pk), data), 422)
    assert not SlideDeck.objects.exists()


def test_slides_that_are_being_shown_stay():
    here = planned(state="live", hours=-0.1)
    deck = SlideDeck.objects.create(meeting=here.meeting, title="Charla", page_count=1)
    deck.pages.create(number=1, width=10, height=10, image="slides/x.webp")
    do(here.meeting, here.trainer, "slide.goto", {"deck": deck.pk, "page": 1})
    text = text_of(signed(here.trainer).post(url("slides_remove", here.meeting.pk, deck.pk), follow=True))
    assert "being shown" in text and SlideDeck.objects.exists()


def test_slides_can_be_looked_through_by_those_who_belong():
    here = planned(state="ended", hours=-3)
    deck = SlideDeck.objects.create(meeting=here.meeting, title="Charla", page_count=1)
    deck.pages.create(number=1, width=1600, height=900, image="slides/x.webp", text="Lo que <dice>")
    text = text_of(signed(here.trainee).get(url("deck", here.meeting.pk, deck.pk)))
    assert url("slide", here.meeting.pk, deck.pk, 1) in text and "Lo que &lt;dice&gt;" in text and 'width="1600"' in text
    assert url("deck", here.meeting.pk, deck.pk) in text_of(signed(here.trainee).get(url("meeting", here.meeting.pk)))
    assert signed(here.stranger).get(url("deck", here.meeting.pk, deck.pk)).status_code == 404
    waiting = SlideDeck.objects.create(meeting=here.meeting, title="Otra")
    assert signed(here.trainer).get(url("deck", here.meeting.pk, waiting.pk)).status_code == 404


# --- people ----------------------------------------------------------------------------------------------------------


def test_people_are_named_get_another_part_and_leave():
    here = planned()
    client = signed(here.trainer)
    guest = UserFactory(email="invitada@example.org")
    assert signed(guest).get(url("meeting", here.meeting.pk)).status_code == 404
    for part in ("guest", "host"):
        assert (
            client.post(
                url("people", here.meeting.pk), {"email": "Invitada@Example.org", "full_name": "Dra. Invitada", "part": part}
            ).status_code
            == 302
        )
        assert MeetingPerson.objects.get().part == part
    assert signed(guest).get(url("people", here.meeting.pk)).status_code == 200
    row = MeetingPerson.objects.get()
    assert client.post(url("person_remove", here.meeting.pk, row.pk)).status_code == 302
    assert signed(guest).get(url("meeting", here.meeting.pk)).status_code == 404


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"email": "nobody@example.org", "part": "guest"}, "Nobody whom you can find has this address"), ({"email": "x", "part": "guest"}, "name@hospital.org"),
        ({"email": "", "part": "guest"}, "name@hospital.org"), ({"email": "known@example.org", "part": "king"}, "Choose a part."),
        ({"email": "known@example.org", "part": "removed"}, "Choose a part."), ({"email": "gone@example.org", "part": "guest"}, "account of this address is closed"),
    ],
)  # fmt: skip
def test_people_who_cannot_be_named(data, words):
    here = planned()
    UserFactory(email="known@example.org")
    UserFactory(email="gone@example.org", is_active=False)
    text = text_of(signed(here.lead).post(url("people", here.meeting.pk), data), 422)
    assert words in text and data["email"] in text
    assert not MeetingPerson.objects.exists()


def test_the_last_host_of_a_meeting_without_a_cohort_stays():
    here = planned()
    here.meeting.cohort = None
    here.meeting.save()
    row = MeetingPerson.objects.create(meeting=here.meeting, user=here.stranger, part="host")
    client = signed(here.stranger)
    text = text_of(client.post(url("person_remove", here.meeting.pk, row.pk), follow=True))
    assert "Somebody has to run the meeting" in text
    other = MeetingPerson.objects.create(meeting=here.meeting, user=here.trainer, part="host")
    assert client.post(url("person_remove", here.meeting.pk, row.pk)).url == url("meetings")
    assert signed(here.trainer).post(url("person_remove", here.meeting.pk, row.pk)).status_code == 404
    assert list(MeetingPerson.objects.all()) == [other]
