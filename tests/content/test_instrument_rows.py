import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from content.keys import activity_key, curriculum_key
from content.library import Broken
from content.loader import load
from curriculum.models import LessonPage, Requirement
from evaluations.models import Instrument, Response
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
