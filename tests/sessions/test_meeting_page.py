"""The page of a meeting: who leads and who presents, and the way to moving it."""

import pytest

from sessions.models import Meeting, MeetingPerson
from tests.factories import UserFactory
from tests.sessions.planning import planned, url
from tests.sessions.test_session_page import page_of

pytestmark = pytest.mark.django_db


def test_who_presents_stands_beside_who_leads_and_does_not_take_their_place():
    here = planned()
    MeetingPerson.objects.create(meeting=here.meeting, user=UserFactory(full_name="Paula Ponente"), part="presenter")
    text = page_of(here)
    led, presented = (text.partition(f'id="{key}"')[2].partition("</section>")[0] for key in ("leaders", "presenters"))
    assert here.trainer.full_name in led and "Paula Ponente" not in led
    assert "Paula Ponente" in presented and here.trainer.full_name not in presented
    MeetingPerson.objects.all().delete()
    assert 'id="presenters"' not in page_of(here)


def test_those_who_run_it_move_it_and_call_it_off_from_its_page():
    here = planned()
    links = [f'href="{url(name, here.meeting.pk)}"' for name in ("move", "cancel")]
    assert all(link in page_of(here, "trainer") for link in links)
    assert not any(link in page_of(here) for link in links)
    Meeting.objects.update(state="cancelled")
    assert not any(link in page_of(here, "trainer") for link in links)
