"""A meeting is changed, moved, called off, copied: by those who run it."""

import pytest
from django.utils import timezone

from sessions import schedule
from sessions.models import Board, Meeting, MeetingPerson, Poll, Segment, TrainingSession
from tests.factories import CohortFactory, EnrollmentFactory
from tests.sessions.planning import planned, said, signed, text_of, tomorrow, url
from tests.sessions.polling import prepared
from tests.sessions.rooms import do, meeting_of, person_in

pytestmark = pytest.mark.django_db

PAGES = ("edit", "cancel", "run_of_show", "polls", "poll_new", "slides", "people")


@pytest.mark.parametrize("name", PAGES)
def test_who_may_prepare(name):
    here = planned()
    address = url(name, here.meeting.pk)
    got = {
        role: signed(getattr(here, role)).get(address).status_code
        for role in ("trainee", "trainer", "lead", "evaluator", "stranger")
    }
    assert got == {"trainee": 403, "trainer": 200, "lead": 200, "evaluator": 403, "stranger": 404}


@pytest.mark.parametrize("name", ["edit", "cancel", "run_of_show", "poll_new", "slides", "people", "run_of_show_template"])
def test_nobody_else_changes_anything(name):
    here = planned(title="As it was")
    for role, status in (("trainee", 403), ("evaluator", 403), ("stranger", 404)):
        form = said(title="Mine", reason="x", email=here.stranger.email, part="host", text="x", kind="talk")
        assert signed(getattr(here, role)).post(url(name, here.meeting.pk), form).status_code == status
    here.meeting.refresh_from_db()
    assert (here.meeting.title, here.meeting.state) == ("As it was", "scheduled")
    assert not (here.meeting.segments.exists() or here.meeting.people.exists() or here.meeting.polls.exists())


def test_moving_and_the_wall_clock():
    here = planned()
    client = signed(here.trainer)
    assert 'value="90"' in text_of(client.get(url("edit", here.meeting.pk)))
    form = said(title="Moved", day=tomorrow(3).isoformat(), hour="09:30", draft="on")
    assert client.post(url("edit", here.meeting.pk), form).status_code == 302
    here.meeting.refresh_from_db()
    assert (here.meeting.title, here.meeting.state) == ("Moved", "draft")
    assert here.meeting.starts_at.isoformat() == f"{tomorrow(3).isoformat()}T15:30:00+00:00"


def test_what_has_begun_keeps_its_hour_and_its_threshold():
    here = planned(state="live", hours=-1, needed_percent=75)
    start = here.meeting.starts_at
    form = said(title="New title", needed_percent="10", minutes="5", day=tomorrow(5).isoformat(), number="9")
    assert signed(here.trainer).post(url("edit", here.meeting.pk), form).status_code == 302
    here.meeting.refresh_from_db()
    assert here.meeting.title == "New title"
    assert (here.meeting.needed_percent, here.meeting.minutes, here.meeting.starts_at) == (75, 90, start)
    assert here.meeting.state == "live"


def test_a_meeting_that_began_while_the_form_was_open_keeps_its_threshold():
    here = planned(needed_percent=75)
    Meeting.objects.filter(pk=here.meeting.pk).update(state="live", started_at=timezone.now())
    with pytest.raises(schedule.Refused) as refusal:
        schedule.change(here.meeting, needed_percent=10)
    assert refusal.value.field == "needed_percent"


def test_calling_off_says_why_and_stays_in_the_list():
    here = planned()
    host, trainee = signed(here.trainer), signed(here.trainee)
    assert "Write the reason" in text_of(host.post(url("cancel", here.meeting.pk), {"reason": " "}), 422)
    assert host.post(url("cancel", here.meeting.pk), {"reason": "La sala está <cerrada>"}).status_code == 302
    text = text_of(trainee.get(url("meeting", here.meeting.pk)))
    assert "does not take place" in text and "La sala está &lt;cerrada&gt;" in text and url("room", here.meeting.pk) not in text
    assert "&lt;cerrada&gt;" in text_of(trainee.get(url("meetings")))
    assert "called off" in text_of(host.post(url("edit", here.meeting.pk), said()), 422)


def test_what_has_begun_is_not_called_off():
    here = planned(state="live", hours=-1)
    assert "has begun" in text_of(signed(here.trainer).post(url("cancel", here.meeting.pk), {"reason": "No"}), 422)
    here.meeting.refresh_from_db()
    assert here.meeting.state == "live"


# --- copying ---------------------------------------------------------------------------------------------------------


def test_a_copy_takes_run_of_show_polls_and_columns_but_no_people():
    here = planned(title="Original", about="De qué trata")
    segment = Segment.objects.create(
        meeting=here.meeting, title="Caso", minutes=20, order=1, fallback="Otro caso", started_at=timezone.now()
    )
    prepared(here.meeting, text="¿Cuál copia?", segment=segment)
    MeetingPerson.objects.create(meeting=here.meeting, user=here.stranger, part="guest")
    columns = [
        {"key": "retos", "title": {"es": "Retos"}, "role": "challenge"},
        {"key": "acciones", "title": {"es": "Acciones"}, "role": "action"},
    ]
    do(here.meeting, here.trainer, "board.setup", {"columns": columns, "votes_each": 4})
    other = CohortFactory()
    EnrollmentFactory(cohort=other, user=here.trainer, role="trainer")
    address = f"{url('new')}?cohort={other.pk}&copy={here.meeting.pk}"
    client = signed(here.trainer)
    assert "De qué trata" in text_of(client.get(address))
    assert client.post(address, said(title="Copia")).status_code == 302
    copy = TrainingSession.objects.get(title="Copia")
    (row,) = copy.segments.all()
    assert (row.title, row.minutes, row.fallback, row.started_at) == ("Caso", 20, "Otro caso", None)
    (poll,) = Poll.objects.filter(meeting=copy)
    assert (poll.question.text, poll.segment, poll.state) == ({"es": "¿Cuál copia?"}, row, "prepared")
    assert poll.question_id != Poll.objects.get(meeting=here.meeting).question_id
    board = Board.objects.get(stream__meeting=copy)
    assert [column["key"] for column in board.columns] == ["retos", "acciones"] and board.votes_each == 4
    assert not copy.people.exists()


def test_what_is_not_theirs_is_not_copied():
    here, there = planned(), planned()
    address = f"{url('new')}?cohort={here.cohort.pk}&copy={there.meeting.pk}"
    assert signed(here.trainer).post(address, said()).status_code == 404
    meeting = meeting_of(state="scheduled")
    host = person_in(meeting)  # a participant there, a trainer here
    EnrollmentFactory(cohort=here.cohort, user=host, role="trainer")
    assert signed(host).post(f"{url('new')}?cohort={here.cohort.pk}&copy={meeting.pk}", said()).status_code == 404
