"""What an attacker tries on meetings, calendars and messages: mail into the mailbox, made-up links, pages about candidates."""

import datetime
import mailbox as maildirs
import re
import time
from pathlib import Path

import pytest
from django.conf import settings as project
from django.core import signing
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone

from curriculum.models import Enrollment
from notifications import feed, mail, mailbox, outbox, tidying, unsubscribing
from notifications.models import Bounce, Message
from sessions import answers, replies, telling
from sessions.models import Invitee, MeetingPerson, PreparatoryMeeting
from tests.factories import EnrollmentFactory, UserFactory
from tests.notifications.people import message, two_cohorts
from tests.sessions.planning import planned, signed, text_of, url

pytestmark = pytest.mark.django_db
SECRET = "Zanahoria-7341"
EVERY_SECOND = (
    "BEGIN:VTIMEZONE\r\nTZID:Evil\r\nBEGIN:STANDARD\r\nDTSTART:00010101T000000\r\nTZOFFSETFROM:+0000\r\nTZOFFSETTO:+0100\r\n"
    "RRULE:FREQ=SECONDLY\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)


def reply(meeting, person, partstat="DECLINED", before="", **lines):
    lines = {"DTSTART": "DTSTART:20270305T210000Z", "DTSTAMP": f"DTSTAMP:{timezone.now():%Y%m%dT%H%M%SZ}"} | lines
    inside = "".join(f"{line}\r\n" for line in lines.values())
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nMETHOD:REPLY\r\n{before}BEGIN:VEVENT\r\nUID:{meeting.uid}@puente\r\n"
        f"SEQUENCE:{meeting.sequence}\r\n{inside}ATTENDEE;PARTSTAT={partstat}:mailto:{person.email}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )


# --- mail into the mailbox -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("begin", ["BEGIN:VTIMEZONE", "begin:vtimezone", "BEGIN;X=1:VTIMEZONE", "BEGIN:\r\n VTIMEZONE"])
def test_a_time_zone_that_changes_every_second_is_not_worked_out(begin):
    """icalendar works rules out while it reads; this one took a worker's processor for ever."""
    here = planned()
    text = reply(
        here.meeting,
        here.trainee,
        before=EVERY_SECOND.replace("BEGIN:VTIMEZONE", begin),
        DTSTART="DTSTART;TZID=Evil:20270305T210000",
    )
    assert "RRULE" not in replies._what_is_read(text)
    assert "Evil" not in replies._what_is_read(text)  # or what follows would hang the test
    assert replies.take(here.trainee.email, text)
    assert Invitee.objects.get(meeting=here.meeting, user=here.trainee).answer == "no"


def test_a_mail_of_boxes_in_boxes_is_left_alone_at_once():
    boxes = "".join(f"Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n" for depth in range(700))
    lines = "--\n" * 300_000
    raw = f"Subject: x\n{boxes}Content-Type: text/plain\n\n{lines}".encode()[: 2**20]
    began = time.monotonic()
    assert not mailbox.take(raw)
    assert time.monotonic() - began < 2


def test_rubbish_does_not_keep_what_comes_after_it_from_being_read(tmp_path, settings, monkeypatch):
    settings.INBOX_URL = f"maildir://{tmp_path}/box"
    monkeypatch.setattr(mailbox, "MOST_AT_ONCE", 10)
    monkeypatch.setattr(mailbox, "MOST_REMEMBERED", 20)
    box = maildirs.Maildir(tmp_path / "box", create=True)
    for number in range(60):
        box.add(f"Subject: {number}\n\nbuy\n")
    for _round in range(8):
        mailbox.read()
    told = outbox.enqueue("personal", UserFactory(), "p", {"text": "Hola"})
    time.sleep(1.1)  # names of a maildir begin with the second
    box.add(
        "Content-Type: multipart/report; report-type=delivery-status; boundary=B\n\n--B\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; x\n\nAction: failed\nStatus: 5.1.1\n\n--B\nContent-Type: text/rfc822-headers\n\n"
        f"Message-ID: {mail.message_id(told.pk)}\n\n--B--\n"
    )
    assert mailbox.read() == 1
    assert Bounce.objects.get().to == told.to
    cache.clear()


def test_one_report_writes_a_bounded_number_of_rows():
    told = outbox.enqueue("personal", UserFactory(), "p", {"text": "Hola"})
    blocks = "".join(f"Action: failed\nStatus: 5.1.{number}\n\n" for number in range(900))
    raw = (
        "Content-Type: multipart/report; boundary=B\n\n--B\nContent-Type: text/rfc822-headers\n\n"
        f"Message-ID: {mail.message_id(told.pk)}\n\n--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n{blocks}--B--\n"
    )
    assert mailbox.take(raw.encode())
    assert 0 < Bounce.objects.count() <= mailbox.MOST_PARTS


@pytest.mark.parametrize("change", ["other number", "no signature", "other site's"])
def test_nobody_stops_mail_to_somebody_else_with_a_made_up_report(change):
    mine, theirs = (outbox.enqueue("personal", UserFactory(), f"p{number}", {"text": "Hola"}) for number in range(2))
    identifier = mail.message_id(mine.pk)
    identifier = {
        "other number": identifier.replace(f"<{mine.pk}.", f"<{theirs.pk}."), "no signature": f"<{theirs.pk}@localhost>",
        "other site's": f"<{theirs.pk}.{'0' * 32}@localhost>",
    }[change]  # fmt: skip
    raw = (
        "Content-Type: multipart/report; boundary=B\n\n--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
        f"Final-Recipient: rfc822; {theirs.to}\nAction: failed\nStatus: 5.1.1\n\n--B\nContent-Type: text/rfc822-headers\n\n"
        f"Message-ID: {identifier}\n\n--B--\n"
    )
    assert not mailbox.take(raw.encode())
    assert not Bounce.objects.exists()


@pytest.mark.parametrize(
    ("results", "believed"),
    [
        ("mx.here; spf=pass smtp.mailfrom=x; dmarc=pass header.from=x", True),
        ("mx.here 1;\n dkim=pass (good) header.d=x;\n DMARC=pass (p=none) header.from=x", True),
        ("mx.here; dmarc=fail header.from=x", False),
        ("mx.here; dmarc=none; dkim=pass header.d=evil", False),
        ("mx.here; dkim=fail reason=dmarc=pass", False),
        ("mx.here (dmarc=pass; dmarc=pass); none", False),
        ("evil.example; dmarc=pass", False),
        ("mx.here; dmarc=fail\nAuthentication-Results: mx.here; dmarc=pass", False),  # the second one came with the mail
        ("mx.here; dmarc=pass\nFrom: x@example.org", False),
        ("", False),
    ],
)
def test_answers_count_only_where_the_own_server_vouches_for_the_sender(results, believed, settings):
    here = planned()
    header = f"Authentication-Results: {results}\n" if results else ""
    raw = f"{header}From: {here.trainee.email}\nContent-Type: text/calendar; method=REPLY\n\n{reply(here.meeting, here.trainee)}".encode()
    settings.INBOX_AUTHSERV_ID = "mx.here"
    assert mailbox.take(raw) == believed
    assert Invitee.objects.filter(user=here.trainee, answer="no").exists() == believed


# --- links -----------------------------------------------------------------------------------------------------------


def test_a_signed_link_opens_its_own_door_alone():
    here = planned()
    answer, stop = answers.token_for(here.meeting, here.trainee), unsubscribing.token_for(here.trainee, "meetings")
    forged = signing.Signer(salt="answer", key="another site").sign_object([here.meeting.uid.hex, here.trainee.pk])
    for token in (stop, forged, answer[:-1], answer + "A", "x", "ä", "%00", answer.swapcase(), "a" * 5000):
        assert Client().get(url("answer_by_link", token)).status_code == 404, token
    for token in (answer, stop[:-2], "x", "%00"):
        assert Client().post(reverse("notifications:unsubscribe", args=[token])).status_code == 404, token
    assert Client(enforce_csrf_checks=True).post(url("answer_by_link", answer), {"answer": "no"}).status_code == 403
    assert Client().get(url("answer_by_link", answer)).status_code == 200


@pytest.mark.parametrize("left", ["removed", "withdrawn", "transferred", "closed account", "draft again"])
def test_links_and_calendars_end_with_belonging(left):
    here = planned()
    token, calendar = answers.token_for(here.meeting, here.trainee), feed.make(here.trainee)
    enrollment = here.trainee.enrollments.get()
    if left == "removed":
        MeetingPerson.objects.create(meeting=here.meeting, user=here.trainee, part="removed")
    elif left == "closed account":
        here.trainee.is_active = False
        here.trainee.save()
    elif left == "draft again":
        here.meeting.state = "draft"
        here.meeting.save()
    else:
        Enrollment.objects.filter(pk=enrollment.pk).update(status=left)
    page = Client().post(url("answer_by_link", token), {"answer": "yes"})
    assert page.status_code == 410
    assert here.meeting.title not in page.content.decode()
    assert not Invitee.objects.filter(user=here.trainee, answer="yes").exists()
    read = Client().get(reverse("ics:feed", args=[calendar]))
    assert read.status_code == (404 if left == "closed account" else 200)
    assert str(here.meeting.uid) not in read.content.decode()


def test_no_line_of_the_front_server_holds_an_address_that_is_a_key():
    text = (Path(project.BASE_DIR) / "deploy/nginx.conf.template").read_text()
    silent = [re.compile(found) for found in re.findall(r"location ~ (\S+) \{\s+access_log off;", text)]
    here = planned()
    keys = [
        reverse("ics:feed", args=["t" * 43]), url("answer_by_link", answers.token_for(here.meeting, here.trainee)),
        reverse("notifications:unsubscribe", args=[unsubscribing.token_for(here.trainee, "meetings")]),
        reverse("curriculum:invitation", args=["t"]),
    ]  # fmt: skip
    assert not [path for path in keys if not any(rule.search(path) for rule in silent)]
    assert not any(rule.search(url("meetings")) for rule in silent)


# --- about candidates ------------------------------------------------------------------------------------------------


def about_candidates():
    here = planned()
    meeting = PreparatoryMeeting.objects.create(
        cohort=here.cohort, title=SECRET, about=SECRET, starts_at=timezone.now() + datetime.timedelta(days=2), state="scheduled"
    )
    candidate = EnrollmentFactory(cohort=here.cohort, status=Enrollment.Status.CANDIDATE, enrolled_at=None)
    meeting.criteria.create(text=SECRET, order=1)
    meeting.decisions.create(enrollment=candidate, decision="not_selected", reason=SECRET, by=here.lead)
    other = planned()
    return here, meeting, candidate, {
        "candidate": candidate.user, "trainee": here.trainee, "evaluator": here.evaluator, "stranger": here.stranger,
        "another trainer": other.trainer, "another lead": other.lead,
    }  # fmt: skip


def addresses_of(meeting):
    """Every page and file of the live part that takes the number of a meeting and nothing else."""
    names = {name for name in get_resolver().namespace_dict["live"][1].reverse_dict if isinstance(name, str)}
    for name in sorted(names):
        try:
            yield url(name, meeting.pk)
        except NoReverseMatch:  # it takes something else
            continue


def test_nobody_but_those_who_run_it_sees_a_meeting_about_candidates():
    _here, meeting, candidate, people = about_candidates()
    telling.bring_up_to_date(meeting.pk)
    paths = [path for path in addresses_of(meeting) if f"/cohorts/{meeting.pk}/" not in path and "/groups/" not in path]
    assert len(paths) > 30
    paths += [
        url("candidate", meeting.pk, candidate.pk), url("meetings"), url("calendar_page"), reverse("notifications:notices"),
        reverse("search") + f"?q={SECRET.lower()}",
    ]  # fmt: skip
    for who, user in people.items():
        client, seen = signed(user), []
        for path in paths:
            answer = client.get(path)
            body = answer.getvalue().decode("utf-8", "replace")
            if (str(meeting.pk) in path and answer.status_code not in (403, 404, 405)) or SECRET in body:
                seen.append((path, answer.status_code))
        assert not seen, who
        assert SECRET not in feed.written_for(user)
        assert not Message.objects.filter(user=user, dedupe_key__contains=f":{meeting.pk}:").exists()


def test_a_candidate_is_not_named_for_the_meeting_about_candidates():
    here, meeting, candidate, _people = about_candidates()
    page = signed(here.lead).post(url("people", meeting.pk), {"email": candidate.user.email, "part": "guest"})
    assert "candidate" in text_of(page, 422)
    assert not MeetingPerson.objects.filter(meeting=meeting, user=candidate.user).exists()


def test_only_trainers_and_leads_run_a_meeting_about_candidates():
    here, meeting, _candidate, _people = about_candidates()
    lead = signed(here.lead)
    for person, status in ((here.stranger, 422), (here.trainee, 422), (here.trainer, 302)):
        assert lead.post(url("people", meeting.pk), {"email": person.email, "part": "host"}).status_code == status
    assert set(MeetingPerson.objects.filter(meeting=meeting, part="host").values_list("user", flat=True)) == {here.trainer.pk}
    assert lead.post(url("people", meeting.pk), {"email": here.stranger.email, "part": "guest"}).status_code == 302


# --- the message centre ----------------------------------------------------------------------------------------------


def test_an_anonymous_reminder_stays_hidden_when_its_words_are_gone():
    """The log of old messages is emptied of what they said, and with it of the promise that hides them."""
    here = two_cohorts()
    told = message(here.trainee.user, "wave-nudge:1:2", "wave_nudge", context={"promise": "anonymous"})
    seen = message(here.trainee.user, "wave-nudge:2:2", "wave_nudge", context={"promise": "identified"})
    assert list(Message.objects.accessible_to(here.lead.user)) == [seen]
    Message.objects.update(created_at=timezone.now() - tidying.WORDS_KEPT - datetime.timedelta(days=1))
    assert tidying.tidy()[0] == 2
    assert told not in Message.objects.accessible_to(here.lead.user)


@pytest.mark.parametrize("breaking", ["\r\n", "\n", "\r", "\u2028", "\x85", "\v"])
def test_a_title_writes_no_line_of_its_own_in_mail_or_calendar(breaking):
    here = planned(title=f"Sesión{breaking}Bcc: evil@example.org{breaking}BEGIN:VALARM")
    here.trainee.full_name = f'Ana";X=1:{breaking}ATTENDEE:mailto:evil@example.org'
    here.trainee.save()
    telling.bring_up_to_date(here.meeting.pk)
    row = Message.objects.get(user=here.trainee, what="meeting_request")
    letter = mail.build(row)
    assert "\n" not in letter.subject
    assert letter.message().get_all("Bcc") is None
    lines = row.calendar.replace("\r\n ", "").split("\r\n")
    assert not [line for line in lines if line.startswith(("Bcc", "ATTENDEE:"))]
    assert sum(line == "BEGIN:VALARM" for line in lines) == 1
    assert sum(line.startswith("ATTENDEE") for line in lines) == 1
    others = {row.to for row in Message.objects.exclude(user=here.trainee)}
    assert not [one for one in others if one in row.calendar]
