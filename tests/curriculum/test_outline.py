import pytest
from django.utils import translation

from curriculum import outline
from curriculum.models import LessonPage
from tests.factories import CohortFactory, make_curriculum

pytestmark = pytest.mark.django_db


def test_the_outline_has_modules_and_activities_in_order_in_all_languages():
    made = make_curriculum(2, 3)
    current = outline.current_outline(made.key)
    assert [activity.key for activity in current.activities] == made.keys
    assert [module.key for module in current.modules] == made.module_keys
    assert current.find(made.keys[4]).titles == {"es": "Lección 2.2", "pt-br": "Lição 2.2", "en": "Lesson 2.2"}
    assert current.module_of(made.keys[4]).number == 2
    assert current.required_keys == set(made.keys)
    assert current.version == "1"


def test_json_and_back(made):
    current = outline.current_outline(made.key)
    assert outline.Outline.from_json(current.to_json()) == current


def test_nothing_published_gives_an_empty_outline(db):
    assert outline.current_outline("00000000-0000-0000-0000-000000000001").activities == ()


def test_only_live_pages_of_the_source_language_count(made):
    made.page(made.keys[0]).unpublish()
    made.page(made.keys[1], "en").unpublish()
    current = outline.current_outline(made.key)
    assert made.keys[0] not in current.required_keys
    assert current.find(made.keys[1]).titles == {"es": "Lección 1.2", "pt-br": "Lição 1.2"}


def test_what_is_below_an_unpublished_module_does_not_count(made):
    made.page(made.module_keys[0]).unpublish()
    assert [activity.key for activity in outline.current_outline(made.key).activities] == made.lesson_keys[1]


def test_without_spanish_the_next_language_is_the_source(db):
    made = make_curriculum(1, 1, languages=("pt-br", "en"))
    assert outline.current_outline(made.key).activities[0].title("en") == "Lesson 1.1"


def test_addresses_in_every_language(made):
    key = made.keys[0]
    assert outline.site_map(made.key)["pt-br"][key].url == "/pt-br/programa/m1/l11/"
    assert outline.url_of(key, made.key, "en") == "/en/programa/m1/l11/"
    with translation.override("pt-br"):
        assert outline.url_of(key, made.key) == "/pt-br/programa/m1/l11/"


def test_a_lesson_without_translation_is_read_under_the_readers_prefix_and_a_module_in_spanish(made):
    made.page(made.keys[0], "en").unpublish()
    assert outline.url_of(made.keys[0], made.key, "en") == "/en/programa/m1/l11/"
    assert outline.page_of(made.keys[0], made.key, "en")[0] == "es"
    made.page(made.module_keys[0], "en").unpublish()
    assert outline.url_of(made.module_keys[0], made.key, "en") == "/es/programa/m1/"
    assert outline.url_of("unknown", made.key) is None


def test_publishing_is_noticed_and_saving_a_draft_is_not(made, django_assert_num_queries):
    outline.current_outline(made.key)
    page = LessonPage.objects.get(pk=made.page(made.keys[0]).pk)
    page.title = "Otra"
    revision = page.save_revision()
    with django_assert_num_queries(0):
        assert outline.current_outline(made.key).activities[0].title("es") == "Lección 1.1"
    revision.publish()
    assert outline.current_outline(made.key).activities[0].title("es") == "Otra"


def test_moving_and_deleting_are_noticed(made):
    outline.current_outline(made.key)
    made.page(made.keys[0]).move(made.page(made.module_keys[1]), pos="last-child")
    assert outline.current_outline(made.key).module_of(made.keys[0]).number == 2
    LessonPage.objects.get(pk=made.page(made.keys[1]).pk).delete()
    assert made.keys[1] not in outline.current_outline(made.key).required_keys


def test_queries_do_not_grow_with_the_curriculum(db, django_assert_max_num_queries):
    small, large = make_curriculum(1, 1), make_curriculum(6, 6, slug="largo")
    with django_assert_max_num_queries(12):
        outline.current_outline(small.key)
    with django_assert_max_num_queries(12):
        outline.current_outline(large.key)


# --- cohorts ---------------------------------------------------------------------------------------------------------


def frozen(made):
    cohort = CohortFactory(curriculum_key=made.key)
    outline.freeze(cohort)
    return cohort


def test_a_frozen_outline_does_not_move(made):
    cohort = frozen(made)
    made.page(made.keys[0]).delete()
    cohort.refresh_from_db()
    assert made.keys[0] in outline.outline_of(cohort).required_keys
    assert outline.outline_of(cohort).find(made.keys[0]).title("es") == "Lección 1.1"


def test_adopting_takes_the_new_version(made):
    cohort = frozen(made)
    made.page(made.keys[0]).unpublish()
    outline.adopt(cohort)
    assert made.keys[0] not in outline.outline_of(cohort).required_keys
    assert outline.differs(cohort) == []


def test_differences_are_told_in_words(made):
    cohort = frozen(made)
    assert outline.differs(cohort) == []
    with translation.override("en"):
        made.page(made.keys[0]).unpublish()
        renamed = LessonPage.objects.get(pk=made.page(made.keys[1], "en").pk)
        renamed.title, renamed.minutes = "Renamed", 25
        renamed.save_revision().publish()
        optional = LessonPage.objects.get(pk=made.page(made.keys[2]).pk)
        optional.required, optional.minutes = False, 15
        optional.save_revision().publish()
        made.page(made.keys[3]).refresh_from_db()
        made.page(made.keys[3]).move(made.page(made.module_keys[0]), pos="last-child")
        changes = outline.differs(cohort)
    assert "Removed: Lesson 1.1" in changes
    assert "Renamed: Lesson 1.2 → Renamed" in changes
    assert "Now optional: Lesson 2.1" in changes
    assert "Time: Lesson 2.1 (10 min → 15 min)" in changes
    assert "Moved: Lesson 2.2 → Module 1" in changes


def test_a_cohort_that_has_not_started_differs_from_nothing(made):
    assert outline.differs(CohortFactory(curriculum_key=made.key)) == []
