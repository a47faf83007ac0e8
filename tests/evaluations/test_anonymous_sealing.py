"""The end of an anonymous wave: what ties answers to people is deleted, in one go, whenever it is interrupted."""

import datetime
from unittest import mock

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.utils import timezone

from evaluations import anonymous
from evaluations.models import AnonymousResponse, Asked, Wave
from tests.evaluations.anonymous_people import address, filled, open_wave

pytestmark = pytest.mark.django_db
parallel = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def days(number):
    return datetime.timedelta(days=number)


# --- closing ----------------------------------------------------------------------------------------------------------


def test_sealing_deletes_what_ties_and_refuses_from_then_on():
    here = open_wave(7)
    for n in range(6):
        here.client(n).get(here.url)
        here.client(n).post(here.url, filled(rating=n))
    anonymous.mark_answered(here.wave)
    before = set(AnonymousResponse.objects.values_list("pk", flat=True)) | set(Asked.objects.values_list("pk", flat=True))
    AnonymousResponse.objects.filter(answers__rating=1).update(day=timezone.now().date() - days(2), language="en")
    anonymous.seal(here.wave)
    wave = Wave.objects.get()
    assert wave.closed_at
    assert wave.secret in ("", anonymous.SWEEPING)
    rows = AnonymousResponse.objects.all()
    assert sorted(row.answers["rating"] for row in rows) == [0, 1, 2, 3, 4, 5]
    assert {(row.token, row.day, row.language) for row in rows} == {(None, timezone.now().date(), "")}
    after = {row.pk for row in rows} | set(Asked.objects.values_list("pk", flat=True))
    assert not before & after
    assert Asked.objects.filter(answered=False).count() == 7  # all who were asked, opened or not
    assert here.client().post(here.url, filled()).status_code == 409
    assert here.client(6).get(here.url).status_code == 200
    assert AnonymousResponse.objects.count() == 6


def test_sealing_again_changes_nothing_and_a_crash_half_way_leaves_all_as_it_was():
    here = open_wave(6)
    for n in range(6):
        here.client(n).post(here.url, filled(rating=n))
    with mock.patch.object(anonymous, "_write_responses_anew", side_effect=RuntimeError), pytest.raises(RuntimeError):
        anonymous.seal(here.wave)
    assert AnonymousResponse.objects.filter(token__isnull=False).count() == 6
    assert Wave.objects.get().closed_at is None
    anonymous.seal(here.wave)
    ids, closed_at = set(AnonymousResponse.objects.values_list("pk", flat=True)), Wave.objects.get().closed_at
    anonymous.seal(here.wave)
    assert (set(AnonymousResponse.objects.values_list("pk", flat=True)), Wave.objects.get().closed_at) == (ids, closed_at)


def test_a_wave_closed_without_its_seal_is_sealed_by_the_clock():
    here = open_wave()
    here.client().post(here.url, filled())
    Wave.objects.update(closed_at=timezone.now())
    call_command("run_waves", verbosity=0)
    assert AnonymousResponse.objects.get().token is None


@parallel
def test_a_post_that_meets_the_seal_is_stored_before_it_or_refused(in_parallel):
    here = open_wave(9)
    clients = [here.client(n) for n in range(9)]
    results = in_parallel(lambda n: anonymous.seal(here.wave) if n == 9 else clients[n].post(here.url, filled()).status_code)
    assert set(results[:9]) <= {302, 409}
    assert AnonymousResponse.objects.count() == results.count(302)
    assert not AnonymousResponse.objects.filter(token__isnull=False).exists()


@parallel
def test_what_could_not_be_swept_is_tried_again():
    here = open_wave()
    here.client().post(here.url, filled())
    with (
        mock.patch.object(anonymous, "_vacuum_sqlite", side_effect=DatabaseError),
        mock.patch.object(anonymous, "_vacuum_postgresql", side_effect=DatabaseError),
    ):
        anonymous.seal(here.wave)
    assert Wave.objects.get().secret == anonymous.SWEEPING
    call_command("run_waves", verbosity=0)
    assert Wave.objects.get().secret == ""


def test_figures_are_those_of_closed_waves_with_five_or_more():
    here = open_wave(6)
    for n in range(4):
        here.client(n).post(here.url, filled(rating=n))
    assert anonymous.figures(here.wave) == {}
    anonymous.seal(here.wave)
    assert anonymous.figures(here.wave) == {}
    for n in range(4, 6):
        AnonymousResponse.objects.create(wave=here.wave, day=timezone.now().date(), answers={"rating": n})
    assert sorted(anonymous.figures(here.wave)["rating"]) == [0, 1, 2, 3, 4, 5]


def test_addresses_are_what_the_servers_look_for():
    """gunicorn.conf.py and deploy/nginx.conf.template know the form by this part of its path."""
    assert "/anonymous/" in address(open_wave().wave)
