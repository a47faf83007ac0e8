"""The calendar at a secret address: who reads it, what they get, and the page on which the address is made and ended."""

import datetime
import hashlib

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from notifications import calendar, feed
from notifications.models import FeedToken
from notifications.views.feed import COOKIE, READS
from sessions.models import MeetingPerson
from tests.factories import EnrollmentFactory, UserFactory
from tests.node import second_reader
from tests.sessions.planning import planned, signed
from tests.sessions.rooms import meeting_of

pytestmark = pytest.mark.django_db


def page():
    with translation.override("en"):
        return reverse("notifications:calendar_address")


def path(token):
    return f"/ics/{token}.ics"


def read(token, status=200, client=None, **headers):
    response = (client or Client()).get(path(token), headers=headers)
    assert response.status_code == status, response.content
    return response


def events_of(token):
    return second_reader.read([read(token).content.decode()])[0]["events"]


# --- reading ---------------------------------------------------------------------------------------------------------


def test_the_feed_holds_where_one_is_expected_and_nothing_else():
    here = planned(title="Sesión 1")
    MeetingPerson.objects.create(meeting=(asked := meeting_of(state="scheduled", title="Reunión")), user=here.trainee)
    MeetingPerson.objects.create(meeting=meeting_of(here.cohort, state="scheduled"), user=here.trainee, part="removed")
    meeting_of(here.cohort, state="draft")
    meeting_of(state="scheduled", title="De otros")
    found = events_of(feed.make(here.trainee))
    assert {one["uid"] for one in found} == {calendar.uid_for(here.meeting.uid), calendar.uid_for(asked.uid)}
    assert {one["summary"] for one in found} == {"Sesión 1", "Reunión"}
    assert events_of(feed.make(here.evaluator)) == [] and events_of(feed.make(here.stranger)) == []


def test_it_goes_from_ninety_days_back_to_four_hundred_ahead():
    here, now = planned(), timezone.now()
    for days in (-91, -89, 399, 401):
        meeting_of(
            here.cohort,
            state="ended" if days < 0 else "scheduled",
            title=str(days),
            starts_at=now + datetime.timedelta(days=days),
        )
    assert {one["summary"] for one in events_of(feed.make(here.trainee))} == {"Session 1", "-89", "399"}


def test_what_was_called_off_stays_thirty_days_as_cancelled():
    here, now = planned(), timezone.now()
    fields = {"state": "cancelled", "starts_at": now + datetime.timedelta(days=50)}
    meeting_of(here.cohort, title="lately", changed_at=now - datetime.timedelta(days=29), **fields)
    meeting_of(here.cohort, title="long ago", changed_at=now - datetime.timedelta(days=31), **fields)
    found = {one["summary"]: one["status"] for one in events_of(feed.make(here.trainee))}
    assert found == {"Session 1": "CONFIRMED", "Cancelada: lately": "CANCELLED"} or found == {
        "Session 1": "CONFIRMED", "Called off: lately": "CANCELLED"
    }  # fmt: skip


def test_it_needs_no_session_and_leaves_none():
    here = planned()
    response = read(feed.make(here.trainee))
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Cache-Control"].startswith("private") and not response.cookies
    assert "noindex" in response["X-Robots-Tag"]


def test_it_speaks_the_language_of_its_owner_whoever_asks():
    here = planned(preparation="Traer un caso")
    here.trainee.language = "en"
    here.trainee.save()
    assert "How to prepare" in read(feed.make(here.trainee), **{"accept-language": "pt-br"}).content.decode()


def test_unknown_ended_and_closed_are_the_same_404_in_plain_words():
    here = planned()
    old = feed.make(here.trainee)
    new = feed.make(here.trainee)
    answers = [
        read(token, 404, **{"accept-language": "en"}) for token in (old, "x", new[:-1], "%00", "a" * 5000) if token != "%00"
    ]
    assert len({one.content for one in answers}) == 1 and "no calendar" in answers[0].content.decode()
    assert answers[0]["Content-Type"].startswith("text/plain")
    read(new)
    here.trainee.is_active = False
    here.trainee.save()
    read(new, 404)
    assert Client().get(path("a\x00b")).status_code == 400
    assert Client().post(path(new)).status_code == 405


def test_only_a_hash_is_stored():
    user = UserFactory()
    token = feed.make(user)
    row = FeedToken.objects.get()
    assert row.token_hash == hashlib.sha256(token.encode()).hexdigest() and len(token) >= 43


def test_a_program_that_has_it_already_gets_304_until_something_changes():
    here = planned()
    token = feed.make(here.trainee)
    first = read(token)
    same = read(token, 304, **{"if-none-match": first["ETag"]})
    assert same.content == b"" and same["ETag"] == first["ETag"]
    read(token, 304, **{"if-none-match": f"W/{first['ETag']}"})
    read(token, 304, **{"if-modified-since": first["Last-Modified"]})
    MeetingPerson.objects.create(meeting=here.meeting, user=here.trainee, part="removed")
    second = read(token, 200, **{"if-none-match": first["ETag"]})
    assert second["ETag"] != first["ETag"] and "VEVENT" not in second.content.decode()


def test_an_edit_moves_the_entry_under_its_uid():
    here = planned(time_zone="America/Santiago")
    token = feed.make(here.trainee)
    (before,) = events_of(token)
    here.meeting.starts_at += datetime.timedelta(days=3, hours=2)
    here.meeting.sequence = 1
    here.meeting.save()
    (after,) = events_of(token)
    assert before["uid"] == after["uid"] and before["starts"] != after["starts"]
    assert (before["sequence"], after["sequence"]) == (0, 1) and after["tzid"] == "America/Santiago"
    assert after["starts"] == f"{here.meeting.starts_at:%Y-%m-%dT%H:%M:%SZ}"


def failing(user, since, until):
    raise RuntimeError("down")


def test_a_provider_that_fails_empties_nobodys_calendar(settings):
    here = planned()
    token = feed.make(here.trainee)
    settings.CALENDAR_ENTRIES = [*settings.CALENDAR_ENTRIES, f"{__name__}.failing"]
    response = read(token, 503, **{"accept-language": "en"})
    assert response["Retry-After"] and "Keep the copy" in response.content.decode() and "BEGIN" not in response.content.decode()


def test_too_many_reads_are_429_and_others_go_on():
    one, other = feed.make(UserFactory()), feed.make(UserFactory())
    for _time in range(READS):
        read(one)
    assert read(one, 429)["Retry-After"] == "600"
    read(other)
    cache.clear()
    read(one)


def test_the_last_reading_is_noted_to_the_hour():
    token = feed.make(UserFactory())
    read(token)
    first = FeedToken.objects.get().read_at
    assert first
    read(token)
    assert FeedToken.objects.get().read_at == first
    FeedToken.objects.update(read_at=first - datetime.timedelta(minutes=61))
    read(token)
    assert FeedToken.objects.get().read_at >= first


def test_queries_do_not_grow_with_the_meetings():
    here, counted = planned(), []
    token = feed.make(here.trainee)
    for number in (0, 25):
        for hours in range(number):
            meeting_of(here.cohort, state="scheduled", starts_at=timezone.now() + datetime.timedelta(hours=hours))
            EnrollmentFactory(cohort=here.cohort, user__time_zone="America/Bogota")
        read(token)
        with CaptureQueriesContext(connection) as found:
            read(token)
        counted.append(len(found))
    assert counted[0] == counted[1] <= 10


# --- the page --------------------------------------------------------------------------------------------------------


def test_an_address_is_made_shown_once_and_works():
    here = planned()
    client = signed(here.trainee)
    assert "You have no calendar address" in client.get(page()).content.decode()
    response = client.post(page(), {"do": "make"})
    assert response.status_code == 302 and response["Location"] == page()
    cookie = response.cookies[COOKIE]
    assert cookie["httponly"] and cookie["samesite"] == "Strict" and cookie["path"] == page()
    shown = client.get(page()).content.decode()
    assert f"http://testserver{path(cookie.value)}" in shown and f"webcal://testserver{path(cookie.value)}" in shown
    assert cookie.value not in client.get(page()).content.decode()
    read(cookie.value)
    assert "Not yet" not in client.get(page()).content.decode()


def test_a_new_one_ends_the_old_one_and_withdrawing_ends_all():
    user = UserFactory()
    client = signed(user)
    first = client.post(page(), {"do": "make"}).cookies[COOKIE].value
    second = client.post(page(), {"do": "make"}).cookies[COOKIE].value
    read(first, 404)
    read(second)
    assert client.post(page(), {"do": "revoke"}).status_code == 302
    read(second, 404)
    assert "You have no calendar address" in client.get(page()).content.decode()


def test_a_cookie_with_anything_else_is_not_shown():
    user, other = UserFactory(), UserFactory()
    feed.make(user)
    client = signed(user)
    client.cookies[COOKIE] = strangers = feed.make(other)
    assert strangers not in client.get(page()).content.decode()


@pytest.mark.parametrize("do", [None, "", "x", "make\x00"])
def test_other_posts_are_422(do):
    response = signed(UserFactory()).post(page(), {} if do is None else {"do": do})
    assert response.status_code == 422 and "Choose what to do" in response.content.decode()
    assert not FeedToken.objects.exists()


def test_the_page_is_for_people_who_signed_in():
    response = Client().get(page())
    assert response.status_code == 302 and "login" in response["Location"]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_people_with_one_account_make_one_address(in_parallel):
    user = UserFactory()
    tokens = in_parallel(lambda number: feed.make(user))
    assert not [one for one in tokens if isinstance(one, Exception)]
    assert FeedToken.objects.filter(user=user, revoked_at=None).count() == 1
    assert sum(feed.found(token) is not None for token in tokens) == 1
