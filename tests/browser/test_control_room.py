"""A trainer runs a meeting from the control room; a participant's phone, a second trainer and the projector beside it."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.signing_in import sign_in
from tests.browser.walking import RULES

QUESTION = "Where would you begin?"
SETUP = """
import json
from datetime import timedelta
from django.utils import timezone
from curriculum.models import Cohort
from sessions.models import Segment, TrainingSession
cohort = Cohort.objects.get(status="running", enrollments__user__email="lead@demo.example.org")
now = timezone.now()
meeting = TrainingSession.objects.create(
    cohort=cohort, state="scheduled", title="From finding to treating", starts_at=now, minutes=60, time_zone="America/Bogota"
)
for order, (title, kind) in enumerate([("Welcome", "welcome"), ("A poll", "poll"), ("On the board", "board")]):
    Segment.objects.create(meeting_id=meeting.pk, title=title, kind=kind, minutes=10, order=order)
print(json.dumps(meeting.pk))
"""
VOTES = """
import uuid
from sessions.models import Meeting
from tests.sessions.rooms import do, person_in, state_of
meeting = Meeting.objects.get(pk={pk})
poll = max(state_of(meeting)["polls"].values(), key=lambda poll: poll["s"])
for number in range(5):
    voter = person_in(meeting, user__email=f"{{uuid.uuid4().hex}}@example.org")
    do(meeting, voter, "poll.vote", {{"id": poll["id"], "value": poll["question"]["choices"][1]["key"]}}, cid=uuid.uuid4().hex)
"""


@pytest.fixture
def meeting(site):
    return json.loads(site.run("shell", "-v0", "-c", SETUP).strip().splitlines()[-1])


@pytest.fixture
def seat(site, open_page, meeting):
    """`seat(person, screen)`: a page of that person at a screen of the meeting."""

    def take(person, screen="control", size=DESKTOP, language="en", **options):
        page = open_page(size, language, **options)
        sign_in(page, site.base, f"{person}@demo.example.org", language=language)
        page.goto(f"/{language}/live/{meeting}/{screen}/")
        return page

    return take


def connected(page):
    page.get_by_text("Connected", exact=True).wait_for()


def start(page):
    page.get_by_role("button", name="Start the meeting").click()
    page.get_by_text("Live", exact=True).wait_for()


def current(page):
    return page.locator("#ros .cur b")


def prepare(page, promise="identified"):
    page.get_by_text("Ask something new", exact=True).click()
    page.fill("#poll-text", QUESTION)
    page.get_by_label("Choice 1").fill("In the wards")
    page.get_by_label("Choice 2").fill("In the clinic")
    page.select_option("#poll-promise", promise)
    page.get_by_role("button", name="Prepare it").click()
    page.locator("#polls li", has_text=QUESTION).wait_for()


def test_a_trainer_runs_agenda_poll_and_board_and_everybody_follows(site, seat, meeting):
    trainer = seat("trainer")
    connected(trainer)
    start(trainer)
    projector, phone = seat("trainer", "projector"), seat("trainee", "room", PHONE)
    trainer.keyboard.press("n")
    current(trainer).get_by_text("Welcome").wait_for()
    projector.get_by_role("heading", name="Welcome").wait_for()

    prepare(trainer)
    trainer.locator("#polls").get_by_role("button", name="Open").wait_for()
    trainer.locator("h1").click()
    trainer.keyboard.press("p")
    trainer.get_by_role("heading", name=f"Poll: {QUESTION}").wait_for()
    projector.get_by_role("heading", name=QUESTION).wait_for()
    phone.get_by_text(QUESTION).first.wait_for()
    phone.get_by_label("In the wards").check()
    phone.locator("form", has=phone.get_by_label("In the wards")).get_by_role("button").first.click()
    trainer.locator("#polls .cr-bars li", has_text="In the wards").get_by_text("1", exact=True).wait_for()
    assert trainer.get_by_role("button", name="Close and show").count() == 0  # one vote is nobody's to show

    site.run("shell", "-v0", "-c", VOTES.format(pk=meeting))
    trainer.get_by_role("button", name="Close and show").wait_for()
    assert projector.locator(".cr-bars").count() == 0
    trainer.keyboard.press("r")
    projector.locator(".cr-bars li", has_text="In the clinic").get_by_text("5", exact=True).wait_for()
    trainer.get_by_text("Participants see the result.").wait_for()

    trainer.locator("#board > summary").click()
    trainer.get_by_role("button", name="Set the board up").click()
    projector.get_by_role("heading", name="Main challenges").wait_for()
    trainer.get_by_role("button", name="Voting").click()
    trainer.locator("#board [aria-current=step]", has_text="Voting").wait_for()
    trainer.keyboard.press("n")
    current(trainer).get_by_text("A poll").wait_for()
    projector.get_by_role("heading", name=QUESTION).wait_for()  # what a poll item shows

    trainer.get_by_text("End…").click()
    trainer.get_by_role("button", name="Yes, end it").click()
    trainer.get_by_text("The meeting is over.").wait_for()
    projector.get_by_text("The meeting is over.").wait_for()


def test_an_update_leaves_focus_and_words_alone_and_names_who_did_it(seat):
    first, second = seat("trainer"), seat("lead")
    connected(first)
    connected(second)
    start(first)
    second.get_by_text("started the meeting").wait_for()
    second.fill("#main-chat-text", "half a sente")
    first.keyboard.press("n")
    second.locator("[data-did]").get_by_text("went to another item").wait_for()
    current(second).get_by_text("Welcome").wait_for()
    assert second.evaluate("document.activeElement.id") == "main-chat-text"
    second.keyboard.type("nnn?")  # keys rest while somebody writes
    assert second.input_value("#main-chat-text") == "half a sentennn?"
    second.wait_for_timeout(5500)
    assert second.locator("[data-did]").inner_text() == "" and current(second).inner_text() == "Welcome"
    second.keyboard.press("Enter")
    first.locator("#main-chat li", has_text="half a sentennn?").wait_for()
    assert second.input_value("#main-chat-text") == ""


def test_a_gap_of_the_trainer_changes_nothing_for_others_and_heals(seat):
    trainer, projector = seat("trainer", strict=False), seat("lead", "projector")
    connected(trainer)
    start(trainer)
    trainer.context.set_offline(True)
    trainer.get_by_text("Reconnecting, participants do not notice").wait_for()
    trainer.keyboard.press("n")
    trainer.get_by_text("Not sent yet.").wait_for()
    assert projector.get_by_role("heading", name="From finding to treating").is_visible()
    trainer.context.set_offline(False)
    current(trainer).get_by_text("Welcome").wait_for()
    connected(trainer)
    projector.get_by_role("heading", name="Welcome").wait_for()
    assert not trainer.get_by_text("Not sent yet.").is_visible()


def test_without_scripts_each_button_is_a_form(seat):
    trainer = seat("trainer", java_script_enabled=False)
    start(trainer)
    trainer.get_by_role("button", name="Begin the first item").click()
    assert trainer.url.endswith("/control/#run") and current(trainer).inner_text() == "Welcome"
    trainer.locator("#main-chat-text").fill("Hello without scripts")
    trainer.locator("#main-chat-form button").click()
    assert trainer.locator("#main-chat li", has_text="Hello without scripts").is_visible()


def test_nothing_scrolls_but_the_columns_and_the_phone_has_tabs(seat):
    trainer = seat("trainer")
    connected(trainer)
    start(trainer)
    prepare(trainer)
    sizes = trainer.evaluate(
        "[document.documentElement.scrollHeight, innerHeight, document.documentElement.scrollWidth, innerWidth]"
    )
    assert sizes[0] <= sizes[1] and sizes[2] <= sizes[3]
    trainer.set_viewport_size(PHONE)
    assert trainer.locator("#run").is_visible() and not trainer.locator("#people").is_visible()
    trainer.get_by_role("link", name="People").click()
    assert trainer.locator("#people").is_visible() and not trainer.locator("#run").is_visible()
    assert trainer.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    ("screen", "size"), [("control", DESKTOP), ("control", PHONE), ("projector", DESKTOP), ("hall", DESKTOP)]
)
def test_axe_finds_nothing(seat, screen, size):
    trainer = seat("trainer")
    connected(trainer)
    start(trainer)
    prepare(trainer)
    trainer.locator("#polls").get_by_role("button", name="Open", exact=False).first.click()
    trainer.get_by_role("heading", name=f"Poll: {QUESTION}").wait_for()
    trainer.locator("#board > summary").click()
    trainer.get_by_role("button", name="Set the board up").click()
    trainer.get_by_role("button", name="Voting").wait_for()
    page = trainer if screen == "control" else seat("trainer", screen, size)
    page.set_viewport_size(size)
    # Sticky bars land in mid-page in a small window; the whole page in view shows them where they end up.
    page.set_viewport_size({**size, "height": max(size["height"], page.evaluate("document.documentElement.scrollHeight"))})
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(one["id"], [node["html"][:150] for node in one["nodes"]]) for one in found] == []
