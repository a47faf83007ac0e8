"""A cohort with an anonymous wave that is open, for tests."""

import datetime
from types import SimpleNamespace

from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from evaluations.models import ChoiceQuestion, Instrument, LongTextQuestion, NumberQuestion, Wave
from tests.evaluations.conftest import words
from tests.factories import CohortFactory, EnrollmentFactory

YES_NO = [{"key": key, "text": words(key)} for key in ("yes", "no")]


def make_instrument(key="meeting-feedback"):
    instrument = Instrument.objects.create(
        key=key, kind="survey", title=words("Reunión"), sections=[{"key": "end", "title": words("Al final")}]
    )
    common = {"instrument": instrument}
    NumberQuestion.objects.create(**common, key="rating", order=1, text=words("cuánto"), minimum=0, maximum=5000, whole=True)
    ChoiceQuestion.objects.create(**common, key="useful", order=2, text=words("útil"), choices=YES_NO)
    NumberQuestion.objects.create(
        **common, key="why", order=3, text=words("cuántas veces"), show_if={"question": "useful", "any_of": ["no"]}
    )
    LongTextQuestion.objects.create(**common, key="words", order=4, text=words("palabras"), required=False, section="end")
    return instrument


def open_wave(people=1, **fields):
    """`.wave`, `.cohort`, `.enrollments`, and `.client(n)` signed in as the n-th person."""
    today = timezone.now().date()
    cohort = CohortFactory()
    days = {"opens_on": today - datetime.timedelta(days=5), "closes_on": today + datetime.timedelta(days=5)}
    wave = Wave.objects.create(
        cohort=cohort,
        instrument=make_instrument(),
        **{"moment": "meeting", "number": 1, "promise": "anonymous", **days, **fields},
    )
    enrollments = [EnrollmentFactory(cohort=cohort) for _ in range(people)]
    return SimpleNamespace(
        wave=wave, cohort=cohort, enrollments=enrollments, client=lambda n=0: signed_in_as(enrollments[n].user), url=address(wave)
    )


def signed_in_as(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def address(wave):
    with translation.override("es"):
        return reverse("evaluations:anonymous", args=[wave.pk])


def filled(rating=4, useful="yes", why="", text=""):
    return {"rating-answer": rating, "useful-answer": useful, "why-answer": why, "words-answer": text}
