"""Editors put wording right in Wagtail's admin, until somebody has answered."""

import pytest
from django.urls import reverse
from django.utils import timezone

from content.instrument_rows import meaning_of_row
from evaluations.models import ChoiceQuestion, Instrument, LikertQuestion, Question
from tests.evaluations.conftest import make_mixed, make_needs, make_quiz
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client):
    client.force_login(UserFactory(is_superuser=True, is_staff=True), backend="django.contrib.auth.backends.ModelBackend")
    return client


def url(thing, name):
    return reverse(thing.snippet_viewset.get_url_name(name), args=[thing.pk])


def form_of(client, thing):
    """What the edit form would send unchanged."""
    page = client.get(url(thing, "edit"))
    assert page.status_code == 200
    from html.parser import HTMLParser

    class Reader(HTMLParser):
        def __init__(self):
            super().__init__()
            self.data, self.area, self.select = {}, None, None

        def handle_starttag(self, tag, attrs):
            attrs = dict(attrs)
            if tag == "input" and attrs.get("name") and (attrs.get("type") != "checkbox" or "checked" in attrs):
                self.data[attrs["name"]] = attrs.get("value", "on" if attrs.get("type") == "checkbox" else "")
            if tag == "textarea":
                self.area = attrs.get("name")
                self.data[self.area] = ""
            if tag == "select":
                self.select = attrs.get("name")
            if tag == "option" and "selected" in attrs and self.select:
                self.data[self.select] = attrs.get("value", "")

        def handle_endtag(self, tag):
            self.area = None if tag == "textarea" else self.area

        def handle_data(self, data):
            if self.area:
                self.data[self.area] += data.lstrip("\n") if not self.data[self.area] else data

    reader = Reader()
    reader.feed(page.content.decode())
    return {name: value for name, value in reader.data.items() if name not in ("q", None)}


def test_a_word_of_a_choice_is_put_right_and_the_rest_stays(editor):
    instrument = make_quiz()
    question = ChoiceQuestion.objects.filter(instrument=instrument).first()
    before = question.choices
    data = form_of(editor, question)
    data["text_es"], data["choices-1-reason-en"] = "Nueva pregunta", "Better"
    reply = editor.post(url(question, "edit"), data)
    assert reply.status_code == 302, reply.content.decode()[:5000]
    question.refresh_from_db()
    assert question.text["es"] == "Nueva pregunta"
    assert question.text["pt-br"] == "Pregunta 1 (pt)"
    assert question.choices[1]["reason"]["en"] == "Better"
    assert question.choices[1]["correct"] is True
    assert [choice["key"] for choice in question.choices] == [choice["key"] for choice in before]
    assert question.max_score == 1
    assert question.score("b") == 1
    assert question.score("a") == 0


def test_every_kind_can_be_opened_and_saved(editor):
    for question in Question.objects.filter(instrument=make_mixed()):
        reply = editor.post(url(question, "edit"), form_of(editor, question))
        assert reply.status_code == 302, (question.kind, reply.content.decode()[:3000])
        fresh = type(question).objects.get(pk=question.pk)
        assert fresh.text == question.text
        assert getattr(fresh, "scale", None) == getattr(question, "scale", None)
        assert fresh.required == question.required


@pytest.mark.parametrize(
    "change",
    [
        {"choices-1-id": "a"},
        {"choices-0-id": "Ä Ö"},
        {"choices-0-text-es": ""},
        {"text_es": ""},
        {"choices-count": "0"},
        {"choices-0-text-es": "x" * 4001},
        {"choices-count": "9" * 9},
    ],
)
def test_what_makes_no_question_is_refused(editor, change):
    question = ChoiceQuestion.objects.filter(instrument=make_quiz()).first()
    reply = editor.post(url(question, "edit"), {**form_of(editor, question), **change})
    assert reply.status_code == 200
    assert ChoiceQuestion.objects.get(pk=question.pk).choices == question.choices


def test_what_was_answered_is_read_only(editor):
    instrument = make_needs(["mentoring"])
    question = LikertQuestion.objects.filter(instrument=instrument).first()
    data = form_of(editor, question)
    Instrument.objects.update(locked_at=timezone.now())
    instrument.refresh_from_db()
    data["text_es"] = "Otra cosa"
    for thing in (question, instrument):
        assert editor.post(url(thing, "edit"), data).url == url(thing, "inspect")
        assert editor.post(url(thing, "delete")).url == url(thing, "inspect")
        assert editor.get(url(thing, "inspect")).status_code == 200
    question.refresh_from_db()
    assert question.text["es"] != "Otra cosa"


def test_the_bank_lists_filters_and_leads_to_the_kind(editor):
    make_quiz()
    listing = editor.get(reverse(Question.snippet_viewset.get_url_name("list")), {"construct": "kpi"})
    assert listing.status_code == 200
    assert "Pregunta 2" in listing.content.decode()
    assert "Pregunta 1 " not in listing.content.decode()
    question = Question.objects.non_polymorphic().first()
    assert editor.get(url(question, "edit")).url == url(question.get_real_instance(), "edit")


def test_the_chooser_offers_questions(editor):
    make_quiz()
    viewset = Question.snippet_viewset.chooser_viewset
    page = editor.get(reverse(viewset.get_url_name("choose")))
    assert page.status_code == 200
    assert "Pregunta 1" in page.content.decode()
    pk = Question.objects.first().pk
    assert editor.get(reverse(viewset.get_url_name("chosen"), args=[pk])).json()["step"] == "chosen"


def test_people_without_the_right_see_nothing(client):
    question = ChoiceQuestion.objects.filter(instrument=make_quiz()).first()
    client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
    reply = client.get(url(question, "edit"))
    assert reply.status_code in (302, 403)
    assert "Pregunta" not in reply.content.decode()


def test_the_editors_of_the_desk_open_every_listing_of_questions(client, db):
    from django.contrib.auth.models import Group

    from curriculum.desk import EDITORS, ensure_desk
    from evaluations.desk import ensure_question_rights

    ensure_desk()
    ensure_question_rights()
    ensure_question_rights()
    user = UserFactory()
    user.groups.add(Group.objects.get(name=EDITORS))
    client.force_login(user)
    assert "/admin/snippets/evaluations/question/" in client.get("/admin/").content.decode()
    for model in (Instrument, Question, ChoiceQuestion, LikertQuestion):
        assert client.get(reverse(model.snippet_viewset.get_url_name("list"))).status_code == 200
    make_quiz()
    assert client.get(url(Instrument.objects.first(), "edit")).status_code == 200


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("likert", {"scale-0-id": "x"}), ("likert", {"scale-0-id": "9" * 30}), ("likert", {"scale-0-id": "2"}),
        ("ordering", {"items-count": "2"}), ("ordering", {"items-0-text-es": ""}), ("matching", {"pairs-0-right-es": ""}),
        ("matching", {"distractors-0-id": "first-tells"}), ("matching", {"pairs-0-right-es": "right B (es)", "pairs-0-right-pt-br": "right B (pt)", "pairs-0-right-en": "right B (en)"}),
        ("vignette", {"story_es": ""}), ("vignette", {"choices-0-correct": "1"}), ("commitment", {"most": "6"}), ("commitment", {"most": "x"}),
        ("number", {"minimum": "9", "maximum": "1"}), ("retrospective", {"scale-count": "1"}), ("short", {"max_length": "-1"}),
        ("short", {"section": "nowhere"}), ("short", {"key": "\x00"}), ("short", {"aspect": "nonsense"}), ("short", {"moore": "9"}),
    ],
)  # fmt: skip
def test_each_kind_refuses_what_makes_no_question(editor, key, change):
    question = make_mixed().questions.get(key=key)
    data = form_of(editor, question)
    assert not change.items() <= data.items()
    before = type(question).objects.filter(pk=question.pk).values().get()
    reply = editor.post(url(question, "edit"), {**data, **change})
    assert reply.status_code == 200
    assert type(question).objects.filter(pk=question.pk).values().get() == before


def test_saving_unchanged_changes_nothing(editor):
    instrument = make_mixed()
    for question in (
        instrument.questions.get(key=key) for key in ("partial", "vignette")
    ):  # as files have it: "correct" only where it is so
        question.choices = [{name: value for name, value in choice.items() if value is not False} for choice in question.choices]
        question.save()
    before = meaning_of_row(instrument)
    for question in instrument.questions.all():
        editor.post(url(question, "edit"), form_of(editor, question))
    assert meaning_of_row(instrument) == before
