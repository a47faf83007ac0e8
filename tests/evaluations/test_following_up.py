"""What became of commitments: each follow-up in its time, by the person alone, counted for the report."""

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from curriculum.models import Enrollment
from evaluations import commitments, following_up, today
from evaluations.models import CommitmentFollowUp
from tests.evaluations.anonymous_people import signed_in_as
from tests.evaluations.committed_people import make_instrument, said, sent, url, world
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory

pytestmark = pytest.mark.django_db
parallel = pytest.mark.django_db(transaction=True, serialized_rollback=True)


# --- following up -----------------------------------------------------------------------------------------------------


def test_the_list_and_the_form_and_what_became_of_it():
    here = world(days_ago=95)
    address = url("follow_up", here.response.pk, 90)
    listed = here.client.get(url("commitments")).content.decode()
    assert address in listed
    assert "Llamar a &lt;b&gt;todas" in listed
    form = here.client.get(address).content.decode()
    assert form.count("<legend>") == 4
    answered = here.client.post(address, said(here, "partly", ["time", "dxa-access"], "  Falta poco\r\n"))
    assert (answered.status_code, answered.url) == (302, url("commitments"))
    rows = CommitmentFollowUp.objects.values_list("day", "status", "barriers", "note")
    assert list(rows) == [(90, "partly", ["time", "dxa-access"], "Falta poco")] * 2
    after = here.client.get(url("commitments")).content.decode()
    assert "Falta poco" in after
    again = here.client.get(address).content.decode()
    assert again.count("checked") == 2 * 3
    here.client.post(address, said(here, "done"))
    assert set(CommitmentFollowUp.objects.values_list("status", flat=True)) == {"done"}
    assert CommitmentFollowUp.objects.count() == 2


@parallel
def test_ten_parallel_answers_make_one_per_commitment(in_parallel):
    here = world(days_ago=95)
    clients = [signed_in_as(here.user) for _ in range(10)]
    address = url("follow_up", here.response.pk, 90)
    assert in_parallel(lambda n: clients[n].post(address, said(here)).status_code) == [302] * 10
    assert CommitmentFollowUp.objects.count() == 2


@pytest.mark.parametrize(
    ("days_ago", "day", "status"),
    [(89, 90, 409), (90, 90, 302), (179, 90, 302), (180, 90, 409), (180, 180, 302), (270, 180, 409)],
)
def test_each_form_has_its_time(days_ago, day, status):
    here = world(days_ago=days_ago)
    address = url("follow_up", here.response.pk, day)
    assert here.client.get(address).status_code == 200
    assert here.client.post(address, said(here)).status_code == status
    assert CommitmentFollowUp.objects.exists() == (status == 302)


def test_only_ones_own_and_only_known_days(client):
    here = world(days_ago=95)
    address = url("follow_up", here.response.pk, 90)
    for other in (UserFactory(), EnrollmentFactory(cohort=here.cohort, role="lead").user, UserFactory(is_superuser=True)):
        assert signed_in_as(other).post(address, said(here)).status_code == 404
        assert "Llamar" not in signed_in_as(other).get(url("commitments")).content.decode()
    assert client.post(address, said(here)).status_code == 302
    assert here.client.get(url("follow_up", here.response.pk, 91)).status_code == 404
    assert here.client.get(f"/es/commitments/{'9' * 40}/90/").status_code == 404
    assert here.client.put(address).status_code == 405
    assert not CommitmentFollowUp.objects.exists()


@pytest.mark.parametrize(("status", "code"), [("paused", 403), ("withdrawn", 403)])
def test_people_who_left_read_their_words_and_answer_nothing(status, code):
    here = world(days_ago=95)
    Enrollment.objects.filter(pk=here.enrollment.pk).update(status=status)
    assert here.client.post(url("follow_up", here.response.pk, 90), said(here)).status_code == code
    listed = here.client.get(url("commitments")).content.decode()
    assert "Llamar" in listed
    assert url("follow_up", here.response.pk, 90) not in listed


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": ""}, {"status": "finished"}, {"status": "\x00"}, {"barriers": ["weather"]}, {"barriers": ["\x00"]},
        {"note": "x" * 501}, {"note": "a\x00b"}, {"note": "x" * 100_000}, {"status": "9" * 5000},
    ],
)  # fmt: skip
def test_bad_input_is_a_422_that_keeps_the_rest(wrong):
    here = world(days_ago=95)
    sent = said(here, note="queda escrito") | {f"c{here.rows[0].pk}-{name}": value for name, value in wrong.items()}
    page = here.client.post(url("follow_up", here.response.pk, 90), sent)
    assert page.status_code == 422
    assert "queda escrito" in page.content.decode()
    assert 'role="alert"' in page.content.decode()
    assert not CommitmentFollowUp.objects.exists()


def test_an_empty_list_says_so_and_a_long_one_costs_the_same(django_assert_max_num_queries):
    assert "empty" in signed_in_as(UserFactory()).get(url("commitments")).content.decode()
    here = world(days_ago=95)
    for number in range(6):
        cohort = CohortFactory()
        sent(EnrollmentFactory(user=here.user, cohort=cohort), make_instrument(f"other-{number}"), days_ago=number)
    here.client.get(url("commitments"))
    with django_assert_max_num_queries(12):
        here.client.get(url("commitments"))


# --- Today and the report ---------------------------------------------------------------------------------------------


def test_today_shows_an_open_follow_up_until_it_is_answered(django_assert_num_queries):
    here = world(days_ago=95)
    enrollment = Enrollment.objects.select_related("user", "cohort").get(pk=here.enrollment.pk)
    with django_assert_num_queries(1):
        assert following_up.waiting_for(enrollment) == [(here.response.pk, 90)]
    card = today._commitments(enrollment)[0]
    with translation.override("es"):
        assert url("follow_up", here.response.pk, 90) in render_to_string(card["template"], card["context"])
    here.client.post(url("follow_up", here.response.pk, 90), said(here))
    assert following_up.waiting_for(enrollment) == []


def test_counts_are_of_members_whose_day_has_come(django_assert_num_queries):
    cohort, instrument = CohortFactory(), make_instrument()
    people = [EnrollmentFactory(cohort=cohort) for _ in range(5)]
    responses = [sent(person, instrument, days_ago=days) for person, days in zip(people, (95, 95, 95, 30, 95), strict=True)]
    Enrollment.objects.filter(pk=people[4].pk).update(status="withdrawn")
    first, second = responses[0].commitments.order_by("number")
    said_of = {"note": "", "barriers": ["time"]}
    following_up.answer(responses[0], 90, {first.pk: {"status": "done", **said_of}, second.pk: {"status": "not_yet", **said_of}})
    with django_assert_num_queries(2):
        counts = commitments.counts(cohort, 90)
    assert counts["made"] == 8
    assert (counts["people"], counts["asked"], counts["people_asked"]) == (4, 6, 3)
    assert counts["statuses"] == {"done": 1, "partly": 0, "not_yet": 1, "dropped": 0, "unanswered": 4}
    assert {code: n for code, n in counts["barriers"].items() if n} == {"time": 2}
    assert commitments.counts(cohort, 180)["asked"] == 0
