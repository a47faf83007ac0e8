"""Who is written to: choices, bounces, lines on the site, telephones, many at once, and what is taken back."""

import datetime

import pytest
from django.utils import timezone

from notifications import outbox, texts
from notifications.models import Bounce, Habit, Message, Notice, Preference, TextNumber
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
URL = "http://testserver/es/meetings/1/"
SENT = []


class Provider(texts.Channel):
    name = "sms"

    def send(self, number, text, reference):
        if number.endswith("000"):
            raise texts.Refused("no such number")
        if number.endswith("111"):
            raise TimeoutError("slow")
        SENT.append((number, text, reference))
        return "id"


@pytest.fixture
def telephone(settings):
    settings.TEXT_CHANNELS = {"sms": f"{__name__}.Provider"}
    SENT.clear()

    def confirmed(user, number="+5215512345678"):
        Preference.objects.create(user=user, kind="reminder_day", mail=True, text=True)
        return TextNumber.objects.create(user=user, channel="sms", number=number, confirmed_at=timezone.now())

    return confirmed


def remind(user, key="r", **more):
    context = {"title": "Reunión", "url": URL, "secret_token": "abc", "day_on": "2027-03-05", "clock": "18:00", "zone": "UTC"}
    return outbox.enqueue("reminder_day", user, key, context, **more)


def off(user, kind="reminder_day"):
    return Preference.objects.create(user=user, kind=kind, mail=False)


# --- wanted or not -----------------------------------------------------------------------------------------------------------
def test_what_is_turned_off_is_written_and_does_not_leave(mailoutbox):
    user = UserFactory()
    off(user)
    message = remind(user)
    assert message.settled_as == "unwanted" and message.context["secret_token"] == ""
    assert not outbox.deliver(message.pk) and outbox.deliver_due() == 0 and mailoutbox == []
    assert remind(user) is None, "the key holds"
    assert Notice.objects.filter(user=user).exists(), "the line on the site stays"


def test_what_must_be_told_cannot_be_turned_off(mailoutbox):
    user = UserFactory()
    off(user, "certificates")
    message = outbox.enqueue("certificate_issued", user, "c", {"curriculum": "P", "url": URL, "verify_url": "", "expires_on": ""})
    assert outbox.deliver(message.pk) and len(mailoutbox) == 1


def test_a_kind_that_is_off_by_default_leaves_for_those_who_turned_it_on():
    asked = UserFactory()
    Preference.objects.create(user=asked, kind="reminder_soon", mail=True)
    assert outbox.enqueue("reminder_soon", UserFactory(), "1", {}).settled_as == "unwanted"
    assert outbox.enqueue("reminder_soon", asked, "2", {}).settled_as == ""


def test_turned_off_between_the_act_and_the_mail(mailoutbox):
    user = UserFactory()
    message = remind(user)
    off(user)
    assert not outbox.deliver(message.pk)
    message.refresh_from_db()
    assert message.settled_as == "unwanted" and message.attempts == 0 and mailoutbox == []


def test_a_worker_that_was_dead_for_two_days_does_not_send_what_is_of_no_use_any_more(mailoutbox, monkeypatch):
    late = remind(UserFactory(), expires_at=timezone.now() + datetime.timedelta(days=1))
    useful = remind(UserFactory(), key="other")
    two_days = timezone.now() + datetime.timedelta(days=2)
    monkeypatch.setattr(timezone, "now", lambda: two_days)
    assert outbox.deliver_due() == 1
    late.refresh_from_db()
    useful.refresh_from_db()
    assert late.settled_as == "expired" and useful.sent_at and len(mailoutbox) == 1


def test_a_message_that_nobody_put_among_the_kinds_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        outbox.enqueue("no_such_message", UserFactory(), "x", {})


def test_an_address_that_bounced_gets_nothing_until_it_is_cleared():
    user = UserFactory(email="Ana@Example.org")
    bounce = Bounce.objects.create(to="ana@example.org", kind="permanent")
    assert remind(user, "1").settled_as == "bounced"
    bounce.cleared_at = timezone.now()
    bounce.save()
    assert remind(user, "2").settled_as == ""
    Bounce.objects.create(to="ana@example.org", kind="temporary")
    assert remind(user, "3").settled_as == ""


# --- lines on the site ---------------------------------------------------------------------------------------------------------
def test_a_line_on_the_site_says_the_same_without_secrets():
    user = UserFactory()
    remind(user)
    notice = Notice.objects.get(user=user)
    assert (notice.what, notice.url, notice.dedupe_key) == ("reminder_day", URL, "r")
    assert notice.context["title"] == "Reunión" and not [name for name in notice.context if name.startswith("secret_")]


def test_the_line_leads_where_the_act_says():
    remind(UserFactory(), url="/es/x/")
    assert Notice.objects.get().url == "/es/x/"


def test_codes_and_repeated_acts_make_no_line():
    user = UserFactory()
    outbox.enqueue("account", user, "a", {"secret_text": "1"})
    assert not Notice.objects.exists()
    for _ in range(2):
        remind(user)
    assert Notice.objects.count() == 1


# --- telephones ----------------------------------------------------------------------------------------------------------------
def test_who_asked_for_texts_gets_one_besides_the_mail(telephone, mailoutbox):
    user = UserFactory()
    telephone(user)
    remind(user)
    assert outbox.deliver_due() == 2
    [(number, text, reference)] = SENT
    row = Message.objects.get(channel="sms")
    assert number == "+5215512345678" and text.endswith(URL) and len(text) <= 300 and reference == f"message-{row.pk}"
    assert row.to == user.email and row.dedupe_key == "r:sms" and len(mailoutbox) == 1
    assert remind(user) is None and outbox.deliver_due() == 0 and len(SENT) == 1


def test_a_long_title_is_cut_and_the_link_is_not(telephone):
    user = UserFactory()
    telephone(user)
    outbox.enqueue("reminder_day", user, "long", {"title": "x" * 500, "url": URL})
    outbox.deliver_due()
    assert len(SENT[0][1]) == 300 and SENT[0][1].endswith(f"… {URL}")


def test_no_text_without_a_confirmed_number_or_a_channel(telephone, settings):
    user = UserFactory()
    telephone(user)
    TextNumber.objects.update(confirmed_at=None)
    remind(user, "1")
    settings.TEXT_CHANNELS = {}
    TextNumber.objects.update(confirmed_at=timezone.now())
    remind(user, "2")
    assert not Message.objects.filter(channel="sms").exists()


def test_mail_off_and_texts_on(telephone, mailoutbox):
    user = UserFactory()
    telephone(user)
    Preference.objects.update(mail=False)
    remind(user)
    assert outbox.deliver_due() == 1 and len(SENT) == 1 and mailoutbox == []


def test_texts_turned_off_meanwhile_do_not_leave(telephone):
    user = UserFactory()
    telephone(user)
    remind(user)
    Preference.objects.update(text=False)
    assert outbox.deliver_due() == 1 and SENT == []
    assert Message.objects.get(channel="sms").settled_as == "unwanted"


@pytest.mark.parametrize(("number", "attempts"), [("+521551234000", 6), ("+521551234111", 1)])
def test_a_number_that_will_never_work_is_given_up_and_a_slow_provider_asked_again(telephone, number, attempts):
    user = UserFactory()
    telephone(user, number)
    remind(user)
    outbox.deliver_due()
    row = Message.objects.get(channel="sms")
    assert (row.attempts, row.sent_at, row.handed_at) == (attempts, None, None)
    assert not Bounce.objects.exists()


def test_texts_go_on_while_the_mail_server_is_away(telephone, settings):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "notifications.smtp.EmailBackend", "127.0.0.1", 1
    user = UserFactory()
    telephone(user)
    remind(UserFactory(), "first")
    remind(user)
    assert outbox.deliver_due() == 1 and len(SENT) == 1


# --- many ------------------------------------------------------------------------------------------------------------------------
def many(people, key="m"):
    return outbox.enqueue_many(
        "reminder_day", people, lambda user: f"{key}:{user.pk}", lambda user: {"url": URL, "name": user.email}
    )


def test_many_are_told_once_with_their_own_words():
    people = UserFactory.create_batch(5)
    off(people[0])
    Bounce.objects.create(to=people[1].email, kind="permanent")
    Habit.objects.create(user=people[2], digest="daily")
    assert many(people[:3]) == 3
    assert many(people) == 2
    assert many(people) == 0
    rows = {row.user_id: row for row in Message.objects.all()}
    assert [rows[person.pk].settled_as for person in people] == ["unwanted", "bounced", "", "", ""]
    assert all(rows[person.pk].context["name"] == person.email for person in people)
    assert Notice.objects.count() == 5


def test_queries_do_not_grow_with_people(django_assert_max_num_queries, monkeypatch):
    monkeypatch.setattr(outbox, "AT_ONCE", 20)
    people = UserFactory.create_batch(40)
    with django_assert_max_num_queries(9):
        many(people[:1], "one")
    with django_assert_max_num_queries(18):
        assert many(iter(people)) == 40


def test_one_person_costs_few_queries(django_assert_max_num_queries):
    user = UserFactory()
    with django_assert_max_num_queries(7):
        remind(user)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_runs_tell_many_people_once(in_parallel):
    people = UserFactory.create_batch(20)
    results = in_parallel(lambda _number: many(people))
    assert not [result for result in results if isinstance(result, Exception)]
    assert Message.objects.count() == Notice.objects.count() == 20


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_enqueues_of_one_key_make_one_row_and_one_line(in_parallel):
    user = UserFactory()
    results = in_parallel(lambda _number: remind(user))
    assert len([result for result in results if isinstance(result, Message)]) == 1 and results.count(None) == 9
    assert Message.objects.count() == Notice.objects.count() == 1


# --- taken back --------------------------------------------------------------------------------------------------------------------
def test_taking_back_leaves_a_trace_and_frees_the_key():
    user = UserFactory()
    first = remind(user)
    assert outbox.withdraw("r")
    first.refresh_from_db()
    assert first.settled_as == "withdrawn" and first.context["secret_token"] == "" and not Notice.objects.exists()
    assert not outbox.deliver(first.pk)
    assert not outbox.withdraw("r")
    assert remind(user).dedupe_key == "r" and Notice.objects.count() == 1


def test_taking_back_stops_the_text_too(telephone):
    user = UserFactory()
    telephone(user)
    remind(user)
    outbox.withdraw("r")
    assert outbox.deliver_due() == 0 and SENT == []
