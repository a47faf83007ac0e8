"""One instrument with all its questions in one ordered list: add, move, remove, sections, branching, archive, delete."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.log_actions import registry
from wagtail.models import ReferenceIndex

from curriculum.models import LessonPage
from evaluations import archiving, composing
from evaluations.answering import newest_instrument
from evaluations.forms_waves import newest_instruments
from evaluations.models import ChoiceQuestion, Instrument, LongTextQuestion, OrderingQuestion, Question
from evaluations.questions.reading import KINDS, questions_of
from tests.evaluations.conftest import choices, make_mixed, make_quiz, words
from tests.evaluations.test_admin import editor, form_of, url
from tests.factories import UserFactory

__all__ = ["editor"]
pytestmark = pytest.mark.django_db


def page(instrument):
    return reverse("evaluations_instrument", args=[instrument.pk])


def act(name, thing):
    return reverse(f"evaluations_{name}", args=[thing.pk])


def keys(instrument):
    return [question.key for question in questions_of(instrument.pk)]


def lock(instrument):
    Instrument.objects.filter(pk=instrument.pk).update(locked_at=timezone.now())
    instrument.refresh_from_db()


def test_all_kinds_stand_in_one_list_with_what_they_measure(editor):
    instrument = make_mixed()
    first = instrument.questions.first()
    first.section, first.construct, first.moore = "one", "kpi", "4"
    first.save()
    shown = editor.get(page(instrument)).content.decode()
    places = [shown.index(f"<code>{key}</code>") for key in keys(instrument)]
    assert places == sorted(places)
    assert len(places) == len(KINDS)
    assert "Parte (es)" in shown
    for kind in KINDS:
        assert str(kind._meta.verbose_name) in shown


def test_every_missing_translation_is_named(editor):
    instrument = make_mixed()
    question = OrderingQuestion.objects.get(instrument=instrument)
    del question.items[1]["reason"]["pt-br"]
    del question.text["en"]
    question.save()
    instrument.sections[0]["title"].pop("en")
    instrument.save()
    shown = editor.get(page(instrument)).content.decode()
    assert shown.count('class="desk-gap"') == 3
    assert "second-tells" in shown
    listing = editor.get(reverse(Instrument.snippet_viewset.get_url_name("list"))).content.decode()
    assert "inglés" in listing.lower()


def test_up_and_down_by_buttons(editor):
    quiz = make_quiz()
    last = quiz.questions.get(key="last")
    reply = editor.post(act("move_question", last), {"to": "up"})
    assert reply.url == f"{page(quiz)}#question-{last.pk}"
    assert keys(quiz) == ["q1", "q2", "last", "q3"]
    editor.post(act("move_question", quiz.questions.get(key="q1")), {"to": "down"})
    editor.post(act("move_question", quiz.questions.get(key="q2")), {"to": "up"})
    assert keys(quiz) == ["q2", "q1", "last", "q3"]
    assert editor.post(act("move_question", last), {"to": "\x00"}).status_code == 422


def test_what_a_lesson_puts_is_not_removed(editor, world):
    check = make_quiz(key="checks", kind="check")
    question = check.questions.get(key="q1")
    lesson = LessonPage.objects.first()
    lesson.body = [{"type": "check", "value": {"question": question.pk}}]
    lesson.save()
    ReferenceIndex.create_or_update_for_object(lesson)
    assert lesson.title in editor.post(url(question, "delete"), follow=True).content.decode()
    assert lesson.title in editor.get(url(question, "inspect")).content.decode()
    assert lesson.title in editor.post(url(check, "delete"), follow=True).content.decode()
    assert Question.objects.filter(pk=question.pk).exists()
    listing = editor.get("/admin/snippets/evaluations/question/", {"used": "lesson"}).content.decode()
    assert "q1:" in listing and "q2:" not in listing


def test_a_new_question_of_a_chosen_kind_comes_last(editor):
    quiz = make_quiz()
    form = editor.post(act("add_question", quiz), {"kind": "ordering"}).url
    assert editor.get(form).status_code == 200
    rows = {f"items-{n}-text-es": f"Paso {n}" for n in range(3)} | {"items-1-place": "9"}
    reply = editor.post(form, {"key": "steps", "text_es": "Ordene", "items-count": "4", "required": "on", **rows})
    assert reply.url == page(quiz)
    made = OrderingQuestion.objects.get(instrument=quiz)
    assert keys(quiz)[-1] == "steps"
    assert [(item["key"], item["text"]["es"]) for item in made.items] == [("a", "Paso 0"), ("b", "Paso 2"), ("c", "Paso 1")]


def test_what_does_not_fit_is_not_added(editor):
    quiz = make_quiz()
    assert editor.post(act("add_question", quiz), {"kind": "likert"}).status_code == 422
    for kind in KINDS:
        add = reverse(kind.snippet_viewset.get_url_name("add"))
        assert editor.get(add).status_code == 302
        assert editor.get(f"{add}?instrument=99999999999999999999").status_code == 302
    likert = next(kind for kind in KINDS if kind.kind == "likert")
    assert editor.get(f"{reverse(likert.snippet_viewset.get_url_name('add'))}?instrument={quiz.pk}").url == page(quiz)


def test_a_quiz_needs_a_right_answer_and_a_single_choice_only_one(editor):
    question = make_quiz().questions.get(key="q1")
    data = form_of(editor, question)
    assert editor.post(url(question, "edit"), {**data, "choices-0-correct": "1"}).status_code == 200
    assert editor.post(url(question, "edit"), {k: v for k, v in data.items() if "correct" not in k}).status_code == 200


def test_sections_are_written_and_one_with_questions_stays(editor):
    quiz = make_quiz()
    rows = {
        "sections-count": "2",
        "sections-0-id": "one",
        "sections-0-title-es": "Una",
        "sections-1-id": "two",
        "sections-1-title-es": "Dos",
    }
    assert editor.post(act("sections", quiz), rows).url == page(quiz)
    quiz.refresh_from_db()
    assert quiz.sections == [{"key": "one", "title": {"es": "Una"}}, {"key": "two", "title": {"es": "Dos"}}]
    Question.objects.non_polymorphic().filter(instrument=quiz, key="q1").update(section="two")
    refused = editor.post(act("sections", quiz), {**rows, "sections-1-id": "three"})
    assert refused.status_code == 409
    assert "q1" in refused.context["refusal"]
    assert 'value="three"' in refused.content.decode()
    assert editor.post(act("sections", quiz), {**rows, "sections-0-title-es": ""}).status_code == 422
    question = quiz.questions.get(key="q2")
    editor.post(url(question, "edit"), {**form_of(editor, question), "section": "one"})
    assert quiz.questions.get(key="q2").section == "one"


def test_nothing_changes_once_answered(editor):
    quiz = make_quiz()
    lock(quiz)
    question = quiz.questions.get(key="q2")
    before = list(Question.objects.non_polymorphic().values())
    assert editor.post(act("move_question", question), {"to": "up"}).status_code == 409
    assert editor.post(url(question, "delete")).url == url(question, "inspect")
    assert editor.post(act("sections", quiz), {"sections-count": "0"}).status_code == 409
    other = make_quiz(key="other").questions.get(key="q3")
    Question.objects.non_polymorphic().filter(pk=other.pk).update(key="else")
    assert editor.post(act("copy_question", other), {"instrument": quiz.pk}).status_code == 409
    shown = editor.get(page(quiz)).content.decode()
    assert act("move_question", question) not in shown
    assert list(Question.objects.non_polymorphic().filter(instrument=quiz).values()) == before


def test_an_answer_that_comes_while_the_form_is_open_locks_it(editor, monkeypatch):
    """The first answer comes between the look and the save."""
    question = make_quiz().questions.get(key="q1")
    data = form_of(editor, question)
    hold = composing.hold

    def answered_meanwhile(pk):
        Instrument.objects.filter(pk=pk).update(locked_at=timezone.now())
        return hold(pk)

    monkeypatch.setattr(composing, "hold", answered_meanwhile)
    assert editor.post(url(question, "edit"), {**data, "text_es": "Otra"}).url == url(question, "inspect")
    assert ChoiceQuestion.objects.get(pk=question.pk).text["es"] == "Pregunta 1 (es)"


def test_archived_is_not_offered_and_can_be_taken_back(editor):
    quiz = make_quiz()
    newer = Instrument.objects.create(key=quiz.key, version=2, kind="quiz", title=words("v2"))
    ChoiceQuestion.objects.create(instrument=newer, key="q", text=words("q"), choices=choices())
    for _again in range(2):
        assert editor.post(act("archive", newer), {"to": "archive"}).url == page(newer)
    assert newest_instrument(quiz.key) is None
    actions = [entry.action for entry in registry.get_logs_for_instance(newer)]
    assert actions == [archiving.ARCHIVED]
    editor.post(act("archive", newer), {"to": "use"})
    assert newest_instrument(quiz.key) == newer
    assert editor.post(act("archive", newer), {"to": "x"}).status_code == 422


def test_deleted_only_if_never_used(editor, world):
    fresh = make_mixed()
    assert editor.post(url(fresh, "delete")).status_code == 302
    assert not Instrument.objects.filter(pk=fresh.pk).exists()
    assert editor.post(url(world.quiz, "delete")).url == page(world.quiz)  # an activity of the programme asks it
    lock(world.quiz)
    assert editor.post(url(world.quiz, "delete")).url == url(world.quiz, "inspect")
    assert Instrument.objects.filter(pk=world.quiz.pk).exists()


@pytest.mark.parametrize("kind", ["survey", "rubric"])
def test_the_kind_of_an_instrument_fits_its_questions(editor, kind):
    quiz = make_quiz()
    OrderingQuestion.objects.create(instrument=quiz, key="steps", order=9, text=words("o"), items=[])
    reply = editor.post(url(quiz, "edit"), {**form_of(editor, quiz), "kind": kind})
    assert reply.status_code == 200
    quiz.refresh_from_db()
    assert quiz.kind == "quiz"


def test_without_rights_nothing_is_seen_or_done(client):
    quiz, user = make_quiz(), UserFactory()
    question = quiz.questions.get(key="q2")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    doors = [
        ("add_question", quiz),
        ("sections", quiz),
        ("archive", quiz),
        ("move_question", question),
        ("copy_question", question),
    ]
    for permission in (None, "access_admin", "view_instrument"):
        if permission:
            user.user_permissions.add(Permission.objects.get(codename=permission))
        for name, thing in doors:
            assert client.post(act(name, thing), {"to": "up"}).status_code in (302, 403)
        seen = client.get(page(quiz))
        assert (seen.status_code == 200) is (permission == "view_instrument")
    assert act("move_question", question) not in seen.content.decode()
    assert keys(quiz) == ["q1", "q2", "q3", "last"]
    assert Instrument.objects.get().archived_at is None


def test_the_page_and_the_list_take_the_same_queries_whatever_the_number(editor, django_assert_max_num_queries):
    few, many = make_quiz(questions=2, key="few"), make_quiz(questions=25, key="many")
    list_url = reverse(Instrument.snippet_viewset.get_url_name("list"))
    editor.get(page(few)), editor.get(list_url)
    counts = []
    for target in (page(few), page(many)):
        with django_assert_max_num_queries(60) as counted:
            editor.get(target)
        counts.append(len(counted))
    assert counts[0] == counts[1]
    with django_assert_max_num_queries(60) as before:
        editor.get(list_url)
    for n in range(6):
        make_quiz(key=f"more-{n}")
    with django_assert_max_num_queries(60) as after:
        editor.get(list_url)
    assert len(before) == len(after)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_additions_under_one_key_make_one_question(in_parallel):
    quiz, user = make_quiz(), UserFactory(is_superuser=True)
    clients = [Client() for _ in range(10)]
    for client in clients:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    add = f"{reverse(LongTextQuestion.snippet_viewset.get_url_name('add'))}?instrument={quiz.pk}"
    Instrument.objects.filter(pk=quiz.pk).update(kind="survey")
    results = in_parallel(lambda n: clients[n].post(add, {"key": "same", "text_es": "Una"}).status_code)
    assert set(results) <= {200, 302}
    assert Question.objects.non_polymorphic().filter(instrument=quiz, key="same").count() == 1


def test_the_key_stays_while_activities_name_it(editor, world):
    data = form_of(editor, world.quiz)
    assert editor.post(url(world.quiz, "edit"), {**data, "key": "other"}).status_code == 200
    world.quiz.refresh_from_db()
    assert world.quiz.key != "other"
    assert editor.post(url(world.quiz, "edit"), {**data, "title_es": "Otro"}).url == page(world.quiz)


def test_no_new_wave_offers_what_is_archived(editor, world):
    assert world.quiz in newest_instruments()
    editor.post(act("archive", world.quiz), {"to": "archive"})
    assert world.quiz not in newest_instruments()


def test_an_empty_instrument_says_so(editor):
    empty = Instrument.objects.create(key="empty", kind="survey", title=words("Vacío"))
    assert editor.get(page(empty)).status_code == 200
    assert editor.get(reverse("evaluations_instrument", args=[987654]), follow=True).status_code == 404


def test_many_at_once_is_no_way_round(editor):
    quiz = make_quiz()
    for thing in (quiz, quiz.questions.get(key="q1")):
        label = thing._meta.model_name
        assert editor.post(f"/admin/bulk/evaluations/{label}/delete/?id={thing.pk}").status_code in (302, 403)
        assert 'name="bulk' not in editor.get(reverse(thing.snippet_viewset.get_url_name("list"))).content.decode()
    assert Instrument.objects.count() == 1
    assert Question.objects.count() == 4
