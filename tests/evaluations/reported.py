"""A cohort whose report is the made-up one (report_document.py), stored for every view, and people who read it."""

import datetime

from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from evaluations.models import ReportSnapshot, Wave
from tests.evaluations import report_document as made
from tests.factories import CohortFactory, EnrollmentFactory

BACKEND = "django.contrib.auth.backends.ModelBackend"
GROUPS = ("country:CO", "country:MX", "profession:nursing", "profession:rheumatology")


def url(name, *args, language="es"):
    with translation.override(language):
        return reverse(f"evaluations:{name}", args=args)


def person(cohort, role):
    return EnrollmentFactory(cohort=cohort, role=role).user


def as_(user):
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def stored(cohort, document, view="all"):
    return ReportSnapshot.objects.create(cohort=cohort, view=view, document=document)


def reported_cohort():
    found = CohortFactory(name="Cohorte LATAM", countries=["BR", "CO", "MX"])
    EnrollmentFactory(cohort=found, user__country="CO", user__profession="nursing")
    EnrollmentFactory(cohort=found, user__country="MX", user__profession="rheumatology")
    stored(found, made.document(found))
    for view in GROUPS:
        stored(found, made.small_view(found), view)
    return found


def text_of(response, status=200):
    assert response.status_code == status
    return response.content.decode()


def wave(cohort, instrument, moment="post", **fields):
    today = timezone.localdate()
    fields = {"opens_on": today - datetime.timedelta(days=3), "closes_on": today + datetime.timedelta(days=9), **fields}
    return Wave.objects.create(cohort=cohort, instrument=instrument, moment=moment, **fields)
