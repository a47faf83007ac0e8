"""A programme with one requirement, a lead and a trainee: what the tests of certificates begin with."""

import datetime
from types import SimpleNamespace

from curriculum import certification
from curriculum.models import Certificate, Completion, Enrollment, Requirement
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory, make_curriculum


def make_programme(**options):
    """`.made` (the curriculum), `.cohort`, `.lead` (a user) and `.trainee` (an enrolment with nothing done)."""
    made = make_curriculum(**options)
    Requirement.objects.create(curriculum_key=made.key, kind="activities")
    cohort = CohortFactory(curriculum_key=made.key)
    lead = EnrollmentFactory(cohort=cohort, role=Enrollment.Role.LEAD, user__full_name="Laura Lead").user
    trainee = add_trainee(cohort, "Dra. Ana Pérez Gutiérrez")
    return SimpleNamespace(made=made, cohort=cohort, lead=lead, trainee=trainee)


def add_trainee(cohort, name, **fields):
    return EnrollmentFactory(cohort=cohort, user=UserFactory(certificate_name=name, full_name=name, **fields))


def finish(programme, enrollment=None):
    enrollment = enrollment or programme.trainee
    Completion.objects.bulk_create(Completion(enrollment=enrollment, activity_key=key) for key in programme.made.keys)


def certified(programme, enrollment=None):
    """A certificate, through the act."""
    enrollment = enrollment or programme.trainee
    finish(programme, enrollment)
    return certification.issue(enrollment, programme.lead)


def a_certificate(enrollment, **fields):
    """A row as it is, without the act; for pages and files."""
    defaults = {
        "code": certification.new_code(),
        "name": enrollment.user.certificate_name,
        "curriculum_key": enrollment.cohort.curriculum_key,
        "curriculum_title": "Formación de mentores en servicios de coordinación de fracturas",
        "curriculum_version": "2027.1",
        "hours": 20,
        "language": "es",
        "issued_at": datetime.datetime(2027, 1, 26, 15, 0, tzinfo=datetime.UTC),
        "expires_on": datetime.date(2029, 1, 26),
    }
    return Certificate.objects.create(enrollment=enrollment, **{**defaults, **fields})


def at(monkeypatch, year, month, day, hour=18):
    """Sets the clock. 18:00 UTC is noon in Mexico City, where the programme's days are counted."""
    moment = datetime.datetime(year, month, day, hour, tzinfo=datetime.UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    return moment
