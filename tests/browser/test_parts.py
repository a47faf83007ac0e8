"""Answers of several parts: kept half-finished on the phone, sent when they are whole, brought back after a reload."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.browser.signing_in import sign_in

pytestmark = [pytest.mark.timeout(300)]

PERSON = "needs@demo.example.org"
OPEN = """
import json, uuid
from curriculum.models import Enrollment
from evaluations.models import *
from evaluations.questions.reading import questions_of
enrollment = Enrollment.objects.filter(user__email='%s').first()
instrument = Instrument.objects.get(key='%s')
response = Response.objects.create(enrollment=enrollment, instrument=instrument, activity_key=uuid.uuid4())
print(json.dumps([response.pk, {question.kind: number for number, question in enumerate(questions_of(instrument.pk), 1)}]))
"""


@pytest.fixture
def at(site, open_page):
    """`at(instrument, kind)` → (page, its address, the stored values of its question so far as a function)."""
    page = open_page(PHONE, strict=False, service_workers="block")
    sign_in(page, site.base, PERSON)

    def go(instrument, kind):
        response, numbers = json.loads(site.run("shell", "-c", OPEN % (PERSON, instrument)).strip().splitlines()[-1])
        address = f"/es/responses/{response}/{numbers[kind]}/"
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        return page, address, lambda: sent(site, response)

    return go


def sent(site, response):
    code = (
        "import json; from evaluations.models import *;"
        f"print(json.dumps(list(AnswerVersion.objects.filter(response={response}).values_list('value', flat=True))))"
    )
    return json.loads(site.run("shell", "-c", code).strip().splitlines()[-1])


def status(page, words):
    expect(page.locator("[data-save-status]")).to_have_text(re.compile(words))


def test_an_order_is_sent_when_each_step_has_a_place(at):
    page, address, values = at("knowledge-a", "ordering")
    places = page.locator("main select")
    count = places.count()
    places.nth(0).select_option(str(count))
    status(page, "Guardado en este teléfono")
    page.goto(address)
    expect(places.nth(0)).to_have_value(str(count))
    assert values() == []
    for number in range(1, count):
        places.nth(number).select_option(str(number))
    status(page, "^Guardado$")
    [order] = values()
    assert len(set(order)) == count
    page.goto(address)
    expect(places.nth(1)).to_have_value("1")


def test_before_and_now_given_without_a_line_come_back_and_arrive_once(at):
    page, address, values = at("post-evaluation", "retrospective")
    page.context.set_offline(True)
    page.locator("[name=answer_before]").nth(1).check()
    page.locator("[name=answer_now]").nth(3).check()
    status(page, "Guardado en este teléfono")
    page.context.route("**/answers/", lambda route: route.abort())
    page.context.set_offline(False)
    page.goto(address)
    expect(page.locator("main input:checked")).to_have_count(2)
    page.context.unroute("**/answers/")
    with page.expect_response(lambda reply: reply.url.endswith("/answers/") and reply.ok):
        page.reload()
    assert values() == [{"before": 2, "now": 4}]


def test_a_commitment_may_be_half_written_and_is_sent_whole(at):
    page, address, values = at("post-evaluation", "commitment")
    page.locator("[name='answer_text-1']").fill("Abrir la consulta")
    page.locator("main details summary").first.click()
    page.locator("[name='answer_confidence-2']").select_option("3")
    status(page, "Guardado en este teléfono")
    page.goto(address)
    expect(page.locator("[name='answer_text-1']")).to_have_value("Abrir la consulta")
    expect(page.locator("[name='answer_confidence-2']")).to_be_visible()  # its block opens by itself
    assert values() == []
    day = page.locator("[name='answer_due-1']").get_attribute("max")
    page.locator("[name='answer_confidence-2']").select_option("")
    page.locator("[name='answer_confidence-1']").select_option("5")
    page.locator("[name='answer_due-1']").fill(day)
    status(page, "^Guardado$")
    assert values() == [[{"choice": "", "text": "Abrir la consulta", "confidence": 5, "due": day}]]
