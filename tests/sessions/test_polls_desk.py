"""Preparing polls beforehand, from a form of the desk."""

import pytest
from django.core.exceptions import ValidationError

from evaluations.models import ChoiceQuestion, Instrument, Question
from sessions.models import Event, Poll, Segment
from sessions.polling_kinds import KINDS, LABELS
from sessions.polling_questions import MOST_POLLS, copy_poll, edit_poll, prepare_poll, remove_poll
from tests.sessions.polling import close, opened, prepared, room_with, vote
from tests.sessions.rooms import do, meeting_of, state_of

pytestmark = pytest.mark.django_db


def test_words_per_language():
    meeting = meeting_of()
    poll = prepare_poll(
        meeting, kind="single-choice", promise="anonymous", text={"es": "¿Cuál?", "pt-br": "Qual?", "en": ""},
        choices=[{"es": "Sí", "pt-br": "Sim"}, {"es": "No", "pt-br": "Não"}, "", {"es": "", "pt-br": ""}],
    )  # fmt: skip
    assert poll.question.text == {"es": "¿Cuál?", "pt-br": "Qual?"}
    assert [one["text"]["pt-br"] for one in poll.question.choices] == ["Sim", "Não"]
    assert poll.question.instrument.kind == "poll" and poll.question.instrument.questions.count() == 1


def test_every_kind_has_a_label_and_can_be_prepared():
    meeting = meeting_of()
    assert [kind for kind, _label in LABELS] == list(KINDS)
    polls = [prepared(meeting, kind=kind) for kind in KINDS]
    assert [poll.order for poll in polls] == [1, 2, 3, 4, 5]
    assert [poll.question.kind for poll in Poll.objects.order_by("order")] == list(KINDS)


def test_hosts_in_the_room_see_what_is_prepared_changed_and_removed():
    here = room_with(0)
    segment = Segment.objects.create(meeting=here.meeting, title="Caso")
    poll = prepared(here.meeting, segment=segment)
    told = state_of(here.meeting, "hosts")["polls"][str(poll.pk)]
    assert (told["state"], told["segment"]) == ("prepared", segment.pk)
    edit_poll(poll, kind="confidence", text="¿Cuánto?", promise="identified")
    told = state_of(here.meeting, "hosts")["polls"][str(poll.pk)]
    assert (told["promise"], told["question"]["kind"], told["segment"]) == ("identified", "confidence", None)
    remove_poll(Poll.objects.get())
    assert state_of(here.meeting, "hosts")["polls"][str(poll.pk)]["state"] == "removed"
    assert not state_of(here.meeting).get("polls")


def test_nothing_is_left_behind():
    meeting = meeting_of()
    poll = prepared(meeting)
    edit_poll(poll, kind="short-text", text="¿Qué?", promise="anonymous")
    assert Instrument.objects.count() == Question.objects.count() == 1
    remove_poll(Poll.objects.get())
    assert not Instrument.objects.exists() and not Question.objects.exists()


def test_what_was_opened_stays_as_it_was():
    here = room_with(1)
    poll = opened(here)
    vote(here, here.people[0], poll)
    for _state in ("open", "closed"):
        with pytest.raises(ValidationError):
            edit_poll(poll, kind="short-text", text="¿Qué?", promise="anonymous")
        with pytest.raises(ValidationError):
            remove_poll(poll)
        if _state == "open":
            close(here, poll)
    assert ChoiceQuestion.objects.get().text == {"es": "¿Cuál?"} and poll.ballots.count() == 1
    assert Instrument.objects.get().locked_at


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("kind", {"kind": "likert"}),
        ("kind", {"kind": None}),
        ("text", {"text": "  "}),
        ("text", {"text": None}),
        ("text", {"text": {"es": 7}}),
        ("choices", {"choices": ["Uno"]}),
        ("choices", {"choices": ["Uno", "uno"]}),
        ("choices", {"choices": ["Uno", 2]}),
        ("promise", {"promise": "maybe"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field(field, wrong):
    meeting = meeting_of()
    with pytest.raises(ValidationError) as error:
        prepared(meeting, **wrong)
    assert list(error.value.message_dict) == [field]
    assert not Event.objects.exists() and not Instrument.objects.exists()


def test_an_item_of_another_meeting_is_refused():
    segment = Segment.objects.create(meeting=meeting_of(), title="Caso")
    with pytest.raises(ValidationError) as error:
        prepared(meeting_of(), segment=segment)
    assert list(error.value.message_dict) == ["segment"]


def test_there_is_an_end_to_polls():
    meeting = meeting_of()
    poll = prepared(meeting)
    Poll.objects.bulk_create(Poll(meeting=meeting, question=poll.question) for _number in range(MOST_POLLS - 1))
    with pytest.raises(ValidationError):
        prepared(meeting)


def test_a_copy_for_the_next_cohort_is_prepared_and_stands_alone():
    here = room_with(1)
    poll = opened(here, kind="ordering", choices=("x", "y", "z"), promise="identified")
    vote_names = [item["key"] for item in state_of(here.meeting)["polls"][str(poll.pk)]["question"]["items"]]
    vote(here, here.people[0], poll, vote_names)
    other = meeting_of()
    made = copy_poll(Poll.objects.get(), other)
    assert (made.state, made.promise, made.meeting_id) == ("prepared", "identified", other.pk)
    assert made.question.items == poll.question.items and made.question.instrument != poll.question.instrument
    assert made.secret != poll.secret and not made.ballots.exists()
    assert state_of(other, "hosts")["polls"][str(made.pk)]["state"] == "prepared"


def test_a_draft_of_a_poll_can_be_opened_at_once():
    here = room_with(1)
    poll = prepared(here.meeting, kind="short-text")
    do(here.meeting, here.host, "poll.open", {"id": poll.pk})
    vote(here, here.people[0], poll, "Escucha")
    assert poll.ballots.get().value == "Escucha"
