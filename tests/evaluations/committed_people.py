"""People who have set out to change something, for tests."""

import datetime
from types import SimpleNamespace

from django.urls import reverse
from django.utils import timezone, translation

from evaluations import answering
from evaluations.models import CommitmentQuestion, Instrument, LikertQuestion, Response
from evaluations.questions.reading import questions_of
from tests.evaluations.anonymous_people import signed_in_as
from tests.evaluations.conftest import SCALE, words
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory

CHOICES = [{"key": "pathway", "text": words("camino")}, {"key": "data", "text": words("datos")}]
ONE_DAY = datetime.timedelta(days=1)


def make_instrument(key="post-evaluation"):
    instrument = Instrument.objects.create(key=key, kind="survey", title=words("Cierre"))
    LikertQuestion.objects.create(instrument=instrument, key="scale", order=1, text=words("escala"), scale=SCALE)
    CommitmentQuestion.objects.create(
        instrument=instrument, key="change", order=2, text=words("cambio"), choices=CHOICES, most=3, required=False,
        show_if={"question": "scale", "any_of": [3, 4, 5]},
    )  # fmt: skip
    return instrument


def line(choice="pathway", text="", confidence=4):
    due = (timezone.now() + datetime.timedelta(days=60)).date().isoformat()
    return {"choice": choice, "text": text, "confidence": confidence, "due": due}


LINES = [line(), line("", "Llamar a <b>todas</b> las pacientes", 2)]


def sent(enrollment, instrument, lines=LINES, days_ago=0):
    """A sent response with commitments, as if it had been sent some days ago."""
    response = answering.open_once(enrollment, instrument, "a1b2c3d4-0000-4000-8000-000000000000", "es")
    for question, value in zip(questions_of(instrument.pk), (4, lines), strict=True):
        answering.save_answer(response, question, value)
    response = answering.submit(response)
    at = timezone.now() - days_ago * ONE_DAY
    Response.objects.filter(pk=response.pk).update(submitted_at=at)
    response.commitments.update(made_at=at)
    return response


def world(days_ago=0, **user):
    enrollment = EnrollmentFactory(cohort=CohortFactory(), user=UserFactory(**user))
    response = sent(enrollment, make_instrument(), days_ago=days_ago)
    return SimpleNamespace(
        enrollment=enrollment, cohort=enrollment.cohort, user=enrollment.user, response=response,
        rows=list(response.commitments.order_by("number")), client=signed_in_as(enrollment.user),
    )  # fmt: skip


def url(name, *args):
    with translation.override("es"):
        return reverse(f"evaluations:{name}", args=args)


def said(here, status="done", barriers=(), note=""):
    """The form filled in alike for all commitments."""
    data = {}
    for row in here.rows:
        data |= {f"c{row.pk}-status": status, f"c{row.pk}-barriers": list(barriers), f"c{row.pk}-note": note}
    return data
