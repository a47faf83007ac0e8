"""When a meeting has ended: the questionnaire opens, everybody gets one summary, and none of it happens twice."""

import pytest
from django.core import mail
from django.db import transaction

from evaluations.models import Wave
from notifications.models import Message
from sessions import afterwards
from sessions.models import Attendance, Meeting, MeetingPerson, Outcome
from tests.evaluations.waving import day
from tests.evaluations.waving import planned as planned_wave
from tests.factories import EnrollmentFactory, UserFactory
from tests.sessions.planning import planned
from tests.sessions.rooms import do

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return planned(hours=-2, state="ended", title="Sesión uno")


def told():
    return set(Message.objects.filter(what="meeting_summary").values_list("user__email", flat=True))


def emails(*people):
    return {person.email for person in people}


# --- the wave --------------------------------------------------------------------------------------------------------


def test_the_questionnaire_of_the_session_opens_today(here):
    wave = planned_wave(here.cohort, moment="session", number=1, opens_on=day(5), closes_on=day(9))
    other = planned_wave(here.cohort, wave.instrument, moment="session", number=2, opens_on=day(5), closes_on=day(9))
    afterwards.meeting_ended(here.meeting)
    assert (Wave.objects.get(pk=wave.pk).opens_on, Wave.objects.get(pk=wave.pk).closes_on) == (day(0), day(9))
    assert Wave.objects.get(pk=other.pk).opens_on == day(5)
    (link,) = Message.objects.get(what="meeting_summary", user=here.trainee).context["secret_feedback"]
    assert f"{link}".startswith("http://testserver/es/")
    assert Message.objects.get(what="meeting_summary", user=here.trainer).context["secret_feedback"] == []


def test_a_wave_that_cannot_be_moved_stops_nothing(here, monkeypatch):
    wave = planned_wave(here.cohort, moment="session", number=1, opens_on=day(5), closes_on=day(9))

    def refuse(*args):
        raise afterwards.Refused("no")

    monkeypatch.setattr(afterwards.waves, "move", refuse)
    assert afterwards.meeting_ended(here.meeting) == 3
    assert Wave.objects.get(pk=wave.pk).opens_on == day(5)


def test_an_open_wave_stays_as_it_is_and_a_closed_one_is_not_offered(here):
    wave = planned_wave(here.cohort, moment="session", number=1)
    afterwards.meeting_ended(here.meeting)
    assert Wave.objects.get(pk=wave.pk).opens_on == wave.opens_on
    Wave.objects.update(closed_at=here.meeting.starts_at)
    assert afterwards.open_feedback(here.meeting) == []


# --- the summary -----------------------------------------------------------------------------------------------------


def test_everybody_who_was_invited_or_there_is_told_once(here):
    guest, gone, removed = UserFactory(), UserFactory(is_active=False), UserFactory()
    for user, part in ((guest, "guest"), (gone, "guest"), (removed, "removed")):
        MeetingPerson.objects.create(meeting=here.meeting, user=user, part=part)
    was_there = EnrollmentFactory(cohort=here.cohort, status="withdrawn").user
    Attendance.objects.create(meeting=here.meeting, user=was_there, status="partly")
    EnrollmentFactory(cohort=here.cohort, status="candidate")
    assert afterwards.meeting_ended(here.meeting) == 5
    assert told() == emails(here.trainee, here.trainer, here.lead, guest, was_there)
    assert afterwards.meeting_ended(here.meeting) == 0


@pytest.mark.parametrize("language", ["es", "pt-br", "en"])
def test_it_says_what_came_of_the_meeting(here, django_capture_on_commit_callbacks, language):
    here.trainee.language = language
    here.trainee.save()
    for what, text in (("decision", "Se <acuerda> algo"), ("action", "Enviar la guía"), ("note", "Una nota")):
        Outcome.objects.create(meeting=here.meeting, what=what, text=text, owner_name="Dra. Ruiz", due="2027-03-05")
    with django_capture_on_commit_callbacks(execute=True):
        afterwards.meeting_ended(here.meeting)
    (sent,) = [message for message in mail.outbox if message.to == [here.trainee.email]]
    html = sent.alternatives[0][0]
    for said in ("Enviar la guía", "Dra. Ruiz", f"/{language}/live/{here.meeting.pk}/transcript/", "Sesión uno"):
        assert said in sent.body and said in html
    assert "Se <acuerda> algo" in sent.body and "Se &lt;acuerda&gt; algo" in html
    assert "2027" in sent.body and "\n\n\n" not in sent.body
    assert sent.subject and "\n" not in sent.subject


def test_a_long_meeting_makes_no_heavy_mail(here, django_capture_on_commit_callbacks):
    for number in range(60):
        what = "decision" if number == 59 else "note"
        Outcome.objects.create(meeting=here.meeting, what=what, text=f"{number} {'ñ' * 490}")
    with django_capture_on_commit_callbacks(execute=True):
        afterwards.meeting_ended(here.meeting)
    (sent,) = [message for message in mail.outbox if message.to == [here.trainee.email]]
    assert len(sent.message().as_bytes()) < 40_000
    assert sent.body.count("ñ" * 490) == 8 and "59 ñ" in sent.body  # the decision comes first
    assert "52" in sent.body and "52" in sent.alternatives[0][0]  # so many more are on the page


def test_nothing_for_a_meeting_that_has_not_ended(here):
    for state in ("scheduled", "live", "paused", "cancelled", "draft"):
        here.meeting.state = state
        assert afterwards.meeting_ended(here.meeting) == 0
    assert not told()


def test_the_end_of_the_meeting_sets_it_going(django_capture_on_commit_callbacks):
    here = planned(hours=-1, state="live")
    with django_capture_on_commit_callbacks(execute=True):
        do(here.meeting, here.trainer, "session.end")
    with django_capture_on_commit_callbacks(execute=True):
        do(here.meeting, here.trainer, "session.end")
    assert Meeting.objects.get().state == "ended"
    assert told() == emails(here.trainee, here.trainer, here.lead)


def test_an_end_that_is_rolled_back_tells_nobody(django_capture_on_commit_callbacks):
    here = planned(hours=-1, state="live")
    with django_capture_on_commit_callbacks(execute=True):
        try:
            with transaction.atomic():
                do(here.meeting, here.trainer, "session.end")
                raise ValueError
        except ValueError:
            pass
    assert not told() and Meeting.objects.get().state == "live"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_workers_at_once_tell_everybody_once(in_parallel):
    here = planned(hours=-2, state="ended")
    wave = planned_wave(here.cohort, moment="session", number=1, opens_on=day(5), closes_on=day(9))
    counts = in_parallel(lambda number: afterwards.meeting_ended(Meeting.objects.get(pk=here.meeting.pk)))
    assert sum(counts) == 3
    assert told() == emails(here.trainee, here.trainer, here.lead)
    assert Wave.objects.get(pk=wave.pk).opens_on == day(0)
    assert (
        len([message for message in mail.outbox if message.to == [here.trainee.email] and here.meeting.title in message.subject])
        == 1
    )
