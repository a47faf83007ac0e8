"""What a person is told: all choices saved at once, telephones confirmed by a code."""

import datetime
import re
from unittest import mock

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone, translation

from notifications import choices, numbers, texts
from notifications.kinds import BY_KEY
from notifications.models import Habit, Preference, TextNumber
from tests.factories import UserFactory
from tests.notifications.people import person, signed_in

pytestmark = pytest.mark.django_db
HOURS = {"quiet_from": "22:00", "quiet_until": "06:30", "digest": "weekly"}
SMS = {"sms": "tests.notifications.test_choices.Pocket"}


class Pocket(texts.Channel):
    """Keeps what was sent; stands for a provider at the edge of the programme."""

    name = "sms"
    sent = []

    def send(self, number, text, reference):
        self.sent.append((number, text))
        return "1"


@pytest.fixture(autouse=True)
def _english():
    Pocket.sent.clear()
    with translation.override("en"):
        yield


@pytest.fixture
def with_sms():
    with override_settings(TEXT_CHANNELS=SMS):
        yield


def url(name="choices"):
    return reverse(f"notifications:{name}")


def add_number(me, django_capture_on_commit_callbacks, number="+52 (55) 1234-5678"):
    with django_capture_on_commit_callbacks(execute=True):
        return me.client.post(url("number_add"), {"new-channel": "sms", "new-number": number})


def sent_code():
    return re.search(r"\b\d{6}\b", Pocket.sent[-1][1])[0]


# --- the page --------------------------------------------------------------------------------------------------------------
def test_visitors_sign_in_first():
    assert Client().get(url()).status_code == 302


def test_the_page_names_every_kind_the_city_and_what_is_always_on():
    text = person(time_zone="America/Bogota").client.get(url()).content.decode()
    for kind in BY_KEY.values():
        assert str(kind.name) in text
    assert "Bogotá" in text
    assert 'name="mail_meetings"' in text
    assert 'name="mail_account"' not in text
    assert "always on" in text


def test_without_a_channel_there_is_no_telephone():
    assert 'id="telephone"' not in person().client.get(url()).content.decode()


def test_everything_is_saved_in_one_post():
    me = person()
    response = me.client.post(url(), {**HOURS, "mail_summaries": "on", "mail_reminder_soon": "on"})
    assert response.status_code == 302
    standing = {choice.kind.key: choice.mail for choice in choices.choices_of(me.user)}
    assert {key for key, on in standing.items() if on and not BY_KEY[key].must} == {"summaries", "reminder_soon"}
    assert standing["account"]
    habit = Habit.objects.get(user=me.user)
    assert (habit.quiet_from, habit.quiet_until, habit.digest) == (datetime.time(22), datetime.time(6, 30), "weekly")
    again = me.client.get(url()).content.decode()
    assert 'value="22:00"' in again


def test_kinds_that_must_be_told_cannot_be_turned_off():
    me = person()
    me.client.post(url(), {**HOURS, "mail_account": ""})
    assert not Preference.objects.filter(user=me.user, kind__in=[kind.key for kind in choices.MUST_KINDS]).exists()
    with pytest.raises(ValueError, match="selection"):
        choices.turn_mail(me.user, "selection", on=False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"quiet_from": "25:99"},
        {"quiet_until": ""},
        {"digest": "hourly"},
        {"quiet_from": "21\x00"},
        {"digest": ["off", "x" * 9999]},
    ],
)
def test_bad_input_is_said_and_what_was_typed_is_kept(wrong):
    me = person()
    response = me.client.post(url(), {**HOURS, "mail_grading": "on", **wrong})
    assert response.status_code == 422
    text = response.content.decode()
    assert "There is a problem" in text
    assert re.search(r'name="mail_grading"[^>]*checked', text)
    assert not re.search(r'name="mail_meetings"[^>]*checked', text)
    assert not Preference.objects.exists()


def test_a_bare_post_turns_nothing_off():
    me = person()
    assert me.client.post(url()).status_code == 422
    assert not Preference.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_saves_at_once_leave_one_row_each(in_parallel):
    user = UserFactory()
    clients = [signed_in(user) for _ in range(10)]
    found = in_parallel(
        lambda n: clients[n].post(url(), {**HOURS, "quiet_from": f"2{n % 4}:00", "mail_grading": "on"}).status_code
    )
    assert found == [302] * 10
    assert Preference.objects.filter(user=user).count() == len(choices.OPEN_KINDS)
    assert Habit.objects.filter(user=user).count() == 1


def test_the_page_takes_few_queries(with_sms, django_assert_max_num_queries):
    me = person()
    me.client.post(url(), {**HOURS, "mail_grading": "on"})
    me.client.get(url())
    with django_assert_max_num_queries(7):
        me.client.get(url())


def test_the_account_page_leads_here():
    assert url() in person().client.get(reverse("account")).content.decode()


# --- telephones --------------------------------------------------------------------------------------------------------------
def test_a_number_is_confirmed_by_the_code_that_was_sent(with_sms, django_capture_on_commit_callbacks):
    me = person(language="en")
    assert "carrier may charge" in me.client.get(url()).content.decode()
    assert add_number(me, django_capture_on_commit_callbacks).status_code == 302
    assert Pocket.sent[-1][0] == "+525512345678"
    row = TextNumber.objects.get(user=me.user)
    assert row.confirmed_at is None
    assert sent_code() not in row.code_hash
    page = me.client.get(url()).content.decode()
    assert "525512345678" not in page
    assert 'name="text_reminder_day"' not in page
    assert me.client.post(url("number_confirm"), {"channel": "sms", "code-code": f" {sent_code()} "}).status_code == 302
    row.refresh_from_db()
    assert row.confirmed_at
    assert 'name="text_reminder_day"' in me.client.get(url()).content.decode()


def test_texts_are_chosen_per_kind_only_where_they_may_be(with_sms):
    me = person()
    me.client.post(url(), {**HOURS, "text_reminder_day": "on"})
    assert not Preference.objects.get(user=me.user, kind="reminder_day").text  # no confirmed number: not offered
    TextNumber.objects.create(user=me.user, channel="sms", number="+525512345678", confirmed_at=timezone.now())
    me.client.post(url(), {**HOURS, "text_reminder_day": "on", "text_meetings": "on"})
    assert set(Preference.objects.filter(user=me.user, text=True).values_list("kind", flat=True)) == {"reminder_day"}


def test_texts_stay_chosen_while_the_page_does_not_offer_them(with_sms):
    me = person()
    Preference.objects.create(user=me.user, kind="duties", mail=True, text=True)
    me.client.post(url(), HOURS)
    assert Preference.objects.get(user=me.user, kind="duties").text


@pytest.mark.parametrize(
    "number", ["", "5512345678", "+0123456789", "+52 55", "call me", "+" + "1" * 39, "+٥٢٥٥١٢٣٤٥٦٧٨", "+52\x00551234567"]
)
def test_what_is_no_number_is_said(with_sms, django_capture_on_commit_callbacks, number):
    response = add_number(person(), django_capture_on_commit_callbacks, number)
    assert response.status_code == 422
    assert not TextNumber.objects.exists()


def test_five_tries_and_no_more(with_sms, django_capture_on_commit_callbacks):
    me = person()
    add_number(me, django_capture_on_commit_callbacks)
    wrong = f"{(int(sent_code()) + 1) % 1_000_000:06d}"
    for _ in range(numbers.MAX_TRIES):
        assert me.client.post(url("number_confirm"), {"channel": "sms", "code-code": wrong}).status_code == 422
    response = me.client.post(url("number_confirm"), {"channel": "sms", "code-code": sent_code()})
    assert response.status_code == 422
    assert "Have a new one sent" in response.content.decode()
    assert TextNumber.objects.get().confirmed_at is None


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_parallel_guesses_share_the_five_tries(with_sms, in_parallel):
    user = UserFactory()
    row = numbers.add(user, "sms", "+525512345678")
    right = int(numbers.code_of(row.pk, row.code_hash))
    in_parallel(lambda n: numbers.confirm(user, "sms", f"{(right + 1 + n) % 1_000_000:06d}"))
    row.refresh_from_db()
    assert (row.tries, row.confirmed_at) == (5, None)


def test_a_code_is_good_for_fifteen_minutes(with_sms, django_capture_on_commit_callbacks):
    me = person()
    add_number(me, django_capture_on_commit_callbacks)
    TextNumber.objects.update(code_until=timezone.now() - datetime.timedelta(seconds=1))
    assert me.client.post(url("number_confirm"), {"channel": "sms", "code-code": sent_code()}).status_code == 422


def test_three_codes_an_hour_per_person_and_per_number(with_sms, django_capture_on_commit_callbacks):
    with mock.patch("django.utils.timezone.now", return_value=timezone.now().replace(minute=1)):
        me = person()
        for _ in range(numbers.CODES_AN_HOUR):
            assert add_number(me, django_capture_on_commit_callbacks).status_code == 302
        assert add_number(me, django_capture_on_commit_callbacks, "+5255000000").status_code == 422
        assert add_number(person(), django_capture_on_commit_callbacks).status_code == 422
    assert len(Pocket.sent) == numbers.CODES_AN_HOUR


def test_another_number_needs_another_code(with_sms, django_capture_on_commit_callbacks):
    me = person()
    add_number(me, django_capture_on_commit_callbacks)
    me.client.post(url("number_confirm"), {"channel": "sms", "code-code": sent_code()})
    old = sent_code()
    add_number(me, django_capture_on_commit_callbacks, "+525599999999")
    row = TextNumber.objects.get(user=me.user)
    assert (row.number, row.confirmed_at) == ("+525599999999", None)
    if sent_code() != old:
        assert me.client.post(url("number_confirm"), {"channel": "sms", "code-code": old}).status_code == 422


def test_one_does_not_touch_the_number_of_another(with_sms, django_capture_on_commit_callbacks):
    me, stranger = person(), person()
    add_number(me, django_capture_on_commit_callbacks)
    assert stranger.client.post(url("number_confirm"), {"channel": "sms", "code-code": sent_code()}).status_code == 422
    stranger.client.post(url("number_remove"), {"channel": "sms"})
    assert TextNumber.objects.get(user=me.user).confirmed_at is None


def test_a_number_is_removed(with_sms):
    me = person()
    TextNumber.objects.create(user=me.user, channel="sms", number="+525512345678", confirmed_at=timezone.now())
    assert me.client.post(url("number_remove"), {"channel": "sms"}).status_code == 302
    assert not TextNumber.objects.exists()


@pytest.mark.parametrize("name", ["number_confirm", "number_remove"])
def test_a_channel_that_does_not_exist_is_refused(with_sms, name):
    assert person().client.post(url(name), {"channel": "pigeon", "code-code": "123456"}).status_code == 400


def test_a_channel_that_is_not_set_up_takes_no_number(django_capture_on_commit_callbacks):
    assert add_number(person(), django_capture_on_commit_callbacks).status_code == 422
    assert not TextNumber.objects.exists()
