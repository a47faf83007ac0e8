"""The rehearsal goes through the cues without touching anything, and the two sheets fit one page of paper."""

import pytest

from sessions.models import Event, Lease, Segment, Stream
from tests.sessions.planning import planned, signed, text_of, url

pytestmark = pytest.mark.django_db


def rehearsed(**fields):
    here = planned(minutes=30, **fields)
    for order, (title, minutes) in enumerate((("Uno", 10), ("Dos", 15), ("Tres", 20)), start=1):
        Segment.objects.create(
            meeting=here.meeting, title=title, minutes=minutes, order=order, fallback=f"Plan B {order}", materials="Slides",
            notes="A secret note",
        )  # fmt: skip
    return here


def test_cues_are_stepped_through_with_planned_time_backup_plan_and_materials():
    here = rehearsed()
    client = signed(here.trainer)
    address = url("rehearsal", here.meeting.pk)
    text = text_of(client.get(address))
    assert "Cue 1 of 3" in text and "Plan B 1" in text and "Slides" in text and "0 min of 45 min" in text
    assert '?at=2"' in text and "Previous cue" not in text
    text = text_of(client.get(address, {"at": "3"}))
    assert (
        "25 min of 45 min" in text
        and "past the planned end" in text
        and "Next cue" not in text
        and "End of the rehearsal" in text
    )


@pytest.mark.parametrize(("at", "cue"), [("0", 1), ("-1", 1), ("x", 1), ("²", 1), ("9999999999999999999", 1), ("99", 3), ("", 1)])
def test_addresses_that_name_no_cue_lead_to_the_nearest(at, cue):
    here = rehearsed()
    assert f"Cue {cue} of 3" in text_of(signed(here.trainer).get(url("rehearsal", here.meeting.pk), {"at": at}))


def test_real_time_goes_on_by_itself_and_only_when_asked_for():
    here = rehearsed()
    client = signed(here.trainer)
    address = url("rehearsal", here.meeting.pk)
    assert "Refresh" not in client.get(address).headers
    answer = client.get(address, {"at": "2", "clock": "1"})
    assert answer.headers["Refresh"] == f"900; url={address}?at=3&clock=1"
    text = text_of(answer)
    assert "15:00" in text and "Stop the clock" in text and "rehearsal.js" in text
    assert "Refresh" not in client.get(address, {"at": "3", "clock": "1"}).headers


def test_a_rehearsal_leaves_no_trace():
    here = rehearsed(state="live")
    before = Event.objects.count(), Lease.objects.count(), Stream.objects.count()
    for at in (1, 2, 3):
        signed(here.trainer).get(url("rehearsal", here.meeting.pk), {"at": at, "clock": "1"})
    assert (Event.objects.count(), Lease.objects.count(), Stream.objects.count()) == before
    assert not here.meeting.segments.filter(started_at__isnull=False).exists()
    assert signed(here.trainer).post(url("rehearsal", here.meeting.pk)).status_code == 405


def test_nothing_to_rehearse_is_said():
    here = planned()
    assert "no run of show to rehearse yet" in text_of(
        signed(here.trainer).get(url("rehearsal", here.meeting.pk), {"clock": "1"})
    )
    assert "agenda is not published yet" in text_of(signed(here.trainee).get(url("agenda_sheet", here.meeting.pk)))
    assert "There is no segment yet" in text_of(signed(here.trainer).get(url("cue_sheet", here.meeting.pk)))


@pytest.mark.parametrize(
    ("role", "agenda", "cues"),
    [("trainer", 200, 200), ("lead", 200, 200), ("trainee", 200, 403), ("evaluator", 200, 403), ("stranger", 404, 404)],
)
def test_who_reads_which_sheet(role, agenda, cues):
    here = rehearsed()
    client = signed(getattr(here, role))
    assert client.get(url("agenda_sheet", here.meeting.pk)).status_code == agenda
    assert {client.get(url(name, here.meeting.pk)).status_code for name in ("cue_sheet", "rehearsal")} == {cues}


def test_participants_read_time_title_and_who_speaks_and_nothing_else():
    here = rehearsed()
    text = text_of(signed(here.trainee).get(url("agenda_sheet", here.meeting.pk)))
    assert "Uno" in text and not any(words in text for words in ("Plan B", "Slides", "A secret note"))
    text = text_of(signed(here.trainer).get(url("cue_sheet", here.meeting.pk)))
    assert all(words in text for words in ("Uno", "Plan B 3", "Slides", "A secret note", "15 min too long"))
