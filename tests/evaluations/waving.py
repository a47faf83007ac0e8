"""Waves for tests: a cohort with its people, and the clock at any instant."""

import datetime
import zoneinfo
from types import SimpleNamespace

from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from curriculum.models import Enrollment
from evaluations import answering, wave_opening, waves
from evaluations.models import ChoiceQuestion, Instrument, LikertQuestion, ShortTextQuestion
from evaluations.questions.reading import questions_of
from tests.evaluations.conftest import SCALE, make_quiz, words
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory

UTC = datetime.UTC
REAL_NOW = timezone.now
MEXICO, KIRITIMATI, PAGO_PAGO = "America/Mexico_City", "Pacific/Kiritimati", "Pacific/Pago_Pago"


def day(number):
    """That many days from the real today, by the calendar of the cohorts of tests, wherever the clock is set to."""
    return REAL_NOW().astimezone(zoneinfo.ZoneInfo(MEXICO)).date() + datetime.timedelta(days=number)


def midnight(date, zone):
    return datetime.datetime.combine(date, datetime.time(), tzinfo=zoneinfo.ZoneInfo(zone))


def set_clock(monkeypatch, instant):
    monkeypatch.setattr(timezone, "now", lambda: instant.astimezone(UTC))


def cohort_with_people(trainees=1, **fields):
    cohort = CohortFactory(**{"starts_on": day(0), "ends_on": day(60), **fields})
    people = {role: member(cohort, role) for role in ("lead", "trainer", "evaluator")}
    enrollments = [member(cohort) for _number in range(trainees)]
    return SimpleNamespace(cohort=cohort, enrollments=enrollments, enrollment=enrollments[0] if enrollments else None, **people)


def member(cohort, role="trainee", status=Enrollment.Status.ENROLLED, **user):
    return EnrollmentFactory(cohort=cohort, role=role, status=status, user=UserFactory(**user))


def make_survey(key="feedback", areas=("mentoring", "kpi"), version=1):
    """A scale for each area, one choice, and a text that may stay empty."""
    instrument = Instrument.objects.create(
        key=key, version=version, kind="survey", title=words("Opinión"), intro=words("Para qué")
    )
    for order, area in enumerate(areas, start=1):
        LikertQuestion.objects.create(
            instrument=instrument, key=f"ability-{area}", order=order, text=words(f"capaz {area}"), construct=area, aspect="ability",
            scale=SCALE, allow_not_applicable=True,
        )  # fmt: skip
    options = [{"key": key, "text": words(f"opción {key}")} for key in "ab"]
    ChoiceQuestion.objects.create(instrument=instrument, key="single", order=8, text=words("una"), choices=options)
    ShortTextQuestion.objects.create(instrument=instrument, key="short", order=9, text=words("corto"), required=False)
    return instrument


def planned(cohort, instrument=None, **also):
    """A confidential wave from today for a week."""
    instrument = instrument or make_survey()
    usual = {"moment": "post", "promise": "confidential", "opens_on": day(0), "closes_on": day(7)}
    return waves.plan(cohort, None, instrument=instrument, **{**usual, **also})


def quiz_wave(cohort, moment="pre", key="knowledge-a", **also):
    usual = {"moment": moment, "promise": "identified", "feedback": "after_pair"}
    return planned(cohort, make_quiz(key=key), **{**usual, **also})


def url(name, *args, language="es"):
    with translation.override(language):
        return reverse(f"evaluations:{name}", args=args)


def signed(user):
    client = Client(headers={"accept-language": "es"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


VALUES = {"likert": "3", "single-choice": "a", "multiple-choice": ["a"], "short-text": "secreto-canario"}


def answer_all(response):
    for question in questions_of(response.instrument_id):
        answering.save_answer(response, question, VALUES[question.kind])
    return response


def sent(enrollment, wave):
    """The answers of a person to a wave, sent now."""
    return answering.submit(answer_all(wave_opening.open_wave(enrollment, wave, "es")))
