"""Every screen by role, for axe, for looking at, and for finding what scrolls sideways. `{name}` is filled from the demo's rows."""

from tests.browser.planning_screens import FORMS as PLANNING_FORMS

SCREENS = {
    None: [
        "/{lang}/", "/{lang}/accounts/login/", "/{lang}/accounts/login/code/", "/{lang}/accounts/password/reset/",
        "/{lang}/train-the-trainer/", "/{lang}/train-the-trainer/why/", "{library}", "{resource}", "{evidence}", "/{lang}/search/?q=fractura",
        "/{lang}/search/?q=zzzz", "/{lang}/offline/", "/{lang}/privacy/", "/{lang}/nowhere/", "/v/?lang={lang}", "/v/{valid}?lang={lang}",
        "/v/{revoked}?lang={lang}", "/v/{expired}?lang={lang}", "/v/AAAABBBBCCCC?lang={lang}", "{invitation}",
        "/{lang}/invitation/unknown/",
    ],
    "trainee": [
        "/{lang}/today/", "/{lang}/train-the-trainer/", "/{lang}/train-the-trainer/why/", "{lesson}", "{locked_lesson}", "{quiz}", "{survey}",
        "/{lang}/certificate/", "/{lang}/account/", "/{lang}/accounts/2fa/", "/{lang}/accounts/email/", "/{lang}/accounts/password/change/",
        "/{lang}/profile/name/", "/{lang}/profile/place/", "/{lang}/profile/work/", "/{lang}/profile/consents/", "/{lang}/profile/review/",
        "{survey_result}", "/{lang}/waves/{open_wave}/", "/{lang}/anonymous/{anonymous_wave}/", "/{lang}/my-answers/", "/{lang}/commitments/",
        "/{lang}/review/", "{teach_back}",
    ],
    "mentor-01": [
        "/{lang}/today/", "/{lang}/my-answers/", "/{lang}/commitments/", "{commitment}", "/{lang}/waves/{closed_wave}/", "{teach_back}",
        "{post_result}", "{knowledge_result}",
    ],
    "evaluator": [
        "/{lang}/results/", "/{lang}/results/{finished}/", "/{lang}/cohorts/{finished}/waves/", "/{lang}/waves/{post_wave}/answers/",
        "/{lang}/responses/{post_response}/read/",
    ],
    "new": ["/{lang}/today/", "/{lang}/profile/name/"],
    "needs": ["/{lang}/today/", "{open_question}", "{open_check}", "{survey}"],
    "failed-quiz": ["/{lang}/today/", "{quiz}", "{failed_result}"],
    "certified": ["/{lang}/today/", "/{lang}/certificate/"],
    "revoked": ["/{lang}/certificate/"],
    "expired": ["/{lang}/certificate/"],
    "withdrawn": ["/{lang}/today/", "/{lang}/programme/", "{lesson}"],
    "lead": [
        "/{lang}/today/", "/{lang}/cohorts/", "/{lang}/cohorts/new/", "/{lang}/cohorts/{cohort}/", "/{lang}/cohorts/{cohort}/edit/",
        "/{lang}/cohorts/{cohort}/releases/", "/{lang}/cohorts/{cohort}/adopt/", "/{lang}/cohorts/{cohort}/people/add/",
        "/{lang}/cohorts/{cohort}/people/import/", "/{lang}/cohorts/{cohort}/needs/", "/{lang}/enrollments/{ready}/",
        "/{lang}/enrollments/{ready}/decide/", "/{lang}/enrollments/{ready}/transfer/", "/{lang}/enrollments/{ready}/releases/",
        "/{lang}/enrollments/{ready}/certificate/issue/", "/{lang}/certificates/{valid}/revoke/", "/{lang}/certificates/{expired}/renew/",
        "/{lang}/results/", "/{lang}/results/{finished}/", "/{lang}/results/{finished}/?view=country:MX", "/{lang}/results/{cohort}/",
        "/{lang}/results/{finished}/knowledge-3a/", "/{lang}/results/{finished}/teach-back/", "/{lang}/results/{finished}/knowledge-3a/sentence/",
        "/{lang}/results/compare/?cohorts={finished},{cohort}", "/{lang}/results/compare/?cohorts={finished}&by=country",
        "/{lang}/cohorts/{finished}/export/", "/{lang}/cohorts/{finished}/waves/", "/{lang}/cohorts/{cohort}/waves/",
        "/{lang}/cohorts/{cohort}/waves/plan/", "/{lang}/cohorts/{cohort}/waves/usual/", "/{lang}/waves/{open_wave}/manage/",
        "/{lang}/waves/{open_wave}/unanswered/", "/{lang}/tokens/", "/{lang}/cohorts/{finished}/",
    ],
    "trainer": [
        "/{lang}/today/", "/{lang}/cohorts/{cohort}/", "/{lang}/enrollments/{ready}/", "/{lang}/cohorts/{finished}/teach-backs/",
        "/{lang}/cohorts/{cohort}/teach-backs/new/", "/{lang}/teach-backs/{settled}/", "/{lang}/teach-backs/{observed}/rate/",
        "/{lang}/cohorts/{cohort}/attempts/",
    ],
    "other-lead": ["/{lang}/cohorts/", "/{lang}/cohorts/{other_cohort}/", "/{lang}/cohorts/{other_cohort}/needs/"],
}  # fmt: skip

# The screens of what happens live, walked on their own (test_screens_live_*.py): {name} is filled from tests/browser/live_rows.py as well.
LIVE = {
    "trainee": [
        "/{lang}/live/", "{session_page}", "/{lang}/live/{lobby}/", "/{lang}/live/{busy}/", "/{lang}/live/{held}/", "/{lang}/live/{cancelled}/",
        "/{lang}/live/{lobby}/room/", "/{lang}/live/{busy}/room/", "/{lang}/live/{busy}/room/#stage", "/{lang}/live/{busy}/room/#chat",
        "/{lang}/live/{busy}/room/#questions", "/{lang}/live/{busy}/room/#people", "/{lang}/live/{busy}/room/#group",
        "/{lang}/live/{paused}/room/", "/{lang}/live/{held}/room/", "/{lang}/live/{busy}/chat/?before=999", "/{lang}/live/{busy}/devices/",
        "/{lang}/live/{busy}/conference/", "/{lang}/live/{busy}/check-in/", "/{lang}/live/{held}/check-in/", "/{lang}/live/{held}/transcript/",
        "/{lang}/live/{busy}/board/", "/{lang}/live/{busy}/slides/{deck}/", "/{lang}/live/attendance/mine/", "/{lang}/live/{missed}/recording/",
    ],
    "trainer": [
        "/{lang}/live/", "/{lang}/live/{draft}/", "/{lang}/live/{lobby}/", "/{lang}/live/{busy}/", "/{lang}/live/{held}/",
        "/{lang}/live/new/", "/{lang}/live/new/?cohort={cohort}", "/{lang}/live/{lobby}/edit/",
        "/{lang}/live/{lobby}/cancel/", "/{lang}/live/{lobby}/run-of-show/", "/{lang}/live/{lobby}/run-of-show/{segment}/",
        "/{lang}/live/{lobby}/polls/", "/{lang}/live/{lobby}/polls/new/", "/{lang}/live/{lobby}/polls/{poll}/", "/{lang}/live/{busy}/slides/",
        "/{lang}/live/{lobby}/slides/", "/{lang}/live/{lobby}/people/", "/{lang}/live/{lobby}/control/", "/{lang}/live/{busy}/control/",
        "/{lang}/live/{busy}/control/?group={group}#stage", "/{lang}/live/{busy}/control/#people", "/{lang}/live/{held}/control/",
        "/{lang}/live/{busy}/room/", "/{lang}/live/{lobby}/projector/", "/{lang}/live/{busy}/projector/", "/{lang}/live/{busy}/hall/",
        "/{lang}/live/cohorts/{cohort}/attendance/", "/{lang}/live/{busy}/attendance/", "/{lang}/live/{held}/attendance/",
        "/{lang}/live/{held}/attendance/{present}/", "/{lang}/live/{busy}/attendance/import/", "/{lang}/live/{held}/attendance/import/",
        "/{lang}/live/{busy}/check-in/sign/", "/{lang}/live/{lobby}/check-in/sign/", "/{lang}/live/{busy}/board/", "/{lang}/live/{held}/transcript/",
    ],
    "mentor-01": ["/{lang}/live/", "/{lang}/live/{regional}/", "/{lang}/live/{regional}/board/", "/{lang}/live/{regional}/transcript/"],
    "evaluator": ["/{lang}/live/cohorts/{finished}/attendance/"],
    "new": ["/{lang}/live/"],
}  # fmt: skip


def _upload(page, places):
    """A table that is no report of Zoom or Teams: which column is what is asked."""
    day = places["held_on"]
    rows = "\n".join(f"{name},{email},{day} 09:05,{day} 10:20" for name, email in places["joined"])
    table = f"A,B,C,D\n{rows}\n".encode()
    page.set_input_files("input[type=file]", {"name": "informe.csv", "mimeType": "text/csv", "buffer": table})
    page.click("form[enctype] button.btn")


def _choose_columns(page, _places):
    for place, name in enumerate(("name", "email", "joined", "left"), 1):
        page.select_option(f"#id_column-{name}", str(place))
    page.click("form[enctype] button.btn")


def _match(page, _places):
    for choice in page.locator("form.sections select[id^=id_who]").all():
        choice.select_option(index=1)
    page.locator("form.sections button.btn:not(.sec)").click()


# Screens that only a form leads to: after that address these are taken one after the other, and each is looked at.
FORMS = {"/{lang}/live/{held}/attendance/import/": [_upload, _choose_columns, _match], **PLANNING_FORMS}

# Run inside the site by `manage.py shell`: prints what the places above stand for.
PLACES = """
import json
from curriculum import outline
from curriculum.models import Cohort, Certificate, Enrollment, ResourcePage, ResourceIndexPage, StandardPage
from django.db import transaction
from django.utils import timezone
from curriculum import cohorts
from evaluations import agreement, teachback
from evaluations.models import TeachBack
from notifications.models import Message
def of(name): return Enrollment.objects.get(user__email=f"{name}@demo.example.org", cohort=cohort)
cohort = Cohort.objects.get(status="running", enrollments__user__email="lead@demo.example.org")
key = cohort.curriculum_key
by_slug = {module.slug: module.activities for module in outline.outline_of(cohort).modules}
def code(name): return Certificate.objects.filter(enrollment=of(name)).latest("pk").code
def local(page, lang): return page.get_translations(inclusive=True).get(locale__language_code=lang).get_url()
half = of("needs").responses.filter(submitted_at=None).first()
failed = of("failed-quiz").responses.filter(passed=False).first()
sent = of("trainee").responses.filter(instrument__key="needs-assessment").first()
with transaction.atomic():
    waiting = Enrollment.objects.get(user__email="invited@demo.example.org", cohort=cohort)
    invitation = cohorts.invite(waiting, cohort.enrollments.get(user__email="lead@demo.example.org").user)
    link = Message.objects.get(dedupe_key=f"invitation:{invitation.pk}").context["secret_url"].split("/invitation/")[1]
finished = Cohort.objects.get(name="LATAM 2026")
mentor = Enrollment.objects.get(user__email="mentor-01@demo.example.org", cohort=finished)
post = finished.waves.get(instrument__key="post-evaluation")
made = mentor.responses.get(wave=post)
knew = mentor.responses.get(wave__instrument__key="knowledge-a")
settled = TeachBack.objects.filter(enrollment__cohort=finished).first()
observed = teachback.plan(of("first-module"), agreement.page_for(settled.activity_key), settled.created_by)
opened = cohort.waves.filter(closed_at=None, opens_on__lte=timezone.localdate(), closes_on__gte=timezone.localdate())
from tests.browser import live_rows, planning_rows
live = live_rows.made(cohort)
plans = planning_rows.made(cohort)
def in_language(lang): return {name: value.format(lang=lang) if isinstance(value, str) else value for name, value in plans.items()}
out = {}
for lang in ("es", "pt-br", "en"):
    out[lang] = {
        "lang": lang, "cohort": cohort.pk, "ready": of("ready").pk,
        "other_cohort": Enrollment.objects.get(user__email="other-lead@demo.example.org").cohort_id,
        "lesson": outline.url_of(by_slug["why"][0].key, key, lang), "quiz": outline.url_of(by_slug["why"][3].key, key, lang),
        "locked_lesson": outline.url_of(by_slug["what"][0].key, key, lang), "survey": outline.url_of(by_slug["start"][0].key, key, lang),
        "open_question": f"/{lang}/responses/{half.pk}/", "open_check": f"/{lang}/responses/{half.pk}/check/",
        "failed_result": f"/{lang}/responses/{failed.pk}/result/", "survey_result": f"/{lang}/responses/{sent.pk}/result/",
        "valid": code("certified"), "revoked": code("revoked"), "expired": code("expired"),
        "library": local(ResourceIndexPage.objects.first(), lang), "resource": local(ResourcePage.objects.first(), lang),
        "evidence": local(StandardPage.objects.filter(slug__in=["evidence", "evidencia"]).first() or StandardPage.objects.first(), lang),
        "finished": finished.pk, "open_wave": cohort.waves.filter(promise="identified").latest("opens_on").pk,
        "anonymous_wave": opened.filter(promise="anonymous").first().pk, "closed_wave": post.pk, "post_wave": post.pk,
        "post_response": made.pk, "post_result": f"/{lang}/responses/{made.pk}/result/",
        "knowledge_result": f"/{lang}/responses/{knew.pk}/result/", "commitment": f"/{lang}/commitments/{made.pk}/180/",
        "settled": settled.pk, "observed": observed.pk, "teach_back": outline.url_of(settled.activity_key, key, lang),
        "invitation": f"/{lang}/invitation/{link}", **live, **in_language(lang), "session_page": outline.url_of(live_rows.session_key(cohort), key, lang),
    }
print(json.dumps(out))
"""
