"""How long the words of a meeting are kept, and what is left when they are gone."""

import datetime
import io

import pytest
from django.core.management import call_command
from django.utils import timezone

from sessions import room
from sessions.models import Attendance, Event, Meeting, Outcome, RoomQuestion, Snapshot
from tests.sessions.planning import planned
from tests.sessions.rooms import do, state_of
from tests.sessions.test_transcript import FORMS, document, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return planned(state="live", hours=-1, title="Sesión uno")


def over(here, days):
    ended = timezone.now() - datetime.timedelta(days=days)
    Meeting.objects.filter(pk=here.meeting.pk).update(state="ended", ended_at=ended, starts_at=ended, keep_days=30)


def filled(here):
    do(here.meeting, here.trainee, "chat.post", {"text": "palabra-dicha"})
    do(here.meeting, here.trainee, "qa.ask", {"text": "palabra-preguntada"})
    do(here.meeting, here.trainer, "chat.post", {"text": "palabra-nuestra"}, st="hosts")
    do(here.meeting, here.trainer, "outcome.add", {"what": "decision", "text": "Se acuerda algo"})
    room.keep_snapshot(room.stream_of(here.meeting.pk, "main").pk)
    Attendance.objects.create(meeting=here.meeting, user=here.trainee, status="present")


def test_words_go_after_the_days_and_what_came_of_it_stays(here):
    filled(here)
    over(here, 31)
    out = io.StringIO()
    call_command("expire_transcripts", dry_run=True, stdout=out)
    call_command("expire_transcripts", stdout=out)
    call_command("expire_transcripts", stdout=out)
    assert out.getvalue().split("\n")[:3] == ["1 due", "1 deleted", "0 deleted"]
    assert not Event.objects.exists()
    left = str([*Snapshot.objects.values_list("state"), *RoomQuestion.objects.values(), state_of(here.meeting)])
    assert "palabra" not in left and here.trainee.full_name not in left
    assert state_of(here.meeting)["session"]["state"] == "ended"
    assert (RoomQuestion.objects.count(), Outcome.objects.count(), Attendance.objects.count()) == (1, 1, 1)
    for name in FORMS:
        text = read(here, "trainer", name)
        assert "palabra" not in text and "Se acuerda algo" in text
    assert "What was said was deleted" in read(here, "trainee", "transcript")
    assert "What was said was deleted" in read(here, "trainee", "transcript_pdf")
    assert document(here)["expired_at"] and document(here)["questions"] == []


@pytest.mark.parametrize(("days", "state"), [(29, "ended"), (400, "live"), (400, "paused")])
def test_words_stay_until_then_and_while_it_goes_on(here, days, state):
    filled(here)
    over(here, days)
    Meeting.objects.update(state=state)
    call_command("expire_transcripts", stdout=io.StringIO())
    assert Event.objects.exists() and "palabra-dicha" in read(here, "trainee")


def test_numbers_go_on_and_the_epoch_says_that_the_log_is_gone(here):
    filled(here)
    over(here, 31)
    before = room.heads([here.meeting.pk])[here.meeting.pk, "main"]
    call_command("expire_transcripts", stdout=io.StringIO())
    after = room.heads([here.meeting.pk])[here.meeting.pk, "main"]
    assert after[1] == before[1] and after[0] != before[0]


def test_a_meeting_that_nobody_ended_counts_from_its_planned_end():
    here = planned(hours=-24 * 40)
    do(here.meeting, here.trainee, "chat.post", {"text": "palabra"})
    Meeting.objects.update(keep_days=30)
    call_command("expire_transcripts", stdout=io.StringIO())
    assert not Event.objects.exists()
