"""Progress is what was completed among what is asked for: it never drops by itself and never passes the total."""

import datetime

import pytest
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone, translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from wagtail.models import Locale, Page

from curriculum import generation, outline, progress
from curriculum.models import Completion, LessonPage
from tests.curriculum.conftest import study
from tests.factories import EnrollmentFactory, make_curriculum

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_started(settings):
    settings.ACTIVITY_STATES = []


def test_nothing_done(studying):
    counted = progress.progress_of(studying.enrollment)
    assert (counted.done, counted.total, counted.minutes_left) == (0, 4, 40)
    assert [state.state for state in counted.states] == ["todo"] * 4
    assert progress.next_activity(studying.enrollment).activity.key == studying.made.keys[0]


def test_completing_counts_once(studying):
    key = studying.made.keys[0]
    first = progress.complete(studying.enrollment, key, {"by": "reader"})
    assert progress.complete(studying.enrollment, key) == first
    counted = progress.progress_of(studying.enrollment)
    assert (counted.done, counted.minutes_left) == (1, 30)
    assert counted.state_of(key).state == "done"
    assert progress.next_activity(studying.enrollment).activity.key == studying.made.keys[1]


def test_reopening_a_lesson(studying):
    key = studying.made.keys[0]
    progress.complete(studying.enrollment, key)
    progress.reopen(studying.enrollment, key)
    progress.reopen(studying.enrollment, key)
    assert progress.progress_of(studying.enrollment).done == 0


def test_titles_and_addresses_in_the_readers_language(studying):
    with translation.override("pt-br"):
        state = progress.progress_of(studying.enrollment).states[0]
    assert (state.title, state.url) == ("Lição 1.1", "/pt-br/programa/m1/l11/")


def test_optional_activities_do_not_count(made):
    page = LessonPage.objects.get(pk=made.page(made.keys[0]).pk)
    page.required = False
    page.save()
    here = study(made)
    progress.complete(here.enrollment, made.keys[0])
    counted = progress.progress_of(here.enrollment)
    assert (counted.done, counted.total) == (0, 3)
    assert counted.state_of(made.keys[0]).state == "done"


def test_all_done_leaves_nothing_next(studying):
    for key in studying.made.keys:
        progress.complete(studying.enrollment, key)
    counted = progress.progress_of(studying.enrollment)
    assert counted.complete
    assert progress.next_activity(studying.enrollment) is None


def test_started_activities_come_from_the_providers(studying, settings, monkeypatch):
    settings.ACTIVITY_STATES = ["tests.curriculum.test_progress.two_started"]
    monkeypatch.setitem(globals(), "STARTED", set(studying.made.keys[:2]))
    states = [state.state for state in progress.progress_of(studying.enrollment).states]
    assert states == ["started", "started", "todo", "todo"]


STARTED = set()


def two_started(enrollment):
    return STARTED


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["paused", "candidate", "withdrawn"])
def test_who_does_not_study_completes_nothing(made, status):
    here = study(made, status=status)
    with pytest.raises(progress.NotStudying):
        progress.complete(here.enrollment, made.keys[0])
    with pytest.raises(progress.NotStudying):
        progress.reopen(here.enrollment, made.keys[0])


def test_what_is_not_in_the_outline_is_not_completed(studying):
    other = make_curriculum(1, 1, slug="otro")
    for act in (progress.complete, progress.reopen):
        with pytest.raises(progress.NotInOutline):
            act(studying.enrollment, other.keys[0])


def test_only_lessons_are_reopened(made):
    here = study(made)
    data = here.cohort.outline
    data["modules"][0]["activities"][0]["kind"] = "quiz"
    here.cohort.outline = {**data, "stamp": "other"}
    here.cohort.save()
    here.enrollment.refresh_from_db()
    with pytest.raises(progress.NotALesson):
        progress.reopen(here.enrollment, made.keys[0])


def test_a_module_waits_for_the_one_before_it(db):
    made = make_curriculum(2, 2, requires_previous=True)
    here = study(made)
    progress.complete(here.enrollment, made.keys[0])
    with pytest.raises(progress.Locked) as refusal, translation.override("en"):
        progress.complete(here.enrollment, made.keys[2])
    with translation.override("en"):
        assert str(refusal.value.lock.text) == "Missing: Lesson 1.2 (module 1)"
    assert refusal.value.lock.url == "/en/programa/m1/l12/"
    with translation.override("es"):
        assert "Lección 1.2" in str(refusal.value.lock.text)
    progress.complete(here.enrollment, made.keys[1])
    progress.complete(here.enrollment, made.keys[2])
    assert progress.progress_of(here.enrollment).done == 3


def test_optional_activities_hold_no_module_back(db):
    made = make_curriculum(2, 2, requires_previous=True)
    page = LessonPage.objects.get(pk=made.page(made.keys[1]).pk)
    page.required = False
    page.save()
    here = study(made)
    progress.complete(here.enrollment, made.keys[0])
    assert progress.locked_because(here.enrollment, made.keys[2]) is None


def later(days=1):
    return (timezone.now() + datetime.timedelta(days=days)).isoformat()


def test_a_module_opens_at_its_instant(made):
    here = study(made)
    name = str(made.module_keys[1])
    here.cohort.releases = {name: later()}
    here.cohort.save()
    here.enrollment.cohort = here.cohort
    lock = progress.locked_because(here.enrollment, made.keys[2])
    assert lock.opens_at > timezone.now()
    assert progress.locked_because(here.enrollment, made.keys[0]) is None
    counted = progress.progress_of(here.enrollment)
    assert counted.items[1].lock.opens_at == lock.opens_at
    assert [state.state for state in counted.items[1].activities] == ["locked", "locked"]
    assert progress.locked_because(here.enrollment, made.keys[2], progress=counted).opens_at == lock.opens_at
    with pytest.raises(progress.Locked):
        progress.complete(here.enrollment, made.keys[2])


def test_ones_own_instant_wins(made):
    here = study(made)
    name = str(made.module_keys[1])
    here.cohort.releases = {name: later()}
    here.enrollment.cohort = here.cohort
    here.enrollment.releases = {name: later(-1)}
    assert progress.locked_because(here.enrollment, made.keys[2]) is None
    here.cohort.releases, here.enrollment.releases = {name: later(-1)}, {name: later()}
    assert progress.locked_because(here.enrollment, made.keys[2])


def test_what_is_done_stays_open(made):
    here = study(made)
    progress.complete(here.enrollment, made.keys[2])
    here.cohort.releases = {str(made.module_keys[1]): later()}
    here.enrollment.cohort = here.cohort
    assert progress.locked_because(here.enrollment, made.keys[2]) is None
    assert progress.locked_because(here.enrollment, made.keys[3])


def test_the_instant_is_told_in_the_persons_zone(made):
    here = study(made)
    here.cohort.releases = {str(made.module_keys[0]): "2099-03-08T05:30:00Z"}
    here.enrollment.cohort = here.cohort
    with translation.override("es"):
        assert "7 de marzo de 2099" in str(progress.locked_because(here.enrollment, made.keys[0]).text)


# --- constraints, queries --------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_completing_at_the_same_moment_counts_once(in_parallel):
    here = study(make_curriculum(1, 1))
    key = here.made.keys[0]
    results = in_parallel(lambda _number: progress.complete(here.enrollment, key).pk, 8)
    assert len(set(results)) == 1
    assert Completion.objects.filter(enrollment=here.enrollment).count() == 1


def test_an_unfrozen_cohort_is_frozen_by_its_first_completion(made):
    enrollment = EnrollmentFactory(cohort__curriculum_key=made.key)
    progress.complete(enrollment, made.keys[0])
    enrollment.cohort.refresh_from_db()
    assert enrollment.cohort.outline
    made.page(made.keys[0]).unpublish()
    assert progress.progress_of(enrollment).done == 1


@pytest.mark.parametrize("size", [1, 8])
def test_queries_are_constant(db, size, django_assert_num_queries):
    here = study(make_curriculum(size, size))
    progress.progress_of(here.enrollment)
    with django_assert_num_queries(1):
        progress.progress_of(here.enrollment)
    with django_assert_num_queries(1):
        progress.locked_because(here.enrollment, here.made.keys[-1])


# --- whatever editors do ---------------------------------------------------------------------------------------------


class Editing(RuleBasedStateMachine):
    """Editors do anything to the pages while one person studies."""

    @initialize()
    def begin(self):
        self.made = make_curriculum(2, 2)
        self.here = study(self.made)
        self.floor = 0

    def page(self, place, language="es"):
        return LessonPage.objects.filter(translation_key=self.made.keys[place], locale__language_code=language).first()

    @property
    def enrollment(self):
        return type(self.here.enrollment).objects.select_related("cohort", "user").get(pk=self.here.enrollment.pk)

    @rule(place=st.integers(0, 3))
    def complete(self, place):
        try:
            progress.complete(self.enrollment, self.made.keys[place])
        except progress.NotInOutline:  # adopted away
            assert self.made.keys[place] not in outline.outline_of(self.enrollment.cohort).required_keys

    @rule(place=st.integers(0, 3))
    def reopen(self, place):
        try:
            progress.reopen(self.enrollment, self.made.keys[place])
        except progress.NotInOutline:
            return
        self.floor = progress.progress_of(self.enrollment).done

    @rule()
    def adopt(self):
        outline.adopt(self.enrollment.cohort)
        self.floor = progress.progress_of(self.enrollment).done

    @rule(place=st.integers(0, 3), language=st.sampled_from(["es", "pt-br"]))
    def unpublish(self, place, language):
        page = self.page(place, language)
        if page:
            page.unpublish()

    @rule(place=st.integers(0, 3), title=st.text("abcñ", min_size=1, max_size=5), required=st.booleans())
    def publish(self, place, title, required):
        page = self.page(place)
        if page:
            page.title, page.required = title, required
            page.save_revision().publish()

    @rule(place=st.integers(0, 3), module=st.integers(0, 1))
    def move(self, place, module):
        page, target = (
            self.page(place),
            Page.objects.filter(translation_key=self.made.module_keys[module], locale__language_code="es").first(),
        )
        if page and target and not target.get_children().filter(slug=page.slug).exists():
            page.move(target, pos="last-child")

    @rule(place=st.integers(0, 3), language=st.sampled_from(["es", "pt-br", "en"]))
    def delete(self, place, language):
        page = self.page(place, language)
        if page:
            page.delete()

    @rule(place=st.integers(0, 3))
    def translate(self, place):
        page, locale = self.page(place), Locale.objects.get(language_code="en")
        if page and not self.page(place, "en"):
            page.copy_for_translation(locale, copy_parents=True).specific.save_revision().publish()

    @rule(module=st.integers(0, 1))
    def unpublish_module(self, module):
        page = Page.objects.filter(translation_key=self.made.module_keys[module], locale__language_code="es").first()
        if page:
            page.specific.unpublish()

    @invariant()
    def never_drops_and_never_passes_the_total(self):
        if not hasattr(self, "here"):
            return
        counted = progress.progress_of(self.enrollment)
        assert self.floor <= counted.done <= counted.total
        assert sum(state.state == "done" and state.activity.required for state in counted.states) == counted.done
        self.floor = counted.done


def test_progress_holds_whatever_editors_do(db):
    class Run(Editing):
        def __init__(self):
            super().__init__()
            cache.clear()
            self.block = transaction.atomic()
            self.block.__enter__()

        def teardown(self):
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)
            generation.bump()

    run_state_machine_as_test(
        Run,
        settings=hypothesis_settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
