"""What a real mail server does to messages: takes them, refuses them, delays them, hangs, goes away."""

import datetime
import socket

import pytest
from django.core.cache import cache
from django.utils import timezone

from notifications import claims, mail, outbox, returning, smtp
from notifications.models import Bounce, Message
from tests.factories import UserFactory
from tests.servers.sink import Sink

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
CERTIFICATE = {"curriculum": "Programa", "url": "http://testserver/c/", "verify_url": "", "expires_on": ""}


@pytest.fixture
def sink(settings):
    with Sink() as sink:
        use(settings, sink.port)
        yield sink


def use(settings, port):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "notifications.smtp.EmailBackend", "127.0.0.1", port
    settings.EMAIL_TIMEOUT = 1


def waiting(count=1, **more):
    return [
        Message.objects.create(
            what="certificate_issued",
            user=user,
            to=user.email,
            language="es",
            context=CERTIFICATE,
            dedupe_key=f"c:{user.pk}",
            **more,
        )
        for user in UserFactory.create_batch(count)
    ]


def again(message):
    message.refresh_from_db()
    return message


def later(monkeypatch, **delta):
    moment = timezone.now() + datetime.timedelta(**delta)
    monkeypatch.setattr(timezone, "now", lambda: moment)


def test_many_messages_share_one_line(sink):
    messages = waiting(5)
    assert outbox.deliver_due() == 5
    assert sink.accepted == [mail.message_id(message.pk) for message in messages]
    assert sink.connections == 1
    assert all(again(message).handed_at and not message.last_error for message in messages)


@pytest.mark.parametrize(("offers", "given"), [({"dsn": ""}, ["ENVID=7.abc", "RET=HDRS"]), ({}, [])])
def test_a_server_that_offers_reports_is_given_the_token_for_them(monkeypatch, offers, given):
    line, said = smtp.Plain(), []
    line.esmtp_features, line.does_esmtp, line.envelope_id = offers, True, "7.abc"
    monkeypatch.setattr(smtp.smtplib.SMTP, "mail", lambda _line, sender, options=(): said.extend(options))
    line.mail("puente@localhost")
    assert said == given


def test_each_mail_has_a_token_of_its_own(sink, monkeypatch):
    told, plain = [], smtp.Plain.mail
    monkeypatch.setattr(smtp.Plain, "mail", lambda line, *more: told.append(line.envelope_id) or plain(line, *more))
    messages = waiting(2)
    assert outbox.deliver_due() == 2
    assert told == [returning.token_of(message.pk) for message in messages]


def test_a_line_that_the_server_closed_is_opened_again(sink, monkeypatch):
    monkeypatch.setattr("notifications.line.PER_CONNECTION", 2)
    waiting(5)
    assert outbox.deliver_due() == 5
    assert sink.connections == 3


def test_lines_that_begin_with_a_dot_arrive_as_they_were(sink):
    [message] = waiting()
    message.context = {**CERTIFICATE, "curriculum": ".uno\n.\n..dos"}
    message.save()
    assert outbox.deliver(message.pk)
    [arrived] = sink.mailbox.values()
    body = arrived.get_payload(0).get_payload(decode=True).decode().replace("\r\n", "\n")
    assert body.strip() == mail.render(again(message))[1].strip()


def test_an_address_that_does_not_exist_bounces_and_gets_nothing_more(sink):
    gone, fine = waiting(2)
    sink.refusals[gone.to] = "550 5.1.1 no such user"
    assert outbox.deliver_due() == 1
    bounce = Bounce.objects.get()
    assert (bounce.to, bounce.kind, bounce.status, bounce.message) == (gone.to, "permanent", "5.1.1", gone)
    assert set(outbox.spent()) == {gone}
    assert again(fine).sent_at
    later_message = outbox.enqueue("certificate_issued", gone.user, "later", CERTIFICATE)
    assert later_message.settled_as == "bounced" and not outbox.deliver(later_message.pk)
    Bounce.objects.update(cleared_at=timezone.now())
    assert not outbox.enqueue("certificate_issued", gone.user, "cleared", CERTIFICATE).settled_as


def test_codes_and_invitations_are_tried_at_an_address_that_bounced(sink):
    user = UserFactory()
    Bounce.objects.create(to=user.email, kind="permanent")
    message = outbox.enqueue("account", user, "code", {"secret_subject": "123456", "secret_text": "123456"})
    assert again(message).sent_at and len(sink.accepted) == 1


def test_what_waits_for_an_address_that_bounced_meanwhile_is_settled(sink):
    [message] = waiting()
    Bounce.objects.create(to=message.to, kind="permanent")
    assert not outbox.deliver(message.pk)
    assert again(message).settled_as == "bounced"


@pytest.mark.parametrize("answer", ["550 5.7.1 relaying denied", "552 5.2.2 mailbox full", "450 4.2.1 later", "554 no"])
def test_a_refusal_that_is_not_about_the_address_is_tried_again(sink, answer):
    [message] = waiting()
    sink.refusals[message.to] = answer
    for _ in range(2):
        assert not outbox.deliver(message.pk)
    assert Bounce.objects.get().kind == "temporary"
    assert again(message).attempts == 2 and message.sent_at is None and message.handed_at is None


def test_451_after_the_whole_mail_means_it_was_not_taken(sink, monkeypatch):
    [message] = waiting()
    sink.answers = ["451 4.3.0 busy"]
    assert outbox.deliver_due() == 0
    assert again(message).sent_at is None and message.handed_at is None
    assert outbox.deliver_due() == 0, "the pause holds"
    later(monkeypatch, minutes=2)
    assert outbox.deliver_due() == 1
    assert len(sink.accepted) == 1


def test_a_server_that_is_away_costs_no_attempt_and_is_asked_once_for_all(settings, caplog):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        use(settings, closed.getsockname()[1])
        messages = waiting(3)
        for _ in range(3):
            assert outbox.deliver_due() == 0
    assert [again(message).attempts for message in messages] == [0, 0, 0]
    assert "messages wait" in caplog.text
    assert messages[0].to not in caplog.text


def test_while_the_server_rests_single_messages_do_not_wait_for_it(settings, monkeypatch):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(5)
        use(settings, silent.getsockname()[1])
        settings.EMAIL_TIMEOUT = 0.3
        one, two = waiting(2)
        assert not outbox.deliver(one.pk)
        monkeypatch.setattr(smtp.EmailBackend, "open", lambda self: pytest.fail("it was asked again"))
        assert not outbox.deliver(two.pk)
    assert [again(message).attempts for message in (one, two)] == [0, 0]
    assert outbox.due().count() == 2


def test_a_server_that_hangs_after_the_final_dot_leaves_a_doubt_that_is_not_repeated(sink, monkeypatch):
    monkeypatch.setattr(smtp, "FINAL_REPLY_SECONDS", 0.3)
    [message] = waiting()
    sink.answers = ["hang"]
    assert outbox.deliver_due() == 0
    assert again(message).last_error == outbox.SENDING and message.handed_at
    later(monkeypatch, hours=1)
    cache.clear()
    assert outbox.deliver_due() == 0
    assert set(outbox.interrupted()) == {message}
    assert len(sink.accepted) == 1


def test_a_doubt_is_repeated_where_the_server_drops_second_copies(sink, monkeypatch, settings):
    monkeypatch.setattr(smtp, "FINAL_REPLY_SECONDS", 0.3)
    settings.MAIL_SERVER_DROPS_DUPLICATES = True
    waiting()
    sink.answers = ["hang"]
    assert outbox.deliver_due() == 0
    assert outbox.deliver_due() == 0, "not before the claim is old"
    later(monkeypatch, minutes=6)
    assert outbox.deliver_due() == 1
    assert len(sink.accepted) == 2 and len(sink.mailbox) == 1


def test_a_claim_of_a_dead_worker_that_handed_nothing_over_is_free_again(sink):
    old, young = waiting(2, last_error=outbox.SENDING, attempts=1)
    Message.objects.filter(pk=old.pk).update(sent_at=timezone.now() - datetime.timedelta(minutes=6))
    Message.objects.filter(pk=young.pk).update(sent_at=timezone.now())
    assert outbox.deliver_due() == 1
    assert sink.accepted == [mail.message_id(old.pk)]


def test_a_worker_whose_claim_was_taken_over_sends_no_dot(sink, monkeypatch):
    [message] = waiting()
    hand_over = claims.hand_over

    def too_late(mine):
        Message.objects.filter(pk=mine.pk).update(sent_at=timezone.now())  # somebody else's claim
        hand_over(mine)

    monkeypatch.setattr(claims, "hand_over", too_late)
    assert not outbox.deliver(message.pk)
    assert sink.accepted == []


def test_ten_workers_hand_each_message_over_once(sink, in_parallel):
    waiting(30)
    sent = in_parallel(lambda _number: outbox.deliver_due())
    assert sum(sent) == 30, sent
    assert len(sink.accepted) == len(set(sink.accepted)) == 30
