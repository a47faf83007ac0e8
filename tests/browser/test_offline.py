"""Answers on a bad line, in two tabs, after the session has ended and at sign-out; a saved lesson without a server."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.browser.signing_in import sign_in

pytestmark = [pytest.mark.timeout(300)]

PERSON = "needs@demo.example.org"
KEPT = re.compile("Guardado en este teléfono a las")
IN_STORE = """() => new Promise(done => { const request = indexedDB.open("puente-outbox");
  request.onupgradeneeded = () => request.transaction.abort(); request.onerror = () => done(0);
  request.onsuccess = () => { const count = request.result.transaction("answers").objectStore("answers").count();
    count.onsuccess = () => { request.result.close(); done(count.result) } } })"""


def asked_next(site):
    """(response, question, versions of its answer) for the first question of the needs assessment without an answer."""
    code = (
        "import json; from evaluations import answering; from evaluations.models import *; from evaluations.questions.reading import questions_of;"
        f"r = Response.objects.get(enrollment__user__email='{PERSON}', submitted_at=None);"
        "q = questions_of(r.instrument_id); n = answering.first_open_number(q, answering.values_of(r));"
        "print(json.dumps([r.pk, n, q[n - 1].pk]))"
    )
    return json.loads(site.run("shell", "-c", code).strip().splitlines()[-1])


def versions_of(site, response, question):
    """The values that reached the server, oldest first."""
    code = (
        "import json; from evaluations.models import *;"
        f"print(json.dumps(list(AnswerVersion.objects.filter(response={response}, question={question}).values_list('value', flat=True))))"
    )
    return json.loads(site.run("shell", "-c", code).strip().splitlines()[-1])


def lesson_addresses(site):
    code = (
        "import json; from urllib.parse import urlsplit; from curriculum.models import LessonPage;"
        "pages = LessonPage.objects.live().filter(locale__language_code='es').order_by('path');"
        "print(json.dumps([urlsplit(page.url).path for page in pages]))"
    )
    return json.loads(site.run("shell", "-c", code).strip().splitlines()[-1])


@pytest.fixture
def at_question(site, open_page):
    """A page at a question of the needs assessment that has no answer yet: (page, address, response, question)."""
    page = open_page(PHONE, strict=False, service_workers="block")
    sign_in(page, site.base, PERSON)
    response, number, question = asked_next(site)
    address = f"/es/responses/{response}/{number}/"
    page.goto(address)
    page.wait_for_load_state("networkidle")
    return page, address, response, question


def choose(page, place=1):
    """Picks a point of the scale; returns its value."""
    radio = page.locator("main input[type=radio]").nth(place)
    radio.check()
    return radio.get_attribute("value")


def block_sending(page):
    page.context.route("**/answers/", lambda route: route.abort())


def test_an_answer_given_without_a_line_comes_back_and_arrives_once(site, at_question):
    page, address, response, question = at_question
    page.context.set_offline(True)
    value = choose(page)
    expect(page.locator("[data-save-status]")).to_have_text(KEPT)
    assert versions_of(site, response, question) == []

    # the line is back, but nothing gets through yet: the form has it from this phone
    block_sending(page)
    page.context.set_offline(False)
    page.goto(address)
    expect(page.locator("main input[type=radio]:checked")).to_have_value(value)
    assert versions_of(site, response, question) == []

    # control: without the script it is the server's form, and empty
    bare = page.context.new_page()
    bare.route("**/outbox*.js", lambda route: route.abort())
    bare.goto(address)
    bare.wait_for_load_state("networkidle")
    assert bare.locator("main input[type=radio]:checked").count() == 0
    bare.close()

    page.context.unroute("**/answers/")
    page.reload()
    expect(page.locator("main input[type=radio]:checked")).to_have_value(value)
    page.wait_for_function(f"async () => await ({IN_STORE})() === 0")
    page.reload()
    page.wait_for_load_state("networkidle")
    assert versions_of(site, response, question) == [int(value)]


def test_two_tabs_that_send_the_same_answer_make_one(site, at_question):
    page, _address, response, question = at_question
    block_sending(page)
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/answers/")):
        value = choose(page)
    expect(page.locator("[data-save-status]")).to_have_text(KEPT)
    page.context.unroute("**/answers/")

    # both are held until both have sent, so that neither sees what the other has done
    held = []
    page.context.route("**/answers/", lambda route: held.append(route))
    other = page.context.new_page()
    other.goto("/es/today/")
    page.evaluate("() => dispatchEvent(new Event('online'))")
    for _ in range(50):
        if len(held) == 2:
            break
        page.wait_for_timeout(100)
    ids = [json.loads(route.request.post_data)["client_id"] for route in held]
    assert len(ids) == 2
    assert ids[0] == ids[1]
    with page.expect_response("**/answers/") as mine, other.expect_response("**/answers/") as theirs:
        for route in held:
            route.continue_()
    assert {mine.value.ok, theirs.value.ok} == {True}
    page.wait_for_function(f"async () => await ({IN_STORE})() === 0")
    assert versions_of(site, response, question) == [int(value)]


def test_after_the_session_has_ended_the_answer_is_kept_and_the_page_says_to_sign_in(site, at_question):
    page, address, response, question = at_question
    page.context.clear_cookies(name="sessionid")
    value = choose(page)
    expect(page.locator("[data-save-status]")).to_contain_text(re.compile("sesión"))
    assert page.evaluate(IN_STORE) == 1
    assert versions_of(site, response, question) == []
    sign_in(page, site.base, PERSON)
    page.wait_for_function(f"async () => await ({IN_STORE})() === 0")
    assert versions_of(site, response, question) == [int(value)]
    page.goto(address)
    expect(page.locator("main input[type=radio]:checked")).to_have_value(value)


def test_signing_out_with_unsent_answers_stops_once_and_then_empties_the_phone(site, at_question):
    page, _address, response, question = at_question
    block_sending(page)
    choose(page)
    expect(page.locator("[data-save-status]")).to_have_text(KEPT)
    page.goto("/es/today/")
    page.wait_for_load_state("networkidle")
    page.locator("header details:has(form[data-sign-out]) summary").click()
    page.locator("header form[data-sign-out] button").click()
    page.wait_for_url(re.compile("/logout/"))
    expect(page.locator("main [data-unsent]")).to_be_visible()
    expect(page.locator("main [data-unsent] [data-one]")).to_be_visible()
    assert page.evaluate(IN_STORE) == 1
    assert page.context.cookies() != []

    page.locator("main form[data-sign-out] button").click()
    page.wait_for_url(lambda url: "/logout/" not in url)
    assert not [cookie for cookie in page.context.cookies() if cookie["name"] == "sessionid"]
    assert page.evaluate("async () => (await indexedDB.databases()).map(one => one.name)") == []
    assert page.evaluate("() => localStorage.length") == 0
    assert versions_of(site, response, question) == []

    # control: with nothing unsent it does not stop
    sign_in(page, site.base, PERSON)
    page.locator("header details:has(form[data-sign-out]) summary").click()
    page.locator("header form[data-sign-out] button").click()
    page.wait_for_url(lambda url: "/today/" not in url)
    assert not [cookie for cookie in page.context.cookies() if cookie["name"] == "sessionid"]


def test_a_saved_lesson_is_read_while_the_server_is_away(site, open_page):
    page = open_page(PHONE, strict=False)
    sign_in(page, site.base, "trainee@demo.example.org")
    lessons = lesson_addresses(site)
    page.goto(re.sub("[^/]+/$", "", lessons[0]))  # the page of its module
    page.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
    page.reload()
    box = page.locator("[data-save-offline]").first
    kept = box.get_attribute("data-save-offline").split()
    saved = next(address for address in lessons if address in kept)
    other = next(address for address in lessons if address not in kept)
    box.locator("[data-do=save]").click()
    expect(box).to_have_attribute("data-is", "saved", timeout=30_000)
    site.stop()
    try:
        page.goto(saved)
        title = page.locator("main h1").inner_text()
        assert page.locator("main article p").count() > 5
        assert page.locator("#read").count() == 1
        # control: what nobody saved is not there, and the page says so
        page.goto(other)
        assert page.locator("main h1").inner_text() != title
        assert page.locator("#read").count() == 0
    finally:
        site.start()


COPIES = "async () => (await (await caches.open('puente-copies-1')).keys()).map(one => new URL(one.url).pathname)"


def test_ones_meetings_are_read_while_the_server_is_away(site, open_page):
    page = open_page(PHONE, strict=False)
    sign_in(page, site.base, "trainee@demo.example.org")
    page.goto("/es/live/")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
    page.reload()
    meeting = page.locator("ul.meetings a[href^='/es/live/']").first.get_attribute("href")
    for address in (meeting, "/es/live/calendar/"):
        page.goto(address)
        assert page.locator("[data-copy]").is_hidden()
    while "/es/live/calendar/" not in page.evaluate(COPIES):  # ends with the test's time
        page.wait_for_timeout(100)
    site.stop()
    try:
        for address in (meeting, "/es/live/calendar/"):
            page.goto(address)
            assert page.locator("main h1").count() == 1
            assert page.locator("[data-copy]").is_visible()
        # control: what was not looked at, or does not ask for it, is not there
        page.goto("/es/live/attendance/mine/")
        assert page.locator("[data-copy]").count() == 0
    finally:
        site.start()
    page.goto("/es/today/")
    assert "/es/live/calendar/" in page.evaluate(COPIES)
    page.goto("/es/accounts/logout/")
    assert page.evaluate(COPIES) == []
