"""People, cohorts and a small curriculum for tests."""

import datetime
import uuid
from types import SimpleNamespace

import factory
from django.contrib.auth import get_user_model
from django.utils import timezone
from wagtail.models import Locale, Page, Site

from curriculum.models import Cohort, CurriculumPage, Enrollment, HomePage, LessonPage, ModulePage
from tests.replaying import made_again

PASSWORD = "una-clave-muy-larga"


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    full_name = factory.Sequence(lambda n: f"Persona {n}")
    certificate_name = factory.SelfAttribute("full_name")
    language = "es"
    country = "MX"
    time_zone = "America/Mexico_City"
    profile_completed_at = factory.LazyFunction(timezone.now)

    @factory.post_generation
    def password(self, create, extracted, **kwargs):
        self.set_password(extracted or PASSWORD)
        if create:
            self.save(update_fields=["password"])


class CohortFactory(factory.django.DjangoModelFactory):
    """A running cohort without a frozen outline; give `curriculum_key=make_curriculum().key`."""

    class Meta:
        model = Cohort

    name = factory.Sequence(lambda n: f"Cohorte {n}")
    curriculum_key = factory.LazyFunction(uuid.uuid4)
    starts_on = factory.LazyFunction(lambda: timezone.localdate() - datetime.timedelta(days=7))
    ends_on = factory.LazyFunction(lambda: timezone.localdate() + datetime.timedelta(days=60))
    status = Cohort.Status.RUNNING


class EnrollmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Enrollment

    user = factory.SubFactory(UserFactory)
    cohort = factory.SubFactory(CohortFactory)
    role = Enrollment.Role.TRAINEE
    status = Enrollment.Status.ENROLLED
    enrolled_at = factory.LazyFunction(timezone.now)


def make_home(languages=("es", "pt-br", "en")):
    """The home pages of all languages, with one translation key, and the site on the Spanish one: `{language: HomePage}`."""
    root = Page.objects.filter(depth=1).first() or Page.add_root(instance=Page(title="Root", slug="root"))
    existing = {home.locale.language_code: home for home in HomePage.objects.select_related("locale")}
    key = next((home.translation_key for home in existing.values()), uuid.uuid4())
    for language in languages:
        if language not in existing:
            locale, _created = Locale.objects.get_or_create(language_code=language)
            home = HomePage(title=f"Puente {language}", slug=f"home-{language}", locale=locale, translation_key=key)
            existing[language] = root.add_child(instance=home)
    first = existing.get("es") or existing[languages[0]]
    site = Site.objects.filter(is_default_site=True).first() or Site(hostname="localhost", port=80, is_default_site=True)
    if site.root_page_id != first.pk:
        site.root_page = first
        site.save()
    return existing


def make_curriculum(modules=2, lessons=2, languages=("es", "pt-br", "en"), *, slug="programa", requires_previous=False):
    """A curriculum of `modules` modules with `lessons` lessons each, the same in all `languages`.

    Gives `.key` (of the curriculum), `.module_keys`, `.lesson_keys` (a list of keys per module), `.keys` (all lessons in order),
    `.page(key, language)`, and `.pages` (`{language: {key: page}}`; curriculum, modules and lessons).
    Titles: "Lección 1.2", "Lição 1.2", "Lesson 1.2". With `requires_previous` every module but the first is locked until the one
    before it is finished.
    """
    given = (modules, lessons, tuple(languages), slug, requires_previous)
    key, module_keys, lesson_keys = made_again("curriculum", given, lambda: _write_curriculum(*given))
    Site.clear_site_root_paths_cache()
    made = SimpleNamespace(key=key, module_keys=list(module_keys), lesson_keys=[list(keys) for keys in lesson_keys])
    made.keys = [key for keys in made.lesson_keys for key in keys]
    made.pages = {language: {} for language in languages}
    for model, keys in ((CurriculumPage, [key]), (ModulePage, made.module_keys), (LessonPage, made.keys)):
        for page in model.objects.filter(translation_key__in=keys).select_related("locale"):
            made.pages[page.locale.language_code][page.translation_key] = page
    made.page = lambda key, language="es": made.pages[language][key]
    return made


def _write_curriculum(modules, lessons, languages, slug, requires_previous):
    """The translation keys: of the curriculum, of its modules, of the lessons of each module."""
    homes = make_home(languages)
    keys = uuid.uuid4(), [uuid.uuid4() for _ in range(modules)], [[uuid.uuid4() for _ in range(lessons)] for _ in range(modules)]
    for language in languages:
        _one_language(keys, homes[language], language, slug, requires_previous)
    return keys


WORDS = {
    "es": ("Programa", "Módulo", "Lección"),
    "pt-br": ("Programa", "Módulo", "Lição"),
    "en": ("Programme", "Module", "Lesson"),
}


def _one_language(keys, home, language, slug, requires_previous):
    programme, module_word, lesson_word = WORDS[language]
    key, module_keys, keys_of_lessons = keys
    root = home.add_child(
        instance=CurriculumPage(
            title=programme, slug=slug, locale=home.locale, translation_key=key, summary="…", version="1", hours=20
        )
    )
    for number, (module_key, lesson_keys) in enumerate(zip(module_keys, keys_of_lessons, strict=True), start=1):
        module = root.add_child(
            instance=ModulePage(
                title=f"{module_word} {number}", slug=f"m{number}", number=number, locale=home.locale, translation_key=module_key,
                summary=f"{module_word} {number}.", objectives=[("objective", f"{module_word} {number} …")],
                requires_previous=requires_previous and number > 1,
            )
        )  # fmt: skip
        for position, key in enumerate(lesson_keys, start=1):
            module.add_child(
                instance=LessonPage(
                    title=f"{lesson_word} {number}.{position}", slug=f"l{number}{position}", locale=home.locale, translation_key=key,
                    minutes=10, objectives=[("objective", "…")], body=[("paragraph", f"<p>{lesson_word} {number}.{position}.</p>")],
                )
            )  # fmt: skip
