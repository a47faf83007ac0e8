"""Domains with letters beyond ASCII, as registries give them out in Brazil and Spain."""

import time

import pytest
from icalendar import Calendar

from notifications import addresses, mail
from notifications.models import Message
from sessions import telling
from tests.sessions.answering import stands
from tests.sessions.planning import planned
from tests.sessions.test_replies import reply, take

LETTERS, ASCII = "Ana@saúde.example", "Ana@xn--sade-rra.example"


def test_both_forms_are_one_address():
    assert addresses.in_ascii(LETTERS) == ASCII
    assert addresses.forms_of(LETTERS) == addresses.forms_of(ASCII) == {LETTERS.lower(), ASCII.lower()}


@pytest.mark.parametrize("odd", ["plain@example.org", "", "nobody", "a@b@xn--zz-\ufffe", "x@" + "ñ" * 80 + ".example"])
def test_what_has_one_form_stays_as_it_is(odd):
    assert addresses.in_ascii(odd) == odd and odd.lower() in addresses.forms_of(odd)


def test_an_address_without_end_is_not_worked_out():
    """It comes from whoever writes to the mailbox, up to a megabyte of it."""
    began = time.monotonic()
    for odd in ("x@xn--" + "a" * 900_000, "x@" + "é" * 900_000, "x@" + "é." * 400_000):
        assert addresses.forms_of(odd) == {odd}
    assert time.monotonic() - began < 1


@pytest.mark.django_db
@pytest.mark.parametrize("registered", [LETTERS.lower(), ASCII.lower()])
@pytest.mark.parametrize("said", [LETTERS, ASCII])
def test_an_answer_from_such_an_address_is_its_owners(registered, said):
    here = planned()
    here.trainee.email = registered
    here.trainee.save()
    text = reply(here.meeting, here.trainee, ATTENDEE=f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{said}")
    assert not take("ana@other.example", text)
    assert take(ASCII, text)
    assert stands(here.meeting, here.trainee)[0] == "yes"


@pytest.mark.django_db
def test_the_entry_names_its_reader_as_the_mail_does():
    here = planned()
    here.trainee.email = LETTERS.lower()
    here.trainee.save()
    telling.bring_up_to_date(here.meeting.pk)
    message = Message.objects.get(what="meeting_request", user=here.trainee)
    [event] = Calendar.from_ical(message.calendar).walk("VEVENT")
    assert event["ATTENDEE"] == f"mailto:{ASCII.lower()}"
    assert mail.build(message).message()["To"] == ASCII.lower()
