"""Printed sheets, the rehearsal and pages of planning tell the browser what all other pages tell it."""

import pytest

from sessions.models import Segment
from tests.lms.test_headers import INLINE
from tests.sessions.planning import planned, signed, text_of, url

pytestmark = pytest.mark.django_db
PAGES = ("rehearsal", "cue_sheet", "agenda_sheet", "run_of_show", "move", "cancel")


def prepared():
    here = planned(minutes=30)
    for order in (1, 2):
        Segment.objects.create(meeting=here.meeting, title=f"Part {order}", minutes=10, order=order, notes="Private")
    return here


@pytest.mark.parametrize("query", ["", "?at=1&clock=1"])
@pytest.mark.parametrize("name", PAGES)
def test_the_same_policy_and_nothing_kept(name, query):
    here = prepared()
    client = signed(here.trainer)
    other = client.get(url("meetings"))
    response = client.get(url(name, here.meeting.pk) + query)
    text = text_of(response)
    assert (
        response["Content-Security-Policy"] == other["Content-Security-Policy"]
        and "unsafe" not in other["Content-Security-Policy"]
    )
    assert response["Cache-Control"] == other["Cache-Control"] == "private, no-store"
    assert [pattern.pattern for pattern in INLINE if pattern.search(text)] == []
    assert "http-equiv" not in text.lower()


def test_the_clock_of_the_rehearsal_leads_only_to_itself():
    here = prepared()
    address = url("rehearsal", here.meeting.pk)
    ticking = signed(here.trainer).get(f"{address}?at=1&clock=1&next=//evil.example/")
    assert ticking["Refresh"] == f"600; url={address}?at=2&clock=1"
    for query in ("", "?at=1", "?at=2&clock=1", "?at=1&clock=x"):
        assert "Refresh" not in signed(here.trainer).get(address + query)
