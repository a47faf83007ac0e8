"""Polls whose votes count in a wave: the vote is the person's answer there, and the room comes first."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from evaluations import answering, wave_opening, waves
from evaluations.models import Answer, AnswerVersion, Response
from evaluations.questions.reading import questions_of
from sessions import voting
from sessions.models import Ballot, Poll
from sessions.polling_questions import LONGEST_WORDS, prepare_poll, wave_questions
from sessions.refusals import Refusal
from tests.evaluations.conftest import make_quiz
from tests.evaluations.waving import make_survey, planned, quiz_wave
from tests.factories import CohortFactory
from tests.sessions.polling import room_with, vote
from tests.sessions.rooms import do, person_in, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def asking(people=2, promise="identified", **about):
    here = room_with(people)
    here.wave = planned(here.meeting.cohort, promise=promise, **about)
    here.question = next(one for one in questions_of(here.wave.instrument_id) if one.key == "single")
    return here


def linked(here, **about):
    asked = {"promise": "anonymous", "wave": here.wave, "wave_question": here.question, **about}
    return prepare_poll(here.meeting, **asked)


def opened(here):
    poll = linked(here)
    do(here.meeting, here.host, "poll.open", {"id": poll.pk})
    return poll


def test_people_are_told_that_the_vote_carries_their_name_and_where_it_counts():
    here = asking()
    poll = opened(here)
    told = state_of(here.meeting)["polls"][str(poll.pk)]
    assert told["promise"] == "identified" and told["wave"] == here.wave.instrument.title
    assert told["question"]["choices"][0]["key"] == "a"


def test_the_room_s_page_says_so_before_one_votes(client):
    here = asking()
    client.force_login(here.people[0])
    address = f"/en/live/{here.meeting.pk}/room/"
    do(
        here.meeting,
        here.host,
        "poll.open",
        {"id": prepare_poll(here.meeting, promise="identified", kind="short-text", text="¿Qué?").pk},
    )
    alone = client.get(address).content.decode().partition('<template id="t-poll"')[0]
    assert 'data-show="wave" hidden' in alone and f'maxlength="{LONGEST_WORDS}"' in alone
    opened(here)
    card = client.get(address).content.decode().partition('data-key="')[2].partition("</form>")[0]
    assert "also your answer in the questionnaire" in card and 'data-show="wave" hidden' not in card
    assert f'data-text="wave">{here.wave.instrument.title["en"]}<' in card


def test_a_vote_is_the_answer_and_a_changed_vote_too():
    here = asking()
    poll, ana = opened(here), here.people[0]
    assert vote(here, ana, poll, "a").text == ""
    ack = vote(here, ana, poll, "b", cid="cid-of-the-b")
    assert vote(here, ana, poll, "b", cid="cid-of-the-b") == ack
    assert Answer.objects.get().value == "b" and Response.objects.get().enrollment.user == ana
    assert AnswerVersion.objects.count() == 2 and Response.objects.get().submitted_at is None


def test_a_vote_goes_into_the_response_that_is_open_already():
    here = asking()
    enrollment = here.meeting.cohort.enrollments.get(user=here.people[0])
    response = wave_opening.open_wave(enrollment, here.wave, "es")
    vote(here, here.people[0], opened(here), "a")
    assert Answer.objects.get().response == response


def test_who_is_not_asked_votes_in_the_room_only():
    here = asking()
    poll = opened(here)
    assert vote(here, here.host, poll, "a").text == ""
    assert Ballot.objects.count() == 1 and not Response.objects.exists()


def test_where_the_wave_is_closed_the_vote_counts_in_the_room_and_the_person_is_told():
    here = asking()
    poll = opened(here)
    waves.close(here.wave)
    ack = vote(here, here.people[0], poll, "a")
    assert "counts here in the room" in ack.text and "was closed" in ack.text and ack.frame()["text"] == ack.text
    assert Ballot.objects.count() == 1 and not Answer.objects.exists()


def test_where_the_answers_were_sent_the_vote_counts_in_the_room():
    here = asking()
    poll, enrollment = opened(here), here.meeting.cohort.enrollments.get(user=here.people[0])
    response = wave_opening.open_wave(enrollment, here.wave, "es")
    for question in questions_of(response.instrument_id):
        answering.save_answer(response, question, {"likert": 3, "single-choice": "b"}.get(question.kind, ""))
    answering.submit(response)
    assert "sent already" in vote(here, here.people[0], poll, "a").text
    assert Answer.objects.get(question=here.question).value == "b" and Ballot.objects.count() == 1


def test_where_the_wave_took_a_newer_version_the_vote_counts_in_the_room():
    here = asking()
    poll = opened(here)
    make_survey(version=2)
    waves.use_newest(here.wave)
    assert "another questionnaire" in vote(here, here.people[0], poll, "a").text
    assert Ballot.objects.count() == 1 and not Answer.objects.exists()


def test_a_paused_place_is_named():
    here = asking()
    poll = opened(here)
    here.meeting.cohort.enrollments.filter(user=here.people[0]).update(status="paused")
    assert "not active" in vote(here, here.people[0], poll, "a").text
    assert Ballot.objects.count() == 1 and not Response.objects.exists()


def test_a_closed_wave_is_said_to_whoever_opens_the_poll():
    here = asking()
    poll = linked(here)
    waves.close(here.wave)
    with pytest.raises(Refusal) as refusal:
        do(here.meeting, here.host, "poll.open", {"id": poll.pk})
    assert refusal.value.why == "closed" and "was closed" in refusal.value.text


def test_the_question_stays_when_the_poll_goes():
    from sessions.polling_questions import remove_poll

    here = asking()
    remove_poll(linked(here))
    assert not Poll.objects.exists() and here.wave.instrument.questions.filter(pk=here.question.pk).exists()


def test_hosts_see_who_voted():
    here = asking()
    poll = opened(here)
    vote(here, here.people[0], poll, "a")
    assert [user for user, _words in voting.turnout(poll).voted] == [here.people[0]]


@pytest.mark.parametrize("promise", ["confidential", "anonymous"])
def test_names_would_break_another_promise(promise):
    here = asking(promise=promise)
    assert wave_questions(here.meeting) == []
    with pytest.raises(ValidationError) as error:
        linked(here)
    assert "promise" in error.value.message_dict["wave"][0]


def test_what_does_not_fit_is_refused():
    here = asking()
    scale = next(one for one in questions_of(here.wave.instrument_id) if one.kind == "likert")
    elsewhere = planned(CohortFactory(), make_survey("other"), promise="identified")
    quiz = quiz_wave(here.meeting.cohort, key="quiz-x")
    person_in(here.meeting, "lead")
    for wave, question in [
        (here.wave, scale), (here.wave, None), (elsewhere, here.question), (quiz, questions_of(quiz.instrument_id)[0]),
        (here.wave, questions_of(make_quiz(key="third").pk)[0]),
    ]:  # fmt: skip
        with pytest.raises(ValidationError):
            linked(here, wave=wave, wave_question=question)
    assert not Poll.objects.exists()


def test_the_form_offers_what_fits():
    here = asking()
    [(wave, questions)] = wave_questions(here.meeting)
    assert wave == here.wave and {one.key for one in questions} == {"single", "short"}
