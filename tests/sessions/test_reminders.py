"""Reminders of meetings: who, when, once; and what live meetings contribute to "needs attention"."""

import datetime
import zoneinfo

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from notifications import mail, outbox
from notifications.models import Habit, Message, Notice, Preference
from sessions import attention, reminders
from sessions.models import ImportedStay, Invitee, Material, Meeting, MeetingPerson, RoomQuestion
from tests.factories import UserFactory
from tests.sessions.planning import planned, signed
from tests.sessions.rooms import meeting_of, person_in

pytestmark = pytest.mark.django_db
parallel = pytest.mark.django_db(transaction=True, serialized_rollback=True)
MINUTE, HOUR, DAY = datetime.timedelta(minutes=1), datetime.timedelta(hours=1), datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def _no_quiet_hours(monkeypatch):
    """The hour at which the tests run must not matter; quiet hours have a test of their own."""
    monkeypatch.setattr("notifications.quiet.after_quiet", lambda moment, *_rest: moment)


def told(what="reminder_day", settled=""):
    return Message.objects.filter(what=what, settled_as=settled)


def people(what="reminder_day"):
    return {message.user for message in told(what)}


def wants_soon(*users, **how):
    for user in users:
        Preference.objects.create(user=user, kind="reminder_soon", **{"mail": True, **how})


# --- when ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "due"),
    [(25 * HOUR, 0), (24 * HOUR, 3), (3 * HOUR, 3), (2 * HOUR, 0), (1 * HOUR, 0), (-1 * HOUR, 0), (-48 * HOUR, 0)],
)
def test_a_day_before_and_never_when_it_is_too_late(left, due):
    here = planned()
    assert reminders.remind(here.meeting.starts_at - left) == due


def test_the_command_tells_the_people_who_belong_once():
    here = planned(hours=20)
    for _minute in range(3):
        call_command("remind", verbosity=0)
    assert people() == {here.trainee, here.trainer, here.lead}
    assert told().count() == 3


@pytest.mark.parametrize("state", ["draft", "cancelled", "ended", "live"])
def test_only_a_scheduled_meeting_is_reminded_of_a_day_before(state):
    planned(hours=20, state=state)
    assert reminders.remind() == 0


def test_who_said_no_or_waits_for_a_place_or_was_removed_is_left_alone():
    here = planned(hours=20)
    no, waits, perhaps, gone = (person_in(here.meeting) for _number in range(4))
    Invitee.objects.create(meeting=here.meeting, user=no, answer="no")
    Invitee.objects.create(meeting=here.meeting, user=waits, answer="yes", waiting_since=timezone.now())
    Invitee.objects.create(meeting=here.meeting, user=perhaps, answer="maybe")
    MeetingPerson.objects.create(meeting=here.meeting, user=gone, part="removed")
    reminders.remind()
    assert people() == {here.trainee, here.trainer, here.lead, perhaps}


def test_who_joins_three_hours_before_is_reminded_and_nobody_else_again():
    here = planned(hours=20)
    reminders.remind()
    late = UserFactory()
    MeetingPerson.objects.create(meeting=here.meeting, user=late)
    assert reminders.remind(here.meeting.starts_at - 3 * HOUR) == 1
    assert late in people()


def test_a_meeting_that_is_moved_reminds_of_its_new_hour_and_once():
    here = planned(hours=20)
    reminders.remind()
    told().update(sent_at=timezone.now())
    here.meeting.starts_at += 2 * HOUR
    here.meeting.save()
    assert reminders.remind() == 3
    assert reminders.remind() == 0
    assert told().count() == 6


def test_it_is_of_no_use_any_more_an_hour_before():
    here = planned(hours=20)
    wants_soon(here.trainee)
    reminders.remind()
    reminders.remind(here.meeting.starts_at - 10 * MINUTE)
    assert {message.expires_at for message in told()} == {here.meeting.starts_at - HOUR}
    assert {message.expires_at for message in told("reminder_soon")} == {here.meeting.starts_at + 10 * MINUTE}


def test_a_worker_that_was_dead_for_two_days_sends_nothing_stale(monkeypatch, mailoutbox):
    """Reminders were written, then nothing ran for 48 hours: the meeting is over, and nobody reads of it now."""
    here = planned(hours=20)
    wants_soon(here.trainee)
    reminders.remind()
    after = timezone.now() + 48 * HOUR
    monkeypatch.setattr(timezone, "now", lambda: after)
    call_command("remind", verbosity=0)
    call_command("deliver_messages", verbosity=0)
    assert told(settled="").filter(sent_at__isnull=False).count() == 0
    assert [one for one in mailoutbox if here.meeting.title in one.subject] == []
    assert not told("reminder_soon").exists()


# --- just before -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "due"), [(16 * MINUTE, 0), (15 * MINUTE, 1), (1 * MINUTE, 1), (0 * MINUTE, 0), (-5 * MINUTE, 0)]
)
@pytest.mark.parametrize("state", ["scheduled", "live"])
def test_a_quarter_of_an_hour_before_for_those_who_asked(left, due, state):
    here = planned(state=state)
    wants_soon(here.trainee)
    Preference.objects.create(user=here.lead, kind="reminder_soon", mail=False)
    assert reminders.remind(here.meeting.starts_at - left) == due
    assert people("reminder_soon") == ({here.trainee} if due else set())


def test_nobody_is_told_just_before_unless_they_asked():
    here = planned()
    assert reminders.remind(here.meeting.starts_at - 10 * MINUTE) == 0


# --- what waits and is no longer true --------------------------------------------------------------------------------


def waiting():
    """A reminder that waits for the end of the quiet hours of its readers."""
    here = planned(hours=20)
    reminders.remind()
    told().update(due_at=timezone.now() + 5 * HOUR)
    assert told().count() == 3
    return here


def test_what_waits_is_taken_back_when_the_meeting_is_called_off():
    here = waiting()
    Meeting.objects.non_polymorphic().filter(pk=here.meeting.pk).update(state="cancelled")
    call_command("remind", verbosity=0)
    assert not told().exists()
    assert not Notice.objects.filter(what="reminder_day").exists()


def test_what_waits_is_taken_back_when_the_meeting_is_moved_and_comes_back_with_it():
    here = waiting()
    hour = here.meeting.starts_at
    Meeting.objects.non_polymorphic().filter(pk=here.meeting.pk).update(starts_at=hour + 30 * DAY)
    call_command("remind", verbosity=0)
    assert not told().exists()
    Meeting.objects.non_polymorphic().filter(pk=here.meeting.pk).update(starts_at=hour)
    call_command("remind", verbosity=0)
    assert told().count() == 3


def test_who_says_no_meanwhile_is_not_reminded():
    here = waiting()
    Invitee.objects.create(meeting=here.meeting, user=here.trainee, answer="no")
    call_command("remind", verbosity=0)
    assert people() == {here.trainer, here.lead}


# --- once, whatever happens ------------------------------------------------------------------------------------------


@parallel
def test_ten_workers_at_once_write_each_reminder_once(in_parallel):
    planned(hours=20)
    written = in_parallel(lambda _number: reminders.remind())
    assert not [one for one in written if isinstance(one, Exception)], written
    assert Message.objects.filter(what="reminder_day").count() == 3


@parallel
def test_a_crash_in_the_middle_loses_nobody_and_repeats_nobody(monkeypatch):
    here = planned(hours=20)
    for _number in range(7):
        person_in(here.meeting)
    monkeypatch.setattr(outbox, "AT_ONCE", 4)
    portion, calls = outbox._write_portion, []

    def dies_the_second_time(*args):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return portion(*args)

    monkeypatch.setattr(outbox, "_write_portion", dies_the_second_time)
    with pytest.raises(KeyboardInterrupt):
        reminders.remind()
    assert Message.objects.filter(what="reminder_day").count() == 4
    assert reminders.remind() == 6
    keys = Message.objects.filter(what="reminder_day").values_list("dedupe_key", flat=True)
    assert len(keys) == len(set(keys)) == 10


def test_the_queries_do_not_grow_with_the_people():
    counts = []
    for more in (1, 40):  # one insert of SQLite takes some fifty messages
        here = planned(hours=20)
        for _number in range(more):
            person_in(here.meeting)
        with CaptureQueriesContext(connection) as queries:
            assert reminders.remind() == more + 3
        with CaptureQueriesContext(connection) as again:
            assert reminders.remind() == 0
        counts.append((len(queries), len(again)))
        Message.objects.all().delete()
        Meeting.objects.non_polymorphic().update(state="ended")
    assert counts[0] == counts[1]


# --- words -----------------------------------------------------------------------------------------------------------


def reads(user, **fields):
    here = planned(hours=20, title="Sesión 3", engine="none", **fields)
    MeetingPerson.objects.create(meeting=here.meeting, user=user)
    reminders.remind()
    return mail.build(told().get(user=user)), here.meeting


@pytest.mark.parametrize(
    ("language", "zone", "city"),
    [("es", "America/Bogota", "Bogotá"), ("pt-br", "America/Sao_Paulo", "São Paulo"), ("en", "Europe/London", "London")],
)
def test_the_readers_own_hour_comes_first_with_its_city(language, zone, city):
    user = UserFactory(language=language, time_zone=zone)
    sent, meeting = reads(user)
    local = meeting.starts_at.astimezone(zoneinfo.ZoneInfo(zone))
    clock = f"{local:%H}h{local:%M}" if language == "pt-br" else f"{local:%H:%M}"
    assert clock in sent.subject
    assert city in sent.subject
    with translation.override(language):
        mexico = translation.gettext("Mexico City")
    assert sent.body.index(city) < sent.body.index(mexico)
    assert f"http://testserver/{language}/live/{meeting.pk}/" in sent.body
    assert len(sent.message().as_bytes()) < 40_000
    assert sent.alternatives[0][0].count("display:inline-block") == 1


def test_no_secret_of_the_room_and_no_long_preparation_leaves():
    user = UserFactory(language="en")
    sent, _meeting = reads(
        user, preparation="Lea. " * 399, conference_url="https://zoom.us/j/123?pwd=canary", backup_url="https://meet.google.com/canary",
        check_in_code="CANARY1",
    )  # fmt: skip
    everything = sent.message().as_string() + str(told().get(user=user).context)
    for secret in ("canary", "CANARY1"):
        assert secret not in everything
    assert sent.body.count("Lea.") < 130


def test_at_most_three_other_cities_groups_and_materials_of_five_minutes():
    here = planned(hours=20)
    for zone in ("Europe/London", "Asia/Tokyo", "America/Bogota", "America/Sao_Paulo", "Australia/Sydney"):
        person_in(here.meeting, user=UserFactory(time_zone=zone))
    for order, minutes in enumerate((2, 3, 4)):
        Material.objects.create(meeting=here.meeting, title=f"Lectura {minutes}", url="/", minutes=minutes, order=order)
    reminders.remind()
    context = told().get(user=here.trainee).context
    assert len(context["elsewhere"]) == 3
    assert context["materials"] == ["Lectura 2", "Lectura 3"]


@pytest.mark.parametrize("mode", ["live", "in_person", "hybrid"])
def test_how_to_join_is_said_for_each_mode(mode):
    sent, _meeting = reads(UserFactory(language="en"), mode=mode, place="Hospital Central, aula 2")
    assert ("Hospital Central" in sent.body) == (mode != "live")
    assert ("sign in on the page" in sent.body) == (mode != "in_person")


def test_a_reminder_waits_for_the_morning_or_comes_at_night_when_it_would_be_too_late(monkeypatch):
    monkeypatch.undo()
    here = planned(hours=20)
    always = datetime.time(0, 0), datetime.time(23, 59)
    Habit.objects.create(user=here.trainee, quiet_from=always[0], quiet_until=always[1])
    reminders.remind()
    message = told().get(user=here.trainee)
    assert message.due_at <= message.expires_at


# --- needs attention -------------------------------------------------------------------------------------------------


def items(user, cohort):
    with translation.override("en"):
        return attention.items(user, [cohort])


def test_who_has_not_answered_a_meeting_of_this_week_stands_there():
    here = planned(hours=72)
    far = meeting_of(here.cohort, state="scheduled", starts_at=timezone.now() + 9 * DAY)
    off = meeting_of(here.cohort, state="cancelled", starts_at=timezone.now() + DAY)
    for meeting in (here.meeting, far, off):
        Invitee.objects.create(meeting=meeting, user=here.trainee)
    Invitee.objects.create(meeting=here.meeting, user=here.lead, answer="yes")
    Invitee.objects.create(meeting=here.meeting, user=here.trainer)
    Invitee.objects.create(meeting=here.meeting, user=here.stranger, told_off=True)
    [item] = items(here.trainer, here.cohort)
    assert (item.person, item.item_key) == (here.trainee, f"meeting:{here.meeting.pk}")
    assert signed(here.trainer).get(item.url).status_code == 200
    with translation.override("pt-br"):
        text, path = item.reminder()
    assert here.meeting.title in text
    assert path == f"/pt-br/live/{here.meeting.pk}/"
    assert signed(here.trainee).get(path).status_code == 200


def test_questions_and_lines_that_were_left_stand_there_without_a_name():
    here = planned(state="ended", hours=-5)
    Meeting.objects.non_polymorphic().filter(pk=here.meeting.pk).update(ended_at=timezone.now())
    for state in ("open", "open", "answered"):
        RoomQuestion.objects.create(meeting=here.meeting, author=here.trainee, author_name="Canaria", text="canary?", state=state)
    stay = {"meeting": here.meeting, "joined_at": timezone.now(), "left_at": timezone.now(), "source": "zoom"}
    ImportedStay.objects.create(**stay, name="Canaria", digest="1")
    ImportedStay.objects.create(**stay, name="Canaria", digest="2", user=here.trainee)
    found = items(here.trainer, here.cohort)
    assert sorted(item.kind for item in found) == ["attendance", "questions"]
    assert {item.person for item in found} == {None}
    assert not any("anar" in item.what for item in found)
    assert "2 questions were left" in next(item.what for item in found if item.kind == "questions")
    for item in found:
        assert signed(here.trainer).get(item.url).status_code == 200


def test_what_nobody_looked_at_for_two_months_is_left_alone():
    here = planned(state="ended", hours=-5)
    Meeting.objects.non_polymorphic().filter(pk=here.meeting.pk).update(ended_at=timezone.now() - 61 * DAY)
    RoomQuestion.objects.create(meeting=here.meeting, author_name="A", text="?")
    assert items(here.trainer, here.cohort) == []


def test_the_queries_of_attention_do_not_grow():
    here, counts = planned(hours=72), []
    for more in (1, 59):
        for _number in range(more):
            Invitee.objects.create(meeting=here.meeting, user=person_in(here.meeting))
        with CaptureQueriesContext(connection) as queries:
            items(here.trainer, here.cohort)
        counts.append(len(queries))
    assert counts[0] == counts[1] == 3
