"""Those who observe and read, in Spanish on a phone and in Portuguese on a desktop: raters, the lead with the figures, the evaluator."""

import io
import re
import statistics

import openpyxl
import pytest
from playwright.sync_api import expect

from content.demo_people import EVALUATOR, FINISHED, TRAINEES
from tests.browser.filling_in import SIZES, cohort_page, go_on, instrument, link_in_mail, text_of, visitor, word
from tests.browser.test_journeys import press

pytestmark = [pytest.mark.timeout(300)]
LANGUAGES = pytest.mark.parametrize("language", ["es", "pt-br"])
POST = instrument("post-evaluation")
# Who walks which journey in which language; nobody walks two that touch each other.
OBSERVED = {"es": TRAINEES["first-module"], "pt-br": TRAINEES["second-module"]}
READ = {"es": "mentor-03", "pt-br": "mentor-04"}


@pytest.fixture
def visit(site, open_page):
    return visitor(site, open_page)


# --- those who observe --------------------------------------------------------------------------------------------
def mark_all(page, level):
    """The same level for every criterion, where it is worded; saved by itself."""
    marks = page.locator(f"form[data-rating] input[value='{level}']")
    for number in range(marks.count()):
        marks.nth(number).check()
    return marks.count()


@LANGUAGES
def test_two_raters_differ_see_it_and_settle_and_the_person_reads_it(site, visit, language):
    person, feedback = OBSERVED[language], "Muy buena escucha. Próximo paso: una fecha."
    one = visit("trainer", language)
    cohort_page(one, language, "LATAM 2027")
    one.locator("main a[href$='/teach-backs/']").first.click()
    one.locator("main a[href$='/teach-backs/new/']").click()
    one.select_option("select[name=enrollment]", label=f"{person.title} {person.name}")
    one.fill("[name=topic]", "PDSA")
    go_on(one)
    with one.expect_response(lambda reply: reply.url.endswith("/rate/") and reply.status == 204):
        one.locator("form[data-rating] input[value='3']").first.check()
    expect(one.locator("[data-save-status]")).to_contain_text(word("Saved at {time}", language).split("{")[0].strip())
    one.reload()
    assert one.locator("form[data-rating] input:checked").evaluate_all("marks => marks.map(mark => mark.value)") == ["3"]
    press(one)  # closing what is not finished is refused, and the first mark stays
    expect(one.locator("main [role=alert]")).to_be_visible()
    assert one.locator("form[data-rating] input:checked").count() == 1
    assert mark_all(one, 3) == len(instrument("teach-back-rubric")["questions"])
    go_on(one)
    detail = one.url
    assert one.locator("form[action$='/settle/']").count() == 0  # one rater is not enough

    two = visit("trainer-two", language)
    two.goto(detail)
    assert two.locator("table").count() == 0  # nobody sees the other's marks before closing
    two.locator("main a[href$='/rate/']").click()
    mark_all(two, 1)
    two.fill("[name=note]", "Habló casi todo el tiempo.")
    go_on(two)
    expect(two.locator(".note.warn")).to_have_text(word("The raters differ on whether the mark is reached.", language))
    assert two.locator("tbody .tag.warn").count() == len(instrument("teach-back-rubric")["questions"])
    assert two.locator("form[action$='/settle/']").count() == 0

    # they talk; the second one looks again, with a reason
    two.locator("details summary", has_text=word("Open my rating again", language)).click()
    two.locator("form[action$='/reopen/'] button").click()
    expect(two.locator("main [role=alert]")).to_be_visible()
    two.fill("[name=reason]", "Vimos juntos la grabación.")
    two.locator("form[action$='/reopen/'] button").click()
    two.wait_for_url(re.compile("/rate/$"))
    assert two.locator("form[data-rating] input:checked").count() == len(instrument("teach-back-rubric")["questions"])
    mark_all(two, 4)
    go_on(two)
    expect(two.locator(".note.warn")).to_have_count(0)
    two.fill("[name=feedback]", feedback)
    two.locator("form[action$='/settle/'] button").click()
    expect(two.locator("main .tag.ok").first).to_be_visible()

    own = visit(person.slug, language)
    own.goto(f"/{language}/programme/")
    own.locator("main a[href$='/teach-back/']").first.click()
    expect(own.locator("main .tag.ok").first).to_have_text(word("Reached", language))
    expect(own.locator("main .note").last).to_contain_text(feedback)
    means = [text_of(cell).split()[0] for cell in own.locator("main .panel td.r").all()]
    assert means == [{"es": "3.5", "pt-br": "3,5"}[language]] * len(instrument("teach-back-rubric")["questions"])
    assert "Habló casi todo el tiempo" not in own.locator("main").inner_text()
    link_in_mail(site, person.email, "/teach-back/")


# --- the lead -----------------------------------------------------------------------------------------------------
KNOWN, OPEN = ("1", "2", "3A", "3B", "4", "5"), ("6", "7")
SENTENCE = {
    "es": ("knowledge-3a", "El grupo aprendió a contar lo que le falta."),
    "pt-br": ("knowledge-3b", "A turma sabe como começar."),
}


def table_of(page, key):
    """The table behind a chart, opened: `{topic: [pairs, median before, median after]}`, medians in per cent."""
    page.locator(f"#{key} summary").first.click()
    expect(page.locator(f"#{key} table")).to_be_visible()
    lines = page.locator(f"#{key} tbody tr")
    return {
        text_of(line.locator("th")): [int(text_of(cell).strip("% ")) for cell in line.locator("td").all()[:3]]
        for line in lines.all()
    }


@LANGUAGES
def test_the_lead_reads_every_level_and_takes_the_same_numbers_away(visit, language):
    page = visit("lead", language)
    page.goto(f"/{language}/today/")
    page.locator("nav a[href$='/results/']:visible").first.click()
    page.locator("main").get_by_role("link", name="LATAM 2026").first.click()
    report = page.url
    for code in KNOWN:
        level = page.locator(f"#level-{code}")
        assert level.locator("svg.ch[role=img]").count() >= 1
        assert level.locator("p.empty").count() == 0
        assert re.search(r"\d+ (de|of) \d+", text_of(level))
    for code in OPEN:
        level = page.locator(f"#level-{code}")
        expect(level.locator(".tag")).to_have_text(word("Nothing yet", language))
        assert level.locator("p.empty").inner_text().strip()
        assert level.locator("svg").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[language]["width"]
    everybody = table_of(page, "knowledge-3a")
    assert len(everybody) == 3
    assert {line[0] for line in everybody.values()} == {22}

    page.select_option("select[name=view]", "country:MX")
    page.locator(".filterbar button").click()
    page.wait_for_url(re.compile("view=country"))
    mexico = table_of(page, "knowledge-3a")
    assert mexico.keys() == everybody.keys()
    assert {line[0] for line in mexico.values()} != {22}
    assert page.locator("a[href$='/sentence/']").count() == 0  # one's own words are about everybody

    page.goto(report)
    page.locator("main a[href$='/export/']").click()
    with page.expect_download() as download:
        page.locator("main form .btn:not(.sec)").first.click()
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()), read_only=True)
    assert book.sheetnames[1] == word("Observations", language)
    for view, shown in (("all", everybody), ("country:MX", mexico)):
        told = medians_in(book.worksheets[1], view)
        assert told.keys() == shown.keys()
        for topic, (pairs, before, after) in shown.items():
            assert told[topic]["n"] == pairs
            assert abs(100 * told[topic]["before_median"] - before) <= 0.5
            assert abs(100 * told[topic]["after_median"] - after) <= 0.5
    # and once more from the single pairs
    for topic, pairs in pairs_in(book.worksheets[4]).items():
        assert len(pairs) == everybody[topic][0]
        assert abs(100 * statistics.median(before for before, _after in pairs) - everybody[topic][1]) <= 0.5
        assert abs(100 * statistics.median(after for _before, after in pairs) - everybody[topic][2]) <= 0.5


def records(sheet):
    head, *lines = sheet.iter_rows(values_only=True)
    return [dict(zip(head, line, strict=True)) for line in lines]


def medians_in(sheet, view):
    found = {}
    for line in records(sheet):
        topic = (line["view"], line["indicator"], line["row"]) == (
            view,
            "knowledge-3a",
            line["construct"],
        )  # else a single question
        if topic and line["statistic"] in ("before_median", "after_median"):
            one = found.setdefault(line["row_label"], {"n": line["n"]})
            one[line["statistic"]] = line["value"]
    return found


def pairs_in(sheet):
    found = {}
    for line in records(sheet):
        if line["level"] == "3A":
            found.setdefault(line["construct_name"], []).append((line["before"], line["after"]))
    assert len(found) == 3
    return found


@LANGUAGES
def test_the_lead_words_a_finding_looks_into_it_and_compares(visit, language):
    key, sentence = SENTENCE[language]
    page = visit("lead", language)
    page.goto(f"/{language}/results/")
    page.locator("main").get_by_role("link", name="LATAM 2026").first.click()
    report, rule = page.url, text_of(page.locator(f"#{key} > p").nth(1))
    page.locator(f"#{key} a[href$='/sentence/']").click()
    page.fill("[name=words]", sentence)
    press(page)
    page.wait_for_url(f"{report}#{key}")
    said = text_of(page.locator(f"#{key}"))
    assert sentence in said and rule in said
    assert said.index(sentence) < said.index(rule)

    page.locator(f"#{key} a[href$='/{key}/']").click()
    page.wait_for_url(re.compile(rf"/{key}/$"))
    assert sentence in text_of(page.locator("main")) and rule in text_of(page.locator("main"))
    slopes = page.locator("section[aria-labelledby=people] svg")
    assert slopes.count() == page.locator("section[aria-labelledby=all] svg[role=img]").count()
    assert slopes.first.locator("line").count() >= 22  # one line per person
    assert page.locator("section[aria-labelledby=by-country] article").count() == 4
    expect(page.locator("section[aria-labelledby=method]")).to_be_visible()

    page.goto(report)
    page.select_option("select[name=compare]", "country")
    page.locator(".filterbar button").click()
    page.wait_for_url(re.compile("/compare/.*by=country"))
    assert page.locator(".lvl .cols").first.locator("article").count() == 4
    page.goto(report)
    page.select_option("select[name=compare]", label="LATAM 2027")
    page.locator(".filterbar button").click()
    page.wait_for_url(re.compile("/compare/"))
    assert page.locator(".lvl .cols").first.locator("article h3").all_inner_texts() == ["LATAM 2026", "LATAM 2027"]
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[language]["width"]


# --- the evaluator ------------------------------------------------------------------------------------------------
@LANGUAGES
def test_a_confidential_answer_is_opened_with_a_reason_that_the_person_reads(visit, language):
    reason = f"Verificar un valor extremo ({language}) pedido por «calidad»."
    own = visit(READ[language], language)
    own.goto(f"/{language}/my-answers/")
    mine = own.locator("main section", has=own.locator("h2", has_text=POST["title"][language]))
    expect(mine).to_contain_text(word("Nobody has opened these answers.", language))

    page = visit("evaluator", language)
    page.goto(f"/{language}/results/")
    page.locator("main").get_by_role("link", name="LATAM 2026").first.click()
    page.locator("main a[href$='/waves/']").click()
    line = page.locator("main tbody tr", has=page.locator("th", has_text=POST["title"][language]))
    line.locator("a[href$='/answers/']").click()
    answers = page.url
    page.locator("main ul.results").get_by_role("link", name=finished_name(READ[language])).click()
    assert page.locator("main ol.tasks").count() == 0
    press(page)
    expect(page.locator(".errsum")).to_be_focused()
    page.fill("[name=reason]", reason)
    press(page)
    expect(page.locator("main ol.tasks")).to_contain_text(POST["questions"][0]["text"][language])
    assert page.locator("main ol.tasks b").count() >= 15

    own.reload()
    expect(mine).to_contain_text(f"{EVALUATOR.title} {EVALUATOR.name}")
    expect(mine).to_contain_text(reason)

    lead = visit("lead", language)
    assert lead.goto(answers).status == 403


def finished_name(slug):
    return FINISHED[int(slug.removeprefix("mentor-")) - 1][0]
