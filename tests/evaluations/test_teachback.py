"""Teach-backs: two people observe, they agree or talk, the person gets the result, and everything that is refused."""

import uuid
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from curriculum.enrollment_states import Refused, Role
from curriculum.models import Completion
from curriculum.outline import freeze
from evaluations import agreement, teachback
from evaluations.models import Instrument, Mark, Rating, RubricQuestion, TeachBack, TeachBackPage
from notifications.models import Message
from tests.evaluations.conftest import add_activity, words
from tests.factories import CohortFactory, EnrollmentFactory, make_curriculum

pytestmark = pytest.mark.django_db
LEVELS = [{"value": value, "text": words(f"nivel {value}")} for value in range(1, 5)]


def build():
    made = make_curriculum(modules=1, lessons=1)
    instrument = Instrument.objects.create(key="rubrica", kind="rubric", title=words("Rúbrica"))
    criteria = [
        RubricQuestion.objects.create(
            instrument=instrument, key=f"c{number}", order=number, text=words(f"criterio {number}"), scale=LEVELS,
            allow_not_observed=number == 3, construct="mentoring", moore="4",
        )
        for number in (1, 2, 3)
    ]  # fmt: skip
    key = add_activity(made, TeachBackPage, slug="simulacion", instrument_key="rubrica", pass_mark=70, raters_needed=2)
    cohort = CohortFactory(curriculum_key=made.key)
    freeze(cohort)
    enrollment = EnrollmentFactory(cohort=cohort)
    trainers = [EnrollmentFactory(cohort=cohort, role=Role.TRAINER).user for _ in range(3)]
    return SimpleNamespace(
        made=made, instrument=instrument, criteria=criteria, key=key, cohort=cohort, enrollment=enrollment, trainers=trainers,
        person=enrollment.user, page=agreement.page_for(key),
    )  # fmt: skip


@pytest.fixture
def here(db):
    return build()


def signed_in(user):
    client = Client(headers={"accept-language": "es"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def planned(here, by=0):
    return teachback.plan(here.enrollment, here.page, here.trainers[by])


def sheet(here, marks):
    return {f"c-{criterion.pk}": str(mark) for criterion, mark in zip(here.criteria, marks, strict=True)}


def rate(here, one, rater, marks, **more):
    url = reverse("evaluations:teach_back_rate", args=[one.pk])
    return signed_in(here.trainers[rater]).post(url, {**sheet(here, marks), "note": "", **more})


def settle(here, one, rater=0, feedback="Bien."):
    return signed_in(here.trainers[rater]).post(reverse("evaluations:teach_back_settle", args=[one.pk]), {"feedback": feedback})


def test_two_raters_who_agree_complete_the_activity(here):
    client = signed_in(here.trainers[0])
    data = {"enrollment": here.enrollment.pk, "activity": str(here.key), "topic": "PDSA", "held_on": "2027-03-02"}
    answer = client.post(reverse("evaluations:teach_back_plan", args=[here.cohort.pk]), data)
    one = TeachBack.objects.get()
    assert answer.url == reverse("evaluations:teach_back_rate", args=[one.pk]) and one.topic == "PDSA"
    assert rate(here, one, 0, (4, 3, "no"), close="1").status_code == 302
    assert rate(here, one, 1, (3, 3, 4), close="1").status_code == 302
    assert [(r.score, r.max_score) for r in one.ratings.all()] == [(7, 8), (10, 12)]
    assert settle(here, one).status_code == 302
    one.refresh_from_db()
    assert one.outcome == "passed" and one.settled_by == here.trainers[0]
    assert Completion.objects.get().activity_key == here.key
    assert Message.objects.filter(what="teach_back_settled", user=here.person).count() == 1
    state = teachback.requirement(here.enrollment, {})
    assert state.met
    page = signed_in(here.person).get("/es/programa/m1/simulacion/").content.decode()
    assert "Bien." in page and here.trainers[0].full_name not in page


def test_a_rater_sees_the_others_only_after_closing(here):
    one = planned(here)
    rate(here, one, 0, (4, 4, 4), close="1", note="nota del primero")
    url = reverse("evaluations:teach_back", args=[one.pk])
    before = signed_in(here.trainers[1]).get(url).content.decode()
    assert "nota del primero" not in before
    rate(here, one, 1, (2, 4, 4), close="1")
    after = signed_in(here.trainers[1]).get(url).content.decode()
    assert "nota del primero" in after
    lines = agreement.agreement_on(one).criteria
    assert [line.differs for line in lines] == [True, False, False]


def test_raters_who_differ_on_the_result_cannot_settle_until_one_has_looked_again(here):
    one = planned(here)
    rate(here, one, 0, (4, 4, 4), close="1")
    rate(here, one, 1, (1, 2, 2), close="1")
    assert settle(here, one).status_code == 409
    assert not Completion.objects.exists()
    again = reverse("evaluations:teach_back_reopen", args=[one.pk])
    client = signed_in(here.trainers[1])
    assert client.post(again, {"reason": "no"}).status_code == 422
    assert client.post(again, {"reason": "Vimos juntos la grabación."}).status_code == 302
    assert rate(here, one, 1, (3, 3, 3), close="1").status_code == 302
    rating = Rating.objects.get(rater=here.trainers[1])
    assert rating.reopened[0]["reason"] == "Vimos juntos la grabación." and rating.reopened[0]["score"] == 5
    assert settle(here, one).status_code == 302
    assert Completion.objects.count() == 1


def test_below_the_mark_is_followed_by_a_reassessment(here):
    one = planned(here)
    for rater in (0, 1):
        rate(here, one, rater, (2, 2, 2), close="1")
    settle(here, one, feedback="Falta cerrar con un plan.")
    one.refresh_from_db()
    assert one.outcome == "again" and not Completion.objects.exists()
    assert not teachback.requirement(here.enrollment, {}).met
    assert planned(here, by=1).attempt == 2


def test_settling_needs_two_closed_ratings(here):
    one = planned(here)
    rate(here, one, 0, (4, 4, 4), close="1")
    answer = settle(here, one)
    assert answer.status_code == 409 and TeachBack.objects.get().outcome == "open"


@pytest.mark.parametrize("marks", [("5", "1", "1"), ("0", "1", "1"), ("no", "1", "1"), ("\x00", "1", "1"), ("9" * 400, "1", "1")])
def test_a_mark_that_is_no_level_is_refused_and_the_rest_is_kept(here, marks):
    one = planned(here)
    answer = rate(here, one, 0, marks, close="1")
    assert answer.status_code == 422
    assert set(Mark.objects.values_list("question__key", flat=True)) == {"c2", "c3"}
    assert Rating.objects.get().submitted_at is None


def test_closing_with_a_criterion_unmarked_names_it(here):
    one = planned(here)
    url = reverse("evaluations:teach_back_rate", args=[one.pk])
    answer = signed_in(here.trainers[0]).post(url, {f"c-{here.criteria[0].pk}": "3", "close": "1", "note": "va bien"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "criterio 2" in text and "va bien" in text and Mark.objects.count() == 1


def test_each_mark_is_saved_quietly_and_a_closed_rating_refuses(here):
    one = planned(here)
    url = reverse("evaluations:teach_back_rate", args=[one.pk])
    client = signed_in(here.trainers[0])
    quiet = {"X-Requested-With": "rating"}
    assert client.post(url, {f"c-{here.criteria[0].pk}": "3"}, headers=quiet).status_code == 204
    rate(here, one, 0, (3, 3, 3), close="1")
    assert client.post(url, {f"c-{here.criteria[0].pk}": "1"}, headers=quiet).status_code == 409
    assert Mark.objects.get(question=here.criteria[0]).value == 3


def test_after_settling_nothing_moves(here):
    one = planned(here)
    for rater in (0, 1):
        rate(here, one, rater, (4, 4, 4), close="1")
    settle(here, one)
    with pytest.raises(Refused):
        teachback.save_marks(teachback.rating_of(one, here.trainers[2]), {here.criteria[0].pk: "1"})
    reason = {"reason": "Quiero cambiar algo más."}
    assert signed_in(here.trainers[0]).post(reverse("evaluations:teach_back_reopen", args=[one.pk]), reason).status_code == 409
    assert settle(here, one).status_code == 302 and Message.objects.filter(what="teach_back_settled").count() == 1


def test_the_person_cannot_look_at_sheets_nor_rate_themselves(here):
    one = planned(here)
    for name in ("teach_back", "teach_back_rate"):
        assert signed_in(here.person).get(reverse(f"evaluations:{name}", args=[one.pk])).status_code == 404
    stranger = EnrollmentFactory(role=Role.TRAINER).user
    assert signed_in(stranger).get(reverse("evaluations:teach_back", args=[one.pk])).status_code == 404
    assert signed_in(stranger).get(reverse("evaluations:teach_backs", args=[here.cohort.pk])).status_code == 404


@pytest.mark.parametrize("field", ["enrollment", "activity", "held_on"])
def test_planning_names_the_field_that_will_not_do(here, field):
    good = {"enrollment": here.enrollment.pk, "activity": str(here.key), "topic": "", "held_on": ""}
    client = signed_in(here.trainers[0])
    for bad in ("x", "\x00", "999999999999999999999", str(uuid.uuid4())):
        answer = client.post(reverse("evaluations:teach_back_plan", args=[here.cohort.pk]), {**good, field: bad})
        assert answer.status_code == 422 and f"id_{field}" in answer.content.decode()
    assert not TeachBack.objects.exists()


def test_a_paused_person_cannot_be_planned(here):
    here.enrollment.status = "paused"
    here.enrollment.save()
    with pytest.raises(Refused):
        planned(here)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_presses_make_one_teach_back_and_one_rating(in_parallel):
    here = build()
    made = in_parallel(lambda number: teachback.plan(here.enrollment, here.page, here.trainers[0]).pk)
    assert len(set(made)) == 1 and TeachBack.objects.count() == 1
    one = TeachBack.objects.get()
    answers = in_parallel(lambda number: rate(here, one, 0, (4, 4, 4), close="1").status_code)
    assert set(answers) <= {302, 409}
    assert Rating.objects.count() == 1 and Mark.objects.count() == 3


def test_the_list_costs_the_same_with_one_and_with_many(here):
    url, client = reverse("evaluations:teach_backs", args=[here.cohort.pk]), signed_in(here.trainers[0])
    planned(here)
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(url)
    for _ in range(12):
        enrollment = EnrollmentFactory(cohort=here.cohort)
        made = teachback.plan(enrollment, here.page, here.trainers[0])
        teachback.rating_of(made, here.trainers[1])
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) <= len(one) + 1  # the raters of all rows come with one more query
