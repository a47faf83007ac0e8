"""A module with a needs assessment, two lessons and a quiz, in three languages, and one person enrolled in it."""

import uuid
from types import SimpleNamespace

import pytest

from evaluations.constructs import AREAS
from evaluations.models import (
    ChoiceQuestion,
    CommitmentQuestion,
    ConfidenceQuestion,
    Instrument,
    LikertQuestion,
    LongTextQuestion,
    MatchingQuestion,
    MultipleChoiceQuestion,
    NumberQuestion,
    OrderingQuestion,
    PartialChoiceQuestion,
    QuizPage,
    RetrospectiveQuestion,
    RubricQuestion,
    ShortTextQuestion,
    SurveyPage,
    VignetteQuestion,
)
from tests.factories import CohortFactory, EnrollmentFactory, make_curriculum

CANARY = "canario-de-la-clave"


def words(text):
    return {"es": f"{text} (es)", "pt-br": f"{text} (pt)", "en": f"{text} (en)"}


def choices(right=("b",), keys="abcd"):
    """Every reason carries a canary: it must not be seen before the answer is closed."""
    return [
        {"key": key, "text": words(f"opción {key}"), "correct": key in right, "reason": words(f"{CANARY}-{key}")} for key in keys
    ]


SCALE = [{"value": value, "text": words(f"punto {value}")} for value in range(1, 6)]


def make_quiz(questions=4, key="quiz-why", kind="quiz"):
    """Single choice with the right answer b, the last one multiple choice with a and c."""
    instrument = Instrument.objects.create(key=key, kind=kind, title=words("Cuestionario"))
    for order in range(1, questions):
        ChoiceQuestion.objects.create(
            instrument=instrument, key=f"q{order}", order=order, text=words(f"Pregunta {order}"),
            construct="epidemiology" if order % 2 else "kpi", choices=choices(),
        )  # fmt: skip
    MultipleChoiceQuestion.objects.create(
        instrument=instrument,
        key="last",
        order=questions,
        text=words("Pregunta última"),
        construct="kpi",
        choices=choices(("a", "c")),
    )
    return instrument


def make_needs(areas=AREAS, key="needs-assessment"):
    instrument = Instrument.objects.create(
        key=key, kind="survey", title=words("Evaluación inicial"), intro=words("Para qué sirve")
    )
    order = 0
    for area in areas:
        for aspect in ("ability", "importance"):
            order += 1
            LikertQuestion.objects.create(
                instrument=instrument, key=f"{aspect}-{area}", order=order, text=words(f"{aspect} {area}"), construct=area,
                aspect=aspect, scale=SCALE, allow_not_applicable=True,
            )  # fmt: skip
    return instrument


def make_mixed(key="mixed"):
    """One question of every kind; all from the fifth on are optional. Keys that say what is right are spelt "…-tells"."""
    sections = [{"key": "one", "title": words("Parte")}]
    instrument = Instrument.objects.create(key=key, kind="survey", title=words("Mixto"), sections=sections)
    common = {"instrument": instrument}
    LikertQuestion.objects.create(**common, key="likert", order=1, text=words("escala"), scale=SCALE, allow_not_applicable=True)
    ChoiceQuestion.objects.create(
        **common, key="single", order=2, text=words("una"), choices=[{"key": k, "text": words(k)} for k in "ab"]
    )
    MultipleChoiceQuestion.objects.create(
        **common, key="multiple", order=3, text=words("varias"), choices=[{"key": k, "text": words(k)} for k in "abc"]
    )
    NumberQuestion.objects.create(
        **common, key="number", order=4, text=words("cuántas"), minimum=0, maximum=5000, unit=words("fracturas")
    )
    ShortTextQuestion.objects.create(**common, key="short", order=5, text=words("corto"), required=False)
    LongTextQuestion.objects.create(**common, key="long", order=6, text=words("largo"), required=False)
    common["required"] = False
    PartialChoiceQuestion.objects.create(
        **common, key="partial", order=7, text=words("parcial"), choices=choices(("a", "b", "c"))
    )
    OrderingQuestion.objects.create(
        **common, key="ordering", order=8, text=words("ordenar"), items=[worded(key, "text") for key in STEPS]
    )
    MatchingQuestion.objects.create(
        **common, key="matching", order=9, text=words("unir"), pairs=[worded(key, "left", "right") for key in STEPS],
        distractors=[{"key": "extra-tells", "text": words("texto de más")}],
    )  # fmt: skip
    VignetteQuestion.objects.create(
        **common, key="vignette", order=10, text=words("decisión"), story=words("un caso"), choices=choices()
    )
    ConfidenceQuestion.objects.create(**common, key="confidence", order=11, text=words("confianza"), allow_not_applicable=True)
    CommitmentQuestion.objects.create(
        **common, key="commitment", order=12, text=words("cambios"), choices=[{"key": k, "text": words(k)} for k in "ab"], most=2
    )
    RubricQuestion.objects.create(
        **common, key="rubric", order=13, text=words("criterio"), scale=SCALE[:4], allow_not_observed=True
    )
    RetrospectiveQuestion.objects.create(**common, key="retrospective", order=14, text=words("antes y ahora"), scale=SCALE)
    return instrument


STEPS = ["first-tells", "second-tells", "third-tells", "fourth-tells"]


def worded(key, *parts):
    """A step or a pair; its wording does not hold its key, its reason holds the canary."""
    place = STEPS.index(key)
    return {"key": key, **{part: words(f"{part} {'ABCD'[place]}") for part in parts}, "reason": words(f"{CANARY}-{place}")}


def add_activity(made, kind, module=0, slug="actividad", **fields):
    """The same activity page in all languages; returns its key."""
    key = uuid.uuid4()
    for language, pages in made.pages.items():
        module_page = pages[made.module_keys[module]]
        page = module_page.add_child(
            instance=kind(
                title=f"{slug} {language}", slug=slug, locale=module_page.locale, translation_key=key, minutes=8, **fields
            )
        )
        pages[key] = page
    return key


@pytest.fixture
def world(db):
    return build_world()


def build_world(**quiz):
    made = make_curriculum(modules=2, lessons=2)
    needs, quiz_instrument = make_needs(), make_quiz()
    survey_key = add_activity(made, SurveyPage, slug="evaluacion", instrument_key=needs.key)
    quiz_key = add_activity(made, QuizPage, slug="cuestionario", instrument_key=quiz_instrument.key, pass_mark=70, **quiz)
    cohort = CohortFactory(curriculum_key=made.key)
    enrollment = EnrollmentFactory(cohort=cohort)
    return SimpleNamespace(
        made=made, needs=needs, quiz=quiz_instrument, survey_key=survey_key, quiz_key=quiz_key, cohort=cohort,
        enrollment=enrollment, user=enrollment.user, survey_page=made.page(survey_key), quiz_page=made.page(quiz_key),
        lesson_keys=made.lesson_keys,
    )  # fmt: skip


@pytest.fixture
def signed_in(client, world):
    client.force_login(world.user, backend="django.contrib.auth.backends.ModelBackend")
    return client
