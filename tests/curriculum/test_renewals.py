"""Certificates that run out: sixty and fourteen days before, and when they have, each once."""

import datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from curriculum import renewals
from curriculum.models import Certificate
from curriculum.verification import new_code, today
from notifications import mail
from notifications.models import Message
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory

pytestmark = pytest.mark.django_db
parallel = pytest.mark.django_db(transaction=True, serialized_rollback=True)
DAY = datetime.timedelta(days=1)


def certificate(days, cohort=None, user=None, **fields):
    """One that is valid until so many days from today."""
    holder = EnrollmentFactory(status="certified", cohort=cohort or CohortFactory(), user=user or UserFactory())
    return Certificate.objects.create(
        enrollment=holder, code=new_code(), name="Ana", curriculum_key=holder.cohort.curriculum_key, curriculum_title="FLS",
        curriculum_version="1", hours=20, language="es", expires_on=today() + days * DAY if days is not None else None, **fields,
    )  # fmt: skip


def stages():
    keys = Message.objects.filter(what="certificate_renewal").order_by("pk").values_list("dedupe_key", flat=True)
    return [key.rpartition(":")[2] for key in keys]


@pytest.mark.parametrize(
    ("days", "stage"),
    [(61, []), (60, ["60"]), (15, ["60"]), (14, ["14"]), (0, ["14"]), (-1, ["lapsed"]), (-30, ["lapsed"]), (-31, []), (None, [])],
)
def test_what_is_due_follows_from_the_date(days, stage):
    certificate(days)
    call_command("remind_renewals", verbosity=0)
    assert stages() == stage


def test_each_is_told_once_through_a_whole_year():
    certificate(70)
    for passed in range(0, 150):
        renewals.remind(today() + passed * DAY)
    assert stages() == ["60", "14", "lapsed"]


def test_a_worker_that_was_away_tells_only_what_is_still_of_use():
    certificate(20)
    renewals.remind(today() + 22 * DAY)
    assert stages() == ["lapsed"]


@pytest.mark.parametrize("gone", [{"revoked_at": timezone.now()}, {"renewed_at": timezone.now()}])
def test_what_is_revoked_or_renewed_is_left_alone(gone):
    certificate(10, **gone)
    certificate(10, user=UserFactory(is_active=False))
    assert renewals.remind() == 0


@parallel
def test_ten_workers_at_once_tell_once(in_parallel):
    certificate(10)
    assert sorted(in_parallel(lambda _number: renewals.remind())) == [0] * 9 + [1]
    assert stages() == ["14"]


def test_the_queries_do_not_grow_where_everybody_was_told():
    counts = []
    for more in (1, 30):
        for _number in range(more):
            certificate(10)
        renewals.remind()
        with CaptureQueriesContext(connection) as queries:
            assert renewals.remind() == 0
        counts.append(len(queries))
    assert counts[0] == counts[1] == 3


@pytest.mark.parametrize("language", ["es", "pt-br", "en"])
@pytest.mark.parametrize("days", [10, -3])
def test_the_mail_leads_to_what_the_renewal_needs(client, language, days):
    one = certificate(days, user=UserFactory(language=language))
    renewals.remind()
    [message] = Message.objects.filter(what="certificate_renewal")
    sent = mail.build(message)
    assert f"http://testserver/{language}/certificate/" in sent.body
    assert message.expires_at > timezone.now()
    assert len(sent.message().as_bytes()) < 40_000
    if language == "en":
        assert ("has run out" in sent.subject) == (days < 0)
    client.force_login(one.enrollment.user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/{language}/certificate/").status_code == 200
