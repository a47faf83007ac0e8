"""Gathered messages become one mail, once, whatever runs twice or dies."""

import datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from notifications import digest, outbox
from notifications.models import Habit, Message, Preference
from tests.factories import UserFactory

NEVER = datetime.time(0)
JUDGED = {"title": "Tarea", "task": "Tarea", "verdict": "accepted", "comment": "", "url": "http://testserver/es/tareas/1/"}


@pytest.fixture
def gatherer(db):
    user = UserFactory()
    Habit.objects.create(user=user, digest="daily", quiet_from=NEVER, quiet_until=NEVER)
    return user


def gather(user, count=3, **more):
    return [outbox.enqueue("assignment_judged", user, f"j:{user.pk}:{number}", JUDGED, **more) for number in range(count)]


def morning():
    return timezone.now() + datetime.timedelta(days=1, minutes=1)


def test_gathered_messages_wait_and_leave_as_one(gatherer, mailoutbox):
    rows = gather(gatherer)
    assert all(row.in_digest for row in rows) and outbox.deliver_due() == 0 and digest.send_due() == 0
    assert not outbox.deliver(rows[0].pk)
    assert digest.send_due(morning()) == 1
    assert digest.send_due(morning()) == 0
    message = Message.objects.get(what="digest")
    assert set(message.lines.all()) == set(rows)
    assert {row.settled_as for row in message.lines.all()} == {"digest"}
    assert outbox.deliver(message.pk)
    [sent] = mailoutbox
    html = sent.alternatives[0][0]
    assert "3" in sent.subject and sent.body.count(JUDGED["url"]) == html.count(JUDGED["url"]) == 3
    message.refresh_from_db()
    assert message.context["secret_lines"] == ""


def test_links_that_sign_in_reach_the_digest_and_are_erased_behind_it(gatherer):
    link = "http://testserver/es/abrir/secreto/"
    words = {
        "title": "Encuesta",
        "cohort": "C",
        "promise": "identified",
        "questions": 3,
        "minutes": 2,
        "closes_on": "",
        "late": False,
    }
    outbox.enqueue("wave_open", gatherer, "w", {**words, "place": "Lima", "secret_url": link})
    digest.send_due(morning())
    assert Message.objects.get(what="wave_open").context["secret_url"] == ""
    assert Message.objects.get(what="digest").context["secret_lines"][0][1] == link


def test_only_what_may_be_gathered_and_is_not_too_late_for_it_waits(gatherer):
    assert not outbox.enqueue("personal", gatherer, "p", {}).in_digest
    soon = timezone.now() + datetime.timedelta(minutes=1)
    assert not outbox.enqueue("assignment_judged", gatherer, "x", JUDGED, expires_at=soon).in_digest
    assert not outbox.enqueue("assignment_judged", UserFactory(), "y", JUDGED).in_digest


def test_what_was_turned_off_or_is_too_late_is_left_out(gatherer):
    gather(gatherer, 2)
    Message.objects.filter(dedupe_key__endswith=":0").update(expires_at=timezone.now() + datetime.timedelta(hours=1))
    outbox.enqueue("meeting_summary", gatherer, "s", {"title": "R", "url": ""})
    Preference.objects.create(user=gatherer, kind="summaries", mail=False)
    assert digest.send_due(morning()) == 1
    settled = dict(Message.objects.exclude(what="digest").values_list("dedupe_key", "settled_as"))
    assert settled == {f"j:{gatherer.pk}:0": "expired", f"j:{gatherer.pk}:1": "digest", "s": "unwanted"}


def test_nothing_left_to_say_makes_no_mail(gatherer):
    gather(gatherer, 1)
    Preference.objects.create(user=gatherer, kind="grading", mail=False)
    assert digest.send_due(morning()) == 0
    assert not Message.objects.filter(what="digest").exists()


def test_a_crash_in_between_leaves_everything_for_the_next_run(gatherer, monkeypatch):
    gather(gatherer)
    with monkeypatch.context() as broken:
        broken.setattr(Message.objects.__class__, "bulk_update", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            digest.send_due(morning())
    assert not Message.objects.filter(what="digest").exists()
    assert digest.send_due(morning()) == 1


def test_of_two_about_the_same_the_newer_one_stands_in_the_digest(gatherer):
    older, newer = gather(gatherer, 2, topic="hand-in:1")
    [other] = [outbox.enqueue("assignment_judged", gatherer, "j:other", JUDGED, topic="hand-in:2")]
    assert digest.send_due(morning()) == 1
    assert set(Message.objects.get(what="digest").lines.all()) == {newer, other}
    assert Message.objects.get(pk=older.pk).settled_as == "withdrawn"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_parallel_runs_write_one_digest(in_parallel):
    user = UserFactory()
    Habit.objects.create(user=user, digest="daily", quiet_from=NEVER, quiet_until=NEVER)
    gather(user)
    results = in_parallel(lambda _number: digest.send_due(morning()))
    assert sorted(results) == [0] * 9 + [1]
    assert Message.objects.filter(what="digest").count() == 1


def test_the_command_says_what_it_did(gatherer, monkeypatch):
    gather(gatherer)
    then, said = morning(), StringIO()
    monkeypatch.setattr(timezone, "now", lambda: then)
    call_command("send_digests", stdout=said)
    assert said.getvalue() == "1 digests written\n"


def test_a_worker_that_comes_back_at_night_writes_the_digest_in_the_morning_without_what_ran_out(db, monkeypatch):
    """Two days dead: the digest of two mornings ago is written when the quiet hours end, with what holds then, once."""
    user = UserFactory(time_zone="America/Bogota")
    Habit.objects.create(user=user, digest="daily", quiet_from=datetime.time(21), quiet_until=datetime.time(7))
    written = datetime.datetime(2027, 3, 3, 15, tzinfo=datetime.UTC)
    monkeypatch.setattr(timezone, "now", lambda: written)
    gather(user, 2)
    night, morning_after = (
        datetime.datetime(2027, 3, 6, 4, tzinfo=datetime.UTC),
        datetime.datetime(2027, 3, 6, 12, 1, tzinfo=datetime.UTC),
    )
    Message.objects.filter(dedupe_key__endswith=":0").update(expires_at=night + datetime.timedelta(hours=2))
    monkeypatch.setattr(timezone, "now", lambda: night)
    assert digest.send_due() == 0
    monkeypatch.setattr(timezone, "now", lambda: morning_after)
    assert digest.send_due() == 1 and digest.send_due() == 0
    assert Message.objects.get(what="digest").context["count"] == 1
    assert set(Message.objects.filter(what="assignment_judged").values_list("settled_as", flat=True)) == {"expired", "digest"}
