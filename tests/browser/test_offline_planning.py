"""Answers and ticks given without a line, pages that a device keeps ahead, texts that survive a reload."""

import contextlib
import datetime
import re

import pytest
from playwright.sync_api import Error, expect

from tests.browser.backstage import PASSWORD
from tests.browser.conftest import PHONE
from tests.browser.planning_steps import PEOPLE, fits
from tests.browser.signing_in import sign_in
from tests.browser.test_offline import COPIES, IN_STORE

pytestmark = [pytest.mark.timeout(300)]

NOTE = "[data-act-note]:visible"


def until(page, expression, wanted, rounds=150):
    """Asks the page until it says what is wanted: `wait_for_function` takes any promise for true."""
    found = None
    for _ in range(rounds):
        with contextlib.suppress(Error):  # it comes anew by itself once something was sent
            found = page.evaluate(expression)
        if found == wanted:
            return
        page.wait_for_timeout(100)
    raise AssertionError((expression, found, wanted))


def signed(open_page, site, name="Ana", **options):
    page = open_page(PHONE, strict=False, **options)
    sign_in(page, site.base, f"{name.lower()}@room.example.org", PASSWORD)
    return page


def with_worker(page, *addresses):
    """The addresses looked at, and kept by the service worker."""
    page.goto("/es/live/")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
    for address in addresses:
        page.goto(address)
        while address not in page.evaluate(COPIES):
            page.wait_for_timeout(100)


def answered(desk, meeting, name="Ana"):
    return desk.answer_of(meeting, name)[0]


def test_an_answer_without_a_line_waits_in_words_and_arrives_once(site, open_page, desk):
    meeting = desk.announced("La sesión sin línea", Ana=PEOPLE["Ana"])["meeting"]
    address, page, before = f"/es/live/{meeting}/", signed(open_page, site), desk.kept_acts_done()
    with_worker(page, address)
    context = page.context
    site.stop()
    try:
        page.check("#answering [value=maybe]")
        page.fill("#id_note", "Llego tarde")
        page.click("#answering button.btn:not([type=button])")
        expect(page.locator(NOTE)).to_contain_text("La sesión sin línea")
        until(page, IN_STORE, 1)
        fits(page)
        page.close()  # and the browser is opened again on the page, still without a line
        page = context.new_page()
        page.goto(address)
        assert page.locator("[data-copy]").is_visible()
        expect(page.locator(NOTE)).to_contain_text("La sesión sin línea")
        expect(page.locator("#answering [value=maybe]")).to_be_checked()
        page.check("#answering [value=yes]")  # the newer one takes its place
        page.click("#answering button.btn:not([type=button])")
        until(page, IN_STORE, 1)
    finally:
        site.start()
    assert answered(desk, meeting) == ""
    page.evaluate("() => dispatchEvent(new Event('online'))")
    expect(page.locator("[data-copy]")).to_be_hidden()
    expect(page.locator("#answering p b").first).to_be_visible()
    expect(page.locator(NOTE)).to_have_count(0)
    until(page, IN_STORE, 0)
    assert answered(desk, meeting) == "yes"
    page.goto(address)
    page.wait_for_load_state("networkidle")
    assert desk.kept_acts_done() == before + 1
    assert page.input_value("#id_note") == "Llego tarde"


def test_on_the_calendar_one_tap_waits_too_and_can_be_taken_back(site, open_page, desk):
    meeting = desk.announced("La sesión del toque", Ana=PEOPLE["Ana"])["meeting"]
    desk.change_meeting(meeting, hours=2)
    page = signed(open_page, site, service_workers="block")
    page.goto("/es/live/calendar/?view=list")
    box = page.locator(f"[data-act='meeting:{meeting}']")
    page.context.set_offline(True)
    box.locator("[value=no]").click()
    expect(box.locator("[data-act-note]")).to_be_visible()
    until(page, IN_STORE, 1)
    box.locator("[data-act-note] button").click()
    until(page, IN_STORE, 0)
    expect(box.locator("[data-act-note]")).to_be_hidden()
    box.locator("[value=yes]").click()
    until(page, IN_STORE, 1)
    assert answered(desk, meeting) == ""
    page.context.set_offline(False)  # Chromium says so to the page
    until(page, IN_STORE, 0)
    expect(box.locator("[value=yes]")).to_have_attribute("aria-pressed", "true")
    assert answered(desk, meeting) == "yes"
    fits(page)


def test_a_tick_without_a_line_arrives_once(site, open_page, desk):
    year = datetime.date.today().year + 2
    members = desk.planned_year(year, ["Uno", "Dos", "Tres", "Cuatro"])[f"{year}-Q2"]["members"]
    page = open_page(PHONE, strict=False, service_workers="block")
    sign_in(page, site.base, members[0])
    page.goto(f"/es/live/quarters/{year}-Q2/")
    form, before = page.locator("#technical form"), desk.kept_acts_done()
    page.context.route("**/kept-acts/", lambda route: route.abort())  # the device believes that it has a line
    form.locator("button:not([type=button])").click()
    expect(form.locator("[data-act-note]")).to_be_visible()
    assert desk.checklist(f"{year}-Q2")["technical"] is False
    page.context.unroute("**/kept-acts/")
    page.reload()  # the page was opened again
    expect(page.locator("#technical form[data-say=untick]")).to_be_visible()
    assert desk.checklist(f"{year}-Q2")["technical"] is True
    form.locator("button:not([type=button])").click()
    expect(page.locator("#technical form[data-say=tick]")).to_be_visible()
    assert desk.checklist(f"{year}-Q2")["technical"] is False
    assert desk.kept_acts_done() == before + 2


def test_what_is_refused_is_said_and_stays_until_it_was_read(site, open_page, desk):
    meeting = desk.announced("La sesión cancelada", Ana=PEOPLE["Ana"])["meeting"]
    page = signed(open_page, site, service_workers="block")
    page.goto(f"/es/live/{meeting}/")
    page.context.set_offline(True)
    page.check("#answering [value=yes]")
    page.click("#answering button.btn:not([type=button])")
    until(page, IN_STORE, 1)
    desk.change_meeting(meeting, state="cancelled")
    page.context.route("**/kept-acts/", lambda route: route.abort())
    page.context.set_offline(False)
    page.context.unroute("**/kept-acts/")
    page.goto("/es/messages/")  # wherever the person is
    said = page.locator("[role=alert]:visible")
    expect(said).to_contain_text("La sesión cancelada")
    fits(page)
    page.goto("/es/live/")
    expect(said).to_be_visible()
    assert answered(desk, meeting) == ""
    said.locator("[data-discard]").click()
    until(page, IN_STORE, 0)
    page.reload()
    page.wait_for_load_state("networkidle")
    expect(said).to_have_count(0)


def test_what_one_person_queued_is_never_sent_as_the_next_one(site, open_page, desk):
    meeting = desk.announced("La sesión de dos", Ana=PEOPLE["Ana"], Bia=PEOPLE["Bia"])["meeting"]
    page = signed(open_page, site, service_workers="block")
    page.goto(f"/es/live/{meeting}/")
    page.context.route("**/kept-acts/", lambda route: route.abort())
    page.check("#answering [value=no]")
    page.click("#answering button.btn:not([type=button])")
    expect(page.locator(NOTE)).to_be_visible()
    # Ana's session ends; Bia signs in beside it, on the same phone, while Ana's page is still open
    page.context.clear_cookies(name="sessionid")
    other = page.context.new_page()
    sign_in(other, site.base, "bia@room.example.org", PASSWORD)
    page.context.unroute("**/kept-acts/")
    other.goto(f"/es/live/{meeting}/")
    other.wait_for_load_state("networkidle")
    assert other.locator(NOTE).count() == 0
    with page.expect_response("**/kept-acts/") as refused:
        page.evaluate("() => dispatchEvent(new Event('online'))")
    assert refused.value.status in (401, 403)
    expect(page.locator("[data-act-note=signin]")).to_be_visible()
    assert answered(desk, meeting, "Bia") == answered(desk, meeting, "Ana") == ""
    assert page.evaluate(IN_STORE) == 1
    other.context.clear_cookies(name="sessionid")
    page.close()
    sign_in(other, site.base, "ana@room.example.org", PASSWORD)
    until(other, IN_STORE, 0)
    assert [answered(desk, meeting, name) for name in ("Ana", "Bia")] == ["no", ""]


def test_the_run_of_show_is_kept_without_being_looked_at(site, open_page, desk):
    meeting = desk.announced("La sesión de mañana", Lena=PEOPLE["Lena"], Ana=PEOPLE["Ana"])["meeting"]
    page = signed(open_page, site, "Lena")
    page.goto("/es/live/")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
    page.goto("/es/live/calendar/")
    page.wait_for_load_state("networkidle")
    kept = [f"/es/live/{meeting}/{part}/" for part in ("run-of-show", "materials")]
    assert not set(kept) & set(page.evaluate(COPIES))  # in three days
    desk.change_meeting(meeting, hours=30)
    page.goto("/es/live/calendar/")
    for address in kept:
        until(page, f"async () => (await ({COPIES})()).includes('{address}')", wanted=True)
    site.stop()
    try:
        for address in kept:
            page.goto(address)
            assert page.locator("[data-copy]").is_visible()
            assert page.locator("main h1").count() == 1
    finally:
        site.start()


def test_a_half_written_message_survives_a_reload_and_goes_when_it_was_sent(site, open_page, desk):
    people = {"Lena": PEOPLE["Lena"], **{name: PEOPLE[name] for name in ("Ana", "Caio")}}
    desk.announced("La sesión sin respuesta", **people)
    page = signed(open_page, site, "Lena")

    def write():
        page.goto("/es/attention/?all=1")
        page.locator("main [name=who]").first.check()
        page.click("main button[name=act][value=personal]")
        page.locator("textarea[name=text]").wait_for()

    write()
    page.fill("[name=subject]", "Sobre el martes")
    page.fill("textarea[name=text]", "Todavía no está listo")
    write()
    expect(page.locator("textarea[name=text]")).to_have_value("Todavía no está listo")
    expect(page.locator("[name=subject]")).to_have_value("Sobre el martes")
    expect(page.locator("[data-kept-line]")).to_have_count(2)
    fits(page)
    page.click("main button[name=step][value=preview]")
    page.locator("button[name=step][value=send]").wait_for()
    write()  # the phone slept before it was sent
    expect(page.locator("textarea[name=text]")).to_have_value("Todavía no está listo")
    page.click("main button[name=step][value=preview]")
    page.click("main button[name=step][value=send]")
    page.wait_for_url(re.compile("/attention/"))
    write()
    expect(page.locator("textarea[name=text]")).to_have_value("")
    page.fill("textarea[name=text]", "Otra cosa")
    page.locator("header details:has(form[data-sign-out]) summary").click()
    page.locator("header form[data-sign-out] button").click()
    page.wait_for_url(lambda url: "/attention/" not in url)
    assert page.evaluate("() => localStorage.length") == 0
