"""What a change tells people; and wall time that stays true when a zone, a cohort or a government changes."""

import contextlib
import datetime
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import zoneinfo
from pathlib import Path

import pytest
import tzdata
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from curriculum.enrollment_states import Refused
from sessions import schedule
from sessions.models import Meeting
from tests.factories import CohortFactory
from tests.sessions.planning import planned, said, signed, text_of, url
from tests.sessions.planning_moving import sequences, series_of, walls
from tests.sessions.planning_series import MEXICO, coming, led

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent.parent
SEEN = re.compile(r'name="seen" value="([0-9a-f]*)"')
LONDON = zoneinfo.ZoneInfo("Europe/London")


# --- what people are told of -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "rises"),
    [
        ({"title": "Otro"}, 1), ({"minutes": 60}, 1), ({"place": "Aula 2"}, 1), ({"conference_url": "https://meet.example.org/x"}, 1), ({"mode": "hybrid"}, 1),
        ({"time_zone": "America/Bogota"}, 1), ({"state": "draft"}, 1), ({"needed_percent": 50}, 0), ({"preparation": "Leer"}, 0), ({"title": "M1"}, 0),
    ],
)  # fmt: skip
def test_the_number_rises_only_for_what_people_see(change, rises):
    cohort, lead, _client = led()
    (meeting,) = series_of(cohort, lead, 1)
    assert schedule.change(meeting, **change).sequence == rises
    assert sequences([meeting]) == [rises]


def test_a_draft_is_nobodys_entry_until_it_is_announced():
    cohort, lead, _client = led()
    (meeting,) = series_of(cohort, lead, 1, state="draft")
    assert schedule.change(meeting, title="Otro").sequence == 0
    assert schedule.change(meeting, state="scheduled").sequence == 1


def test_another_zone_keeps_the_hour_on_the_wall():
    cohort, lead, client = led()
    (meeting,) = series_of(cohort, lead, 1)
    form = said(title="M1", day=coming().isoformat(), hour="18:00", time_zone="America/Bogota")
    assert client.post(url("edit", meeting.pk), form).status_code == 302
    assert walls([meeting]) == [f"{coming()}T18:00"]
    found = schedule.change(meeting, time_zone="America/Sao_Paulo")
    assert (found.wall_start, found.starts_at.hour) == (f"{coming()}T18:00", 21)
    with pytest.raises(Refused) as refusal:
        schedule.change(meeting, time_zone="Mars/Olympus")
    assert refusal.value.field == "time_zone"


def test_the_form_refuses_an_unknown_zone_by_name():
    here = planned()
    Meeting.objects.filter(pk=here.meeting.pk).update(time_zone="Mars/Olympus")
    text = text_of(signed(here.trainer).post(url("edit", here.meeting.pk), said(time_zone="Mars/Olympus")), 422)
    assert "Choose a time zone from the list." in text
    assert signed(here.trainer).post(url("edit", here.meeting.pk), said(time_zone="America/Lima")).status_code == 302


def test_the_cohorts_zone_takes_its_meetings_along():
    cohort, lead, client = led(CohortFactory(time_zone=MEXICO, capacity=30))
    made = series_of(cohort, lead, 2, closing=True)
    (elsewhere,) = series_of(cohort, lead, 1, zone="Europe/London")
    with override("en"):
        address = reverse("curriculum:cohort_edit", args=[cohort.pk])
    form = {
        "name": cohort.name,
        "curriculum_key": str(cohort.curriculum_key),
        "language": "es",
        "time_zone": "America/Sao_Paulo",
        "starts_on": cohort.starts_on.isoformat(),
        "ends_on": cohort.ends_on.isoformat(),
        "capacity": "30",
    }
    assert client.post(address, form).status_code == 302
    rows = [Meeting.objects.get(pk=one.pk) for one in (*made, elsewhere)]
    assert [row.time_zone for row in rows] == ["America/Sao_Paulo", "America/Sao_Paulo", MEXICO, "Europe/London"]
    assert walls(made) == [
        f"{coming()}T18:00",
        f"{coming() + datetime.timedelta(weeks=1)}T18:00",
        f"{coming() + datetime.timedelta(weeks=2)}T09:00",
    ]
    assert [row.starts_at.hour for row in rows[:2]] == [21, 21] and sequences(made) == [1, 1, 0]


# --- governments change clocks ---------------------------------------------------------------------------------------------


def test_nothing_moves_while_the_rules_stay():
    cohort, lead, _client = led()
    made = series_of(cohort, lead, 3)
    call_command("keep_wall_clocks", verbosity=0)
    assert sequences(made) == [0, 0, 0]


def test_an_instant_that_the_rules_of_today_contradict_is_put_right_once(caplog):
    """The row was written by yesterday's tzdata: two hours off. Drafts move as well and tell nobody; what has begun stays."""
    cohort, lead, _client = led()
    made, draft = series_of(cohort, lead, 3), series_of(cohort, lead, 1, state="draft")
    promised = [one.starts_at for one in (*made, *draft)]
    for one in (*made, *draft):
        Meeting.objects.filter(pk=one.pk).update(starts_at=one.starts_at + datetime.timedelta(hours=2))
    Meeting.objects.filter(pk=made[2].pk).update(started_at=timezone.now(), state="live")
    for _again in range(3):
        call_command("keep_wall_clocks", verbosity=0)
    rows = [Meeting.objects.get(pk=one.pk) for one in (*made, *draft)]
    assert [row.starts_at == was for row, was in zip(rows, promised, strict=True)] == [True, True, False, True]
    assert [row.sequence for row in rows] == [1, 1, 0, 0]
    assert caplog.text.count("the rules of America/Mexico_City have changed") == 3


def test_the_second_of_two_equal_hours_is_left_alone():
    cohort, lead, _client = led()
    day = timezone.localdate() + datetime.timedelta(days=30)
    while (
        datetime.datetime.combine(day, datetime.time(1, 30), LONDON).utcoffset()
        == datetime.datetime.combine(day, datetime.time(1, 30), LONDON).replace(fold=1).utcoffset()
    ):
        day += datetime.timedelta(days=1)
    second = datetime.datetime.combine(day, datetime.time(1, 30), LONDON).replace(fold=1).astimezone(datetime.UTC)
    meeting = schedule.create("training", lead, cohort=cohort, title="x", starts_at=second, time_zone="Europe/London")
    call_command("keep_wall_clocks", verbosity=0)
    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.sequence) == (second, 0)


def test_an_unknown_zone_is_left_to_its_hosts():
    here = planned()
    Meeting.objects.filter(pk=here.meeting.pk).update(time_zone="Mars/Olympus", wall_start="2027-01-01T10:00")
    call_command("keep_wall_clocks", verbosity=0)
    assert Meeting.objects.get(pk=here.meeting.pk).starts_at == here.meeting.starts_at


NEW_RULES = """
import json, sys, django
django.setup()
from django.conf import settings
from django.core.management import call_command
from sessions.models import Meeting
call_command("keep_wall_clocks", verbosity=0)
call_command("keep_wall_clocks", verbosity=0)
print(json.dumps([[one.starts_at.isoformat(), one.sequence] for one in Meeting.objects.order_by("starts_at")]))
"""


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.timeout(120)
def test_a_government_changes_its_clocks(tmp_path):
    """The same command under a tz database in which Mexico City has the clocks of Bogotá: PYTHONTZPATH names it."""
    cohort, lead, _client = led()
    made = series_of(cohort, lead, 2)
    copied, zones = tmp_path / "db.sqlite3", tmp_path / "zoneinfo"
    with (
        contextlib.closing(sqlite3.connect(connection.settings_dict["NAME"])) as source,
        contextlib.closing(sqlite3.connect(copied)) as target,
    ):
        source.backup(target)
    (zones / "America").mkdir(parents=True)
    shutil.copy(_data_of("America/Bogota"), zones / "America" / "Mexico_City")
    environment = {
        **os.environ, "PYTHONTZPATH": str(zones), "DATABASE_URL": f"sqlite:///{copied}", "DJANGO_SETTINGS_MODULE": "lms.settings", "DEBUG": "1",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", NEW_RULES], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=90
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.strip().splitlines()[-1])
    hour = datetime.timedelta(hours=1)
    assert found == [
        [(one.starts_at.astimezone(datetime.UTC) - hour).isoformat(), 1] for one in made
    ]  # 18:00 there is an hour sooner now


def _data_of(name):
    """The file of a zone in the Python package of the tz database."""
    return Path(tzdata.__file__).parent / "zoneinfo" / name
