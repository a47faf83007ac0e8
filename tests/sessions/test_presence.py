"""Leases: from the first to the last sign of life, over devices and silences."""

import threading
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from sessions import presence
from sessions.models import Lease
from tests.sessions.rooms import do, meeting_of, person_in, seat
from tests.sessions.sockets import on_loop, the_house, until

pytestmark = [pytest.mark.django_db(transaction=True, serialized_rollback=True), pytest.mark.timeout(120)]


def lease_of(user, meeting, **fields):
    now = timezone.now()
    fields = {"opened_at": now, "seen_at": now, "conn": f"conn-{Lease.objects.count()}", "tab": "t", **fields}
    return Lease.objects.create(user=user, meeting=meeting, **fields)


def test_a_lease_begins_with_the_socket_and_ends_with_it(door):
    meeting = meeting_of()
    ana = person_in(meeting)
    before = timezone.now()
    phone = door.enter(ana, meeting, device="companion")
    lease = until(lambda: Lease.objects.filter(user=ana).first())
    assert lease.device == "companion" and lease.tab == "tab-1" and before <= lease.opened_at <= timezone.now()
    phone.leave()
    closed = until(lambda: Lease.objects.filter(user=ana, closed_at__isnull=False).first())
    assert closed.opened_at <= closed.seen_at <= closed.closed_at


def test_an_end_does_not_overtake_a_beginning_that_is_still_being_written(door, monkeypatch):
    """A server that stops writes at once, while the last round of writing may still be under way."""
    write, began = presence.write, threading.Event()

    def slowly(opened, *others):
        if opened and not began.is_set():
            began.set()
            time.sleep(1.5)
        write(opened, *others)

    monkeypatch.setattr(presence, "write", slowly)
    meeting = meeting_of()
    ana = person_in(meeting)
    phone = door.enter(ana, meeting)
    assert began.wait(10)
    phone.leave()
    until(lambda: the_house().leases.closed)
    on_loop(the_house()._write_leases)
    assert until(lambda: Lease.objects.filter(user=ana, closed_at__isnull=False).exists(), 5)


def test_signs_of_life_are_written_together(door, django_assert_max_num_queries):
    meeting = meeting_of()
    people = [person_in(meeting) for _number in range(6)]
    leases = [lease_of(person, meeting, seen_at=timezone.now() - timedelta(seconds=20)) for person in people]
    now = timezone.now().replace(microsecond=0)
    with django_assert_max_num_queries(5):
        presence.write([], [], [(lease, now) for lease in leases])
    assert set(Lease.objects.values_list("seen_at", flat=True)) == {now}


def test_a_dead_device_is_gone_and_its_last_sign_of_life_stays(door):
    """Nobody said goodbye: the reaper's clock is a minute ahead, and those who are here hear of it."""
    meeting = meeting_of()
    ana, luis = person_in(meeting), person_in(meeting)
    seen = timezone.now() - timedelta(seconds=44)
    lease_of(ana, meeting, seen_at=seen, opened_at=seen - timedelta(minutes=5))
    phone = door.enter(luis, meeting)
    assert ana.pk in {one["u"] for one in phone.hear("pres")["add"]}
    gone = until(lambda: Lease.objects.filter(user=ana, closed_at__isnull=False).first(), 15)
    assert gone.seen_at == seen and (gone.closed_at - seen).total_seconds() <= 60
    assert until(lambda: ana.pk in phone.hear("pres", seconds=15)["del"], 15)


def test_the_reaper_leaves_the_living_alone():
    meeting, other = meeting_of(), meeting_of()
    now = timezone.now()
    living, silent = (person_in(meeting) for _number in range(2))
    lease_of(living, meeting, seen_at=now - timedelta(seconds=44))
    lease_of(silent, meeting, seen_at=now - timedelta(seconds=46))
    elsewhere = lease_of(person_in(other), other, seen_at=now - timedelta(seconds=99))
    assert presence.reap([meeting.pk], now) == 1
    elsewhere.refresh_from_db()
    assert elsewhere.closed_at is None
    assert presence.reap(None, now) == 1
    assert Lease.objects.get(closed_at=None).user_id == living.pk


def test_a_phone_that_slept_begins_another_lease(door):
    """The gap was absence, and stays one."""
    meeting = meeting_of()
    ana = person_in(meeting)
    phone = door.enter(ana, meeting)
    until(lambda: Lease.objects.filter(user=ana).exists())

    def sleep():
        (member,) = the_hub.members
        member.heard_at -= timedelta(minutes=10)
        member.heard_tick -= 600

    the_hub = the_house().hubs[meeting.pk]
    on_loop(sleep)
    phone.say("hb", cur={"main": 0})
    until(lambda: Lease.objects.filter(user=ana).count() == 2)
    first, second = Lease.objects.order_by("pk")
    assert first.closed_at and second.closed_at is None
    assert (second.opened_at - first.seen_at).total_seconds() > 500


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_steps_begins_another_lease_and_makes_no_time(door, monkeypatch, hours):
    """Both are as long as they really were, whatever the clock said in between."""
    meeting = meeting_of()
    ana = person_in(meeting)
    phone = door.enter(ana, meeting)
    until(lambda: Lease.objects.filter(user=ana).exists())
    began, unstepped = time.monotonic(), timezone.now
    time.sleep(2)
    monkeypatch.setattr(timezone, "now", lambda: unstepped() + timedelta(hours=hours))
    phone.say("hb", cur={"main": 0})
    until(lambda: Lease.objects.filter(user=ana).count() == 2)
    time.sleep(1)
    phone.leave()
    until(lambda: not Lease.objects.filter(user=ana, closed_at=None).exists())
    really = time.monotonic() - began
    first, second = Lease.objects.order_by("pk")
    lengths = [(one.seen_at - one.opened_at).total_seconds() for one in (first, second)]
    assert min(lengths) >= 0.9 and really - 1 <= sum(lengths) <= really + 2
    assert 0.9 * 3600 < hours * (second.opened_at - first.opened_at).total_seconds() < 1.1 * 3600


def test_a_clock_that_is_put_right_by_little_changes_nothing(door, monkeypatch):
    meeting = meeting_of()
    phone = door.enter(person_in(meeting), meeting)
    until(lambda: Lease.objects.exists())
    unstepped = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: unstepped() + timedelta(seconds=3))
    phone.say("hb", cur={"main": 0})
    phone.leave()
    until(lambda: not Lease.objects.filter(closed_at=None).exists())
    assert Lease.objects.count() == 1


def test_leases_of_a_clock_that_was_ahead_are_closed_and_not_shortened():
    meeting = meeting_of()
    ahead, now = timezone.now() + timedelta(hours=1), timezone.now()
    gone = lease_of(person_in(meeting), meeting, opened_at=ahead - timedelta(minutes=20), seen_at=ahead)
    polling = person_in(meeting)
    old = lease_of(polling, meeting, opened_at=ahead - timedelta(minutes=20), seen_at=ahead, device="polling", tab="t1")
    presence.keep_polling(seat(meeting, polling), "t1", now)
    presence.keep_polling(seat(meeting, polling), "t1", now + timedelta(seconds=20))
    assert presence.reap(None, now + timedelta(seconds=20)) == 2
    lengths = [(one.seen_at - one.opened_at).total_seconds() for one in Lease.objects.order_by("pk")]
    assert lengths == [1200, 1200, 20]
    assert set(Lease.objects.exclude(closed_at=None)) == {gone, old}


def test_a_lease_that_another_process_closed_too_early_goes_on():
    meeting = meeting_of()
    now = timezone.now()
    lease = lease_of(person_in(meeting), meeting, closed_at=now)
    presence.write([], [], [(lease, now)])
    lease.refresh_from_db()
    assert lease.closed_at is None


def test_people_are_one_over_all_their_devices_and_screens_are_nobody(django_assert_num_queries):
    meeting = meeting_of()
    trainer, ana, luis = person_in(meeting, role="trainer"), person_in(meeting), person_in(meeting)
    lease_of(ana, meeting, device="companion")
    lease_of(ana, meeting, device="browser")
    lease_of(trainer, meeting, device="screen")
    lease_of(luis, meeting, seen_at=timezone.now() - timedelta(seconds=50))
    found = presence.present(meeting.pk)
    assert [(one["u"], one["d"], one["role"]) for one in found] == [(ana.pk, "browser", "participant")]
    lease_of(trainer, meeting)
    with django_assert_num_queries(4):
        assert {one["u"]: one["role"] for one in presence.present(meeting.pk)}[trainer.pk] == "host"
    for _number in range(5):
        lease_of(person_in(meeting), meeting)
    with django_assert_num_queries(4):
        assert len(presence.present(meeting.pk)) == 7


def test_hosts_by_name_are_hosts_in_the_list():
    meeting = meeting_of()
    trainer, ana = person_in(meeting, role="trainer"), person_in(meeting)
    do(meeting, trainer, "role.set", {"id": ana.pk, "role": "host"})
    lease_of(ana, meeting)
    assert presence.present(meeting.pk)[0]["role"] == "host"


def test_more_than_five_sockets_in_several_processes_are_ousted(monkeypatch):
    ousted = []
    monkeypatch.setattr(presence.hints, "oust", lambda meeting_id, conns: ousted.extend(conns))
    meeting = meeting_of()
    ana = person_in(meeting)
    for number in range(5):
        lease_of(ana, meeting, conn=f"elsewhere-{number}", opened_at=timezone.now() - timedelta(minutes=9 - number))
    new = Lease(meeting=meeting, user=ana, conn="here", tab="t", opened_at=timezone.now(), seen_at=timezone.now())
    presence.write([new], [], [])
    assert ousted == ["elsewhere-0"]


def test_polling_keeps_one_lease_until_it_is_silent():
    meeting = meeting_of()
    ana = person_in(meeting)
    now = timezone.now()
    for seconds in (0, 20, 40, 60, 120):
        presence.keep_polling(seat(meeting, ana), "t1", now + timedelta(seconds=seconds))
    first, second = Lease.objects.order_by("pk")
    assert (first.seen_at - first.opened_at).total_seconds() == 60 and second.opened_at == now + timedelta(seconds=120)


def test_nothing_is_lost_when_leases_cannot_be_written():
    leases = presence.Leases()

    class Someone:
        pass

    meeting = meeting_of()
    someone = Someone()
    someone.seat, someone.tab, someone.device = seat(meeting, person_in(meeting)), "t", "browser"
    someone.heard_at, someone.lease, someone.saved_at = timezone.now(), None, None
    leases.open(someone)
    work = leases.take()
    assert leases.take() is None
    leases.put_back(work)
    presence.write(*leases.take())
    assert Lease.objects.count() == 1
