"""The screens of planning, rotation, selection, calendars and messages by role, and the forms that are filled in on them."""

import datetime

# Screens by role, as in screens.py. Every one is opened by somebody who may; {name} stands for what `made` gives.
PLANNING = {
    None: [
        "{answer_link}", "{answer_full}", "{answer_over}", "/{lang}/live/answer/unknown/", "{way_out}", "/{lang}/messages/stop/unknown/",
    ],
    "trainee": [
        "/{lang}/live/", "/{lang}/live/{coming}/", "/{lang}/live/{full}/", "/{lang}/live/{closing_day}/", "/{lang}/live/{coming}/run-of-show/agenda/",
        "/{lang}/live/calendar/", "/{lang}/live/calendar/?view=list", "/{lang}/live/calendar/?month=2099-12", "/{lang}/messages/",
        "/{lang}/messages/choices/", "/{lang}/messages/calendar/", "/{lang}/live/{coming}/who-comes/", "/{lang}/live/{coming}/move/",
    ],
    "new": ["/{lang}/messages/", "/{lang}/live/calendar/"],
    "trainer": [
        "/{lang}/live/{coming}/", "/{lang}/live/{coming}/who-comes/", "/{lang}/live/{full}/who-comes/", "/{lang}/live/{coming}/materials/",
        "/{lang}/live/{full}/materials/", "/{lang}/live/{coming}/materials/{material}/", "/{lang}/live/{coming}/outcomes/",
        "/{lang}/live/{full}/outcomes/", "/{lang}/live/{full}/outcomes/{outcome}/", "/{lang}/live/{full}/run-of-show/",
        "/{lang}/live/{full}/run-of-show/cues/", "/{lang}/live/{full}/rehearsal/", "/{lang}/live/{coming}/rehearsal/", "/{lang}/live/{coming}/people/",
        "/{lang}/live/{done_prep}/", "/{lang}/live/{done_prep}/selection/", "/{lang}/live/{done_prep}/selection/apply/", "/{lang}/attention/",
        "/{lang}/live/calendar/?only=run",
    ],
    "mentor-01": ["/{lang}/live/year/{this_year}/", "/{lang}/live/groups/", "/{lang}/live/groups/{lead_group}/", "/{lang}/live/quarters/{accepted}/"],
    "mentor-04": [
        "/{lang}/today/", "/{lang}/live/quarters/{accepted}/", "/{lang}/live/year/{its_year}/", "/{lang}/live/quarters/{accepted}/decline/",
        "/{lang}/live/quarters/{accepted}/invite/", "/{lang}/live/groups/{lead_group}/", "/{lang}/live/groups/{lead_group}/leave/",
    ],
    "lead": [
        "/{lang}/live/new/?kind=regional",
        "/{lang}/live/plan/", "/{lang}/live/plan/?cohort={bare}", "/{lang}/live/plan/?cohort={cohort}", "/{lang}/live/plan/?cohort={bare}&copy={cohort}",
        "/{lang}/live/{in_series}/move/", "/{lang}/live/{in_series}/cancel/", "/{lang}/live/{in_series}/announce/", "/{lang}/live/{draft}/announce/", "/{lang}/live/{cancelled}/move/", "/{lang}/live/{national}/", "/{lang}/live/groups/", "/{lang}/live/groups/{lead_group}/",
        "/{lang}/live/groups/{lead_group}/members/{member}/", "/{lang}/live/year/{its_year}/", "/{lang}/live/year/2050/",
        "/{lang}/live/year/{its_year}/dates/", "/{lang}/live/year/{its_year}/propose/", "/{lang}/live/quarters/{proposed}/", "/{lang}/live/quarters/{led}/", "/{lang}/live/quarters/{proposed}/assign/",
        "/{lang}/live/quarters/{proposed}/swap/", "/{lang}/live/{bare_prep}/", "/{lang}/live/{bare_prep}/selection/",
        "/{lang}/live/{bare_prep}/selection/criteria/", "/{lang}/live/{bare_prep}/selection/apply/", "/{lang}/live/new/", "/{lang}/live/new/?kind=national&cohort={cohort}",
        "/{lang}/live/new/?kind=preparatory&cohort={cohort}", "/{lang}/live/new/?kind=in_person_day&cohort={cohort}", "/{lang}/attention/",
        "/{lang}/attention/?by=subjects&all=1", "/{lang}/messages/centre/", "/{lang}/messages/centre/?who=zzzz", "/{lang}/messages/centre/upcoming/",
        "/{lang}/messages/centre/bounces/", "/{lang}/messages/wordings/", "/{lang}/messages/wordings/invitation/",
        "/{lang}/messages/wordings/invitation/es/",
    ],
    "other-lead": [
        "/{lang}/live/{prep}/selection/", "/{lang}/live/{prep}/selection/criteria/", "/{lang}/live/{prep}/selection/criteria/{criterion}/",
        "/{lang}/live/{prep}/selection/candidates/{candidate}/", "/{lang}/attention/", "/{lang}/messages/centre/bounces/",
    ],
}  # fmt: skip


def _press(selector):
    def step(page, _places):
        page.locator(selector).first.click()

    return step


def _answer(page, _places):
    with page.expect_navigation():  # the page comes anew once the server has the answer
        page.locator("#answering button.btn").first.click()


def _plan_badly(page, _places):
    page.fill("main [name=count]", "0")
    page.fill("main [name=skip]", "mañana")
    page.locator("main form details:has([name=guests]):not([open]) > summary").click()
    page.fill("main [name=guests]", "nadie@nowhere.example.org")
    page.click("main button[name=preview]")


def _plan_across_the_clocks(page, _places):
    """A preview with holidays, odd hours, a shift and a closing day."""
    page.goto(page.url)
    page.fill("main [name=count]", "26")
    page.check("main [name=closing]")
    page.fill("main [name=closing_hour]", "09:00")
    page.fill("main [name=closing_minutes]", "420")
    page.click("main button[name=preview]")


def _two_days(page, _places):
    page.locator("main [name$=-day]").last.fill(f"{datetime.date.today().year + 2}-05-01")
    page.locator("main [name$=-hour]").last.fill("")
    page.click("main button[value=check]")


def _two_hours(page, _places):
    page.locator("main [name$=-hour]").last.fill("05:00")
    page.click("main button[value=check]")


def _no_quiet_hours(page, _places):
    page.evaluate("document.querySelector('main [name=quiet_from]').value = ''")
    page.locator("main form:has([name=quiet_from]) button.btn").last.click()


def _tick_somebody(page, _places):
    page.locator("main input[name=who]").first.check()
    page.click("main button[name=act][value=personal]")


def _write_to_them(page, _places):
    page.fill("main [name=subject]", "Una palabra")
    page.fill("main [name=text]", "¿Cómo va todo?")
    page.click("main button[name=step][value=preview]")


def _decide_without_reasons(page, _places):
    page.locator("main [name=decision][value=selected]").check()
    page.click("main button[name=stay]")


def _decide_and_go_to_apply(page, places):
    page.locator("main [name=decision][value=selected]").check()
    page.fill("main [name=reason]", "Coordina la atención de fracturas.")
    page.click("main button[name=stay]")
    page.wait_for_url(lambda url: "/candidates/" not in url)
    page.goto("/{lang}/live/{prep}/selection/apply/".format(**places))


def _call_the_rest_off(page, _places):
    """The page that asks once more, not the act."""
    page.fill("main [name=reason]", "El hospital cambia de sistema.\n\nSe avisa de nuevas fechas.")
    page.check("main [name=rest]")
    page.locator("main form button.btn").click()
    page.locator("main button[name=confirm]").wait_for()


# After an address these are taken one after the other, and each is looked at (screens.FORMS).
FORMS = {
    "{answer_link}": [_press("main button[name=answer][value=maybe]")],
    "{way_out}": [_press("main button[name=stop]"), _press("main button[name=undo]")],
    "/{lang}/live/{coming}/": [_answer],
    "/{lang}/messages/choices/": [_no_quiet_hours],
    "/{lang}/messages/calendar/": [_press("main button[name=do][value=make]")],
    "/{lang}/live/{coming}/materials/": [_press("main form:has([name=url]) button.btn")],
    "/{lang}/live/{coming}/outcomes/": [_press("main form:has([name=cid]) button.btn")],
    "/{lang}/live/quarters/{accepted}/decline/": [_press("main form button.btn")],
    "/{lang}/live/plan/?cohort={bare}": [_press("main button[name=preview]"), _plan_badly],
    "/{lang}/live/plan/?cohort={cohort}": [_plan_across_the_clocks],
    "/{lang}/live/{in_series}/move/": [_press("main button[name=preview]")],
    "/{lang}/live/year/{its_year}/dates/": [_two_hours, _two_days],
    "/{lang}/live/quarters/{proposed}/assign/": [_press("main form button.btn")],
    "/{lang}/live/{bare_prep}/selection/criteria/": [_press("main form:has([name=text]) button.btn")],
    "/{lang}/messages/wordings/invitation/es/": [_press("main button[name=preview]")],
    "/{lang}/live/{prep}/selection/candidates/{candidate}/": [_decide_without_reasons, _decide_and_go_to_apply],
    "/{lang}/live/{in_series}/cancel/": [_call_the_rest_off],
}
