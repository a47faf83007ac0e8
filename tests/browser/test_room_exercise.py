"""A whole regional meeting in Portuguese: mentors lead the exercise of three questions (challenges, actions, what was effective).

Three people write from phones, one of them by long poll, a fourth comes late; groups work on boards of their own. At the end every page
shows what the log holds, the summary and the draft page tell it in order, and names of people stay out of the library.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP
from tests.browser.rooming import (
    NO_SOCKETS,
    Cast,
    connected,
    note,
    press,
    says,
    tab,
    write,
)
from tests.browser.showing import everybody_agrees, nothing_is_lost_or_double

pytestmark = [pytest.mark.timeout(300)]

SAO_PAULO, BOGOTA, MEXICO = "America/Sao_Paulo", "America/Bogota", "America/Mexico_City"
HOSTS = {"Rosa": ("BR", "pt-br", SAO_PAULO), "Paulo": ("BR", "pt-br", SAO_PAULO)}
MENTORS = {
    "Bia": ("BR", "pt-br", SAO_PAULO), "Caio": ("CO", "pt-br", BOGOTA), "Dora": ("MX", "pt-br", MEXICO), "Duda": ("AR", "pt-br", SAO_PAULO),
}  # fmt: skip
SHOW = [("Abertura", "welcome", 5), ("Os três desafios", "board", 45), ("Encerramento", "closing", 10)]
FAR, NO_DXA, NOBODY = "A DXA fica a três horas", "Falta densitometria", "Ninguém coordena em tempo parcial"
NURSE, VAN, LIST = "Enfermeira coordenadora dois dias", "Unidade móvel por mês", "Lista semanal da radiologia"


def notes(desk, meeting, stream="main"):
    """{text: note} that stand on the board."""
    return {one["text"]: one for one in desk.state(meeting, stream)["state"].get("notes", {}).values()}


def choose(page, kind, within="#board", **options):
    """Fills one of the two small forms below the board by the words of its notes, and sends it."""
    page.locator(f"{within} details[data-arrange]:not([open]) > summary").click()
    form = page.locator(f"{within} form[data-act='{kind}']")
    for name, text in options.items():
        form.locator(f"select[name={name}]").select_option(label=text)
    form.locator("button").click()


def unfold(page, part):
    """A box of the control room that may be open already."""
    if page.locator(f"#{part}:not([open])").count():
        page.locator(f"#{part} > summary").click()


def test_the_exercise_of_a_regional_meeting(open_page, site, desk):
    here = desk.regional(HOSTS, MENTORS, SHOW, language="pt-br", time_zone=SAO_PAULO)
    meeting, cast = here["meeting"], Cast(open_page, site, here["meeting"], "pt-br")
    rosa, paulo = cast.enter("Rosa", "control", DESKTOP), cast.enter("Paulo", "control", DESKTOP)
    bia, dora = cast.enter("Bia", part="stage"), cast.enter("Dora", part="stage")
    caio = cast.enter("Caio", part="stage", script=NO_SOCKETS)
    for page in (rosa, paulo, bia, dora):
        connected(page)
    connected(caio, "polling")
    press(rosa, "session.open")
    says(paulo, "Rosa Prueba")
    unfold(paulo, "board")
    press(paulo, "board.setup")

    # One idea per note, each under its country; alike ones together, by buttons
    note(bia, "challenges", NO_DXA)
    note(caio, "challenges", FAR)
    note(dora, "challenges", NOBODY)
    note(dora, "actions", NURSE)
    for page in (rosa, bia, caio):
        says(page, NURSE)
    assert {text: one["country"] for text, one in notes(desk, meeting).items()} == {
        NO_DXA: "BR",
        FAR: "CO",
        NOBODY: "MX",
        NURSE: "MX",
    }
    unfold(rosa, "board")
    ids = {text: one["id"] for text, one in notes(desk, meeting).items()}
    rosa.check(f"#note-{ids[FAR]} input")
    rosa.select_option("#cluster select", str(ids[NO_DXA]))
    rosa.click("#cluster button")
    expect(bia.locator(f"#board [data-key='{ids[NO_DXA]}'] [data-list=merged] [data-text=text]")).to_have_text([FAR])
    choose(dora, "board.link", action=NURSE, challenge=NOBODY)
    expect(caio.locator(f"#board [data-key='{ids[NURSE]}'] [data-list=answers] [data-text=text]")).to_have_text(NOBODY)

    # Two groups with boards of their own; a host looks in; everybody is called back
    unfold(rosa, "groups")
    rosa.fill("[id='group.plan'] input[name=count]", "2")
    rosa.click("[id='group.plan'] button")
    rosa.locator("[id='group.open'] button").click()
    for page in (bia, caio, dora):
        page.locator("#group:not([hidden]):not(.off) [data-group-body]:not([hidden]) .column").first.wait_for()
    places = {name: page.get_attribute("#group", "data-st") for name, page in (("Bia", bia), ("Caio", caio), ("Dora", dora))}
    assert len(set(places.values())) == 2 and notes(desk, meeting, places["Bia"]) == {}
    note(bia, "actions", VAN, "#group")
    note(caio, "actions", LIST, "#group")
    write(dora, "No nosso grupo: quem avisa?", "#group")
    says(dora, "quem avisa?")
    paulo.goto(cast.path("control") + f"?group={places['Bia'].partition(':')[2]}")
    paulo.locator("#visit .cr-note", has_text=VAN).wait_for()
    press(rosa, "group.recall")
    bia.locator("#group [data-breakout=recalled]").wait_for()
    press(rosa, "group.close")
    bia.locator("#now:not(.off)").wait_for(state="attached")
    press(rosa, "board.gather")
    tab(bia, "stage")
    for text in (VAN, LIST):
        bia.locator("#board .sticky", has_text=text).wait_for()

    # Discuss, vote, close; Duda comes late and votes too
    press(rosa, "board.phase", phase="discuss")
    for page in (caio, dora):
        tab(page, "stage")
    choose(caio, "board.link", action=VAN, challenge=NO_DXA)
    expect(bia.locator("#board .sticky", has_text=VAN).locator("[data-list=answers] [data-text=text]")).to_have_text(NO_DXA)
    press(rosa, "board.phase", phase="vote")
    duda = cast.enter("Duda", part="stage")
    connected(duda)
    for page, wanted in ((bia, (VAN, NURSE)), (caio, (VAN,)), (dora, (VAN, LIST)), (duda, (NURSE,))):
        for text in wanted:
            page.locator("#board .sticky", has_text=text).locator("button[aria-pressed=false]:visible").click()
            page.locator("#board .sticky", has_text=text).locator("button[aria-pressed=true]:visible").wait_for()
    rosa.locator("#board .cr-note", has_text=VAN).locator("b", has_text="+3").wait_for()
    press(rosa, "board.phase", phase="closed")
    pages = {bia: places["Bia"], caio: places["Caio"], dora: places["Dora"], duda: None}
    everybody_agrees(desk, meeting, pages, rosa, "pt-br")
    unfold(rosa, "ask-end")
    press(rosa, "session.end")
    for page in pages:
        page.wait_for_selector(".room-top [data-session=ended]:visible")
    everybody_agrees(desk, meeting, pages, rosa, "pt-br")
    nothing_is_lost_or_double(desk, cast)
    the_summary_tells_it(desk, cast, rosa, bia)
    what_a_group_said_is_its_own(
        cast, {bia: places["Bia"] == places["Dora"], caio: places["Caio"] == places["Dora"], rosa: True, duda: False}
    )
    assert cast.troubles == []


def the_summary_tells_it(desk, cast, host, mentor):
    """By votes, with links and countries; the draft for the library has the ideas and no names of people."""
    mentor.goto(cast.path("board"))
    assert mentor.locator("form[action$='/draft/']").count() == 0
    ranked = mentor.locator("section[aria-labelledby=effective] li").all_inner_texts()
    assert [text in line for text, line in zip((VAN, NURSE, LIST), ranked, strict=True)] == [True] * 3
    answered = mentor.locator("section[aria-labelledby=answers] li.rule", has_text=NO_DXA)
    assert FAR in answered.inner_text() and VAN in answered.inner_text() and NURSE not in answered.inner_text()
    host.goto(cast.path("board"))
    host.click("form[action$='/draft/'] button")
    host.locator(".messages .note.ok").wait_for()
    draft = desk.draft_of(cast.meeting)
    assert not draft["live"] and all(text in draft["body"] for text in (VAN, NURSE, LIST, NO_DXA, FAR, NOBODY))
    assert not any(name in draft["body"] + draft["title"] for name in ("Prueba", *HOSTS, *MENTORS))


def what_a_group_said_is_its_own(cast, may_read):
    """{page: whether the person was in Dora's group or runs the meeting}."""
    for page, may in may_read.items():
        page.goto(cast.path("transcript"))
        words = page.inner_text("main")
        assert VAN in words and ("quem avisa?" in words) is may
