"""A small curriculum, a running cohort with a frozen outline, and a person who studies in it."""

from types import SimpleNamespace

import pytest
from django.test import Client

from curriculum.outline import freeze
from tests.factories import CohortFactory, EnrollmentFactory, make_curriculum


def study(made, **enrollment):
    """An enrolment in a running cohort of the curriculum, and a client signed in as that person."""
    cohort = enrollment.pop("cohort", None) or CohortFactory(curriculum_key=made.key)
    if not cohort.outline:
        freeze(cohort)
    enrollment = EnrollmentFactory(cohort=cohort, **enrollment)
    client = Client()
    client.force_login(enrollment.user)
    return SimpleNamespace(made=made, cohort=cohort, enrollment=enrollment, user=enrollment.user, client=client)


@pytest.fixture
def made(db):
    return make_curriculum(2, 2)


@pytest.fixture
def studying(made):
    return study(made)
