"""What leaves is still true when it leaves: clocks that step, secrets that are useless, what is no longer the newest, one in seven days."""

import datetime

import pytest
from django.utils import timezone

from notifications import claims, mail, outbox
from notifications.models import Message
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
CERTIFICATE = {"curriculum": "Programa", "url": "http://testserver/c/", "verify_url": "", "expires_on": ""}


def enqueue(user=None, key="k", **context):
    return outbox.enqueue("certificate_issued", user or UserFactory(), key, {**CERTIFICATE, **context})


# --- clocks that step --------------------------------------------------------------------------------------------------------------
def at(monkeypatch, **delta):
    moment = timezone.now() + datetime.timedelta(**delta)
    monkeypatch.setattr(timezone, "now", lambda: moment)


def test_a_clock_that_was_a_day_fast_holds_nothing_up(monkeypatch, mailoutbox):
    with monkeypatch.context() as fast:
        at(fast, days=1)
        at_once, failed, claimed = (enqueue(key=key) for key in ("at once", "failed", "claimed"))
        planned = outbox.enqueue(
            "certificate_issued", UserFactory(), "p", CERTIFICATE, due_at=timezone.now() + datetime.timedelta(hours=1)
        )
        Message.objects.filter(pk=failed.pk).update(attempts=2, last_error=f"{claims.instant(timezone.now())} Broken: 451")
        Message.objects.filter(pk=claimed.pk).update(attempts=1, last_error=outbox.SENDING, sent_at=timezone.now())
    assert outbox.deliver_due() == 3
    left = Message.objects.filter(sent_at__isnull=False, last_error="")
    assert set(left) == {at_once, failed, claimed}
    assert not outbox.deliver(planned.pk), "what was meant for later waits for its hour"


def test_a_clock_that_steps_ahead_while_a_mail_is_sent_makes_no_second_one(monkeypatch, mailoutbox):
    """The claim looks old to the other workers, who take the message over: the first sender is refused its hand-over."""
    message, build = enqueue(), mail.build

    def step(row):
        monkeypatch.setattr(mail, "build", build)
        at(monkeypatch, hours=3)
        assert outbox.deliver_due() == 1
        return build(row)

    monkeypatch.setattr(mail, "build", step)
    assert not outbox.deliver(message.pk)
    assert len(mailoutbox) == 1


# --- secrets ---------------------------------------------------------------------------------------------------------------------
def in_doubt(message, hours=1, **fields):
    then = timezone.now() - datetime.timedelta(hours=hours)
    Message.objects.filter(pk=message.pk).update(sent_at=then, handed_at=then, last_error=outbox.SENDING, attempts=1, **fields)


@pytest.mark.parametrize(
    ("ends_in", "hours", "kept"), [(1, 1, True), (-1, 1, False), (None, 24 * 29, True), (None, 24 * 31, False)]
)
def test_secrets_of_what_is_in_doubt_go_when_they_are_useless_and_the_report_stays(mailoutbox, ends_in, hours, kept):
    message = enqueue(secret_url="http://testserver/es/invitation/abc/")
    ends = None if ends_in is None else timezone.now() + datetime.timedelta(hours=ends_in)
    in_doubt(message, hours, expires_at=ends)
    for _round in range(2):
        assert outbox.deliver_due() == 0
        message.refresh_from_db()
        assert bool(message.context["secret_url"]) is kept and message.context["verify_url"] == ""
        assert outbox.interrupted().get() == message
    outbox.release_interrupted()
    assert outbox.deliver_due() == int(kept), "never without its link"
    message.refresh_from_db()
    assert message.settled_as == ("" if kept else "expired") and message.context["secret_url"] == ""


def test_what_waits_for_another_try_or_a_digest_loses_its_secret_when_it_is_too_late():
    late = {"secret_url": "http://testserver/x/", "expires_at": timezone.now() - datetime.timedelta(seconds=1)}
    paused, gathered = (enqueue(key=key, secret_url=late["secret_url"]) for key in ("paused", "gathered"))
    Message.objects.filter(pk=paused.pk).update(
        attempts=3, last_error=f"{timezone.now():%Y-%m-%dT%H:%M:%SZ} x", expires_at=late["expires_at"]
    )
    Message.objects.filter(pk=gathered.pk).update(in_digest=True, expires_at=late["expires_at"])
    outbox.deliver_due()
    assert {(one.settled_as, one.context["secret_url"]) for one in Message.objects.all()} == {("expired", "")}


# --- what is no longer the newest -----------------------------------------------------------------------------------------------------
def about(topic, key, user, **more):
    return outbox.enqueue("certificate_issued", user, key, CERTIFICATE, topic=topic, **more)


def test_of_one_topic_only_the_newest_leaves(mailoutbox):
    user, other = UserFactory(), UserFactory()
    about("t", "1", user)
    about("t", "2", user)
    about("t", "3", other)
    about("", "4", user)
    assert outbox.deliver_due() == 3
    assert Message.objects.get(settled_as="withdrawn").dedupe_key.endswith(":1")


def test_a_newer_one_that_was_taken_back_holds_nothing_up(mailoutbox):
    user = UserFactory()
    about("t", "1", user)
    about("t", "2", user)
    outbox.withdraw("2")
    assert outbox.deliver_due() == 1 and Message.objects.get(dedupe_key="1").sent_at


def test_a_newer_one_that_comes_between_the_look_and_the_claim_is_seen(monkeypatch, mailoutbox):
    user = UserFactory()
    old = about("t", "1", user)
    monkeypatch.setattr("notifications.delivery._settled", lambda message: not about("t", "2", user))
    assert not outbox.deliver(old.pk)
    assert mailoutbox == [] and Message.objects.get(pk=old.pk).attempts == 0


def test_what_is_being_sent_can_be_taken_back_until_it_is_handed_over(monkeypatch, mailoutbox):
    message, build = enqueue(key="w"), mail.build
    monkeypatch.setattr(mail, "build", lambda row: outbox.withdraw("w") and build(row))
    assert not outbox.deliver(message.pk)
    assert mailoutbox == [] and Message.objects.get().settled_as == "withdrawn" and outbox.deliver_due() == 0
    again = enqueue(key="w")
    in_doubt(again)
    assert not outbox.withdraw("w"), "the server has it"


# --- at most one a week ---------------------------------------------------------------------------------------------------------------
def spaced(user, key, topic="t"):
    return outbox.enqueue("certificate_issued", user, key, CERTIFICATE, topic=topic, spaced=True)


def test_one_in_seven_days_about_one_thing_whatever_the_calendar_says():
    user = UserFactory()
    assert spaced(user, "1") and not spaced(user, "2") and spaced(user, "3", "another") and spaced(UserFactory(), "4")
    Message.objects.filter(dedupe_key="1").update(created_at=timezone.now() - datetime.timedelta(days=6, hours=23))
    assert not spaced(user, "5")
    Message.objects.filter(dedupe_key="1").update(created_at=timezone.now() - datetime.timedelta(days=7))
    assert spaced(user, "6")
    outbox.withdraw("6")
    assert spaced(user, "7"), "what was taken back was not said"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_workers_with_ten_keys_write_one(in_parallel):
    user = UserFactory()
    written = in_parallel(lambda number: spaced(user, f"key {number}"))
    assert sorted(map(bool, written)) == [False] * 9 + [True], written
    assert Message.objects.count() == 1
