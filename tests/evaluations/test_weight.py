"""A page with one question, of any kind and with real texts, weighs at most 20 KB as it is sent (fonts apart)."""

import gzip
import uuid
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from django.utils import translation

from content.keys import curriculum_key
from content.loader import load
from evaluations.models import Instrument, Response
from evaluations.questions.reading import questions_of
from tests.factories import CohortFactory, EnrollmentFactory

pytestmark = pytest.mark.django_db
LIMIT = 20 * 1024
ASSETS = ("lms/css/app.css", "lms/js/app.js", "evaluations/outbox.js", "lms/mark.svg")


def packed(content):
    return len(gzip.compress(content, 6))


def test_no_question_of_the_shipped_instruments_is_heavy(client):
    load()
    person = EnrollmentFactory(cohort=CohortFactory(curriculum_key=curriculum_key("train-the-trainer")))
    client.force_login(person.user, backend="django.contrib.auth.backends.ModelBackend")
    fixed, heaviest = sum(packed(Path(finders.find(name)).read_bytes()) for name in ASSETS), {}
    for key in ("post-evaluation", "knowledge-a", "follow-up-12"):
        instrument = Instrument.objects.get(key=key)
        response = Response.objects.create(enrollment=person, instrument=instrument, activity_key=uuid.uuid4())
        for number, question in enumerate(questions_of(instrument.pk), start=1):
            if question.show_if:
                continue
            with translation.override("es"):
                reply = client.get(reverse("evaluations:question", args=[response.pk, number]))
            assert reply.status_code == 200
            heaviest[question.kind] = max(heaviest.get(question.kind, 0), fixed + packed(reply.content))
    assert len(heaviest) >= 9
    assert max(heaviest.values()) <= LIMIT, heaviest
