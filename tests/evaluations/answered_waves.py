"""Waves with answers, written straight into the tables: what the report reads, without walking through forms."""

import datetime
import itertools

from django.utils import timezone

from evaluations.models import (
    AnonymousResponse,
    Answer,
    ChoiceQuestion,
    Instrument,
    LikertQuestion,
    LongTextQuestion,
    Response,
    RetrospectiveQuestion,
    Wave,
)
from tests.factories import EnrollmentFactory, UserFactory

LANGUAGES = ("es", "pt-br", "en")
numbers = itertools.count(1)


def words(text):
    return {language: f"{text} ({language})" for language in LANGUAGES}


SCALE = [{"value": value, "text": words(f"punto {value}")} for value in range(1, 6)]


def instrument(kind="survey", **keys):
    """An instrument; `keys` maps a question's key to (kind of question, fields)."""
    made = Instrument.objects.create(key=f"instrument-{next(numbers)}", kind=kind, title=words("Cuestionario"))
    for order, (key, (model, fields)) in enumerate(keys.items()):
        model.objects.create(instrument=made, key=key.replace("_", "-"), order=order, text=words(key), **fields)
    return made


def likert(**fields):
    return LikertQuestion, {"scale": SCALE, "allow_not_applicable": True, **fields}


def retrospective(**fields):
    return RetrospectiveQuestion, {"scale": SCALE, **fields}


def choice(**fields):
    """Right is "b"."""
    choices = [{"key": key, "text": words(key), "correct": key == "b"} for key in "ab"]
    return ChoiceQuestion, {"choices": choices, **fields}


def text(**fields):
    return LongTextQuestion, {"required": False, **fields}


def people(cohort, countries=("MX",), professions=("nursing",), number=None):
    """Trainees, one for each country and profession in turn."""
    number = number or len(countries)
    pick = zip(itertools.cycle(countries), itertools.cycle(professions), range(number), strict=False)
    return [
        EnrollmentFactory(cohort=cohort, user=UserFactory(country=country, profession=profession))
        for country, profession, _n in pick
    ]


def wave(cohort, asked, moment="post", promise="confidential", *, state="closed", **fields):
    """`state`: closed (ten days ago), open (until in ten days) or rolling."""
    today = timezone.localdate()
    closes_on = {"closed": today - datetime.timedelta(days=10), "open": today + datetime.timedelta(days=10), "rolling": None}[
        state
    ]
    if promise == "anonymous" and state == "closed":
        fields["closed_at"] = timezone.now() - datetime.timedelta(days=9)
    return Wave.objects.create(
        cohort=cohort, instrument=asked, moment=moment, promise=promise, closes_on=closes_on,
        opens_on=today - datetime.timedelta(days=40), **fields,
    )  # fmt: skip


def answer(wave, enrollments, late=False, minutes=None, attempt=1, **values):
    """Sent responses of these people: `values` maps a question's key to one value per person (`None`: no answer)."""
    questions = {question.key: question for question in wave.instrument.questions.all()}
    start = timezone.now() - datetime.timedelta(days=20)
    made = []
    for place, enrollment in enumerate(enrollments):
        sent = start + datetime.timedelta(minutes=next(numbers) if minutes is None else minutes[place])
        response = Response.objects.create(
            enrollment=enrollment, instrument=wave.instrument, wave=wave, activity_key=wave.activity_key, submitted_at=sent,
            late=late, country=enrollment.user.country, profession=enrollment.user.profession, attempt=attempt,
        )  # fmt: skip
        for key, given in values.items():
            put(response, questions[key.replace("_", "-")], given[place], sent)
        made.append(response)
    return made


def put(response, question, value, at):
    if value is not None:
        Answer.objects.create(
            response=response, question=question, value=value, measure=question.measure(value),
            measure_before=question.measure_before(value), client_time=at,
        )  # fmt: skip


def answer_anonymously(wave, **values):
    rows = [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]
    for row in rows:
        answers = {key.replace("_", "-"): value for key, value in row.items() if value is not None}
        AnonymousResponse.objects.create(wave=wave, day=timezone.localdate(), answers=answers)


def indicator(document, key):
    """The line whose key is `key` or begins with it; fails where there is none."""
    found = [
        line
        for level in document["levels"]
        for line in level["indicators"]
        if line["key"] == key or line["key"].startswith(f"{key}-w")
    ]
    assert found, [line["key"] for level in document["levels"] for line in level["indicators"]]
    return found[0]


def row(line, key):
    return next(row for row in line["rows"] if row["key"] == key or row.get("construct") == key)
