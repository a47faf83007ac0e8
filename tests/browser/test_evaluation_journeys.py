"""Those who are asked, in Spanish on a phone and in Portuguese on a desktop: mail, lost line, anonymous form, keyboard alone."""

import contextlib
import datetime
import re
import sqlite3
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.browser.filling_in import (
    SIZES,
    address,
    answer_on,
    choose,
    cohort_page,
    go_on,
    instrument,
    link_in_mail,
    question,
    text_of,
    visitor,
    word,
)
from tests.browser.signing_in import sign_in
from tests.browser.test_journeys import press
from tests.browser.test_keyboard import leave_by, skip_to_content, tab_to
from tests.browser.test_keyboard import press as press_key

pytestmark = [pytest.mark.timeout(300)]
LANGUAGES = pytest.mark.parametrize("language", ["es", "pt-br"])
POST = instrument("post-evaluation")
# Who walks which journey in which language; nobody walks two that touch each other.
ONE_TAP = {"es": "ready", "pt-br": "certified"}
SIGNED_IN = {"es": "first-module", "pt-br": "second-module"}
BY_KEYBOARD = {"es": "trainee", "pt-br": "needs"}


@pytest.fixture
def visit(site, open_page):
    return visitor(site, open_page)


# --- those who are asked ------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def planned(site, chromium):
    """The lead plans the final evaluation for now; the usual plan has it later, so that one is taken away first. The wave's id."""
    context = chromium.new_context(viewport=SIZES["es"], locale="es-MX", base_url=site.base)
    page = context.new_page()
    sign_in(page, site.base, address("lead"))
    cohort_page(page, "es", "LATAM 2027")
    page.locator("main a[href$='/waves/']").first.click()
    page.locator("main a[href$='/waves/plan/']").click()
    fill_in_plan(page)
    press(page)
    refused = page.locator(".errsum")
    expect(refused).to_contain_text(word("This questionnaire is planned for this moment already.", "es"))
    expect(page.locator("[name=promise][value=confidential]")).to_be_checked()

    page.locator("a[href$='/waves/']").first.click()
    row(page).locator("a[href$='/manage/']").click()
    page.locator("form[action$='/delete/'] button").click()
    page.wait_for_url(re.compile(r"/cohorts/\d+/waves/$"))
    expect(row(page)).to_have_count(0)
    page.locator("main a[href$='/waves/plan/']").click()
    fill_in_plan(page)
    press(page)
    page.wait_for_url(re.compile(r"/cohorts/\d+/waves/$"))
    number = re.search(r"/waves/(\d+)/manage/", row(page).locator("a[href$='/manage/']").get_attribute("href")).group(1)
    context.close()
    site.run("run_waves")
    return int(number)


def row(page):
    return page.locator("main tbody tr", has=page.locator("th", has_text=POST["title"]["es"]))


def fill_in_plan(page):
    today = datetime.datetime.now(ZoneInfo("America/Mexico_City")).date()
    page.select_option("select[name=instrument]", label=f"{POST['title']['es']} (v1)")
    page.check("[name=moment][value=post]")
    page.check("[name=promise][value=confidential]")
    page.fill("[name=opens_on]", today.isoformat())
    page.fill("[name=closes_on]", (today + datetime.timedelta(days=9)).isoformat())


@LANGUAGES
def test_the_mailed_link_is_answered_without_signing_in(site, visit, planned, language):
    link = link_in_mail(site, address(ONE_TAP[language]), r"/w/\S+/")
    assert f"/{language}/w/" in link
    page = visit(None, language)
    page.goto(link)
    expect(page.locator("h1")).to_have_text(POST["title"][language])
    expect(page.locator("#promise-title")).to_have_text(word("Your answers are confidential", language))
    late = page.context.new_page()  # a second tab that stays behind
    late.goto(link)
    press(page)
    page.wait_for_url(re.compile(r"/responses/\d+/1/$"))
    expect(page.locator("legend h1")).to_have_text(POST["questions"][0]["text"][language])

    # 26 of the 28 questions; one of them only for those who have a service of their own
    assert answer_on(page, branch="yes") == 26
    shown = text_of(page.locator("main ol.tasks"))
    assert page.locator("main ol.tasks > li").count() == 26
    assert question("post-evaluation", "fls-improve-first")["text"][language] in shown
    assert question("post-evaluation", "intend-to-propose")["text"][language] not in shown

    # another answer at the check, another branch: its question is asked, the other one is not listed any more
    page.locator("main ol.tasks > li", has_text=question("post-evaluation", "has-fls")["text"][language]).locator("a").click()
    page.locator("[name=answer][value=no]").check()
    go_on(page)
    missing = page.locator("main ol.tasks > li", has_text=question("post-evaluation", "intend-to-propose")["text"][language])
    expect(missing).to_contain_text(word("Not answered yet", language))
    press(page)
    expect(page.locator(".errsum")).to_be_focused()
    page.locator(".errsum a").click()
    choose(page)
    go_on(page)
    assert question("post-evaluation", "fls-improve-first")["text"][language] not in text_of(page.locator("main ol.tasks"))
    press(page)
    page.wait_for_url(re.compile("/result/"))
    expect(page.locator("h1")).to_have_text(word("Your answers were sent", language))
    assert page.locator("main figure").count() == 0  # what one felt before is for those who have signed in

    press(late)
    expect(late.locator(".note.err[role=alert]")).to_have_text(word("Your answers were sent already.", language))
    page.goto(link)
    expect(page.locator("main .tag.ok")).to_have_text(word("Sent", language))
    assert page.locator("main form button").count() == 0


@LANGUAGES
def test_a_line_lost_in_the_middle_and_the_arrows_at_the_end(site, visit, planned, language):
    page = visit(SIGNED_IN[language], language, strict=False, service_workers="block")
    page.goto(f"/{language}/today/")
    page.locator(f"main a[href$='/waves/{planned}/']").click()
    press(page)
    for _ in range(2):
        choose(page)
        go_on(page)
    page.wait_for_load_state("networkidle")
    here = page.url
    page.context.set_offline(True)
    choose(page, point=4)
    kept = word("Saved on this phone at {time}", language).split("{")[0].strip()
    expect(page.locator("[data-save-status]")).to_contain_text(kept)
    press(page)
    expect(page.locator("[data-save-status]")).to_contain_text(word("No connection. Your answer is saved on this phone; continue when the connection is back. Nothing has to be repeated.", language))  # fmt: skip
    assert page.url == here
    page.context.set_offline(False)
    expect(page.locator("[data-save-status]")).to_have_text(word("Saved", language))
    page.goto(f"/{language}/today/")  # away and back: the next open question comes
    page.locator("main a[href*='/responses/']").first.click()
    assert page.url.endswith("/4/")
    answer_on(page, point=4, branch="starting")
    third = page.locator("main ol.tasks > li").nth(2)
    expect(third).to_contain_text(POST["scales"]["agreement-5"][4]["text"][language])
    press(page)
    page.wait_for_url(re.compile("/result/"))
    arrows = page.locator("figure svg[role=img]")
    assert 5 <= arrows.count() <= 9
    assert page.locator("figure .between b").all_inner_texts() == ["5"] * arrows.count()
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[language]["width"]


@LANGUAGES
def test_the_anonymous_form_keeps_what_was_typed_and_a_second_one_replaces_the_first(site, visit, language):
    page = visit(SIGNED_IN[language], language)
    page.goto(f"/{language}/today/")
    page.locator("main a[href*='/anonymous/']").first.click()
    wave = re.search(r"/anonymous/(\d+)/", page.url).group(1)
    before = arrived(site, wave)
    expect(page.locator("#promise-title")).to_have_text(word("What anonymous means here", language))
    groups = page.locator("main form fieldset")
    assert groups.count() == 5
    typed = "Más tiempo para casos: «40 %» & <dudas>"
    page.locator("main form textarea").fill(typed)
    for number in range(4):
        groups.nth(number).locator("input").nth(number).check()
    with page.expect_response(lambda reply: reply.request.method == "POST") as answer:
        press(page)
    assert answer.value.status == 422
    expect(page.locator(".errsum")).to_be_focused()
    assert page.locator(".errsum li").count() == 1
    expect(page.locator("main form textarea")).to_have_value(typed)
    assert groups.locator("input:checked").count() == 4
    assert arrived(site, wave) == before

    groups.nth(4).locator("input").last.check()
    press(page)
    expect(page.locator("h1")).to_have_text(word("Your answers have arrived", language))
    assert typed not in page.locator("main").inner_text()
    page.locator("main a[href$='?again=1']").click()
    assert groups.locator("input:checked").count() == 0
    for number in range(5):
        groups.nth(number).locator("input").first.check()
    press(page)
    expect(page.locator("h1")).to_have_text(word("Your answers have arrived", language))
    assert arrived(site, wave) == before + 1


def arrived(site, wave):
    with contextlib.closing(sqlite3.connect(site.folder / "site.sqlite3")) as rows:
        return rows.execute("select count(*) from evaluations_anonymousresponse where wave_id = ?", [wave]).fetchone()[0]


# --- by keyboard alone --------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def knowledge_wave(site):
    code = (
        "import datetime; from curriculum.models import *; from evaluations import answering, waves;"
        "cohort = Cohort.objects.get(name='LATAM 2027'); day = waves.today_in(cohort);"
        "wave = waves.plan(cohort, cohort.enrollments.get(role='lead').user, instrument=answering.newest_instrument('knowledge-a'),"
        " moment='pre', promise='identified', opens_on=day, closes_on=day + datetime.timedelta(days=5)); print(wave.pk)"
    )
    return int(site.run("shell", "-v0", "-c", code).split()[-1])


def answer_by_keys(page):
    """Answers whatever stands there: a place for each step, a side for each pair, a tick, a point; then goes on."""
    skip_to_content(page)
    stop, kinds = tab_to(page, lambda stop: stop["name"].startswith("answer")), []
    while stop["tag"] != "button":
        kinds.append(stop["type"])
        if stop["tag"] == "select":
            for _ in range(kinds.count(stop["type"])):
                press_key(page, "ArrowDown")
        elif stop["type"] == "radio" or len(kinds) < 3:
            press_key(page, "Space")
        stop = press_key(page, "Tab")
    if kinds == ["radio"]:
        press_key(page, "Shift+Tab")
        press_key(page, "ArrowDown")
        press_key(page, "Tab")
    leave_by(page, "Enter")
    return kinds


@LANGUAGES
def test_a_knowledge_test_by_keyboard_alone(visit, knowledge_wave, language):
    page = visit(BY_KEYBOARD[language], language)
    page.goto(f"/{language}/waves/{knowledge_wave}/")
    skip_to_content(page)
    tab_to(page, lambda stop: stop["inMain"] and stop["tag"] == "button")
    leave_by(page, "Enter")
    story = question("knowledge-a", "improving-fls-3")["story"][language]
    seen, stories = [], []
    while not page.url.endswith("/check/"):
        stories.append(page.locator("main .panel").count() == 1 and text_of(page.locator("main .panel")).endswith(story))
        seen.append(answer_by_keys(page))
    assert len(seen) == 20
    assert [number for number, told in enumerate(stories, start=1) if told] == [
        19,
        20,
    ]  # the case stays beside what follows from it
    assert {kind for kinds in seen for kind in kinds} == {"radio", "checkbox", "select-one"}

    lines = page.locator("main ol.tasks > li")
    assert lines.count() == 20
    ordered = [line for line in lines.nth(7).locator("b").inner_text().splitlines() if line.strip()]
    steps = next(one["items"] for one in instrument("knowledge-a")["questions"] if one["kind"] == "ordering")
    assert len(ordered) == len(steps)
    assert {line.split(". ", 1)[1] for line in ordered} == {step["text"][language] for step in steps}
    assert page.locator("main ol.tasks .tag").count() == 0

    # one answer changed from here, then sent
    skip_to_content(page)
    tab_to(page, lambda stop: stop["tag"] == "a" and stop["inMain"] and stop["text"].endswith(" 1"))
    leave_by(page, "Enter")
    former = page.locator("main label:has(input:checked)").inner_text()
    answer_by_keys(page)
    assert page.url.endswith("/check/")
    assert lines.first.locator("b").inner_text() not in ("", former)
    skip_to_content(page)
    tab_to(page, lambda stop: stop["tag"] == "button" and "btn" in stop["classes"])
    leave_by(page, "Space")
    expect(page.locator("h1")).to_have_text(word("Your answers were sent", language))
