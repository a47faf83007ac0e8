"""The rows that tests/bench/wave.py starts from and compares with. Runs in processes of its own, with Django set up."""

import datetime

from django.utils import timezone

from tests.bench import site

FOLDER = site.ROOT / "content" / "instruments"
PICKED = {
    "post-evaluation": (
        "training-met-expectations", "training-useful", "training-recommend", "ability-epidemiology", "ability-service-models",
        "ability-mentoring", "then-now-service-models", "then-now-mentoring", "has-fls", "fls-still-missing", "post-comment",
    ),
    "follow-up-12": ("fls-contacted", "fls-started", "barriers"),
}  # fmt: skip


def fill(people):
    """300 signed-in people of one cohort and three waves, each with its copy of the survey, because one questionnaire is not
    open twice: `{"seats": [{"enrollment", "cookie"}], "waves": {moment: {"pk", "questions"}}}`."""
    from django.test import Client

    from curriculum.models import Enrollment
    from lms.models import User
    from tests.bench import million
    from tests.factories import CohortFactory, make_curriculum

    cohort = CohortFactory(curriculum_key=make_curriculum(modules=2, lessons=2).key, capacity=people)
    million.put_people(cohort, people, ("MX", "BR", "CO", "AR"), ("orthopaedics", "nursing", "other"))
    User.objects.update(profile_completed_at=timezone.now(), language="es")
    seats = []
    for enrollment in Enrollment.objects.filter(cohort=cohort).select_related("user"):
        client = Client()
        client.force_login(enrollment.user, backend="django.contrib.auth.backends.ModelBackend")
        cookie = f"sessionid={client.cookies['sessionid'].value}; csrftoken={'a' * 32}"
        seats.append({"enrollment": enrollment.pk, "cookie": cookie})
    return {"seats": seats, "waves": {moment: put_wave(cohort, moment) for moment in ("post", "m3", "m6")}}


def put_survey(key):
    """Fourteen shipped questions of six kinds with their real words. None is required: then "check your answers" cannot
    notice that one was lost, and the comparison alone has to."""
    from content.instrument_rows import KINDS, meaning_of_file
    from content.instruments import read_instrument
    from evaluations.models import Instrument

    questions, meanings = [], {}
    for stem in PICKED:
        file = FOLDER / f"{stem}.yaml"
        meanings[stem] = meaning_of_file(read_instrument(file.read_text(), file.name, stem)[1])
    whole = meanings["post-evaluation"]
    own = {name: whole[name] for name in ("title", "intro", "sections")}
    instrument = Instrument.objects.create(key=key, kind="survey", **own)
    for stem, picked in PICKED.items():
        for meaning in meanings[stem]["questions"]:
            if meaning["key"] in picked:
                fields = {name: value for name, value in meaning.items() if name not in ("kind", "show_if")}
                fields |= {"required": False, "section": fields.get("section", "") if stem == "post-evaluation" else ""}
                model = KINDS[meaning["kind"]]
                questions.append(model.objects.create(instrument=instrument, order=len(questions) + 1, **fields))
    return instrument, [{"pk": question.pk, "kind": question.kind, "keys": keys_of(question)} for question in questions]


def keys_of(question):
    if hasattr(question, "scale"):
        return [str(point["value"]) for point in question.scale]
    if hasattr(question, "choices"):
        return [choice["key"] for choice in question.choices]
    return [str(number) for number in range(13)]


def put_wave(cohort, moment):
    from evaluations import waves

    instrument, questions = put_survey(f"bench-{moment}")
    today = waves.today_in(cohort)
    dates = {"opens_on": today, "closes_on": today + datetime.timedelta(days=7)}
    wave = waves.plan(cohort, None, instrument=instrument, moment=moment, promise="confidential", **dates)
    return {"pk": wave.pk, "questions": questions}


def stored(wave):
    """All rows of the wave: `{"responses": [[id, enrolment, sent]], "versions": [[client id, response, question, value]], "answers"}`."""
    from evaluations.models import Answer, AnswerVersion, Response

    responses = Response.objects.filter(wave=wave).values_list("pk", "enrollment_id", "submitted_at")
    versions = AnswerVersion.objects.filter(response__wave=wave).values_list("client_id", "response_id", "question_id", "value")
    answers = Answer.objects.filter(response__wave=wave).values_list("response_id", "question_id", "value")
    return {
        "responses": [[pk, enrollment, bool(sent)] for pk, enrollment, sent in responses],
        "versions": [[str(client_id), *rest] for client_id, *rest in versions],
        "answers": [list(row) for row in answers],
    }
