"""Slides: a PDF becomes pictures with their words; the trainer turns the pages; only people of the meeting see them."""

import io
from datetime import timedelta

import pytest
import typst
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from PIL import Image
from pypdf import PdfWriter

from sessions import slide_pages, slides
from sessions.fold import fold
from sessions.models import Meeting, SlideDeck, SlidePage
from sessions.refusals import Refusal
from sessions.room import beginning, events_after, stream_of
from tests.factories import UserFactory
from tests.sessions.rooms import do, meeting_of, person_in, state_of

pytestmark = pytest.mark.django_db
TWO_PAGES = """
#set page(width: 25cm, height: 14cm)
#set text(lang: "es")
= Fractura por fragilidad
#lorem(60)
#pagebreak()
= Página dos
#table(columns: 3, ..range(30).map(number => [celda #number]))
"""


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture(scope="module")
def two_pages():
    return typst.compile(TWO_PAGES.encode())


def blank(*sizes, password=None):
    writer = PdfWriter()
    for width, height in sizes:
        writer.add_blank_page(width, height)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def upload(content, name="clase.pdf"):
    return ContentFile(content, name=name)


@pytest.fixture
def drawn(django_capture_on_commit_callbacks):
    """`drawn(pdf)`: the deck after the worker had it."""

    def draw(content, meeting=None, title="Clase 1", language="en", **also):
        with django_capture_on_commit_callbacks(execute=True):
            deck = slides.add_deck(meeting or meeting_of(), upload(content, **also), title, UserFactory(language=language))
        return SlideDeck.objects.get(pk=deck.pk)

    return draw


# --- drawing -----------------------------------------------------------------------------------------------------------


def test_each_page_is_a_small_picture_with_its_words(drawn, two_pages):
    deck = drawn(two_pages)
    assert (deck.title, deck.page_count, deck.error) == ("Clase 1", 2, "")
    first, second = deck.pages.all()
    assert (
        first.text.startswith("Fractura por fragilidad\nLorem ipsum")
        and "Página dos" in second.text
        and "celda 29" in second.text
    )
    for page in (first, second):
        content = page.image.read()
        image = Image.open(io.BytesIO(content))
        assert (image.format, image.width, image.height) == ("WEBP", 1280, page.height) and page.width == 1280
        assert len(content) <= 60_000
        assert image.convert("L").getextrema()[0] < 80 < 200 < image.convert("L").getextrema()[1]


def test_the_web_request_does_not_wait(two_pages):
    deck = slides.add_deck(meeting_of(), upload(two_pages), "", UserFactory())
    assert slide_pages.is_waiting(deck) and deck.title == "clase" and not deck.pages.exists()


def test_the_address_of_a_file_tells_nothing(drawn, two_pages):
    deck = drawn(two_pages, name="../../secreto.pdf")
    for name in [deck.file.name, *deck.pages.values_list("image", flat=True)]:
        assert "secreto" not in name and len(name) > 20 and ".." not in name


def test_drawing_twice_is_the_same_as_once(drawn, two_pages):
    deck = drawn(two_pages)
    slide_pages.draw(deck.pk)
    assert deck.pages.count() == 2
    slide_pages.draw(10**9)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (blank((800, 600), password="x"), "password"),
        (b"%PDF-1.7\nthis is not one", "could not be read"),
        (blank(), "no pages"),
        (blank(*[(80, 60)] * 121), "more than 120 pages"),
    ],
    ids=["password", "broken", "empty", "many"],
)
def test_what_cannot_be_drawn_says_why(drawn, content, words):
    deck = drawn(content)
    assert words in deck.error and deck.page_count == 0 and not deck.pages.exists()


def test_the_reason_is_in_the_language_of_whoever_uploaded(drawn, monkeypatch):
    monkeypatch.setitem(slide_pages.WORDS, "empty", translation.gettext_lazy("Next"))
    with translation.override("es"):
        spanish = translation.gettext("Next")
    assert spanish != "Next" and drawn(blank(), language="es").error == spanish


def test_giant_and_tiny_pages_become_pictures_of_bounded_size(drawn):
    deck = drawn(blank((20_000_000, 30_000_000), (0.01, 3000), (14_400, 1), (800, 600)))
    sizes = list(deck.pages.values_list("width", "height"))
    assert len(sizes) == 4 and all(1 <= width <= 1280 and 1 <= height <= 1600 for width, height in sizes)
    assert sizes[3] == (1280, 960)


def test_what_takes_too_long_is_given_up(drawn, two_pages, monkeypatch):
    monkeypatch.setattr(slide_pages, "SECONDS", 0.001)
    deck = drawn(two_pages)
    assert "too long" in deck.error and not deck.pages.exists()


def test_a_crash_of_the_drawing_process_stays_there(drawn, two_pages, monkeypatch):
    monkeypatch.setattr(slide_pages, "MOST_PAGES", "no number")
    assert "too long or too much memory" in drawn(two_pages).error


def test_the_drawing_process_gets_no_secrets(drawn, two_pages, monkeypatch):
    seen = {}
    run = slide_pages.subprocess.run
    monkeypatch.setenv("SECRET_KEY", "canario")
    monkeypatch.setattr(slide_pages.subprocess, "run", lambda *args, **also: (seen.update(also), run(*args, **also))[1])
    assert drawn(two_pages).page_count == 2
    assert "canario" not in str(seen["env"])


@pytest.mark.parametrize(
    ("content", "field"), [(b"PK\x03\x04 a deck of PowerPoint", "file"), (b"", "file"), (b"%PDF-" + b"x" * 13 * 2**20, "file")]
)
def test_what_is_no_pdf_or_too_large_is_refused_at_once(content, field):
    with pytest.raises(ValidationError) as error:
        slides.add_deck(meeting_of(), upload(content), "Clase", UserFactory())
    assert list(error.value.message_dict) == [field] and not SlideDeck.objects.exists()


def test_a_title_too_long_and_too_many_decks_are_refused(two_pages, monkeypatch):
    meeting = meeting_of()
    with pytest.raises(ValidationError):
        slides.add_deck(meeting, upload(two_pages), "x" * 161, UserFactory())
    monkeypatch.setattr(slides, "MOST_DECKS", 1)
    slides.add_deck(meeting, upload(two_pages), "", UserFactory())
    with pytest.raises(ValidationError):
        slides.add_deck(meeting, upload(two_pages), "", UserFactory())


def test_what_no_worker_took_says_so_after_an_hour(two_pages):
    deck = slides.add_deck(meeting_of(), upload(two_pages), "", UserFactory(language="en"))
    call_command("tidy_slides", verbosity=0)
    assert slide_pages.is_waiting(SlideDeck.objects.get())
    assert slides.give_up_waiting(timezone.now() + timedelta(hours=2)) == 1
    deck.refresh_from_db()
    assert "Upload the PDF again" in deck.error


def test_a_removed_deck_takes_its_files_along(drawn, two_pages):
    deck = drawn(two_pages)
    files = [deck.file, *(page.image for page in deck.pages.all())]
    assert all(file.storage.exists(file.name) for file in files)
    names = [(file.storage, file.name) for file in files]
    slides.remove_deck(deck)
    assert not any(storage.exists(name) for storage, name in names) and not SlidePage.objects.exists()


# --- turning pages -----------------------------------------------------------------------------------------------------


def test_the_trainer_turns_the_pages(drawn, two_pages):
    meeting = meeting_of()
    host, deck = person_in(meeting, "trainer", user__language="en"), drawn(two_pages, meeting)
    do(meeting, host, "slide.goto", {"deck": deck.pk, "page": 2})
    shown = state_of(meeting)["slides"]
    assert (shown["deck"], shown["page"], shown["count"], shown["title"]) == (deck.pk, 2, 2, "Clase 1")
    assert shown["text"].startswith("Página dos")
    do(meeting, host, "slide.goto", {"deck": 0, "page": 2})
    assert state_of(meeting)["slides"] == {"deck": 0, "page": 0, "count": 0, "title": "", "text": ""}
    stream = stream_of(meeting.pk, "main")
    assert fold(beginning(stream), events_after(stream, 0, limit=None)) == state_of(meeting)


@pytest.mark.parametrize(
    ("page", "why"), [(0, "invalid"), (3, "invalid"), (-1, "invalid"), (10**30, "invalid"), ("1", "invalid")]
)
def test_pages_that_do_not_exist(drawn, two_pages, page, why):
    meeting = meeting_of()
    host, deck = person_in(meeting, "trainer", user__language="en"), drawn(two_pages, meeting)
    with pytest.raises(Refusal) as refusal:
        do(meeting, host, "slide.goto", {"deck": deck.pk, "page": page})
    assert refusal.value.why == why and "slides" not in state_of(meeting)


def test_slides_of_elsewhere_and_unknown_ones(drawn, two_pages):
    meeting, elsewhere = meeting_of(), drawn(two_pages)
    host = person_in(meeting, "trainer", user__language="en")
    for deck in (elsewhere.pk, 10**9, 10**30):
        with pytest.raises(Refusal) as refusal:
            do(meeting, host, "slide.goto", {"deck": deck, "page": 1})
        assert refusal.value.why == "invalid"


def test_slides_that_are_not_ready_and_never_will_be(drawn, two_pages):
    meeting = meeting_of()
    host = person_in(meeting, "trainer", user__language="en")
    waiting = slides.add_deck(meeting, upload(two_pages), "", UserFactory())
    for deck, words in [(waiting, "still being prepared"), (drawn(blank(), meeting), "no pages")]:
        with pytest.raises(Refusal) as refusal:
            do(meeting, host, "slide.goto", {"deck": deck.pk, "page": 1})
        assert refusal.value.why == "closed" and words in str(refusal.value.text)


def test_participants_turn_no_pages(drawn, two_pages):
    meeting = meeting_of()
    deck = drawn(two_pages, meeting)
    with pytest.raises(Refusal) as refusal:
        do(meeting, person_in(meeting), "slide.goto", {"deck": deck.pk, "page": 1})
    assert refusal.value.why == "forbidden"


# --- pictures ----------------------------------------------------------------------------------------------------------


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def url(name, deck, page=1, meeting=None):
    return reverse(f"live:{name}", args=[meeting or deck.meeting_id, deck.pk, page])


def test_people_of_the_meeting_get_every_page_to_keep_for_themselves(drawn, two_pages):
    meeting = meeting_of()
    deck, client = drawn(two_pages, meeting), client_of(person_in(meeting))
    for page in (1, 2):
        answer = client.get(url("slide", deck, page))
        assert answer.status_code == 200 and answer["Content-Type"] == "image/webp"
        assert "private" in answer["Cache-Control"] and "immutable" in answer["Cache-Control"]
        assert Image.open(io.BytesIO(b"".join(answer.streaming_content))).width == 1280
    words = client.get(url("slide_text", deck, 2))
    assert words["Content-Type"].startswith("text/plain") and "Página dos" in words.content.decode()
    assert "private" in words["Cache-Control"]


@pytest.mark.parametrize("name", ["slide", "slide_text"])
def test_nobody_else_does(drawn, two_pages, name):
    meeting, other = meeting_of(), meeting_of()
    deck = drawn(two_pages, meeting)
    assert Client().get(url(name, deck)).status_code == 302
    assert client_of(UserFactory()).get(url(name, deck)).status_code == 404
    stranger = person_in(other)
    assert client_of(stranger).get(url(name, deck)).status_code == 404
    assert client_of(stranger).get(url(name, deck, meeting=other.pk)).status_code == 404
    assert client_of(person_in(meeting)).get(url(name, deck, 3)).status_code == 404
    assert client_of(person_in(meeting)).post(url(name, deck)).status_code == 405


def test_slides_of_a_draft_are_for_its_hosts(drawn, two_pages):
    meeting = meeting_of(state=Meeting.State.DRAFT)
    deck = drawn(two_pages, meeting)
    assert client_of(person_in(meeting)).get(url("slide", deck)).status_code == 404
    assert client_of(person_in(meeting, "trainer", user__language="en")).get(url("slide", deck)).status_code == 200
