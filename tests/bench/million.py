"""A cohort with about a million answers, written by COPY: needs assessment, two knowledge tests, evaluation, session feedback,
three follow-ups. Answers have the shape of real ones: a little better after than before, some that do not apply, some missing."""

import datetime
import json
import random

from django.utils import timezone

SEED = 20_19


def fill(people, countries, professions):
    """Gives (cohort, number of answers)."""
    from django.db import connection

    from tests.factories import CohortFactory, make_curriculum

    cohort = CohortFactory(curriculum_key=make_curriculum(modules=4, lessons=4).key, capacity=people)
    enrollments = put_people(cohort, people, countries, professions)
    waves = [put_wave(cohort, *plan) for plan in plans()]
    answers = sum(put_answers(wave, questions, enrollments, better) for wave, questions, better in waves)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return cohort, answers


def plans():
    """(moment, kind, promise, how much better, [(model, fields)])."""
    from evaluations.constructs import AREAS
    from evaluations.models import ChoiceQuestion, LikertQuestion, RetrospectiveQuestion

    scale = [{"value": value, "text": words(f"punto {value}")} for value in range(1, 6)]
    choices = [{"key": key, "text": words(key), "correct": key == "b"} for key in "abcd"]
    likert = lambda **fields: (LikertQuestion, {"scale": scale, "allow_not_applicable": True, **fields})  # noqa: E731
    abilities = [likert(construct=area, aspect="ability") for area in AREAS]
    levels = ["3A"] * 12 + ["3B"] * 8
    test = [(ChoiceQuestion, {"choices": choices, "construct": AREAS[n % 5], "moore": level}) for n, level in enumerate(levels)]
    satisfied = [likert(aspect="satisfaction", moore="2") for _ in range(5)]
    after = [likert(construct=area, aspect="ability", moore="4") for area in AREAS]
    back = [
        (RetrospectiveQuestion, {"scale": scale, "construct": area, "aspect": "competence", "moore": "4"}) for area in AREAS[:5]
    ]
    sure = [likert(aspect=aspect, moore="4") for aspect in ("confidence", "confidence", "intention")]
    practice = [likert(aspect="performance", moore="5") for _ in range(4)]
    return [
        ("pre", "survey", "confidential", 0, abilities + [likert(construct=area, aspect="importance") for area in AREAS]),
        ("pre", "quiz", "identified", 0, test),
        ("post", "quiz", "identified", 1, test),
        ("post", "survey", "confidential", 1, [*satisfied, *after, *back, *sure]),
        *((moment, "survey", "confidential", 1, practice) for moment in ("m3", "m6", "m12")),
    ]


def words(text):
    return dict.fromkeys(("es", "pt-br", "en"), text)


def put_people(cohort, number, countries, professions):
    """Enrolments with country and profession; gives [(id, country, profession)]."""
    from curriculum.models import Enrollment
    from lms.models import User

    chance = random.Random(SEED)
    users = [
        User(
            email=f"person{n}@example.org", full_name=f"Persona {n}", password="!", country=chance.choices(countries, (5, 6, 2, 1))[0],
            profession=chance.choice(professions),
        )
        for n in range(number)
    ]  # fmt: skip
    User.objects.bulk_create(users, batch_size=2000)
    rows = [Enrollment(user=user, cohort=cohort, role="trainee", status="enrolled", enrolled_at=timezone.now()) for user in users]
    Enrollment.objects.bulk_create(rows, batch_size=2000)
    return [(row.pk, user.country.code, user.profession) for row, user in zip(rows, users, strict=True)]


def put_wave(cohort, moment, kind, promise, better, asked):
    from evaluations.models import Instrument, Wave

    instrument = Instrument.objects.create(key=f"bench-{moment}-{kind}", kind=kind, title=words("Bench"))
    questions = [
        model.objects.create(instrument=instrument, key=f"q{n}", order=n, text=words(f"Pregunta {n} {moment}"), **fields)
        for n, (model, fields) in enumerate(asked)
    ]
    today = timezone.localdate()
    wave = Wave.objects.create(
        cohort=cohort, instrument=instrument, moment=moment, promise=promise, opens_on=today - datetime.timedelta(days=60),
        closes_on=today - datetime.timedelta(days=30),
    )  # fmt: skip
    return wave, questions, better


def put_answers(wave, questions, enrollments, better):
    """COPY of responses, then of their answers; gives the number of answers."""
    from django.db import connection

    chance = random.Random(f"{SEED} {wave.pk}")
    sent = timezone.now() - datetime.timedelta(days=40)
    answered = [one for one in enrollments if chance.random() < 0.97]
    first = wave.pk * 1_000_000
    number = 0
    with connection.cursor() as cursor:
        head = "id, enrollment_id, instrument_id, wave_id, activity_key, attempt, language, late, country, profession, opened_at, submitted_at"
        with cursor.copy(f"COPY evaluations_response ({head}) FROM STDIN") as copy:
            for place, (enrollment, country, profession) in enumerate(answered):
                row = (
                    first + place,
                    enrollment,
                    wave.instrument_id,
                    wave.pk,
                    wave.activity_key,
                    1,
                    "es",
                    False,
                    country,
                    profession,
                    sent,
                    sent,
                )
                copy.write_row(row)
        with cursor.copy("COPY evaluations_answer (response_id, question_id, value, measure, measure_before, client_time, saved_at) FROM STDIN") as copy:  # fmt: skip
            for place in range(len(answered)):
                able = chance.gauss(2.6 + 0.8 * better, 0.8)
                for question in questions:
                    value, measure, before = one_answer(question, able, chance)
                    copy.write_row((first + place, question.pk, json.dumps(value), measure, before, sent, sent))
                    number += 1
    return number


def one_answer(question, able, chance):
    """(value, measure, measure before)."""
    if hasattr(question, "choices"):
        right = chance.random() < able / 5
        return ("b" if right else "a"), float(right), None
    if chance.random() < 0.02 and getattr(question, "allow_not_applicable", False):
        return "na", None, None
    now = min(max(round(chance.gauss(able, 0.7)), 1), 5)
    if question.kind != "retrospective":
        return now, float(now), None
    before = max(now - chance.choice((0, 1, 1, 2)), 1)
    return {"before": before, "now": now}, float(now), float(before)
