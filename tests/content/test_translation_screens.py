"""wagtail-localize works on pages that came from files."""

import pytest
from wagtail.models import Locale

from content.keys import activity_key
from content.loader import load
from curriculum.models import CurriculumPage, HomePage, LessonPage, ModulePage, ResourcePage, StandardPage
from evaluations.models import QuizPage, SurveyPage
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def lesson(key="first", language="es"):
    return LessonPage.objects.get(translation_key=activity_key("tiny", key), locale__language_code=language)


@pytest.fixture
def operator(client):
    user = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(user)
    return client


def test_the_editor_opens_every_kind_of_loaded_page(tiny, operator):
    load(tiny.root)
    for model in (HomePage, CurriculumPage, ModulePage, LessonPage, QuizPage, SurveyPage, StandardPage, ResourcePage):
        for page in model.objects.filter(locale__language_code__in=("es", "en")):
            assert operator.get(f"/admin/pages/{page.pk}/edit/").status_code == 200, page


def test_a_page_with_a_loaded_translation_can_be_put_under_wagtail_localize(tiny, operator):
    from wagtail_localize.models import Translation, TranslationSource

    load(tiny.root)
    page, english = lesson(), Locale.objects.get(language_code="en")
    source, _created = TranslationSource.get_or_create_from_instance(page)
    translation = Translation.objects.create(source=source, target_locale=english)
    assert operator.get(f"/admin/pages/{lesson('first', 'en').pk}/edit/").status_code == 200
    assert operator.get(f"/admin/localize/update/{source.pk}/").status_code == 200
    tiny.edit("curricula/tiny/es/01-one/01-first.lesson.md", "Una frase", "Otra frase")
    load(tiny.root)
    source.update_from_db()
    assert operator.get(f"/admin/pages/{lesson('first', 'en').pk}/edit/").status_code == 200
    assert translation.get_target_instance().pk == lesson("first", "en").pk


def test_an_own_page_is_translated_through_the_screen(tiny, operator):
    load(tiny.root)
    home = HomePage.objects.get(locale__language_code="es")
    own = home.add_child(instance=StandardPage(title="Propia", slug="propia", body="<p>Hola</p>", locale=home.locale))
    own.save_revision().publish()
    address = f"/admin/localize/submit/page/{own.pk}/"
    assert operator.get(address).status_code == 200
    english = Locale.objects.get(language_code="en")
    assert operator.post(address, {"locales": [english.pk]}).status_code == 302
    made = StandardPage.objects.get(translation_key=own.translation_key, locale=english)
    assert made.get_parent().specific == HomePage.objects.get(locale=english)
    assert operator.get(f"/admin/pages/{made.pk}/edit/").status_code == 200
