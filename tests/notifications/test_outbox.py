"""Messages leave once, after the commit, and come back after a failure."""

import datetime
from io import StringIO
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from notifications import mail, outbox
from notifications.models import Message
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
CERTIFICATE = {"curriculum": "Programa", "url": "http://testserver/c/", "verify_url": "", "expires_on": ""}


def enqueue(user=None, key="k", **context):
    return outbox.enqueue("certificate_issued", user or UserFactory(), key, {**CERTIFICATE, **context})


class Broken(Exception):
    pass


@pytest.fixture
def broken_server():
    with mock.patch.object(mail.EmailMultiAlternatives, "send", side_effect=Broken("550 no such user")):
        yield


def test_a_message_is_a_row_and_leaves_after_the_commit(mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        message = enqueue()
        assert mailoutbox == []
    message.refresh_from_db()
    assert message.sent_at
    assert message.last_error == ""
    assert [sent.to for sent in mailoutbox] == [[message.to]]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_an_act_that_is_rolled_back_tells_nobody(mailoutbox):
    def act():
        with transaction.atomic():
            enqueue()
            raise Broken

    with pytest.raises(Broken):
        act()
    assert not Message.objects.exists()
    assert mailoutbox == []


def test_the_same_act_is_told_once():
    assert enqueue(key="certificate:1")
    assert enqueue(key="certificate:1") is None
    assert Message.objects.count() == 1


def test_a_queue_that_cannot_be_reached_does_not_undo_the_act(django_capture_on_commit_callbacks):
    with mock.patch("django_tasks.base.Task.enqueue", side_effect=Broken), django_capture_on_commit_callbacks(execute=True):
        enqueue()
    assert outbox.due().count() == 1


def test_secrets_are_erased_once_sent(mailoutbox):
    user = UserFactory()
    facts = {"cohort": "México", "starts_on": "2027-03-05", "ends_on": "2027-06-05", "role": "trainee", "hours": 4}
    message = outbox.enqueue("invitation", user, "i", {**facts, "secret_url": "http://testserver/es/invitation/abc/"})
    assert outbox.deliver(message.pk)
    message.refresh_from_db()
    assert message.context == {**facts, "secret_url": ""}
    assert "invitation/abc/" in mailoutbox[0].body


@pytest.mark.usefixtures("broken_server")
def test_a_failure_is_noted_and_pauses_longer_each_time():
    message = enqueue()
    now = timezone.now()
    for attempt, pause in enumerate(outbox.PAUSES[1:], start=1):
        assert not outbox.deliver(message.pk)
        message.refresh_from_db()
        assert (message.attempts, message.sent_at) == (attempt, None)
        assert "Broken: 550 no such user" in message.last_error
        assert not outbox.due(now + pause - datetime.timedelta(seconds=30)).exists()
        assert outbox.due(timezone.now() + pause + datetime.timedelta(seconds=2)).get() == message


@pytest.mark.usefixtures("broken_server")
def test_a_message_that_fails_for_good_is_kept_for_people_without_its_secret():
    message = enqueue(secret_url="http://testserver/es/invitation/abc/")
    for _ in outbox.PAUSES:
        outbox.deliver(message.pk)
    assert outbox.spent().get() == message
    assert not outbox.due(timezone.now() + datetime.timedelta(days=30)).exists()
    assert not outbox.deliver(message.pk)
    message.refresh_from_db()
    assert message.context["secret_url"] == ""


def test_a_failed_message_leaves_when_the_server_is_back(mailoutbox):
    message = enqueue()
    with mock.patch.object(mail.EmailMultiAlternatives, "send", side_effect=Broken):
        outbox.deliver_due()
    assert outbox.deliver_due() == 0, "the pause holds"
    with mock.patch.object(outbox.timezone, "now", return_value=timezone.now() + datetime.timedelta(minutes=2)):
        assert outbox.deliver_due() == 1
    message.refresh_from_db()
    assert message.attempts == 2
    assert len(mailoutbox) == 1


def test_one_bad_message_does_not_hold_up_the_others(mailoutbox):
    bad = outbox.enqueue("account/no_such_template", UserFactory(), "bad", {})
    enqueue(key="good")
    assert outbox.deliver_due() == 1
    bad.refresh_from_db()
    assert "TemplateDoesNotExist" in bad.last_error
    assert len(mailoutbox) == 1


def test_a_sent_message_never_leaves_again(mailoutbox):
    message = enqueue()
    assert [outbox.deliver(message.pk) for _ in range(3)] == [True, False, False]
    assert len(mailoutbox) == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_workers_send_one_mail(in_parallel, mailoutbox):
    message = Message.objects.create(
        what="certificate_issued", to="a@example.org", language="es", context=CERTIFICATE, dedupe_key="once"
    )
    results = in_parallel(lambda number: outbox.deliver(message.pk))
    assert sorted(results) == [False] * 9 + [True]
    assert len(mailoutbox) == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_enqueues_of_one_key_make_one_row(in_parallel):
    user = UserFactory()
    results = in_parallel(lambda number: enqueue(user, key="same"))
    assert not [result for result in results if isinstance(result, Exception)]
    assert len([result for result in results if result]) == 1


def test_what_a_dying_sender_left_is_reported_and_repeated_only_on_request(mailoutbox):
    message = enqueue()
    hour_ago = timezone.now() - datetime.timedelta(hours=1)
    Message.objects.update(sent_at=hour_ago, handed_at=hour_ago, last_error=outbox.SENDING, attempts=1)
    assert outbox.deliver_due() == 0
    complaint = StringIO()
    call_command("deliver_messages", stdout=StringIO(), stderr=complaint)
    assert str(message.pk) in complaint.getvalue()
    call_command("deliver_messages", "--repeat-interrupted", stdout=StringIO(), stderr=StringIO())
    assert len(mailoutbox) == 1


def test_stopping_the_worker_gives_the_claim_back():
    message = enqueue()
    with mock.patch.object(mail.EmailMultiAlternatives, "send", side_effect=SystemExit), pytest.raises(SystemExit):
        outbox.deliver(message.pk)
    message.refresh_from_db()
    assert message.sent_at is None


def test_a_message_can_be_taken_back_until_it_has_left():
    enqueue(key="waiting")
    assert outbox.withdraw("waiting")
    sent = enqueue(key="sent")
    outbox.deliver(sent.pk)
    assert not outbox.withdraw("sent")


def test_the_command_sends_limits_and_says_what_it_did(mailoutbox):
    for number in range(3):
        enqueue(key=str(number))
    said = StringIO()
    call_command("deliver_messages", "--dry-run", stdout=said)
    assert mailoutbox == []
    call_command("deliver_messages", "--limit", "2", stdout=said)
    assert len(mailoutbox) == 2
    assert said.getvalue().split("\n")[:2] == ["3 waiting", "2 of 2 sent"]


@pytest.mark.usefixtures("broken_server")
def test_the_command_fails_when_mail_could_not_leave():
    enqueue()
    with pytest.raises(CommandError, match="1 of 1"):
        call_command("deliver_messages", stdout=StringIO(), stderr=StringIO())


def test_who_looked_before_another_claimed_sends_nothing(monkeypatch, mailoutbox):
    message, looked = enqueue(), []

    def look(row):
        if not looked:
            looked.append(row)
            assert outbox.deliver(row.pk)
        return False

    monkeypatch.setattr("notifications.delivery._settled", look)
    assert not outbox.deliver(message.pk)
    assert len(mailoutbox) == 1
