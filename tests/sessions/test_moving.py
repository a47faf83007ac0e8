"""Moving and calling off one meeting or the rest of its series; wall time stays, whatever clocks and governments do."""

import datetime
import re
import zoneinfo
from pathlib import Path

import pytest
from django.utils import timezone

from sessions import moving
from sessions.models import Meeting
from tests.sessions.planning import planned, signed, text_of, url
from tests.sessions.planning_moving import sequences, series_of, walls
from tests.sessions.planning_series import MEXICO, coming, led
from tests.sessions.rooms import meeting_of

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent.parent
SEEN = re.compile(r'name="seen" value="([0-9a-f]*)"')
LONDON = zoneinfo.ZoneInfo("Europe/London")


def move(client, meeting, day, hour, *, rest=False):
    """Over the preview; the answer to the second post."""
    body = {"day": day.isoformat(), "hour": hour, **({"rest": "on"} if rest else {})}
    seen = SEEN.search(text_of(client.post(url("move", meeting.pk), {**body, "preview": "1"})))[1]
    return client.post(url("move", meeting.pk), {**body, "seen": seen, "move": "1"})


# --- who -------------------------------------------------------------------------------------------------------------


def test_who_may_move():
    here = planned()
    got = {
        role: signed(getattr(here, role)).get(url("move", here.meeting.pk)).status_code
        for role in ("trainee", "trainer", "lead", "evaluator", "stranger")
    }
    assert got == {"trainee": 403, "trainer": 200, "lead": 200, "evaluator": 403, "stranger": 404}
    body = {"day": coming().isoformat(), "hour": "10:00", "move": "1", "seen": "x"}
    for role, status in (("trainee", 403), ("evaluator", 403), ("stranger", 404)):
        assert signed(getattr(here, role)).post(url("move", here.meeting.pk), body).status_code == status
    before = here.meeting.starts_at
    here.meeting.refresh_from_db()
    assert here.meeting.starts_at == before


# --- one, or the rest ----------------------------------------------------------------------------------------------------


def test_one_is_moved_alone():
    cohort, lead, client = led()
    made = series_of(cohort, lead)
    before = walls(made)
    day = coming() + datetime.timedelta(days=8)
    assert move(client, made[1], day, "17:30").status_code == 302
    assert walls(made) == [before[0], f"{day}T17:30", *before[2:]]
    assert sequences(made) == [0, 1, 0, 0]


def test_the_rest_follows_by_the_same_days_and_to_the_same_hour():
    cohort, lead, client = led()
    made = series_of(cohort, lead, closing=True)
    before = walls(made)
    day = coming() + datetime.timedelta(days=9)  # Thursday instead of Tuesday
    assert move(client, made[1], day, "17:00", rest=True).status_code == 302
    expected = [f"{day + datetime.timedelta(weeks=number)}T17:00" for number in range(3)]
    assert walls(made) == [before[0], *expected, f"{day + datetime.timedelta(weeks=3)}T09:00"]  # the closing day keeps its hour
    assert sequences(made) == [0, 1, 1, 1, 1]


def test_the_wall_clock_stays_across_a_change_of_clocks():
    cohort, lead, client = led()
    change = next(
        day
        for day in (timezone.localdate() + datetime.timedelta(days=30 + n) for n in range(400))
        if datetime.datetime.combine(day, datetime.time(12), LONDON).utcoffset()
        != datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time(12), LONDON).utcoffset()
    )
    made = series_of(cohort, lead, 4, zone="Europe/London", first=change - datetime.timedelta(days=10))
    assert move(client, made[0], change - datetime.timedelta(days=9), "18:00", rest=True).status_code == 302
    instants = [Meeting.objects.get(pk=one.pk).starts_at for one in made]
    assert {instant.astimezone(LONDON).strftime("%H:%M") for instant in instants} == {"18:00"}
    assert len({instant.hour for instant in instants}) == 2  # in UTC it is not the same hour


def test_what_has_begun_or_is_past_stays():
    cohort, lead, client = led()
    made = series_of(cohort, lead, 4)
    Meeting.objects.filter(pk=made[2].pk).update(state="live", started_at=timezone.now())
    Meeting.objects.filter(pk=made[3].pk).update(starts_at=timezone.now() - datetime.timedelta(days=1))
    before = walls(made)
    assert move(client, made[0], coming() + datetime.timedelta(days=1), "18:00", rest=True).status_code == 302
    assert walls(made)[2:] == before[2:] and walls(made)[0] != before[0] and walls(made)[1] != before[1]
    assert "has begun" in text_of(client.get(url("move", made[2].pk)))
    assert "has begun" in text_of(
        client.post(url("move", made[2].pk), {"day": coming().isoformat(), "hour": "10:00", "seen": "x", "move": "1"}), 422
    )


def test_nothing_moves_unless_all_can():
    """One of the later ones would fall into an hour that does not exist."""
    cohort, lead, client = led()
    day = timezone.localdate() + datetime.timedelta(days=30)
    while datetime.datetime.combine(day, datetime.time(1, 30), LONDON).astimezone(datetime.UTC).astimezone(LONDON).hour == 1:
        day += datetime.timedelta(days=1)
    made = series_of(cohort, lead, 3, zone="Europe/London", first=day - datetime.timedelta(weeks=1))
    before = walls(made)
    body = {"day": (day - datetime.timedelta(weeks=1)).isoformat(), "hour": "01:30", "rest": "on"}
    text = text_of(client.post(url("move", made[0].pk), {**body, "preview": "1"}))
    assert "does not exist. Write 02:00" in text and 'name="move"' not in text
    seen = SEEN.search(text)[1]
    text = text_of(client.post(url("move", made[0].pk), {**body, "seen": seen, "move": "1"}), 422)
    assert f"On {day} the clocks go forward: 01:30 does not exist. Write 02:00" in text
    assert walls(made) == before and sequences(made) == [0, 0, 0]


def test_somebody_else_was_faster():
    cohort, lead, client = led()
    made = series_of(cohort, lead)
    body = {"day": (coming() + datetime.timedelta(days=1)).isoformat(), "hour": "18:00", "rest": "on"}
    seen = SEEN.search(text_of(client.post(url("move", made[0].pk), {**body, "preview": "1"})))[1]
    moving.move(made[2], coming() + datetime.timedelta(days=40), datetime.time(9))
    assert "Somebody else moved" in text_of(client.post(url("move", made[0].pk), {**body, "seen": seen, "move": "1"}), 422)
    assert sequences(made) == [0, 0, 1, 0]


@pytest.mark.parametrize(
    ("day", "hour", "words"),
    [
        ("2020-01-01", "10:00", "This day is past"), ("9999-12-31", "10:00", "five years"), ("x", "10:00", "Write the day as"),
        ("", "", "Write the day"), ("\x00", "10:00", "Write the day as"), (None, "99:00", "Write the hour as"), (None, "18:00", "takes place already"),
    ],
)  # fmt: skip
def test_where_nothing_is_moved_to(day, hour, words):
    cohort, lead, client = led()
    (meeting,) = series_of(cohort, lead, 1)
    body = {
        "day": coming().isoformat() if day is None else day,
        "hour": hour,
        "move": "1",
        "seen": moving.state_of(moving.moves(meeting, coming(), datetime.time(18))),
    }
    assert words in text_of(client.post(url("move", meeting.pk), body), 422)
    assert sequences([meeting]) == [0]


def test_first_the_preview():
    cohort, lead, client = led()
    (meeting,) = series_of(cohort, lead, 1)
    text = text_of(client.post(url("move", meeting.pk), {"day": coming().isoformat(), "hour": "09:00", "move": "1"}), 422)
    assert "Look at what changes first" in text and sequences([meeting]) == [0]


def test_the_preview_names_what_is_in_the_way():
    cohort, lead, client = led()
    made = series_of(cohort, lead, 2)
    day = coming() + datetime.timedelta(days=1)
    meeting_of(
        cohort,
        "scheduled",
        title="La otra",
        starts_at=datetime.datetime.combine(day, datetime.time(18), zoneinfo.ZoneInfo(MEXICO)),
    )
    text = text_of(client.post(url("move", made[0].pk), {"day": day.isoformat(), "hour": "18:30", "preview": "1"}))
    assert "At the same time as “La otra”" in text and ">M2<" not in text


# --- calling off -----------------------------------------------------------------------------------------------------------


def test_calling_off_the_rest():
    cohort, lead, client = led()
    made = series_of(cohort, lead, closing=True)
    assert "This one and the 3 that follow" in text_of(client.get(url("cancel", made[1].pk)))
    assert "Write the reason" in text_of(client.post(url("cancel", made[1].pk), {"reason": "", "rest": "on"}), 422)
    said = {"reason": "Sin sede", "rest": "on"}
    page = client.post(url("cancel", made[1].pk), said)
    text = text_of(page)
    assert "Sin sede" in text and all(one.title in text for one in made[1:])
    assert not Meeting.objects.filter(state="cancelled").exists()
    assert client.post(url("cancel", made[1].pk), said | {"confirm": "1", "seen": page.context["seen"]}).status_code == 302
    states = [(one.state, one.cancel_reason, one.sequence) for one in Meeting.objects.filter(cohort=cohort).order_by("starts_at")]
    assert states == [("scheduled", "", 0), *[("cancelled", "Sin sede", 1)] * 4]


def test_calling_off_one_leaves_the_others():
    cohort, lead, client = led()
    made = series_of(cohort, lead, 3)
    client.post(url("cancel", made[0].pk), {"reason": "Feriado"})
    assert [Meeting.objects.get(pk=one.pk).state for one in made] == ["cancelled", "scheduled", "scheduled"]
    assert "follow" not in text_of(client.get(url("cancel", made[2].pk)))
