import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from content.instrument_rows import meaning_of_row
from content.keys import activity_key, curriculum_key
from content.library import Broken
from content.loader import load
from curriculum.models import LessonPage, Requirement
from evaluations.models import Instrument, Response
from evaluations.questions.reading import questions_of
from tests.content.every_kind import write_every_kind
from tests.factories import CohortFactory, EnrollmentFactory

pytestmark = pytest.mark.django_db
LANGUAGES = ("es", "pt-br", "en")


def lesson(key="first", language="es"):
    return LessonPage.objects.get(translation_key=activity_key("tiny", key), locale__language_code=language)


def answer_somebody(instrument):
    enrollment = EnrollmentFactory(cohort=CohortFactory(curriculum_key=curriculum_key("tiny")))
    return Response.objects.create(enrollment=enrollment, instrument=instrument, activity_key=activity_key("tiny", "ask"))


HEAD = "key: first-1\n    kind: single-choice\n    text: "
CHANGE = ("instruments/checks.yaml", HEAD + "{es: Uno", HEAD + "{es: Dos")


def test_an_unanswered_instrument_is_changed_in_place(tiny):
    load(tiny.root)
    before = list(Instrument.objects.get(key="checks").questions.values_list("pk", flat=True))
    tiny.edit(*CHANGE)
    assert load(tiny.root).updated == ["instrument/checks"]
    instrument = Instrument.objects.get(key="checks")
    assert list(instrument.questions.values_list("pk", flat=True)) == before
    assert instrument.questions.get(key="first-1").text["es"] == "Dos"
    assert not load(tiny.root).changed


def test_questions_come_and_go_and_change_their_kind(tiny):
    load(tiny.root)
    tiny.edit("instruments/quiz-one.yaml", "key: q1", "key: q0")
    tiny.edit("instruments/quiz-one.yaml", "kind: multiple-choice", "kind: single-choice")
    load(tiny.root)
    questions = Instrument.objects.get(key="quiz-one").questions.all()
    assert [(question.key, question.kind) for question in questions] == [("q0", "single-choice"), ("q2", "single-choice")]


@pytest.mark.parametrize("by", ["lock", "response"])
def test_an_answered_instrument_gets_a_new_version_and_the_old_one_stays(tiny, by):
    load(tiny.root)
    old = Instrument.objects.get(key="checks")
    if by == "lock":
        Instrument.objects.filter(pk=old.pk).update(locked_at="2027-01-01T00:00:00Z")
    else:
        answer_somebody(old)
    tiny.edit(*CHANGE)
    report = load(tiny.root)
    assert "instrument/checks: version 2, because version 1 has answers" in report.updated
    new = Instrument.objects.get(key="checks", version=2)
    assert old.questions.get(key="first-1").text["es"] == "Uno"
    assert new.questions.get(key="first-1").text["es"] == "Dos"
    assert all(lesson("first", code).body[4].value["question"].instrument == new for code in LANGUAGES)
    assert not load(tiny.root).changed


def test_an_instrument_changed_in_the_editor_is_left_alone(tiny):
    load(tiny.root)
    question = Instrument.objects.get(key="checks").questions.get(key="first-1")
    question.text = {**question.text, "es": "Mía"}
    question.save()
    tiny.edit(*CHANGE)
    assert load(tiny.root).skipped == ["instrument/checks: changed in the editor"]
    question.refresh_from_db()
    assert question.text["es"] == "Mía"


def test_a_newer_version_made_in_the_editor_is_left_alone(tiny):
    load(tiny.root)
    Instrument.objects.create(key="quiz-one", version=2, kind="quiz", title={"es": "x"})
    tiny.edit("instruments/quiz-one.yaml", "title: {es: Uno", "title: {es: Dos")
    assert load(tiny.root).skipped == ["instrument/quiz-one: changed in the editor"]


def test_an_instrument_whose_file_is_gone_is_archived(tiny):
    load(tiny.root)
    tiny.edit("curricula/tiny/curriculum.yaml", "      - {key: quiz-one, kind: quiz, minutes: 5, instrument: quiz-one", "XX")
    skeleton = (tiny.root / "curricula/tiny/curriculum.yaml").read_text()
    tiny.write("curricula/tiny/curriculum.yaml", skeleton[: skeleton.index("XX")])
    tiny.remove("instruments/quiz-one.yaml")
    report = load(tiny.root)
    assert "instrument/quiz-one" in report.retired
    assert Instrument.objects.get(key="quiz-one").archived_at
    assert not load(tiny.root).changed


def test_a_requirement_changed_in_the_admin_stays(tiny):
    load(tiny.root)
    Requirement.objects.update(parameters={"mine": 1})
    tiny.edit("curricula/tiny/curriculum.yaml", "kind: activities", "kind: activities\n    parameters: {theirs: 2}")
    assert load(tiny.root).skipped == ["requirement/tiny/activities: changed in the admin"]
    assert Requirement.objects.get().parameters == {"mine": 1}


def test_problems_come_before_the_first_write(tiny):
    load(tiny.root)
    tiny.edit("instruments/ask.yaml", "kind: survey", "kind: poll")
    with CaptureQueriesContext(connection) as queries, pytest.raises(Broken):
        load(tiny.root)
    assert len(queries) == 0


def test_every_kind_is_loaded_and_then_at_rest(tiny):
    write_every_kind(tiny)
    load(tiny.root)
    quiz, survey, rubric = (Instrument.objects.get(key=f"every-{kind}") for kind in ("quiz", "survey", "rubric"))
    found = [question for instrument in (quiz, survey, rubric) for question in questions_of(instrument.pk)]
    theirs = {
        "vignette",
        "partial-choice",
        "ordering",
        "matching",
        "confidence",
        "likert",
        "retrospective",
        "commitment",
        "rubric",
    }
    assert {question.kind for question in found} == theirs
    assert [section["key"] for section in quiz.sections] == ["cases", "rest"]
    by_key = {question.key: question for question in found}
    assert by_key["follow"].show_if == {"question": "case", "any_of": ["a"]}
    assert by_key["follow"].section == "cases"
    assert by_key["case"].story["en"] == "One"
    assert [item["key"] for item in by_key["order"].items] == ["one", "two", "three"]
    assert by_key["match"].distractors[0]["key"] == "extra"
    assert by_key["then"].scale == by_key["point"].scale
    assert (by_key["plan"].most, by_key["own"].most, by_key["own"].choices) == (2, 3, [])
    assert by_key["sound"].allow_not_observed
    assert rubric.kind == "rubric"
    report = load(tiny.root)
    assert not report.changed
    assert not report.skipped


def test_sections_and_conditions_come_and_go(tiny):
    write_every_kind(tiny)
    load(tiny.root)
    file = "instruments/every-quiz.yaml"
    tiny.edit(file, "    section: cases\n    show_if: {question: case, any_of: [a]}\n", "")
    tiny.edit(file, ", intro: {es: Uno, pt-br: Um, en: One}}\n  - {key: rest", "}\n  - {key: rest")
    assert load(tiny.root).updated == ["instrument/every-quiz"]
    quiz = Instrument.objects.get(key="every-quiz")
    assert "intro" not in quiz.sections[0]
    follow = quiz.questions.get(key="follow")
    assert (follow.section, follow.show_if) == ("", {})
    assert not load(tiny.root).changed


def test_what_was_loaded_before_there_were_sections_counts_as_unchanged(tiny):
    """Its digest was made without these names; an empty one must not look like somebody's edit."""
    load(tiny.root)
    meaning = meaning_of_row(Instrument.objects.get(key="ask"))
    assert "sections" not in meaning
    assert not any({"section", "show_if"} & set(question) for question in meaning["questions"])
    assert set(meaning["questions"][0]) == {
        "kind", "key", "text", "hint", "required", "construct", "aspect", "moore", "scale", "allow_not_applicable",
    }  # fmt: skip
