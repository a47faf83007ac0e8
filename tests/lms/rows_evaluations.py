"""Who may reach which route of the evaluations: waves, results, teach-backs, exports. Used by tests/lms/world.py."""

import datetime
import uuid

from django.utils import timezone

READERS = {"trainer", "lead", "evaluator", "operator"}
MEMBERS = {"trainee", "trainer", "lead", "evaluator", "operator"}


def make_evaluations(world):
    """A wave of each promise, somebody's answers, a teach-back, an export, a token."""
    from evaluations.models import (
        ApiToken,
        ExportJob,
        Instrument,
        LikertQuestion,
        Response,
        RubricQuestion,
        TeachBack,
        TeachBackPage,
        Wave,
    )

    today = timezone.localdate()
    instrument = Instrument.objects.create(key="matrix-wave", kind="survey", title={"es": "Ola"})
    scale = [{"value": value, "text": {"es": f"punto {value}"}} for value in range(1, 6)]
    LikertQuestion.objects.create(instrument=instrument, key="scale", order=1, text={"es": "¿Cuánto?"}, scale=scale)
    days = {"opens_on": today - datetime.timedelta(days=2), "closes_on": today + datetime.timedelta(days=9)}
    own = {"cohort": world.cohort, "instrument": instrument, **days}
    world.wave = Wave.objects.create(**own, moment="post", promise="confidential")
    world.identified_wave = Wave.objects.create(**own, moment="m3", promise="identified")
    world.anonymous_wave = Wave.objects.create(**own, moment="session", number=1, promise="anonymous")
    world.wave_response = Response.objects.create(
        enrollment=world.enrollment, instrument=instrument, activity_key=world.wave.activity_key, wave=world.wave,
        submitted_at=timezone.now(),
    )  # fmt: skip
    world.identified_response = Response.objects.create(
        enrollment=world.enrollment, instrument=instrument, activity_key=world.identified_wave.activity_key,
        wave=world.identified_wave, submitted_at=timezone.now(),
    )  # fmt: skip
    rubric = Instrument.objects.create(key="matrix-rubric", kind="rubric", title={"es": "Rúbrica"})
    RubricQuestion.objects.create(instrument=rubric, key="one", order=1, text={"es": "Criterio"}, scale=scale[:4])
    key = uuid.uuid4()
    world.module.add_child(
        instance=TeachBackPage(
            title="Demostración", slug="demostracion", locale=world.module.locale, translation_key=key, instrument_key=rubric.key
        )
    )
    world.teach_back = TeachBack.objects.create(enrollment=world.enrollment, activity_key=key, instrument=rubric)
    world.export_job = ExportJob.objects.create(
        by=world.people["lead"], cohort=world.cohort, format="xlsx", status="ready", file=b"x", filename="results.xlsx"
    )
    in_a_year = timezone.now() + datetime.timedelta(days=300)
    world.token = ApiToken.objects.create(user=world.people["lead"], name="BI", token_hash="0" * 64, expires_at=in_a_year)


def rows(Row, allow, everyone, signed_in):
    """The rows, in terms of the helpers of tests/lms/world.py."""
    RUNNERS, LEADS = {"trainer", "lead", "operator"}, {"lead", "operator"}
    READ = allow(READERS, {200, 302})
    LED = {**allow(LEADS, {200, 302}), "trainer": 403, "evaluator": 403}
    LED_POST = {**allow(LEADS, {200, 302, 303, 400, 409, 422}), "trainer": 403, "evaluator": 403}
    RUN_POST = allow(RUNNERS, {200, 302, 303, 400, 409, 422})

    def cohort(world):
        return {"pk": world.cohort.pk}

    def wave(world):
        return {"pk": world.wave.pk}

    def teach_back(world):
        return {"pk": world.teach_back.pk}

    def line(world):
        return {"pk": world.cohort.pk, "indicator": "completion"}

    return {
        # waves: those who are asked
        "evaluations:wave": Row(kwargs=wave, get=allow({"trainee"} | READERS, {200, 302, 404}), post=allow({"trainee"}, {302, 409}, others={403, 404, 409})),
        "evaluations:wave_link": Row(kwargs={"token": "not-a-token-of-ours"}, get=everyone({404, 410}), post=everyone({404, 410})),
        "evaluations:my_answers": Row(get=signed_in),
        "evaluations:anonymous": Row(
            kwargs=lambda world: {"pk": world.anonymous_wave.pk},
            get=allow({"trainee"}, 200, others={403, 404}), post=allow({"trainee"}, {302, 422}, others={403, 404}),
        ),
        "evaluations:commitments": Row(get=signed_in),
        "evaluations:follow_up": Row(kwargs=lambda world: {"pk": world.wave_response.pk, "day": 90}, get=allow(set(), 404), post=allow(set(), 404)),
        # waves: those who run the cohort
        "evaluations:waves": Row(kwargs=cohort, get=READ),
        "evaluations:wave_plan": Row(kwargs=cohort, get=LED, post=LED_POST),
        "evaluations:waves_usual": Row(kwargs=cohort, get=LED, post=LED_POST),
        "evaluations:wave_manage": Row(kwargs=wave, get=LED, post=LED_POST),
        "evaluations:wave_close": Row(kwargs=wave, post=LED_POST),
        "evaluations:wave_newest": Row(kwargs=wave, post=LED_POST),
        "evaluations:wave_delete": Row(kwargs=wave, post=LED_POST),
        "evaluations:wave_unanswered": Row(
            kwargs=wave, get={**allow(RUNNERS, 200), "evaluator": {200, 403}}, post={**RUN_POST, "evaluator": 403}
        ),
        # single answers: the wave is confidential, so even a lead or an operator stays outside
        "evaluations:wave_answers": Row(kwargs=wave, get={**allow({"evaluator"}, 200), **dict.fromkeys(RUNNERS, 403)}),
        "evaluations:read_answers": Row(
            kwargs=lambda world: {"pk": world.wave_response.pk},
            get={**allow({"evaluator"}, 200), **{key: {403, 404} for key in RUNNERS}},
            post={**allow({"evaluator"}, 422), **{key: {403, 404} for key in RUNNERS}},
        ),
        # results
        "evaluations:results": Row(get={**allow(READERS | {"other_lead"}, 200, others={403, 404})}),
        "evaluations:results_compare": Row(get={**allow(READERS | {"other_lead"}, {200, 302}, others={403, 404})}),
        "evaluations:cohort_results": Row(kwargs=cohort, get=READ),
        "evaluations:indicator_results": Row(kwargs=line, get=READ),
        "evaluations:indicator_sentence": Row(kwargs=line, get=LED, post=LED_POST),
        "evaluations:indicator_themes": Row(
            kwargs=line,
            post={**allow({"lead", "evaluator", "operator"}, {302, 400, 404, 409, 422}), "trainer": {403, 404}},
        ),
        "evaluations:export": Row(kwargs=cohort, get=READ, post=allow(READERS, {200, 302, 409, 422})),
        "evaluations:chart": Row(kwargs=lambda world: {**line(world), "ending": "svg"}, get=allow(READERS, {200, 404})),
        "evaluations:export_file": Row(kwargs=lambda world: {"pk": world.export_job.pk}, get=allow({"lead"}, 200)),
        "evaluations:export_retry": Row(kwargs=lambda world: {"pk": world.export_job.pk}, post=allow({"lead"}, {302, 409})),
        "evaluations:tokens": Row(
            get=allow(READERS | {"other_lead"}, 200, others={403, 404}),
            post=allow(READERS | {"other_lead"}, {302, 422}, others={403, 404}),
        ),
        "evaluations:token_end": Row(kwargs=lambda world: {"pk": world.token.pk}, post=allow({"lead"}, 302)),
        # teach-backs, attempts, reviews
        "evaluations:teach_backs": Row(kwargs=cohort, get=allow(RUNNERS, 200)),
        "evaluations:teach_back_plan": Row(kwargs=cohort, get=allow(RUNNERS, 200), post=allow(RUNNERS, {302, 422})),
        "evaluations:teach_back": Row(kwargs=teach_back, get=allow(RUNNERS, 200)),
        "evaluations:teach_back_rate": Row(kwargs=teach_back, get=allow({"trainer", "lead"}, 200, others={403, 404, 200}), post=allow(RUNNERS, {302, 422})),
        "evaluations:teach_back_reopen": Row(kwargs=teach_back, post=allow(RUNNERS, {302, 404, 422})),
        "evaluations:teach_back_settle": Row(kwargs=teach_back, post=allow(RUNNERS, {302, 409, 422})),
        "evaluations:attempts": Row(kwargs=cohort, get=allow(RUNNERS, 200)),
        "evaluations:attempt_extend": Row(kwargs=lambda world: {"pk": world.response.pk}, post=RUN_POST),
        "evaluations:review": Row(get=signed_in, post={**dict.fromkeys(("anonymous", "deactivated"), "login"), "*": {200, 302, 400, 404, 409, 422}}),
        "evaluations:review_goal": Row(post={**dict.fromkeys(("anonymous", "deactivated"), "login"), "*": {200, 302, 400, 403, 404, 409, 422}}),
        "evaluations:review_result": Row(kwargs={"client_id": uuid.UUID(int=7)}, get=allow(set(), 404, others={302, 404})),
    }  # fmt: skip
