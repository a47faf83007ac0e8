"""Calendars follow meetings: from the state of the rows each person gets the one mail that is due, once, and both readers agree on it."""

import datetime
import importlib
import zoneinfo
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from notifications import calendar, outbox
from notifications import mail as mail_module
from notifications.models import Message
from sessions import answers, schedule
from sessions.models import Invitee, Meeting, MeetingPerson
from tests.factories import UserFactory
from tests.sessions.calendar_round import UTC, change, one_person, only, settle, summary, waiting
from tests.sessions.planning import planned, said, signed, url

pytestmark = pytest.mark.django_db


# --- from the beginning to the end -----------------------------------------------------------------------------------


def test_everybody_who_belongs_is_asked_once_and_nobody_else(told):
    here = planned()
    found = told()
    assert {to for to, *_rest in found} == {here.trainee.email, here.trainer.email, here.lead.email}
    assert summary(found) == [("meeting_request", "REQUEST", 0)] * 3
    for to, _what, _method, event in found:
        assert event["uid"] == calendar.uid_for(here.meeting.uid)
        assert [who["address"] for who in event["attendees"]] == [f"mailto:{to}"]
        assert event["organizer"]["address"] == f"mailto:{calendar.organiser().email}"
        assert event["starts"] == f"{here.meeting.starts_at:%Y-%m-%dT%H:%M:%SZ}"
    assert told() == []


def test_the_first_mail_carries_the_link_with_which_one_answers(told, mailoutbox):
    meeting, user = one_person()
    told()
    link = answers.link_for(meeting, user)
    assert link in mailoutbox[-1].body and link in mailoutbox[-1].alternatives[0].content
    assert link not in str(Message.objects.get().context), "it is erased once the mail has left"
    assert Client().get(urlsplit(link).path).status_code == 200


def test_an_edit_moves_the_entry_and_says_what_it_was(told, mailoutbox):
    meeting, _user = one_person()
    told()
    old = meeting.starts_at
    change(meeting, starts_at=old + datetime.timedelta(days=1))
    _to, what, method, event = only(told())
    assert (what, method, event["sequence"]) == ("meeting_update", "REQUEST", 1)
    assert event["uid"] == calendar.uid_for(meeting.uid)
    assert event["starts"] == f"{old + datetime.timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    local = old.astimezone(zoneinfo.ZoneInfo("America/Mexico_City"))
    assert mailoutbox[-1].subject.startswith("New time: ")
    assert f"Before, it was {local:%A} {local.day} " in mailoutbox[-1].body and f"{local:%H:%M}" in mailoutbox[-1].body
    assert told() == []


def test_other_words_are_told_in_words(told, mailoutbox):
    meeting, _user = one_person(mode="hybrid", place="Aula 1")
    told()
    change(meeting, title="Otra", place="Aula 2", minutes=90)
    assert summary(told()) == [("meeting_update", "REQUEST", 1)]
    assert mailoutbox[-1].subject.startswith("New place: ")
    for words in ("It was called “Reunión”", "The place was: Aula 1", "Aula 2", "1 h 30 min instead of 1 h"):
        assert words in mailoutbox[-1].body
    Message.objects.update(context={})
    change(meeting, place="Aula 3")
    assert summary(told()) == [("meeting_update", "REQUEST", 2)] and "has changed" in mailoutbox[-1].body


def test_calling_it_off_takes_the_entry_out_with_the_reason(told, mailoutbox):
    meeting, _user = one_person()
    told()
    schedule.cancel(meeting, "Sin luz en el auditorio")
    _to, what, method, event = only(told())
    assert (what, method, event["sequence"], event["status"]) == ("meeting_cancel", "CANCEL", 1, "CANCELLED")
    assert "Sin luz en el auditorio" in mailoutbox[-1].body and event["uid"] == calendar.uid_for(meeting.uid)
    assert told() == []


def test_the_page_of_the_desk_tells_by_itself(django_capture_on_commit_callbacks, mailoutbox):
    here = planned()
    day = timezone.now().date() + datetime.timedelta(days=9)
    with django_capture_on_commit_callbacks(execute=True):
        response = signed(here.trainer).post(url("edit", here.meeting.pk), said(day=day.isoformat(), title="Nueva"))
    assert response.status_code == 302, response.content.decode()[:3000]
    assert {mail.to[0] for mail in mailoutbox if "Nueva" in mail.subject} == {
        here.trainee.email,
        here.trainer.email,
        here.lead.email,
    }


@pytest.mark.parametrize("language", ["es", "pt-br", "en"])
def test_words_are_in_the_readers_language(told, mailoutbox, language):
    meeting, user = one_person(preparation="Traer un caso")
    user.language = language
    user.save()
    _to, _what, _method, event = only(told())
    assert f"/{language}/live/{meeting.pk}/" in event["description"] and f"/{language}/live/{meeting.pk}/" in event["url"]
    assert mailoutbox[-1].extra_headers["Content-Language"] == language
    assert len(mailoutbox[-1].message().as_bytes()) < 40_000


# --- zones -----------------------------------------------------------------------------------------------------------


def next_change(name):
    """The first day from a month from now on after which the clocks of the zone show another offset."""
    zone, day = zoneinfo.ZoneInfo(name), timezone.now().replace(hour=12) + datetime.timedelta(days=30)
    while day.astimezone(zone).utcoffset() == (day + datetime.timedelta(days=1)).astimezone(zone).utcoffset():
        day += datetime.timedelta(days=1)
    return day.astimezone(zone).date()


@pytest.mark.parametrize("name", ["Europe/London", "America/Santiago", "America/Tijuana"])
def test_moving_across_a_change_of_clocks_keeps_the_wall_time(told, name):
    zone, day = zoneinfo.ZoneInfo(name), next_change(name)
    before, after = (datetime.datetime.combine(day + datetime.timedelta(days=n), datetime.time(18), zone) for n in (-3, 4))
    meeting, _user = one_person(time_zone=name)
    Meeting.objects.update(starts_at=before)
    meeting.refresh_from_db()
    first = only(told())[3]
    change(meeting, starts_at=after.astimezone(UTC))
    second = only(told())[3]
    assert first["uid"] == second["uid"] and (first["sequence"], second["sequence"]) == (0, 1)
    for event, wall in ((first, before), (second, after)):
        assert event["starts"] == f"{wall.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" and event["tzid"] == name
    assert first["starts"][11:] != second["starts"][11:]


def test_another_zone_is_another_instant_under_the_same_uid(told):
    meeting, _user = one_person(time_zone="Europe/London")
    first = only(told())[3]
    change(meeting, time_zone="America/Bogota")
    second = only(told())[3]
    meeting.refresh_from_db()
    assert first["uid"] == second["uid"] and second["tzid"] == "America/Bogota" and first["starts"] != second["starts"]
    assert second["starts"] == f"{meeting.starts_at:%Y-%m-%dT%H:%M:%SZ}"


# --- quick edits -----------------------------------------------------------------------------------------------------


def test_three_quick_edits_make_one_mail(told):
    meeting, _user = one_person()
    told()
    for days in (1, 2, 3):
        change(meeting, starts_at=meeting.starts_at + datetime.timedelta(days=days))
        settle()
    assert waiting().count() == 1
    assert summary(told()) == [("meeting_update", "REQUEST", 3)]


def test_an_edit_before_the_first_mail_left_is_still_a_new_meeting(told):
    meeting, _user = one_person()
    settle()
    change(meeting, title="Otra")
    settle()
    assert summary(told()) == [("meeting_request", "REQUEST", 1)]


def test_what_was_planned_and_called_off_at_once_tells_nobody(told):
    meeting, _user = one_person()
    settle()
    schedule.cancel(meeting, "Error")
    settle()
    assert told() == [] and not waiting().exists()
    row = Invitee.objects.get()
    assert row.told_sequence is None and not row.told_off


def test_who_leaves_and_comes_back_before_the_mail_left_hears_nothing(told):
    meeting, user = one_person()
    told()
    MeetingPerson.objects.all().delete()
    settle()
    assert waiting().get().what == "meeting_cancel"
    MeetingPerson.objects.create(meeting=meeting, user=user)
    settle()
    assert not waiting().exists() and told() == []
    assert (Invitee.objects.get().told_sequence, Invitee.objects.get().told_off) == (0, False)


def test_who_is_back_after_a_cancel_gets_a_higher_sequence_and_the_others_no_mail(told):
    meeting, user = one_person()
    other = UserFactory()
    MeetingPerson.objects.create(meeting=meeting, user=other)
    told()
    MeetingPerson.objects.filter(user=user).delete()
    to, what, method, event = only(told())
    assert (to, what, method, event["sequence"]) == (user.email, "meeting_cancel", "CANCEL", 0)
    MeetingPerson.objects.create(meeting=meeting, user=user)
    to, what, method, event = only(told())
    assert (to, what, method, event["sequence"]) == (user.email, "meeting_request", "REQUEST", 1)
    assert told() == []
    change(meeting, title="Otra")
    assert summary(told()) == [("meeting_update", "REQUEST", 2)] * 2


def test_a_mail_that_left_in_that_instant_is_followed_by_the_change(told, mailoutbox):
    meeting, _user = one_person()
    settle()
    in_the_hands_of_the_server(waiting().get())
    change(meeting, title="Otra")
    settle()
    assert waiting().get().what == "meeting_update" and waiting().get().dedupe_key.endswith(":1:REQUEST")


def test_what_failed_and_is_tried_later_does_not_follow_a_newer_mail(told, mailoutbox):
    """An entry was moved; that mail was refused for the time being, the next one left: the first would move the entry back."""
    meeting, _user = one_person()
    told()
    change(meeting, title="Vieja")
    settle()
    stale = waiting().get()
    in_the_hands_of_the_server(stale)
    change(meeting, title="Nueva")
    settle()
    Message.objects.filter(pk=stale.pk).update(
        sent_at=None, handed_at=None, attempts=1, last_error="2020-01-01T00:00:00Z refused"
    )
    for _round in range(3):
        outbox.deliver_due()
        outbox.deliver(stale.pk)
    assert [mail.subject.rpartition("· ")[2] for mail in mailoutbox[1:]] == ["Nueva"]
    stale.refresh_from_db()
    assert (stale.settled_as, stale.sent_at) == ("withdrawn", None)
    assert told() == []


def in_the_hands_of_the_server(message):
    now = timezone.now()
    Message.objects.filter(pk=message.pk).update(sent_at=now, handed_at=now, last_error=outbox.SENDING)


def test_what_is_being_sent_and_not_handed_over_is_taken_out_of_the_senders_hands(told, monkeypatch, mailoutbox):
    meeting, _user = one_person()
    settle()
    slow = mail_module.build

    def meanwhile(message):
        if message.what == "meeting_request" and not Message.objects.filter(settled_as="withdrawn").exists():
            change(meeting, title="Otra")
            settle()
        return slow(message)

    monkeypatch.setattr(mail_module, "build", meanwhile)
    assert not outbox.deliver(waiting().get().pk)
    assert mailoutbox == []
    assert summary(told()) == [("meeting_request", "REQUEST", 1)]


def test_the_order_of_what_was_told_does_not_hang_on_the_servers_clock(told):
    """The clock was an hour fast when the entry was moved: what was written then looks newer than what came after it."""
    meeting, user = one_person()
    told()
    change(meeting, title="Otra")
    told()
    MeetingPerson.objects.all().delete()
    assert summary(told()) == [("meeting_cancel", "CANCEL", 1)]
    Message.objects.filter(what="meeting_update").update(created_at=timezone.now() + datetime.timedelta(hours=1))
    MeetingPerson.objects.create(meeting=meeting, user=user)
    assert summary(told()) == [("meeting_request", "REQUEST", 2)]


def test_a_meeting_that_is_a_draft_again_leaves_the_calendars_and_says_why(told, mailoutbox):
    meeting, _user = one_person()
    told()
    change(meeting, state="draft")
    _to, what, method, event = only(told())
    assert (what, method, event["sequence"]) == ("meeting_cancel", "CANCEL", 1)
    assert "planned anew" in mailoutbox[-1].body and "no longer expected" not in mailoutbox[-1].body
    assert f"/live/{meeting.pk}/" not in mailoutbox[-1].body, "nobody but its hosts finds a draft"
    change(meeting, title="Otra", starts_at=meeting.starts_at + datetime.timedelta(days=2))
    assert told() == [], "drafts are nobody's entry"
    change(meeting, state="scheduled")
    assert summary(told()) == [("meeting_request", "REQUEST", 2)]


def test_who_is_taken_off_a_meeting_that_is_a_draft_again_is_not_promised_another_invitation(told, mailoutbox):
    meeting, _user = one_person()
    told()
    MeetingPerson.objects.all().delete()
    change(meeting, state="draft")
    told()
    assert "no longer expected" in mailoutbox[-1].body


def test_meetings_that_were_planned_before_calendars_are_not_told_to_everybody(told):
    """The first deploy: the migration marks them; what changes later is told to all, and who comes later is asked."""
    here = planned()
    _other, user = one_person()
    mark = importlib.import_module("sessions.migrations.0005_known_meetings").mark
    mark(apps, None)
    mark(apps, None)
    assert told() == []
    assert set(Invitee.objects.values_list("told_sequence", flat=True)) == {0}
    assert not Invitee.objects.filter(user=here.stranger).exists() and Invitee.objects.filter(user=user).count() == 1
    new = UserFactory()
    MeetingPerson.objects.create(meeting=here.meeting, user=new)
    assert [(to, what) for to, what, *_rest in told()] == [(new.email, "meeting_request")]
    change(here.meeting, title="Otra")
    assert [one[:2] for one in summary(told())] == [("meeting_update", "REQUEST")] * 4


def test_a_worker_that_was_dead_for_two_days_tells_only_what_holds_now(told):
    meeting, _user = one_person()
    over, off = one_person(title="Vorbei")[0], one_person(title="Abgesagt")[0]
    told()
    for days in (1, 2):
        change(meeting, starts_at=meeting.starts_at + datetime.timedelta(days=days))
    change(over, title="Vorbei 2")
    change(off, title="Abgesagt 2")
    schedule.cancel(off, "Sin luz")
    Meeting.objects.filter(pk=over.pk).update(starts_at=timezone.now() - datetime.timedelta(hours=3))
    assert summary(told()) == [("meeting_cancel", "CANCEL", 2), ("meeting_update", "REQUEST", 2)]
    assert told() == []
