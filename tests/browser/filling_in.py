"""What the journeys of evaluations share: who visits, words of the interface and of the content files, answers of every kind."""

import datetime
import re
import time
from functools import cache

import yaml
from django.utils import translation

from tests.browser.conftest import DESKTOP, PHONE, ROOT, plain
from tests.browser.signing_in import sign_in
from tests.browser.test_journeys import press

SIZES = {"es": PHONE, "pt-br": DESKTOP}
LOCALES = {"es": "es-MX", "pt-br": "pt-BR"}


def address(name):
    return f"{name}@demo.example.org"


def visitor(site, open_page):
    """`go(name or None, language)`: a page of that person of the demo, a phone in Spanish and a desktop in Portuguese."""

    def go(name, language, **options):
        page = open_page(SIZES[language], LOCALES[language], **options)
        if name:
            sign_in(page, site.base, address(name), language=language)
        return page

    return go


def cohort_page(page, language, name):
    """The way from the list of cohorts to one."""
    page.goto(f"/{language}/cohorts/")
    page.locator("main").get_by_role("link", name=name).first.click()
    page.wait_for_url(re.compile(r"/cohorts/\d+/$"))


def word(msgid, language, context=None):
    """An English word of the interface as the catalogue of `language` has it."""
    with translation.override(language):
        return translation.pgettext(context, msgid) if context else translation.gettext(msgid)


@cache
def instrument(key):
    """A shipped questionnaire as its file has it."""
    return yaml.safe_load((ROOT / f"content/instruments/{key}.yaml").read_text())


def question(key, name):
    return next(one for one in instrument(key)["questions"] if one["key"] == name)


def text_of(locator):
    """What a person reads there, on one line, with plain spaces."""
    return re.sub(r"\s+", " ", locator.inner_text().replace("\xa0", " ").replace("\u202f", " ")).strip()


def link_in_mail(site, address, pattern, seconds=20):
    """The newest link like `pattern` that was mailed to `address`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for mail in reversed(site.mails()):
            if address in mail["To"] and (found := re.search(rf"https?://\S+{pattern}", plain(mail))):
                return found.group(0)
        time.sleep(0.2)
    raise AssertionError(f"no mail to {address} with {pattern}")


def choose(page, point=3, branch="yes"):
    """Answers the question on the screen: `point` (from 0) of a scale, `branch` where a question has such a choice."""
    main = page.locator("main")
    if main.locator("[name=answer_before]").count():
        main.locator("[name=answer_before]").nth(1).check()
        main.locator("[name=answer_now]").nth(point).check()
    elif main.locator("[name='answer_text-1']").count():
        main.locator("[name='answer_text-1']").fill("Revisar treinta expedientes")
        main.locator("[name='answer_confidence-1']").select_option("4")
        day = datetime.date.today() + datetime.timedelta(days=60)
        main.locator("[name='answer_due-1']").fill(day.isoformat())
    elif main.locator(f"[name=answer][value={branch}]").count():
        main.locator(f"[name=answer][value={branch}]").check()
    elif main.locator("[name=answer][type=radio]").count():
        main.locator("[name=answer][type=radio]").nth(point).check()
    elif main.locator("[name=answer][type=checkbox]").count():
        main.locator("[name=answer][type=checkbox]").first.check()
    else:
        main.locator("textarea[name=answer]").fill("Más casos de nuestros hospitales.")


def answer_on(page, **how):
    """Answers until the page to check answers; returns how many questions were seen."""
    for seen in range(60):
        if page.url.endswith("/check/"):
            return seen
        choose(page, **how)
        go_on(page)
    raise AssertionError("the questionnaire does not end")


def go_on(page):
    """Presses the main button and waits for the next page."""
    here = page.url
    press(page)
    page.wait_for_url(lambda url: url != here)
