"""Mesh with real browsers: two and four pages see frames advance and hear energy; permissions after a tap; rights of the room hold."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.calling import calling_site, chromium_with_devices, enter, join, moving, stats, turn_on, until

SPY = """() => {
  const own = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (...given) => { window.asked = true; return own(...given); };
}"""

pytestmark = [pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with calling_site(tmp_path_factory.mktemp("mesh"), 6, "mesh") as made:
        yield made


@pytest.fixture(scope="module")
def browser(playwright):
    with chromium_with_devices(playwright=playwright) as made:
        yield made


@pytest.fixture
def pages(browser, site):
    opened = []

    def open_(number):
        page = enter(browser, site, number)
        opened.append(page)
        return page

    yield open_
    for page in opened:
        page.context.close()
    assert [trouble for page in opened for trouble in page.troubles if "ERR_INTERNET_DISCONNECTED" not in trouble] == []


@pytest.mark.parametrize("people", [2, 4])
def test_everybody_sees_and_hears_everybody(pages, people):
    open_pages = [pages(number) for number in range(people)]
    for page in open_pages:
        join(page)
    for page in open_pages:
        turn_on(page, "audio", "camera")
    for page in open_pages:
        until(lambda page=page: stats(page)["states"] == ["connected"] * (people - 1), 20, stats(page))
        until(lambda page=page: page.locator(".tile video:visible").count() == people, 20, "not everybody is shown")
    for page in open_pages:
        found = moving(page)
        print(f"\nmesh of {people}: {json.dumps(found)}")
        assert found["lost"] <= found["packets"] * 0.02


def test_the_browser_asks_after_a_tap_only_and_speakers_are_marked(pages):
    ana, ben = pages(0), pages(1)
    for page in (ana, ben):
        page.evaluate(SPY)
        assert "mesh" not in "".join(page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)"))
        join(page)
    assert not ana.evaluate("window.asked")
    turn_on(ana, "audio")
    assert ana.evaluate("window.asked")
    expect(ben.locator(".tile.speaks")).to_have_count(1, timeout=15_000)
    ana.click("[data-do=audio]")
    expect(ben.locator(".tile.speaks")).to_have_count(0, timeout=15_000)


def test_who_is_muted_by_the_log_is_heard_no_more(pages, site):
    trainer, ben = pages(0), pages(1)
    for page in (trainer, ben):
        join(page)
    turn_on(ben, "audio")
    until(lambda: stats(trainer)["energy"] > 0, 20, "not heard")
    trainer.locator(f'.tile[data-user="{site.users[1]}"] [data-mute]').click()
    expect(ben.locator("[data-do=audio]")).to_have_attribute("aria-pressed", "false", timeout=10_000)
    trainer.wait_for_timeout(1500)
    before = stats(trainer)["energy"]
    trainer.wait_for_timeout(2000)
    assert stats(trainer)["energy"] - before < 1e-6
    trainer.locator(f'.tile[data-user="{site.users[1]}"] [data-unmute]').click()
    until(lambda: ben.locator("[data-do=audio]").get_attribute("aria-disabled") == "false", 10, "not given back")


def test_a_trainer_is_heard_from_the_control_room_and_steers_sound_there(pages, site):
    trainer, ben = pages(0), pages(1)
    trainer.goto(f"/es/live/{site.meeting}/control/")
    assert "media.js" not in "".join(trainer.evaluate("performance.getEntriesByType('resource').map((one) => one.name)"))
    trainer.locator("[data-link] [data-is='open polling']").wait_for()
    trainer.click(".cr-sound > summary")
    for page in (trainer, ben):
        join(page)
    turn_on(trainer, "audio")
    turn_on(ben, "audio")
    until(lambda: stats(ben)["energy"] > 0 and stats(trainer)["energy"] > 0, 20, "not heard")
    trainer.wait_for_selector("#mute-one", state="attached")
    trainer.evaluate("document.querySelector('#sound').open = document.querySelector('#mute-one').open = true")
    trainer.click(f"#voice-{site.users[1]} button")
    expect(ben.locator("[data-do=audio]")).to_have_attribute("aria-pressed", "false", timeout=10_000)
    tile = trainer.locator(f'.tile[data-user="{site.users[1]}"]')
    expect(tile.locator("[data-unmute]")).to_be_visible()
    tile.locator("[data-unmute]").click()
    until(lambda: ben.locator("[data-do=audio]").get_attribute("aria-disabled") == "false", 10, "not given back")
    trainer.wait_for_timeout(2500)  # the page has drawn its parts anew
    expect(trainer.locator("[data-media] .media-keys")).to_be_visible()
    assert trainer.evaluate(
        "document.documentElement.scrollHeight <= innerHeight && document.documentElement.scrollWidth <= innerWidth"
    )


def test_a_fifth_camera_is_told_to_use_sound_only(pages):
    open_pages = [pages(number) for number in range(5)]
    for page in open_pages:
        join(page)
    for page in open_pages[:4]:
        turn_on(page, "camera")
    open_pages[4].click("[data-do=camera]")
    words = open_pages[4].locator("template[data-words=cameras]").evaluate("(one) => one.content.textContent")
    expect(open_pages[4].locator("[data-note]")).to_have_text(words, timeout=10_000)
    expect(open_pages[4].locator("[data-do=camera]")).to_have_attribute("aria-pressed", "false")


def test_sound_goes_on_while_the_socket_breaks_and_comes_back(pages):
    ana, ben = pages(0), pages(1)
    for page in (ana, ben):
        join(page)
        turn_on(page, "audio", "camera")
    until(lambda: stats(ana)["frames"] > 20, 20, "no picture")
    made = ana.evaluate("window.connections.length")
    ben.context.set_offline(True)
    ben.wait_for_timeout(2500)
    ben.context.set_offline(False)
    moving(ana, 3)
    expect(ben.locator("[data-do=camera]")).to_have_attribute("aria-pressed", "true")
    ana.wait_for_timeout(8000)
    moving(ana, 3)
    assert ana.evaluate("window.connections.length") == made, "the call was made anew"


def test_the_check_of_devices_works_without_joining(browser, site):
    page = enter(browser, site, 2)
    page.goto(f"/es/live/{site.meeting}/devices/")
    for what, word in (("microphone", "heard"), ("camera", "seen"), ("speaker", "tone"), ("line", "line-direct")):
        words = page.locator(f"template[data-words={word}]").evaluate("(one) => one.content.textContent")
        page.click(f"[data-check={what}]")
        expect(page.locator(f"[data-told={what}]")).to_have_text(words, timeout=15_000)
    assert page.evaluate("document.querySelector('[data-preview]').videoWidth") > 0
    assert page.troubles == []
    page.context.close()
