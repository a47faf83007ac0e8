"""A room without a mouse: a vote, a question, the board; and the control room by its keys. The focus can be seen at every stop."""

import pytest

from tests.browser.conftest import DESKTOP
from tests.browser.rooming import Cast, connected
from tests.browser.showing import agrees
from tests.browser.test_keyboard import press, skip_to_content

pytestmark = [pytest.mark.timeout(240)]

MEXICO = "America/Mexico_City"
VOICES = [f"Tecla{number}" for number in range(1, 6)]
PEOPLE = {
    "Elena": ("trainer", "MX", "es", MEXICO), "Ana": ("trainee", "MX", "es", MEXICO), "Bruno": ("trainee", "CO", "es", "America/Bogota"),
    **dict.fromkeys(VOICES, ("trainee", "MX", "es", MEXICO)),
}  # fmt: skip
POLL = {"kind": "single-choice", "text": "¿Qué vía?", "choices": ["Consulta", "Hospital"], "promise": "identified"}
MOST_STOPS = 120


@pytest.fixture
def here(desk):
    """A meeting that has begun, with a board, an item of the agenda, and two polls prepared; the second one is without names."""
    made = desk.training(PEOPLE, [("Bienvenida", "welcome", 5), ("Discusión", "discussion", 20)], language="es")
    desk.act(made["meeting"], "Elena", "session.open")
    desk.act(made["meeting"], "Elena", "poll.prepare", POLL, "hosts")
    desk.act(made["meeting"], "Elena", "poll.prepare", {**POLL, "text": "¿Y después?", "promise": "anonymous"}, "hosts")
    made["polls"] = sorted(int(key) for key in desk.state(made["meeting"], "hosts")["state"]["polls"])
    return made


@pytest.fixture
def cast(open_page, site, here):
    made = Cast(open_page, site, here["meeting"])
    yield made
    assert made.troubles == []


def reach(page, selector):
    """Goes on by Tab until the focus is there."""
    for _ in range(MOST_STOPS):
        press(page, "Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"{selector} is not reached by keyboard")


def here_still(page):
    """An act and what it changed left the focus on something."""
    assert page.evaluate("document.activeElement !== document.body")


def choose(page, text):
    """In a closed list: by its first letters, as people do."""
    page.keyboard.type(text)
    assert page.evaluate("document.activeElement.selectedOptions[0].text") == text


def test_vote_question_and_board_by_keyboard_alone(desk, cast, here):
    meeting, poll = here["meeting"], here["polls"][0]
    desk.act(meeting, "Elena", "poll.open", {"id": poll})
    desk.act(meeting, "Elena", "board.setup")
    desk.act(meeting, "Bruno", "qa.ask", {"text": "¿Y el alta?"})
    desk.act(meeting, "Bruno", "board.note", {"column": "challenges", "text": "Falta DXA"})
    ana = cast.enter("Ana", size=DESKTOP)
    connected(ana)

    def state():
        return desk.state(meeting)

    def has(what, look):
        agrees(lambda: {what: look(state())}, lambda: {what: True})

    # The vote: the second choice by an arrow
    skip_to_content(ana)
    reach(ana, f"#polls [data-key='{poll}'] input[type=radio]")
    press(ana, "Space")
    press(ana, "ArrowDown")
    reach(ana, "#polls form button")
    press(ana, "Enter")
    has("vote", lambda now: now["tallies"].get(f"poll:{poll}") == 1)
    here_still(ana)

    # A note, voted on later, linked to what it answers
    reach(ana, ".column[data-key=actions] form[data-act='board.note'] textarea")
    ana.keyboard.type("Lista semanal")
    reach(ana, ".column[data-key=actions] form[data-act='board.note'] button")
    press(ana, "Enter")
    has("note", lambda now: "Lista semanal" in [one["text"] for one in now["state"]["notes"].values()])
    here_still(ana)
    ana.locator("#board .sticky", has_text="Lista semanal").wait_for()
    reach(ana, "[data-arrange] > summary")
    press(ana, "Enter")
    reach(ana, "form[data-act='board.link'] select[name=action]")
    choose(ana, "Lista semanal")
    reach(ana, "form[data-act='board.link'] select[name=challenge]")
    choose(ana, "Falta DXA")
    reach(ana, "form[data-act='board.link'] button")
    press(ana, "Enter")
    has("link", lambda now: len(now["state"].get("links", {})) == 1)
    here_still(ana)

    # A question of one's own, and a vote for another's
    reach(ana, ".side-tabs [data-tab=questions]")
    press(ana, "Enter")
    reach(ana, "#questions form[data-act='qa.ask'] textarea")
    ana.keyboard.type("¿Quién avisa?")
    reach(ana, "#questions form[data-act='qa.ask'] button")
    press(ana, "Enter")
    has("question", lambda now: "¿Quién avisa?" in [one["text"] for one in now["state"]["questions"].values()])
    theirs = next(key for key, one in state()["state"]["questions"].items() if one["text"] == "¿Y el alta?")
    reach(ana, f"#questions [data-key='{theirs}'] .vote button")
    press(ana, "Space")
    has("upvote", lambda now: now["tallies"].get(f"question:{theirs}") == 1)
    assert ana.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"

    # The board votes: on by Tab, round the end of the page, to the button beside the note
    desk.act(meeting, "Elena", "board.phase", {"phase": "vote"})
    own = next(key for key, one in state()["state"]["notes"].items() if one["text"] == "Lista semanal")
    ana.locator(f"#board [data-key='{own}'] button[aria-pressed]:visible").wait_for()
    reach(ana, f"#board [data-key='{own}'] button[aria-pressed]")
    press(ana, "Enter")
    has("board vote", lambda now: now["tallies"].get(f"note:{own}") == 1)
    agrees(lambda: {"pressed": ana.evaluate("document.activeElement.getAttribute('aria-pressed')")}, lambda: {"pressed": "true"})


def test_the_control_room_by_its_keys(desk, cast, here):
    meeting, (named, nameless) = here["meeting"], here["polls"]
    elena = cast.enter("Elena", "control", DESKTOP)
    connected(elena)

    def poll(pk):
        return desk.state(meeting)["state"].get("polls", {}).get(str(pk), {}).get("state")

    def becomes(look, wanted):
        agrees(lambda: {"is": look()}, lambda: {"is": wanted})

    def strike(key, button):
        """The key, as soon as its button stands there. It moves the focus to what it pressed, which can be seen."""
        elena.locator(button).wait_for()
        press(elena, key)

    strike("n", "#go-next")
    becomes(lambda: elena.locator("#ros [aria-current=step] b").all_inner_texts(), ["Bienvenida"])
    strike("p", "[data-key=p]")
    becomes(lambda: poll(named), "open")
    for name in VOICES:
        choice = desk.state(meeting)["state"]["polls"][str(named)]["question"]["choices"][0]["key"]
        desk.act(meeting, name, "poll.vote", {"id": named, "value": choice})
    strike("r", "#close-show")
    becomes(lambda: poll(named), "shown")
    strike("p", f"#poll-{nameless} [data-key=p]")
    becomes(lambda: poll(nameless), "open")
    strike("p", "#close-only")
    becomes(lambda: poll(nameless), "closed")
    strike("?", "[data-help]")
    assert elena.locator("[data-help][open] dl").is_visible()
    press(elena, "?")
    assert not elena.locator("[data-help] dl").is_visible()

    # Keys rest while somebody writes; N works again outside
    reach(elena, "#main-chat-text")
    elena.keyboard.type("n p r ?")
    assert elena.input_value("#main-chat-text") == "n p r ?"
    press(elena, "Enter")
    becomes(lambda: [one["text"] for one in desk.state(meeting)["state"].get("chat", {}).values()], ["n p r ?"])
    assert elena.locator("#ros [aria-current=step] b").inner_text() == "Bienvenida"
    reach(elena, "#go-next, a")
    strike("n", "#go-next")
    becomes(lambda: elena.locator("#ros [aria-current=step] b").all_inner_texts(), ["Discusión"])
