"""A form that is sent twice (a double click without a script, two tabs, the back button) plans once."""

import uuid

import pytest

from sessions import schedule
from sessions.models import Meeting
from tests.sessions.planning import planned, said, signed, text_of, url
from tests.sessions.test_run_of_show import rows, titles, typed

pytestmark = pytest.mark.django_db


def new(here):
    return f"{url('new')}?kind=training&cohort={here.cohort.pk}"


def sessions():
    return Meeting.objects.filter(title="Sesión 1")


def test_a_new_meeting_sent_twice_is_one_meeting():
    here = planned()
    client = signed(here.lead)
    assert 'name="uid"' in text_of(client.get(new(here)))
    form = said(uid=str(uuid.uuid4()))
    first, second = client.post(new(here), form), client.post(new(here), form)
    assert (first.status_code, second.status_code) == (302, 302) and first["Location"] == second["Location"]
    assert sessions().get().uid == uuid.UUID(form["uid"])


def test_the_same_form_with_another_hour_is_another_meeting():
    here = planned()
    client, form = signed(here.lead), said(uid=str(uuid.uuid4()))
    client.post(new(here), form)
    assert client.post(new(here), {**form, "hour": "18:00"}).status_code == 302
    assert sessions().count() == 2


def test_somebody_elses_uid_gives_nothing_of_theirs():
    here = planned()
    form = said(uid=str(here.meeting.uid), title=here.meeting.title)
    answer = signed(here.lead).post(new(here), form)
    assert answer.status_code == 302 and f"/{here.meeting.pk}/" not in answer["Location"]
    here.meeting.refresh_from_db()
    assert Meeting.objects.get(pk=here.meeting.pk).uid == here.meeting.uid


@pytest.mark.parametrize("uid", ["zzz", "1", "\x00"])
def test_a_uid_that_is_none(uid):
    here = planned()
    assert "This form is incomplete. Open it again." in text_of(signed(here.lead).post(new(here), said(uid=uid)), 422)
    assert not sessions().exists()


def test_two_at_the_same_moment(monkeypatch):
    """The other one was saved between our look and our insert."""
    here = planned()
    form, real = said(uid=str(uuid.uuid4())), schedule.create
    signed(here.lead).post(new(here), form)
    looks = iter([Meeting.objects.none()])
    monkeypatch.setattr(schedule, "_made_with", lambda uid: next(looks, Meeting.objects.filter(uid=uid)).first())
    assert real is schedule.create
    assert signed(here.lead).post(new(here), form).status_code == 302
    assert sessions().count() == 1


def test_a_segment_sent_twice_is_one_segment():
    here = planned()
    client, newest = signed(here.trainer), rows(here.meeting, "Bienvenida")[-1].pk
    assert f'name="after" value="{newest}"' in text_of(client.get(url("run_of_show", here.meeting.pk)))
    for _ in range(2):
        assert client.post(url("run_of_show", here.meeting.pk), typed(after=str(newest))).status_code == 302
    assert titles(here.meeting) == ["Bienvenida", "Caso"]
    again = here.meeting.segments.last().pk  # opened anew, the same words are meant
    client.post(url("run_of_show", here.meeting.pk), typed(after=str(again)))
    assert titles(here.meeting) == ["Bienvenida", "Caso", "Caso"]


@pytest.mark.parametrize("after", ["", "x", "-1", "9" * 40, "²"])
def test_numbers_that_are_none(after):
    here = planned()
    assert signed(here.trainer).post(url("run_of_show", here.meeting.pk), typed(after=after)).status_code == 302
    assert titles(here.meeting) == ["Caso"]
