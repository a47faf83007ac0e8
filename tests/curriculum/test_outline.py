import pytest

from curriculum import outline
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


def test_json_and_back():
    made = make_curriculum()
    current = outline.current_outline(made.key)
    assert outline.Outline.from_json(current.to_json()) == current


def test_site_map_and_addresses():
    made = make_curriculum()
    key = made.keys[0]
    assert outline.site_map(made.key)["pt-br"][key].url == "/pt-br/programa/m1/l1/"
    assert outline.url_of(key, made.key, "en") == "/en/programa/m1/l1/"
    made.page(key, "en").unpublish()
    assert outline.url_of(key, made.key, "en") == "/es/programa/m1/l1/"
