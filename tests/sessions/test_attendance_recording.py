"""Attending by the recording: confirmed, and proved by the questions about it."""

import pytest
from django.urls import reverse

from evaluations.models import ChoiceQuestion, Instrument
from sessions import attendance_marks, recording
from sessions.models import AttendanceChange
from tests.sessions.attending import completed, connected, ended, mark_of, programme, reconciled
from tests.sessions.rooms import person_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def questions(db):
    check = Instrument.objects.create(key="about-recording", kind="check", title={"es": "Sobre la grabación"})
    choices = [{"key": key, "text": {"es": key}, "correct": key == "a"} for key in "abc"]
    return [
        ChoiceQuestion.objects.create(instrument=check, key=f"q{number}", order=number, text={"es": "¿?"}, choices=choices)
        for number in range(3)
    ]


FIELDS = {
    "recording_counts": True,
    "recording_url": "https://video.example.org/1",
    "recording_minutes": 88,
    "recording_check": "about-recording",
}


@pytest.fixture
def meeting(db):
    cohort, key = programme()
    return ended(cohort, activity_key=key, hours_ago=50, **FIELDS)


@pytest.fixture
def ana(meeting, client):
    from datetime import timedelta

    ana = person_in(meeting, enrolled_at=meeting.started_at - timedelta(days=9))
    client.force_login(ana)
    reconciled(meeting)
    return ana


def send(client, meeting, questions, answers, confirmed=True):
    data = {f"q{question.pk}-answer": answer for question, answer in zip(questions, answers, strict=True) if answer}
    return client.post(reverse("live:recording", args=[meeting.pk]), {**data, **({"confirmed": "on"} if confirmed else {})})


def test_confirmed_and_proved_it_counts_and_completes(meeting, ana, questions, client):
    assert client.get(reverse("live:recording", args=[meeting.pk])).status_code == 200
    assert send(client, meeting, questions, "aaa").status_code == 302
    assert mark_of(meeting, ana) == ("recording", "recording", 0)
    assert completed(ana, meeting.activity_key).evidence["status"] == "recording"
    assert AttendanceChange.objects.last().by == ana
    assert client.get(reverse("live:recording", args=[meeting.pk])).context["reason"]
    assert send(client, meeting, questions, "aaa").status_code == 409


@pytest.mark.parametrize(
    ("answers", "confirmed"), [("aaa", False), ("aab", True), (["a", "a", ""], True), (["a", "a", "zz"], True)]
)
def test_what_does_not_prove_it_changes_nothing(meeting, ana, questions, client, answers, confirmed):
    assert send(client, meeting, questions, answers, confirmed).status_code == 422
    assert mark_of(meeting, ana)[0] == "absent"


def test_three_tries_a_day(meeting, ana, questions, client):
    for _time in range(3):
        send(client, meeting, questions, "bbb")
    assert send(client, meeting, questions, "aaa").status_code == 422
    assert mark_of(meeting, ana)[0] == "absent"


def test_a_later_pass_keeps_it_and_undoing_a_hand_finds_it_again(meeting, ana, questions, client):
    trainer = person_in(meeting, role="trainer")
    send(client, meeting, questions, "aaa")
    attendance_marks.correct(meeting, ana, "absent", trainer, "Two people, one account")
    assert completed(ana, meeting.activity_key) is None
    assert send(client, meeting, questions, "aaa").status_code == 409  # a hand's mark is not walked around
    attendance_marks.undo(meeting, ana, trainer)
    assert mark_of(meeting, ana)[0] == "recording"
    connected(meeting, ana, 0, 5)
    reconciled(meeting, by=trainer, reason="Report imported")
    assert mark_of(meeting, ana) == ("recording", "recording", 5)


def test_excused_people_may_make_up_for_it(meeting, ana, questions, client):
    attendance_marks.correct(meeting, ana, "excused", person_in(meeting, role="lead"), "On duty")
    assert send(client, meeting, questions, "aaa").status_code == 302
    assert mark_of(meeting, ana)[0] == "recording"


@pytest.mark.parametrize(
    "missing", [{"recording_counts": False}, {"recording_url": ""}, {"recording_check": ""}, {"recording_check": "no-such"}]
)
def test_without_all_of_it_nobody_can_and_the_desk_is_told(questions, client, missing):
    meeting = ended(**{**FIELDS, **missing})
    ana = person_in(meeting)
    client.force_login(ana)
    assert recording.counts(meeting) is False
    assert send(client, meeting, questions, "aaa").status_code == 409
    assert mark_of(meeting, ana) is None
    assert bool(recording.problem_of(meeting)) == ("recording_check" in missing)


def test_a_survey_has_no_right_answers_and_proves_nothing(questions):
    Instrument.objects.update(kind="survey")
    assert recording.problem_of(ended(**FIELDS))
