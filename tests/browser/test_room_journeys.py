"""Whole meetings with several real browsers: a training session in Spanish, the exercise of a regional meeting in Portuguese.

Phones sleep, sockets are blocked, a browser runs no scripts, somebody comes late, the server is killed. At the end every page shows
what the log holds, each acknowledged act is there once, and what was taken back is nowhere.

`ROOM_SLEEP` is how many seconds the phone sleeps (20; the issue's minute with 60).
"""

import os
import time

import pytest
import typst

from tests.browser.conftest import DESKTOP
from tests.browser.rooming import (
    NO_SOCKETS,
    Cast,
    act_button,
    ask,
    connected,
    kill,
    press,
    says,
    sleep_of_phone,
    tab,
    vote,
    write,
)
from tests.browser.showing import agrees, everybody_agrees, nothing_is_lost_or_double, seen

pytestmark = [pytest.mark.timeout(420)]

SLEEP = int(os.environ.get("ROOM_SLEEP", "20"))
SECRET = "expediente 4711 de la paciente"
MEXICO, BOGOTA, LIMA, SAO_PAULO = "America/Mexico_City", "America/Bogota", "America/Lima", "America/Sao_Paulo"
VOICES = [f"Voz{number}" for number in range(1, 6)]
CLASS = {
    "Elena": ("trainer", "MX", "es", MEXICO), "Ana": ("trainee", "MX", "es", MEXICO), "Bruno": ("trainee", "CO", "es", BOGOTA),
    "Carla": ("trainee", "PE", "es", LIMA), "Diego": ("trainee", "MX", "es", MEXICO),
    **dict.fromkeys(VOICES, ("trainee", "MX", "es", MEXICO)),
}  # fmt: skip
SHOW = [
    ("Bienvenida", "welcome", 5),
    ("El camino del paciente", "talk", 20),
    ("Discusión", "discussion", 25),
    ("Cierre", "closing", 10),
]


def lines(page, selector):
    return page.locator(selector).all_inner_texts()


# --- a training session ------------------------------------------------------------------------------------------------


def slides_are_drawn(page, cast):
    """The trainer uploads a PDF of three pages and waits for the worker."""
    pdf = typst.compile(b"= El camino\n#pagebreak()\n= Identificar\n#pagebreak()\n= Tratar")
    page.goto(cast.path("slides"))
    page.set_input_files("input[type=file]", {"name": "clase.pdf", "mimeType": "application/pdf", "buffer": pdf})
    page.click("form[enctype] button.btn")
    for _ in range(40):
        page.goto(cast.path("slides"))
        if page.locator(".tasks a").count():
            return
        time.sleep(0.5)
    raise AssertionError("the worker drew no slides")


def prepare(desk, meeting, text, choices, promise):
    body = {"kind": "single-choice", "text": text, "choices": choices, "promise": promise}
    desk.act(meeting, "Elena", "poll.prepare", body, "hosts")
    return max(int(key) for key in desk.state(meeting, "hosts")["state"]["polls"])


def open_poll(desk, meeting):
    return next(one for one in desk.state(meeting)["state"]["polls"].values() if one["state"] == "open")


def everybody_votes(desk, meeting, choice):
    """The five who sit in no browser of this test."""
    poll = open_poll(desk, meeting)
    for name in VOICES:
        desk.act(meeting, name, "poll.vote", {"id": poll["id"], "value": poll["question"]["choices"][choice]["key"]})


def test_a_whole_training_session(open_page, site, desk):
    here = desk.training(CLASS, SHOW, title="El camino del paciente", language="es", time_zone=MEXICO)
    meeting, cast = here["meeting"], Cast(open_page, site, here["meeting"])
    steps = prepare(desk, meeting, "¿Dónde empezaría?", ["En urgencias", "En consulta"], "identified")
    honest = prepare(desk, meeting, "¿Su hospital trata a quien se fractura?", ["Sí", "No", "A veces"], "anonymous")

    # Before it begins: everybody waits in the lobby, each in their own way
    elena = cast.enter("Elena", "control", DESKTOP)
    slides_are_drawn(elena, cast)
    elena.goto(cast.path("control"))
    ana = cast.enter("Ana", part="chat")
    bruno = cast.enter("Bruno", part="chat", script=NO_SOCKETS)
    carla = cast.enter("Carla", java_script_enabled=False)
    for page in (elena, ana):
        connected(page)
    connected(bruno, "polling")
    assert seen(ana)["session"] == "lobby" and carla.locator("[data-session=lobby]:visible").count()

    # It begins; words, slides, a question
    press(elena, "session.open")
    for page in (ana, bruno):
        page.wait_for_selector("[data-session=live]:visible")
    elena.keyboard.press("n")
    says(ana, "Bienvenida")
    write(ana, "Buenas tardes desde Guadalajara.")
    write(bruno, "Boa tarde, aquí Bogotá por un canal lento.")
    carla.reload()
    write(carla, "Sin scripts, desde Lima.")
    for page in (ana, bruno):
        says(page, "Sin scripts, desde Lima.")
    elena.fill("#main-chat-text", "Bienvenidas y bienvenidos.")
    elena.keyboard.press("Enter")
    says(bruno, "Bienvenidas y bienvenidos.")
    elena.keyboard.press("Escape")
    press(elena, "slide.goto", page=1)
    tab(ana, "stage")
    ana.locator("[data-picture][src*='/1/']").wait_for()
    elena.locator("#slide-on").click()
    ana.locator("[data-picture][src*='/2/']").wait_for()
    assert ana.evaluate("document.querySelector('[data-picture]').decode().then(() => true)")
    tab(ana, "questions")
    ask(ana, "¿Cada cuánto se revisa la lista?")
    tab(bruno, "questions")
    press(bruno, "qa.upvote")
    carla.reload()
    press(carla, "qa.upvote")
    says(elena, "¿Cada cuánto se revisa la lista?")
    elena.locator("#questions [data-tally]", has_text="2").wait_for()

    # Who runs no scripts shows by the code that they are here
    elena.locator("#new-code button").click()
    code = elena.locator("#code .code").inner_text()
    carla.goto(cast.path("check-in"))
    carla.fill("input[name=code]", code)
    carla.locator("main form button").first.click()
    carla.goto(cast.path("room"))

    # A poll with names: two browsers, one form, five more
    elena.locator("h1").click()
    elena.keyboard.press("p")
    tab(ana, "now")
    tab(bruno, "now")
    vote(ana, "En consulta")
    vote(bruno, "En urgencias")
    carla.reload()
    vote(carla, "En urgencias")
    everybody_votes(desk, meeting, 0)
    act_button(elena, "poll.close", id=steps).first.wait_for()
    elena.locator(f"[data-tally='poll:{steps}']", has_text="8").wait_for()
    elena.locator("#close-show").wait_for()
    elena.keyboard.press("r")
    says(ana, "7 (88\u00a0%)")
    says(bruno, "7 (88\u00a0%)")

    # Ana's phone sleeps with words on their way; meanwhile a vote without names, hands, a timer, words taken back, a server killed
    ana.context.set_offline(True)
    ana.wait_for_selector("[data-link='connecting waiting']:visible")
    tab(ana, "chat")
    write(ana, "Escrito justo antes de dormirse.")
    ana.locator("#chat [data-pending] .msg").wait_for()
    wake, slept = sleep_of_phone(ana), time.monotonic()
    elena.keyboard.press("p")
    elena.locator(f"[data-tally='poll:{honest}']").wait_for()
    vote(bruno, "A veces")
    tab(bruno, "chat")
    write(bruno, SECRET)
    elena.locator("#main-chat li", has_text=SECRET).locator("summary").click()
    elena.locator("#main-chat li", has_text=SECRET).locator("button").click()
    bruno.wait_for_selector("#chat .words[data-show=redacted]:visible")
    tab(bruno, "people")
    press(bruno, "hand.up")
    press(elena, "hand.call")
    bruno.wait_for_selector("#people [data-show=called]:visible")
    kill(site)
    tab(bruno, "chat")
    write(bruno, "Dicho mientras el servidor no estaba.")
    elena.locator("#timers > summary").click()
    press(elena, "timer.set", seconds=300)
    elena.locator("[data-refused] .warn").wait_for()
    site.start()
    says(elena, "Dicho mientras el servidor no estaba.")
    elena.locator("#timers [data-ends]").wait_for()
    connected(elena)
    connected(bruno, "polling")
    carla.reload()
    vote(carla, "No")
    everybody_votes(desk, meeting, 1)
    time.sleep(max(0, SLEEP - (time.monotonic() - slept)))
    wake()
    connected(ana)
    says(elena, "Escrito justo antes de dormirse.")
    tab(ana, "now")
    vote(ana, "Sí")

    # Diego comes late and has everything
    diego = cast.enter("Diego")
    connected(diego)
    elena.locator(f"[data-tally='poll:{honest}']", has_text="8").wait_for()
    assert diego.locator("#polls .poll").count() == 2
    elena.locator("#close-show").wait_for()
    elena.locator("h1").click()
    elena.keyboard.press("r")
    says(diego, "6 (75\u00a0%)")
    elena.keyboard.press("n")
    elena.locator("#questions details summary").first.click()
    elena.locator("#questions form[id^='qa.answer'] input[name=text]").fill("Una vez por semana basta.")
    elena.locator("#questions form[id^='qa.answer'] button").click()
    says(diego, "Una vez por semana basta.")
    elena.fill("#outcome-text", "Traer la lista de fracturas de un mes")
    elena.select_option("#outcome-what", "action")
    elena.click("[id='outcome.add'] .btn")
    elena.locator("#outcomes li", has_text="Traer la lista").wait_for()
    press(elena, "hand.down")
    tab(diego, "chat")
    write(diego, "Llegué tarde y lo tengo todo.")
    everybody_agrees(desk, meeting, dict.fromkeys((ana, bruno, diego, carla)), elena)

    # The end; what stays
    elena.locator("#ask-end summary").click()
    press(elena, "session.end")
    for page in (ana, bruno, diego):
        page.wait_for_selector(".room-top [data-session=ended]:visible")
    carla.reload()
    everybody_agrees(desk, meeting, dict.fromkeys((ana, bruno, diego, carla)), elena)
    assert lines(ana, "#chat [data-list=chat] .words:not([hidden])") == lines(
        diego, "#chat [data-list=chat] .words:not([hidden])"
    )
    nothing_is_lost_or_double(desk, cast)
    said = [one["text"] for one in desk.state(meeting)["state"]["chat"].values() if not one.get("redacted")]
    assert len(said) == len(set(said)) == 7
    what_stays(desk, cast, diego, elena)
    assert cast.troubles == []


def what_stays(desk, cast, person, trainer):
    """The transcript without what was taken back, and the minutes of each person."""
    person.goto(cast.path("transcript"))
    words = person.inner_text("main")
    for said in ("Escrito justo antes de dormirse.", "Dicho mientras el servidor no estaba.", "Sin scripts, desde Lima.",
                 "Una vez por semana basta.", "Traer la lista de fracturas de un mes", "A veces"):  # fmt: skip
        assert words.count(said) == 1, said
    assert SECRET not in words and desk.places_of(SECRET) == []
    # Signs of life are written every few seconds, and marks follow them: the worker looks each minute
    there = {"Ana", "Bruno", "Carla", "Diego"}
    agrees(
        lambda: {name: mark["seconds"] > 0 for name, mark in desk.marks(cast.meeting).items()},
        lambda: {name: name in there for name in CLASS if name != "Elena"},
        40,
    )
    lasted, away = desk.lasted(cast.meeting), {"Ana": SLEEP + 5 if SLEEP > 40 else 0, "Bruno": 0}
    agrees(
        lambda: {name: lasted - away[name] - 16 <= desk.marks(cast.meeting)[name]["seconds"] <= lasted + 1 for name in away},
        lambda: dict.fromkeys(away, True),
        75,
    )
    marks = desk.marks(cast.meeting)
    assert 0 < marks["Diego"]["seconds"] < marks["Bruno"]["seconds"] and marks["Carla"]["source"] == "code"
    trainer.goto(cast.path("attendance"))
    assert all(f"{name} Prueba" in trainer.inner_text("main") for name in CLASS if name != "Elena")
