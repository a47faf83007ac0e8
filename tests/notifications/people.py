"""Somebody who leads, somebody who studies, somebody of another cohort; each with a signed-in client."""

from types import SimpleNamespace

from django.test import Client

from curriculum.models import Enrollment
from notifications.models import Message
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory

Role = Enrollment.Role


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def person(cohort=None, role=Role.TRAINEE, **user):
    """A person, in `cohort` if one is given, with a client."""
    user = UserFactory(**user)
    if cohort:
        EnrollmentFactory(user=user, cohort=cohort, role=role)
    return SimpleNamespace(user=user, client=signed_in(user), cohort=cohort)


def two_cohorts():
    """`.lead`, `.trainer`, `.trainee` of one cohort; `.other_lead`, `.other_trainee` of another."""
    mine, other = CohortFactory(), CohortFactory()
    return SimpleNamespace(
        cohort=mine,
        other=other,
        lead=person(mine, Role.LEAD, full_name="Lidia Guía", language="en"),
        trainer=person(mine, Role.TRAINER),
        trainee=person(mine, full_name="Ana Pérez"),
        other_lead=person(other, Role.LEAD, language="en"),
        other_trainee=person(other, full_name="Bruno Lima"),
    )


def message(user, key, what="wave_open", **fields):
    return Message.objects.create(what=what, user=user, to=user.email, language="es", dedupe_key=key, **fields)
