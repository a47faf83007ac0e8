"""A mentor adds the feed and answers; candidates are selected on a phone; somebody stops one kind of mail."""

import re
import time
import zoneinfo
from urllib.parse import urlparse

import icalendar
import pytest
from playwright.sync_api import expect

from tests.browser.backstage import PASSWORD
from tests.browser.conftest import PHONE, plain
from tests.browser.planning_steps import PEOPLE, fill, fits
from tests.browser.signing_in import sign_in

pytestmark = [pytest.mark.timeout(300)]

SAO_PAULO = zoneinfo.ZoneInfo("America/Sao_Paulo")


# --- 3 -----------------------------------------------------------------------------------------------------------------


def test_a_mentor_adds_the_feed_and_answers(open_page, site, desk, playwright):
    people = {"Lena": PEOPLE["Lena"], "Bia": PEOPLE["Bia"]}
    meeting = desk.announced("La sesión del calendario", **people)["meeting"]
    page = open_page(PHONE, "pt-BR")
    sign_in(page, site.base, "bia@room.example.org", PASSWORD, "pt-br")
    page.goto("/pt-br/messages/calendar/")
    page.click("main button[name=do][value=make]")
    address = page.input_value("#calendar-https")
    assert page.input_value("#calendar-webcal").startswith("webcal:")
    page.reload()
    assert page.locator("#calendar-https").count() == 0
    stranger = playwright.request.new_context()
    answer = stranger.get(address)
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/calendar")
    events = icalendar.Calendar.from_ical(answer.body()).walk("VEVENT")
    mine = next(event for event in events if str(event["SUMMARY"]).startswith("La sesión del calendario"))
    assert mine.decoded("DTSTART").astimezone(SAO_PAULO).hour == 12  # 15:00 UTC
    page.goto("/pt-br/messages/calendar/")
    page.click("main button[name=do][value=revoke]")
    expect(page.locator("main button[name=do][value=make]")).to_be_visible()
    assert stranger.get(address).status == 404
    stranger.dispose()

    page.goto(f"/pt-br/live/{meeting}/")
    page.check("#answering [name=answer][value=yes]")
    with page.expect_navigation():  # the page comes anew once the server has the answer
        page.click("#answering button.btn")
    expect(page.locator("#answering [value=yes]")).to_be_checked()
    assert desk.answer_of(meeting, "Bia") == ["yes", "page"]

    link = mailed_link(site, "bia@room.example.org", r"/live/answer/")
    elsewhere = open_page(PHONE, "pt-BR")
    elsewhere.goto(link)
    assert desk.answer_of(meeting, "Bia") == ["yes", "page"]  # opening it answers nothing
    elsewhere.click("main button[name=answer][value=no]")
    elsewhere.locator("main .note.ok").wait_for()
    assert desk.answer_of(meeting, "Bia") == ["no", "link"]
    elsewhere.goto(f"/pt-br/live/{meeting}/")
    assert "/accounts/login/" in elsewhere.url  # it signed nobody in
    fits(elsewhere)


def mailed_link(site, address, path, title="La sesión del calendario", rounds=100):
    """The path of the first link of this kind in the mails to an address about `title`."""
    for _ in range(rounds):
        for mail in reversed(site.mails()):
            found = re.search(rf"https?://\S+{path}\S+", plain(mail))
            if found and address in mail["To"] and title in plain(mail) + mail["Subject"]:
                return urlparse(found.group(0)).path
        time.sleep(0.3)
    raise AssertionError(f"no link {path} was mailed to {address}")


# --- 4 -----------------------------------------------------------------------------------------------------------------


def test_candidates_are_selected_on_a_phone(open_page, site, desk):
    here = desk.selection_to_hold(["Xenia", "Yago", "Zoe"])
    meeting, page = here["meeting"], open_page(PHONE)
    sign_in(page, site.base, "lena@room.example.org", PASSWORD)
    page.goto(f"/es/live/{meeting}/selection/")
    page.click("main a[href$='/selection/criteria/']")
    page.click("main form[action$='/usual/'] button")
    fill(page, text="Habla portugués")
    page.locator("main form:has([name=text]) button.btn").click()
    expect(page.locator("main ol.tasks > li")).to_have_count(6)
    fits(page)
    page.goto(f"/es/live/{meeting}/selection/")
    page.locator("main tbody th a").first.click()
    wanted = {"Xenia": "selected", "Yago": "not_selected", "Zoe": "selected"}
    for name, decision in wanted.items():
        expect(page.locator("h1")).to_contain_text(name)
        for group in page.locator("main fieldset:has([name^=mark_])").all():
            group.locator("input[value='2']").check()
        page.check(f"main [name=decision][value={decision}]")
        fits(page)
        if name == "Xenia":  # without reasons nothing is kept
            page.click("main button[name=next]")
            expect(page.locator(".errsum")).to_be_focused()
        fill(page, reason=f"Por lo que contó {name}.")
        page.click("main button[name=next]" if name != "Zoe" else "main button[name=stay]")
    page.wait_for_url(re.compile(r"/selection/$"))
    assert {name: line[1:] for name, line in desk.decisions(meeting).items()} == {name: ["candidate", False] for name in wanted}
    page.click("main a[href$='/selection/apply/']")
    page.locator("main form button.btn").click()
    page.wait_for_url(re.compile(r"/selection/$"))
    fits(page)
    assert desk.decisions(meeting) == {name: [decision, decision, True] for name, decision in wanted.items()}


# --- 5 -----------------------------------------------------------------------------------------------------------------


def test_one_kind_of_mail_is_stopped_by_its_link_and_notices_are_read(open_page, site, desk):
    desk.announced("La sesión de los avisos", Lena=PEOPLE["Lena"], Caio=PEOPLE["Caio"])
    stop = mailed_link(site, "caio@room.example.org", "/messages/stop/", "La sesión de los avisos")
    page = open_page(PHONE)
    page.goto(stop)
    assert page.locator("main button[name=stop]").count() == 1
    page.goto(stop)  # a scanner has looked: nothing happened
    page.click("main button[name=stop]")
    page.locator("main button[name=undo]").wait_for()
    assert wants_mail(open_page, site) is False
    page.click("main button[name=undo]")
    page.locator("main button[name=stop]").wait_for()
    assert wants_mail(open_page, site) is True
    fits(page)

    caio = open_page(PHONE)
    sign_in(caio, site.base, "caio@room.example.org", PASSWORD)
    caio.goto("/es/messages/")
    fresh = caio.locator("main .notices li.new")
    assert fresh.count() >= 1
    before = fresh.count()
    fresh.first.locator("button").click()
    caio.wait_for_url(re.compile(r"/live/\d+/"))
    caio.goto("/es/messages/")
    expect(fresh).to_have_count(before - 1)
    if before > 1:
        caio.click("main form[action$='/messages/read/'] button")
    expect(fresh).to_have_count(0)
    fits(caio)


def wants_mail(open_page, site):
    """Whether Caio's own page of choices says that mail about meetings comes."""
    page = open_page(PHONE)
    sign_in(page, site.base, "caio@room.example.org", PASSWORD)
    page.goto("/es/messages/choices/")
    wanted = page.locator("main input[name*=meetings]").first.is_checked()
    page.context.close()
    return wanted
