"""Forty cases of zones: what an organiser writes, the instant it is, and what clocks show elsewhere.

From the tables of ux.md ("Time zones") and reliability.md (§3.2). Each was looked up in the tz database, not computed by this code.
"""

import datetime
import zoneinfo

import pytest
import tzdata

from sessions import clock_shifts, planning_preview, wall_clock, whose_clocks
from sessions.planning_preview import Planned

BUENOS_AIRES = "America/Argentina/Buenos_Aires"
MEXICO = "America/Mexico_City"

# zone, wall time, expected UTC, twist ("" | "skipped" | "twice"), {zone: what its clock shows}
CASES = [
    # Mexico: no change of clocks since 30 October 2022
    (MEXICO, "2021-07-06 18:00", "2021-07-06 23:00", "", {"America/Bogota": "07-06 18:00"}),
    (MEXICO, "2022-04-03 02:30", "2022-04-03 08:00", "skipped", {}),
    (MEXICO, "2022-10-30 01:30", "2022-10-30 06:30", "twice", {}),
    (MEXICO, "2023-07-04 18:00", "2023-07-05 00:00", "", {"Europe/London": "07-05 01:00"}),
    (MEXICO, "2027-07-06 18:00", "2027-07-07 00:00", "", {"America/Sao_Paulo": "07-06 21:00"}),
    ("America/Cancun", "2026-07-07 18:00", "2026-07-07 23:00", "", {MEXICO: "07-07 17:00"}),
    ("America/Hermosillo", "2026-07-07 18:00", "2026-07-08 01:00", "", {MEXICO: "07-07 19:00", "America/Tijuana": "07-07 18:00"}),
    # the border changes with the United States: 8 March and 1 November 2026
    ("America/Tijuana", "2026-03-07 18:00", "2026-03-08 02:00", "", {MEXICO: "03-07 20:00"}),
    ("America/Tijuana", "2026-03-08 02:30", "2026-03-08 10:00", "skipped", {}),
    ("America/Tijuana", "2026-03-09 18:00", "2026-03-10 01:00", "", {MEXICO: "03-09 19:00"}),
    ("America/Tijuana", "2026-11-01 01:30", "2026-11-01 08:30", "twice", {}),
    ("America/Ciudad_Juarez", "2026-03-08 02:30", "2026-03-08 09:00", "skipped", {}),
    ("America/Ciudad_Juarez", "2026-11-01 01:30", "2026-11-01 07:30", "twice", {}),
    ("America/Ciudad_Juarez", "2026-07-07 18:00", "2026-07-08 00:00", "", {MEXICO: "07-07 18:00", "America/Tijuana": "07-07 17:00"}),
    # Brazil: none since 2019; midnight of 4 November 2018 did not exist
    ("America/Sao_Paulo", "2018-11-04 00:00", "2018-11-04 03:00", "skipped", {}),
    ("America/Sao_Paulo", "2019-02-16 23:30", "2019-02-17 01:30", "twice", {}),
    ("America/Sao_Paulo", "2026-12-08 15:00", "2026-12-08 18:00", "", {MEXICO: "12-08 12:00", "America/Bogota": "12-08 13:00", "America/Santiago": "12-08 15:00", "Europe/London": "12-08 18:00"}),
    ("America/Sao_Paulo", "2026-07-07 15:00", "2026-07-07 18:00", "", {MEXICO: "07-07 12:00", "America/Lima": "07-07 13:00", "America/Santiago": "07-07 14:00", "Europe/London": "07-07 19:00"}),
    ("America/Manaus", "2026-12-08 18:00", "2026-12-08 22:00", "", {"America/Sao_Paulo": "12-08 19:00", "America/Caracas": "12-08 18:00"}),
    ("America/Noronha", "2026-12-08 18:00", "2026-12-08 20:00", "", {"America/Sao_Paulo": "12-08 17:00"}),
    # zones that stand still
    ("America/Bogota", "2026-03-10 18:00", "2026-03-10 23:00", "", {"America/Lima": "03-10 18:00", "America/La_Paz": "03-10 19:00"}),
    (BUENOS_AIRES, "2026-03-10 18:00", "2026-03-10 21:00", "", {"America/Sao_Paulo": "03-10 18:00"}),
    (BUENOS_AIRES, "2026-10-27 18:00", "2026-10-27 21:00", "", {"Europe/London": "10-27 21:00"}),
    # Chile: 5 April and 6 September 2026, at midnight
    ("America/Santiago", "2026-04-04 18:00", "2026-04-04 21:00", "", {BUENOS_AIRES: "04-04 18:00"}),
    ("America/Santiago", "2026-04-04 23:30", "2026-04-05 02:30", "twice", {}),
    ("America/Santiago", "2026-04-05 18:00", "2026-04-05 22:00", "", {BUENOS_AIRES: "04-05 19:00"}),
    ("America/Santiago", "2026-09-06 00:30", "2026-09-06 04:00", "skipped", {}),
    # Paraguay: summer time for good since October 2024
    ("America/Asuncion", "2024-07-02 18:00", "2024-07-02 22:00", "", {}),
    ("America/Asuncion", "2026-07-07 18:00", "2026-07-07 21:00", "", {BUENOS_AIRES: "07-07 18:00"}),
    # Europe: 29 March and 25 October 2026
    ("Europe/London", "2026-03-29 01:30", "2026-03-29 01:00", "skipped", {}),
    ("Europe/London", "2026-10-25 01:30", "2026-10-25 00:30", "twice", {}),
    ("Europe/Zurich", "2026-03-29 02:30", "2026-03-29 01:00", "skipped", {}),
    ("Europe/Zurich", "2026-10-25 02:30", "2026-10-25 00:30", "twice", {}),
    ("Europe/London", "2026-10-22 18:00", "2026-10-22 17:00", "", {MEXICO: "10-22 11:00"}),
    ("Europe/London", "2026-10-29 18:00", "2026-10-29 18:00", "", {MEXICO: "10-29 12:00"}),
    # the seeds' own course, November 2023 to January 2024
    (MEXICO, "2023-11-07 18:00", "2023-11-08 00:00", "", {"America/Tijuana": "11-07 16:00", "America/Santiago": "11-07 21:00", "Europe/Zurich": "11-08 01:00"}),
    (MEXICO, "2024-01-09 18:00", "2024-01-10 00:00", "", {"America/Asuncion": "01-09 21:00", "Europe/London": "01-10 00:00"}),
    # odd ones: half an hour of summer time, quarters of an hour, the date line, half past eleven at night
    ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:30", "skipped", {}),
    ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45", "twice", {}),
    ("Asia/Kathmandu", "2026-12-08 18:00", "2026-12-08 12:15", "", {MEXICO: "12-08 06:15"}),
    (MEXICO, "2026-12-08 23:30", "2026-12-09 05:30", "", {"Pacific/Kiritimati": "12-09 19:30", "Pacific/Auckland": "12-09 18:30"}),
    ("Pacific/Kiritimati", "2027-01-01 00:00", "2026-12-31 10:00", "", {"Pacific/Auckland": "12-31 23:00", MEXICO: "12-31 04:00"}),
    ("Pacific/Auckland", "2026-09-27 02:30", "2026-09-26 14:00", "skipped", {}),
    ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30 10:00", "skipped", {}),  # a day that Samoa left out
]  # fmt: skip
# What a day on which clocks change does to a weekly series: zone, first wall time, weeks, the UTC hour of each
WEEKLY = [
    ("Europe/London", "2026-10-15 18:00", [17, 17, 18, 18]),
    ("Europe/Zurich", "2026-03-17 18:00", [17, 17, 16, 16]),
    ("America/Tijuana", "2026-02-24 10:00", [18, 18, 17, 17]),
    ("America/Ciudad_Juarez", "2026-10-20 10:00", [16, 16, 17, 17]),
    ("America/Santiago", "2026-03-25 15:00", [18, 18, 19, 19]),
    ("Australia/Lord_Howe", "2026-09-22 12:00", [1, 1, 1, 1]),
    (MEXICO, "2023-11-07 09:00", [15] * 10),
    (MEXICO, "2027-03-23 09:00", [15] * 6),
]  # fmt: skip
FACTS = [
    ("Asia/Kathmandu", "2026-07-01", 5.75), (MEXICO, "2026-07-01", -6), ("America/Tijuana", "2026-07-01", -7), ("America/Ciudad_Juarez", "2026-07-01", -6),
    ("America/Cancun", "2026-07-01", -5), ("America/Hermosillo", "2026-07-01", -7), ("America/Sao_Paulo", "2026-12-15", -3),
    ("America/Asuncion", "2026-07-01", -3), ("America/Santiago", "2026-07-01", -4), ("Europe/London", "2026-07-01", 1),
]  # fmt: skip


def at(text):
    return datetime.datetime.strptime(text, "%Y-%m-%d %H:%M")


@pytest.mark.parametrize(("zone", "wall", "utc", "twist", "elsewhere"), CASES)
def test_what_is_written_is_the_instant(zone, wall, utc, twist, elsewhere):
    moment = wall_clock.moment_of(at(wall), zoneinfo.ZoneInfo(zone))
    assert (moment.instant.replace(tzinfo=None), moment.twist) == (at(utc), twist)
    for place, shown in elsewhere.items():
        assert moment.instant.astimezone(zoneinfo.ZoneInfo(place)).strftime("%m-%d %H:%M") == shown, place
    if twist != "skipped":
        assert wall_clock.written(moment.instant, zoneinfo.ZoneInfo(zone)) == wall.replace(" ", "T")


def test_there_are_forty():
    assert len(CASES) >= 40


@pytest.mark.parametrize(("zone", "wall", "utc", "twist", "elsewhere"), [case for case in CASES if case[3] == "skipped"])
def test_the_fix_exists_and_is_the_first_that_does(zone, wall, utc, twist, elsewhere):
    moment = wall_clock.moment_of(at(wall), zoneinfo.ZoneInfo(zone))
    assert moment.fix > at(wall)
    assert wall_clock.moment_of(moment.fix, zoneinfo.ZoneInfo(zone)).twist == ""
    assert wall_clock.moment_of(moment.fix - datetime.timedelta(minutes=1), zoneinfo.ZoneInfo(zone)).twist == "skipped"


def weekly(zone, wall, count):
    """How the series is planned: the day moves, the hour on the wall stays."""
    start, week = at(wall), datetime.timedelta(weeks=1)
    return [wall_clock.moment_of(start + week * number, zoneinfo.ZoneInfo(zone)).instant for number in range(count)]


def naive(zone, wall, count):
    """How it is often done: seven times twenty-four hours after the instant before."""
    start = wall_clock.moment_of(at(wall), zoneinfo.ZoneInfo(zone)).instant
    return [start + datetime.timedelta(hours=7 * 24 * number) for number in range(count)]


@pytest.mark.parametrize(("zone", "wall", "hours"), WEEKLY)
def test_a_weekly_series_keeps_the_hour_on_the_wall(zone, wall, hours):
    found = weekly(zone, wall, len(hours))
    assert [instant.hour for instant in found] == hours
    assert {instant.astimezone(zoneinfo.ZoneInfo(zone)).strftime("%H:%M") for instant in found} == {wall[-5:]}


def test_control_naive_arithmetic_fails_the_table():
    """The table would catch it: an hour off in each zone that changes its clocks, right only where none does."""
    wrong = {zone for zone, wall, hours in WEEKLY if naive(zone, wall, len(hours)) != weekly(zone, wall, len(hours))}
    assert wrong == {
        "Europe/London",
        "Europe/Zurich",
        "America/Tijuana",
        "America/Ciudad_Juarez",
        "America/Santiago",
        "Australia/Lord_Howe",
    }


def test_control_fixed_offsets_fail_the_table():
    """Nor does it pass with "Mexico is always an hour behind Bogotá" and the like: the offset of today taken for every day."""
    off = 0
    for zone, wall, utc, _twist, _elsewhere in CASES:
        today = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC).astimezone(zoneinfo.ZoneInfo(zone)).utcoffset()
        off += at(wall) - today != at(utc)
    assert off >= 15


@pytest.mark.parametrize(("zone", "day", "hours"), FACTS)
def test_the_installed_zone_data_is_new_enough(zone, day, hours):
    instant = at(f"{day} 12:00").replace(tzinfo=datetime.UTC)
    found = instant.astimezone(zoneinfo.ZoneInfo(zone)).utcoffset().total_seconds() / 3600
    assert found == hours, (
        f"The tz database of this machine is too old: {zone} is UTC{hours:+} on {day}, it says UTC{found:+}. "
        f"Update the package tzdata of the system (looked for in {zoneinfo.TZPATH}) or of Python ({tzdata.IANA_VERSION})."
    )


# --- who is told that their hour changes ---------------------------------------------------------------------------------


def shifts_of(zone, wall, count, *places):
    week = datetime.timedelta(weeks=1)
    planned = [Planned(f"{number}", at(wall) + week * number, 90, zone) for number in range(count)]
    found = planning_preview.preview_of(planned, [whose_clocks.Place(place, "", people) for place, people in places], [])
    return [
        (shift.on.isoformat(), shift.now.strftime("%H:%M"), shift.was.strftime("%H:%M"), shift.zones, shift.people)
        for shift in found.shifts
    ]


def test_london_meets_an_hour_earlier_when_its_clocks_go_back():
    assert shifts_of(MEXICO, "2026-10-15 17:00", 3, ("Europe/London", 3), (MEXICO, 9)) == [
        ("2026-10-29", "23:00", "00:00", ("Europe/London",), 3)
    ]


def test_mexico_meets_an_hour_later_when_the_organiser_is_in_london():
    assert shifts_of("Europe/London", "2026-10-15 18:00", 3, (MEXICO, 9)) == [("2026-10-29", "12:00", "11:00", (MEXICO,), 9)]


def test_two_zones_that_change_together_are_said_once():
    found = shifts_of(MEXICO, "2026-10-15 10:00", 4, ("Europe/London", 2), ("Europe/Lisbon", 1), ("Europe/Zurich", 1))
    assert found == [
        ("2026-10-29", "16:00", "17:00", ("Europe/London", "Europe/Lisbon"), 3),
        ("2026-10-29", "17:00", "18:00", ("Europe/Zurich",), 1),
    ]


def test_tijuana_and_santiago_change_alone():
    found = shifts_of(MEXICO, "2026-02-26 18:00", 8, ("America/Tijuana", 1), ("America/Santiago", 2), ("America/Bogota", 4))
    assert found == [
        ("2026-03-12", "17:00", "16:00", ("America/Tijuana",), 1),
        ("2026-04-09", "20:00", "21:00", ("America/Santiago",), 2),
    ]


def test_nobody_is_told_of_a_shift_that_is_none():
    assert (
        shifts_of(
            MEXICO,
            "2026-03-03 18:00",
            40,
            (MEXICO, 5),
            ("America/Bogota", 4),
            ("America/Sao_Paulo", 4),
            (BUENOS_AIRES, 2),
            ("America/Asuncion", 1),
        )
        == []
    )


def test_shifts_are_found_between_neighbours_only():
    assert clock_shifts.shifts_between([]) == []


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "America", "../../etc/passwd", "a\0b", "America/Mexico_City ", None, "x" * 5000]
)
def test_names_that_are_no_zones(name):
    assert wall_clock.known(name) is None
    assert str(wall_clock.zone(name)) == "UTC"
