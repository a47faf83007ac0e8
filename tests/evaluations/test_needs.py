"""A person's own order of modules, and what a cohort needs without anybody's answer being readable."""

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from curriculum import cohorts
from curriculum.models import ModulePage
from curriculum.progress import progress_of
from evaluations import needs, today
from evaluations.constructs import AREAS, MODULE_OF_AREA
from evaluations.models import Answer, Response
from evaluations.questions.reading import questions_of
from tests.factories import CohortFactory, EnrollmentFactory

pytestmark = pytest.mark.django_db


def url(pk):
    with translation.override("es"):
        return reverse("evaluations:cohort_needs", args=[pk])


def answers(world, enrollment=None, sent=True, **areas):
    """A needs assessment: `area=(ability, importance)`; areas not named get 3 and 3."""
    response = Response.objects.create(
        enrollment=enrollment or EnrollmentFactory(cohort=world.cohort), instrument=world.needs, activity_key=world.survey_key,
        submitted_at=timezone.now() if sent else None,
    )  # fmt: skip
    rows = []
    for question in questions_of(world.needs.pk):
        ability, importance = areas.get(question.construct.replace("-", "_"), (3, 3))
        value = ability if question.aspect == "ability" else importance
        rows.append(Answer(response=response, question=question, value=value, client_time=timezone.now()))
    Answer.objects.bulk_create(rows)
    return response


@pytest.fixture
def trainer(client, world):
    person = EnrollmentFactory(cohort=world.cohort, role="trainer").user
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_every_area_has_a_module_and_a_name():
    assert set(MODULE_OF_AREA) == set(AREAS)
    assert len(AREAS) == 9


def test_a_persons_order_starts_with_the_widest_gap(world):
    slugs = dict(zip(world.made.module_keys, ("why", "mentoring"), strict=True))
    for key, slug in slugs.items():
        ModulePage.objects.filter(translation_key=key, locale__language_code="es").update(slug=slug)
    from curriculum import generation

    generation.bump()
    answers(world, world.enrollment, epidemiology=(3, 4), mentoring=(1, 5), teaching_adults=("na", 5), fls_benefits=(5, 1))
    order = needs.suggested_order(world.enrollment, needs.ratings_of(world.enrollment))
    assert [module.gap for module in order] == [4, 1]
    assert order[0].module_key == world.made.module_keys[1]
    assert [gap for _name, gap in order[0].areas] == [4]


def test_the_means_leave_out_does_not_apply(world):
    for number in range(10):
        answers(world, mentoring=(1, 5) if number < 5 else ("na", 5))
    found = {area.area: area for area in needs.cohort_needs(world.cohort).areas}
    assert (found["mentoring"].n, found["mentoring"].left_out) == (5, 5)
    assert (found["mentoring"].ability, found["mentoring"].importance, found["mentoring"].gap) == (1, 5, 4)
    assert found["epidemiology"].gap == 0


def test_the_widest_gap_comes_first_and_hidden_areas_last(world):
    for _ in range(5):
        answers(world, improving_fls=(2, 5), mentoring=(1, 5), service_models=("na", "na"))
    areas = [area.area for area in needs.cohort_needs(world.cohort).areas]
    assert areas[:2] == ["mentoring", "improving-fls"]
    assert areas[-1] == "service-models"


def test_nothing_is_shown_below_the_minimum(trainer, world):
    for _ in range(settings.MIN_GROUP_SIZE - 1):
        answers(world, mentoring=(1, 5))
    found = needs.cohort_needs(world.cohort)
    assert not found.shown
    assert all(area.hidden for area in found.areas)
    text = trainer.get(url(world.cohort.pk)).content.decode()
    assert '<svg class="ch" width="100%"' not in text
    assert "<table" not in text


def test_figures_move_in_steps_so_that_one_more_answer_changes_nothing(world):
    for _ in range(5):
        answers(world, mentoring=(2, 4))
    before = needs.cohort_needs(world.cohort).areas
    for number in range(4):
        answers(world, mentoring=(1, 5))
        now = needs.cohort_needs(world.cohort)
        assert now.areas == before
        assert now.answered == 6 + number
        assert now.counted == 5
    answers(world, mentoring=(1, 5))
    assert needs.cohort_needs(world.cohort).counted == 10


def test_a_handful_left_out_is_not_numbered(trainer, world):
    for number in range(10):
        answers(world, mentoring=("na", 5) if number < 2 else (1, 5))
    need = next(area for area in needs.cohort_needs(world.cohort).areas if area.area == "mentoring")
    assert need.few_left_out
    assert need.n == 5
    text = trainer.get(url(world.cohort.pk)).content.decode()
    assert "8 of 10" not in text
    assert "8 de 10" not in text


def test_an_area_that_few_rated_is_hidden_alone(trainer, world):
    for number in range(10):
        answers(world, mentoring=("na", 5) if number < 6 else (1, 5))
    need = next(area for area in needs.cohort_needs(world.cohort).areas if area.area == "mentoring")
    assert need.hidden
    assert need.gap is None
    assert trainer.get(url(world.cohort.pk)).status_code == 200


def test_no_single_rating_follows_from_an_area_that_others_left_out(world):
    """Five rate it, then four of the next five leave it out: the sixth rating is not in the figures yet."""
    for _ in range(5):
        answers(world, mentoring=(3, 3))
    for number in range(5):
        answers(world, mentoring=(1, 5) if number == 0 else ("na", "na"))
    found = needs.cohort_needs(world.cohort)
    need = next(area for area in found.areas if area.area == "mentoring")
    assert found.counted == 10
    assert (need.n, need.importance, need.ability) == (5, 3, 3)


def test_a_lead_cannot_take_one_answer_out_of_the_figures(world):
    """Neither by making somebody a trainer nor by a transfer: the differences would be single answers. Nor put one in elsewhere."""
    lead = EnrollmentFactory(cohort=world.cohort, role="lead").user
    other = CohortFactory(curriculum_key=world.cohort.curriculum_key)
    people = [answers(world, mentoring=(1 + number % 4, 5)).enrollment for number in range(6)]
    for _ in range(6):
        answers(world, EnrollmentFactory(cohort=other))
    before = needs.cohort_needs(world.cohort).areas, needs.cohort_needs(other).areas
    cohorts.change_role(people[0], "trainer", lead, "helps with teaching")
    cohorts.transfer(people[1], other, lead, "moved")
    cohorts.decide(people[2], "withdrawn", lead, "left")
    assert (needs.cohort_needs(world.cohort).areas, needs.cohort_needs(other).areas) == before
    back = people[1].__class__.objects.get(pk=people[1].pk)
    cohorts.transfer(back, world.cohort, lead, "and back")
    assert (needs.cohort_needs(world.cohort).areas, needs.cohort_needs(other).areas) == before


def test_only_the_first_sent_assessment_counts(world):
    for _ in range(5):
        answers(world)
    answers(world, sent=False, mentoring=(1, 5))
    assert needs.cohort_needs(world.cohort).answered == 5


def test_members_are_counted_and_who_left_stays_in_the_averages(trainer, world):
    for _ in range(5):
        left = answers(world).enrollment
    for status in ("selected", "candidate"):
        EnrollmentFactory(cohort=world.cohort, status=status)
    EnrollmentFactory(cohort=world.cohort, status="paused")
    type(left).objects.filter(pk=left.pk).update(status="withdrawn")
    found = needs.cohort_needs(world.cohort)
    members = type(left).objects.members().filter(cohort=world.cohort).count()
    assert (found.answered, found.people, found.sent, found.counted) == (4, members, 5, 5)
    text = trainer.get(url(world.cohort.pk)).content.decode()
    assert f"4 de {members} participantes" in text


def test_coordinates_are_never_localised(trainer, world):
    for _ in range(5):
        answers(world, mentoring=(1, 4))
    text = trainer.get(url(world.cohort.pk)).content.decode()
    assert 'cx="2.00%"' in text
    assert 'cx="74.00%"' in text


def test_only_those_who_run_the_cohort_see_it(client, world):
    stranger_trainer = EnrollmentFactory(role="trainer")
    for person, status in [(world.user, 404), (EnrollmentFactory().user, 404), (stranger_trainer.user, 404)]:
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(url(world.cohort.pk)).status_code == status
    client.logout()
    assert "login" in client.get(url(world.cohort.pk)).url


def test_the_cohort_page_has_the_insight(trainer, world):
    for _ in range(5):
        answers(world, mentoring=(1, 5))
    with translation.override("es"):
        text = trainer.get(reverse("curriculum:cohort", args=[world.cohort.pk])).content.decode()
    assert url(world.cohort.pk) in text


def test_the_queries_do_not_grow_with_people(trainer, world, django_assert_num_queries):
    answers(world)
    needs.cohort_needs(world.cohort)
    with django_assert_num_queries(2):
        needs.cohort_needs(world.cohort)
    for _ in range(29):
        answers(world)
    with django_assert_num_queries(2):
        assert needs.cohort_needs(world.cohort).counted == 30


# --- cards of the Today page ------------------------------------------------------------------------------------------


def cards(rf, world):
    return today.cards(rf.get("/"), world.enrollment, progress_of(world.enrollment))


def test_cards_of_a_new_person_and_of_one_who_is_half_way(rf, world):
    due = cards(rf, world)
    assert [card["template"] for card in due] == ["evaluations/today_survey.html"]
    response = Response.objects.create(enrollment=world.enrollment, instrument=world.needs, activity_key=world.survey_key)
    question = questions_of(world.needs.pk)[0]
    Answer.objects.create(response=response, question=question, value=3, client_time=timezone.now())
    begun = cards(rf, world)[0]["context"]["begun"]
    assert (begun.answered, begun.asked) == (1, 18)


def test_a_quiz_in_progress_has_a_card(rf, world):
    Response.objects.create(enrollment=world.enrollment, instrument=world.quiz, activity_key=world.quiz_key)
    assert "evaluations/today_quiz.html" in [card["template"] for card in cards(rf, world)]


def test_nothing_is_due_for_those_who_do_not_study(rf, world):
    world.enrollment.status = "paused"
    assert cards(rf, world) == []


def test_cards_cost_a_fixed_number_of_queries(rf, world, django_assert_num_queries):
    progress = progress_of(world.enrollment)
    with django_assert_num_queries(5):
        today.cards(rf.get("/"), world.enrollment, progress)


def test_all_card_templates_draw(rf, world):
    from django.template.loader import render_to_string

    answers(world, sent=False, enrollment=world.enrollment)
    Response.objects.create(enrollment=world.enrollment, instrument=world.quiz, activity_key=world.quiz_key)
    for card in cards(rf, world):
        assert "<section" in render_to_string(card["template"], card["context"])
    assert "<ol" in render_to_string("evaluations/today_order.html", {"order": [needs.Suggestion(None, "M", "/x/", (("A", 2),))]})
