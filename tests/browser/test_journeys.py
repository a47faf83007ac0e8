"""The whole way of a trainee, as a person walks it: in Spanish on a phone, in Portuguese on a desktop, by keyboard alone, offline."""

import json
import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, plain
from tests.browser.signing_in import sign_in

pytestmark = [pytest.mark.timeout(300)]


def new_invitation(site, email):
    """A fresh person invited to the demo cohort by its lead; returns the mailed link."""
    site.run(
        "shell", "-c",
        "from curriculum import cohorts; from curriculum.models import *;"
        "cohort = Cohort.objects.get(status='running', enrollments__user__email='lead@demo.example.org');"
        "lead = cohort.enrollments.get(user__email='lead@demo.example.org').user;"
        "Cohort.objects.filter(pk=cohort.pk).update(capacity=90);"
        f"person = cohorts.add_candidate(cohort, '{email}', lead, language='es');"
        "cohorts.decide(person, 'selected', lead, 'journey'); cohorts.invite(person, lead)",
    )  # fmt: skip
    for _ in range(75):
        for mail in reversed(site.mails()):
            if email in mail["To"] and (found := re.search(r"https?://\S+/invitation/\S+/", plain(mail))):
                return found.group(0)
        time.sleep(0.2)
    raise AssertionError("no invitation was mailed")


def press(page):
    """The page's main button, as a person sees it."""
    page.locator("main form button.btn:not([type=button]):visible").first.click()


def answer_all(page, choose):
    """Answers question after question until the page to check answers. `choose(page)` picks the answer on the screen."""
    for _ in range(60):
        if page.url.rstrip("/").endswith("/check"):
            return
        choose(page)
        here = page.url
        press(page)
        page.wait_for_url(lambda url, here=here: url != here)
    raise AssertionError("the questionnaire does not end")


def any_answer(page):
    if page.locator("main input[type=radio]").count():
        page.locator("main input[type=radio]").nth(1).check()
    elif page.locator("main input[type=checkbox]").count():
        page.locator("main input[type=checkbox]").first.check()
    elif page.locator("main textarea").count():
        page.fill("main textarea", "Acompañar a dos hospitales de la región.")
    else:
        page.fill("main input[type=text]", "120")


def right_answers(site, instrument):
    """`{question text: [texts of the right choices]}` per language, read from the database as an editor could."""
    code = (
        "import json; from evaluations.models import Question;"
        f"print(json.dumps([[q.text, [c['text'] for c in q.choices if c.get('correct')]] for q in Question.objects.filter(instrument__key='{instrument}')]))"
    )
    return json.loads(site.run("shell", "-c", code).strip().splitlines()[-1])


def right_answer(key, language):
    table = {question[language]: [text[language] for text in right] for question, right in key}

    def choose(page):
        heading = page.locator("main legend h1").inner_text().strip()
        for text in table[heading]:
            page.locator("main .radios label", has_text=text).first.locator("input").check()

    return choose


def study_and_mark_as_read(page):
    """Reads lessons and answers the checks in them until the next activity is no lesson."""
    checks = page.locator("main form:has(input[name=lesson])")
    assert checks.count() == 3
    page.locator("#read form button.btn").first.click()
    expect(page.locator("#read")).to_contain_text(re.compile("leíd|lida|read", re.I))


def test_from_the_invitation_to_the_passed_quiz_in_spanish_on_a_phone(site, open_page):
    link = new_invitation(site, "nueva@example.org")
    page = open_page(PHONE)
    page.goto(link)
    page.get_by_role("button", name="Aceptar la invitación").click()
    page.locator("input[name=code]").fill(site.code_for("nueva@example.org"))
    press(page)

    # the profile, four short steps
    page.wait_for_url(re.compile("/profile/"))
    press(page)
    expect(page.locator(".errsum")).to_be_focused()
    page.fill("input[name=certificate_name]", "María José Peña Núñez")
    press(page)
    page.select_option("select[name=country]", "MX")
    page.fill("input[name=city]", "Oaxaca de Juárez")
    press(page)
    press(page)
    page.locator("main input[name=training_record]").first.check()
    press(page)
    press(page)

    # the needs assessment, offered first
    page.goto("/es/today/")
    page.locator("main a.btn").first.click()
    press(page)
    answer_all(page, any_answer)
    press(page)
    page.wait_for_url(re.compile("/result/"))

    # module 1: three lessons and the quiz
    for _ in range(3):
        page.goto("/es/today/")
        page.locator("main a.btn").first.click()
        study_and_mark_as_read(page)
    page.goto("/es/today/")
    page.locator("main a.btn").first.click()
    press(page)
    answer_all(page, right_answer(right_answers(site, "quiz-why"), "es"))
    press(page)
    page.wait_for_url(re.compile("/result/"))
    expect(page.locator("main")).to_contain_text("10 de 10")

    # the outline says so, and the person is at the door of module 2
    page.goto("/es/programme/")
    expect(page.locator("main")).to_contain_text("5 de 10")


def test_module_two_in_portuguese_on_a_desktop_and_the_certificate_verifies(site, open_page):
    page = open_page(DESKTOP, "pt-BR")
    sign_in(page, site.base, "trainee@demo.example.org", language="es")
    finish_everything_but_module_two(site)

    # starts in Spanish, changes language in mid-lesson, keeps the place and the record
    page.goto("/es/today/")
    page.locator("main a.btn").first.click()
    spanish = page.url
    page.locator("header details:has(a[hreflang=pt-br]) summary").click()
    page.locator("header a[hreflang=pt-br]").click()
    page.wait_for_url(re.compile("/pt-br/"))
    assert page.url != spanish
    for _ in range(3):
        page.goto("/pt-br/today/")
        page.locator("main a.btn").first.click()
        study_and_mark_as_read(page)
    page.goto("/pt-br/today/")
    page.locator("main a.btn").first.click()
    press(page)
    answer_all(page, right_answer(right_answers(site, "quiz-what"), "pt-br"))
    press(page)
    page.wait_for_url(re.compile("/result/"))
    expect(page.locator("main")).to_contain_text("10 de 10")

    # the lead issues the certificate
    lead = open_page(DESKTOP)
    sign_in(lead, site.base, "lead@demo.example.org")
    number = site.run(
        "shell", "-c",
        "from curriculum.models import *; print(Enrollment.objects.get(user__email='trainee@demo.example.org').pk)",
    ).split()[-1]  # fmt: skip
    lead.goto(f"/es/enrollments/{number}/certificate/issue/")
    press(lead)

    # the holder sees it, anybody verifies it
    page.goto("/pt-br/certificate/")
    address = page.locator("main a[href*='/v/']").first.get_attribute("href")
    stranger = open_page(PHONE)
    stranger.goto(address)
    expect(stranger.locator("main")).to_contain_text(re.compile("válido|valid", re.I))
    answer = page.request.get(page.locator("main a[href$='certificate.pdf']").first.get_attribute("href"))
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-")


def finish_everything_but_module_two(site):
    site.run(
        "shell", "-c",
        "from curriculum import outline, progress; from curriculum.models import *;"
        "enrollment = Enrollment.objects.get(user__email='trainee@demo.example.org');"
        "cohort_outline = outline.outline_of(enrollment.cohort);"
        "second = [module.key for module in cohort_outline.modules if module.slug == 'what'][0];"
        "[progress.complete(enrollment, activity.key, {'by': 'journey'}) for activity in cohort_outline.activities if activity.module_key != second and activity.kind not in ('teach-back', 'live-session')];"
        "from evaluations import agreement, teachback; from evaluations.questions.reading import questions_of;"
        "raters = [e.user for e in enrollment.cohort.enrollments.filter(role='trainer')];"
        "shown = next(activity for activity in cohort_outline.activities if activity.kind == 'teach-back');"
        "one = teachback.plan(enrollment, agreement.page_for(shown.key), raters[0]);"
        "sheets = [teachback.rating_of(one, rater) for rater in raters];"
        "[teachback.save_marks(sheet, {q.pk: '4' for q in questions_of(one.instrument_id)}) for sheet in sheets];"
        "[teachback.close(sheet) for sheet in sheets]; teachback.settle(one, raters[0]);"
        "enrollment.completions.filter(activity_key__in=[a.key for a in cohort_outline.activities if a.module_key == second]).delete();"
        "enrollment.responses.filter(activity_key__in=[a.key for a in cohort_outline.activities if a.module_key == second]).delete()",
    )  # fmt: skip
