"""Calendar files, read back by icalendar and by ical.js: the same UIDs and instants in every zone, whatever people type."""

import datetime
import itertools
import uuid
import zoneinfo
from dataclasses import replace

import pytest
from icalendar import Calendar

from notifications import calendar
from tests.node import second_reader

UTC = datetime.UTC
ME = calendar.Attendee("ana@example.org", 'Ana "la" Pérez; x, y')
BOSS = calendar.Organiser("puente@example.org", "Puente FLS")
ZONES = (
    "America/Mexico_City", "America/Tijuana", "America/Sao_Paulo", "America/Bogota", "America/Santiago", "America/Asuncion",
    "Europe/London", "Europe/Zurich", "Asia/Kathmandu",
)  # fmt: skip
# Before and after each change of clocks of 2026 and 2027 in these zones, and 2022, when Mexico still had one.
DAYS = (
    "2022-04-02", "2022-04-04", "2022-10-29", "2022-10-31", "2026-03-07", "2026-03-09", "2026-03-28", "2026-03-30", "2026-04-04",
    "2026-04-06", "2026-09-05", "2026-09-07", "2026-10-24", "2026-10-26", "2026-10-31", "2026-11-02", "2027-07-05", "2027-12-31",
)  # fmt: skip
INJECTIONS = (
    "one\rtwo", "one\ntwo", "one\r\ntwo", "one\n\rtwo", "one\u2028two", "one\u2029two", "one\x85two", "one\x0btwo", "one\x0ctwo",
    "one\x00two", "one\x1ctwo", "one\x1dtwo", "one\x1etwo", "one\x07two", "one\x7ftwo", "one\x9btwo", "BEGIN:VEVENT", "END:VEVENT",
    "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil", "x\nEND:VCALENDAR", "x\r\n BEGIN:VEVENT", "x\r\n\tATTENDEE:mailto:evil@example.org",
    ";", ",", "a;b,c:d", "\\", "\\n", "\\N", "\\\\n", "\\;\\,", "a\\\nb", '"', 'DQUOTE "in" the middle', "^n ^' ^^", "%0D%0ABEGIN:VEVENT",
    "=0D=0A", "🦴", "🦴" * 40, "é" * 37, "é" * 38, "a" + "é" * 37, "a" * 74 + "é", "a" * 73 + "🦴", "a" * 75, "a" * 76, "日本" * 30,
    "\u202eevil", "\u200b", "x" * 3000, "DTSTART:19700101T000000Z", "\ufeffBEGIN:VEVENT", " leading", "tab\there", "ATTENDEE;CN=x:mailto:y@z",
)  # fmt: skip


def entry(zone="America/Mexico_City", starts="2027-03-05T18:00", **fields):
    """`starts` on the clock of `zone`."""
    at = datetime.datetime.fromisoformat(starts)
    at = at if at.tzinfo else at.replace(tzinfo=zoneinfo.ZoneInfo(zone)).astimezone(UTC)
    usual = {
        "uid": calendar.uid_for(uuid.uuid4()),
        "sequence": 1,
        "summary": "Sesión 1",
        "description": "Trae un caso.",
        "url": "https://x.example/5/",
    }
    return calendar.Entry(starts_at=at, ends_at=at + datetime.timedelta(minutes=90), zone=zone, **{**usual, **fields})


def requested(one):
    return calendar.request(one, ME, BOSS)


def first_reader(text):
    """The one event of a text, as icalendar reads it."""
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    return event


def both(text):
    """`[(uid, sequence, start, end)]` as each parser reads them; the two must agree. Returns icalendar's."""
    events = [
        (str(one["UID"]), int(one["SEQUENCE"]), one["DTSTART"].dt.astimezone(UTC), one["DTEND"].dt.astimezone(UTC))
        for one in Calendar.from_ical(text).walk("VEVENT")
    ]
    moment = datetime.datetime.fromisoformat
    second = [
        (one["uid"], one["sequence"], moment(one["starts"]), moment(one["ends"]))
        for one in second_reader.read([text])[0]["events"]
    ]
    assert events == second
    return events


# --- zones -----------------------------------------------------------------------------------------------------------


def test_every_zone_and_day_is_the_same_instant_for_both_readers():
    entries = [entry(zone, f"{day}T{hour}") for zone, day, hour in itertools.product(ZONES, DAYS, ("00:30", "18:00"))]
    texts = [requested(one) for one in entries]
    for one, text, second in zip(entries, texts, second_reader.read(texts), strict=True):
        first = first_reader(text)
        assert first["DTSTART"].params["TZID"] == one.zone
        assert first["DTSTART"].dt.astimezone(UTC) == one.starts_at and first["DTEND"].dt.astimezone(UTC) == one.ends_at
        (event,) = second["events"]
        assert (event["starts"], event["ends"]) == (f"{one.starts_at:%Y-%m-%dT%H:%M:%SZ}", f"{one.ends_at:%Y-%m-%dT%H:%M:%SZ}")
        assert event["uid"] == first["UID"] == one.uid and event["tzid"] == one.zone and second["zones"] == [one.zone]


def test_a_feed_of_all_zones_holds_the_rules_of_each_and_both_agree():
    entries = [entry(zone, f"{day}T18:00") for zone, day in itertools.product(ZONES, DAYS)]
    text = calendar.feed(entries, "Puente")
    assert [uid for uid, *_rest in both(text)] == [one.uid for one in entries]
    assert {start for _uid, _number, start, _end in both(text)} == {one.starts_at for one in entries}
    assert text.count("BEGIN:VTIMEZONE") == len(ZONES)


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        ("Europe/London", "2026-10-22T18:00", "2026-10-29T18:00"),
        ("America/Santiago", "2026-09-03T18:00", "2026-09-10T18:00"),
        ("America/Tijuana", "2026-10-29T18:00", "2026-11-05T18:00"),
    ],
)
def test_an_entry_that_moves_across_a_change_of_clocks_keeps_its_uid_and_its_wall_time(zone, before, after):
    first = entry(zone, before)
    moved = replace(entry(zone, after, uid=first.uid), sequence=2)
    assert moved.starts_at - first.starts_at != datetime.timedelta(days=7)
    told = [both(text) for text in (requested(first), requested(moved), calendar.cancel(replace(moved, sequence=3), ME, BOSS))]
    assert [one[0][0] for one in told] == [first.uid] * 3 and [one[0][1] for one in told] == [1, 2, 3]
    assert [one[0][2] for one in told] == [first.starts_at, moved.starts_at, moved.starts_at]


def test_another_zone_alone_moves_the_entry():
    first = entry("Europe/London", "2026-10-22T18:00")
    moved = entry("America/Tijuana", "2026-10-22T18:00", uid=first.uid)
    assert both(requested(first))[0][2] != both(requested(moved))[0][2] == moved.starts_at


@pytest.mark.parametrize("hour", ["2026-10-25T00:30:00+00:00", "2026-10-25T01:30:00+00:00"])
def test_an_hour_that_exists_twice_is_still_one_instant(hour):
    one = entry("Europe/London", hour)
    assert both(requested(one))[0][2] == one.starts_at


def test_a_zone_that_tzdata_does_not_know_is_written_in_utc():
    for zone in ("Mars/Olympus", "", "../../etc/passwd", "UTC"):
        one = replace(entry(), zone=zone)
        text = requested(one)
        assert "TZID" not in text and both(text)[0][2] == one.starts_at


def test_the_second_reader_believes_the_rules_in_the_file():
    """So that wrong rules would be found: here they are planted."""
    one = entry("America/Mexico_City")
    planted = requested(one).replace("TZOFFSETTO:-0600", "TZOFFSETTO:-0500")
    assert second_reader.read([planted])[0]["events"][0]["starts"] != f"{one.starts_at:%Y-%m-%dT%H:%M:%SZ}"
    begin, end = planted.index("BEGIN:VTIMEZONE"), planted.index("BEGIN:VEVENT")
    with pytest.raises(ValueError, match="does not explain"):
        second_reader.read([planted[:begin] + planted[end:]])


def test_the_rules_are_trimmed():
    for zone in ZONES:
        text = requested(entry(zone))
        rules = text[text.index("BEGIN:VTIMEZONE") : text.index("BEGIN:VEVENT")]
        assert len(rules) < 2048 and "1970" not in rules
    longest = calendar.feed([entry("America/Tijuana", f"{year}-06-01T10:00") for year in (2026, 2028)], "Puente")
    assert len(longest[: longest.index("BEGIN:VEVENT")]) < 2048


# --- what people type ------------------------------------------------------------------------------------------------


def test_the_corpus_is_long_enough():
    assert len(set(INJECTIONS)) == len(INJECTIONS) >= 30


def test_whatever_is_typed_there_is_one_event_with_the_same_words():
    entries = [entry(summary=words, location=words, description=words) for words in INJECTIONS]
    texts = [
        calendar.request(one, calendar.Attendee("a@example.org", words), BOSS)
        for one, words in zip(entries, INJECTIONS, strict=True)
    ]
    for one, words, text, second in zip(entries, INJECTIONS, texts, second_reader.read(texts), strict=True):
        first, (event,) = first_reader(text), second["events"]
        assert first["UID"] == event["uid"] == one.uid, words
        assert str(first["SUMMARY"]) == event["summary"] == calendar.line(words), words
        assert str(first.get("LOCATION", "")) == event["location"] == calendar.line(words), words
        assert str(first["DESCRIPTION"]) == event["description"] == calendar.text(words), words
        assert [who["address"] for who in event["attendees"]] == ["mailto:a@example.org"], words
        assert text.count("BEGIN:VEVENT\r\n") == 1 or "BEGIN:VEVENT" in words
        assert event["attendees"][0]["name"] == (calendar.line(words).replace('"', "'").replace("\\", "/") or "a@example.org"), (
            words
        )


def test_words_stay_words():
    assert calendar.line("one\r\ntwo\u2028three\x00") == "one two three"
    assert calendar.text("one\r\ntwo\rthree\u2029four\x07") == "one\ntwo\nthree\nfour"
    assert calendar.line("Sesión 🦴 de São Paulo") == "Sesión 🦴 de São Paulo"


@pytest.mark.parametrize("words", ["🦴", ",", ";é", "\\", "a ", "\n"])
def test_no_file_is_over_eight_kilobytes_and_no_line_over_75_octets(words):
    one = entry(
        "America/Santiago",
        summary=words * 160,
        description=words * 6000,
        location=words * 300,
        url="https://x.example/" + "a" * 480,
    )
    text = calendar.request(one, calendar.Attendee("a" * 60 + "@example.org", words * 150), BOSS)
    assert len(text.encode()) <= 8192
    assert max(len(line) for line in text.encode().split(b"\r\n")) <= 75
    assert both(text)[0][0] == one.uid


# --- mail ------------------------------------------------------------------------------------------------------------


def test_a_request_names_the_organiser_and_one_person_who_may_answer():
    text = requested(entry())
    first, (second,) = first_reader(text), second_reader.read([text])[0]["events"]
    assert "METHOD:REQUEST\r\n" in text and first["STATUS"] == "CONFIRMED"
    assert second["organizer"]["address"] == "mailto:puente@example.org" and second["organizer"]["name"] == "Puente FLS"
    assert second["attendees"] == [
        {"address": "mailto:ana@example.org", "name": "Ana 'la' Pérez; x, y", "partstat": "NEEDS-ACTION", "rsvp": "TRUE"}
    ]
    assert second["alarms"] == 1 and "TRIGGER:-PT15M" in text and first["URL"] == "https://x.example/5/"


def test_a_cancel_says_so_and_rings_no_bell():
    text = calendar.cancel(replace(entry(), cancelled=True), ME, BOSS)
    read = second_reader.read([text])[0]
    assert read["method"] == "CANCEL" and read["events"][0]["status"] == "CANCELLED" and read["events"][0]["alarms"] == 0


def test_the_organiser_is_the_sending_address(settings):
    settings.DEFAULT_FROM_EMAIL = '"Puente, FLS" <citas@example.org>'
    assert calendar.organiser() == calendar.Organiser("citas@example.org", "Puente, FLS")
    settings.DEFAULT_FROM_EMAIL, settings.SITE_NAME = "citas@example.org", "Puente"
    assert calendar.organiser() == calendar.Organiser("citas@example.org", "Puente")


def test_uids_are_ours_or_nobodys():
    identifier = uuid.uuid4()
    assert calendar.identifier_in(calendar.uid_for(identifier)) == identifier
    for uid in ("", "@puente", "x@puente", f"{identifier}@elsewhere", f"{identifier}", None):
        assert calendar.identifier_in(uid) is None


# --- feeds -----------------------------------------------------------------------------------------------------------


def test_a_feed_has_a_name_and_says_when_to_come_back():
    text = calendar.feed([entry(), replace(entry(), cancelled=True)], "Reuniones; de Ana\r\nX:y")
    read = second_reader.read([text])[0]
    assert read["method"] == "PUBLISH" and read["name"] == "Reuniones; de Ana X:y"
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT12H\r\n" in text and "X-PUBLISHED-TTL:PT12H\r\n" in text
    assert [one["status"] for one in read["events"]] == ["CONFIRMED", "CANCELLED"]


def test_the_same_entries_make_the_same_feed():
    one = entry()
    assert calendar.feed([one], "Puente") == calendar.feed([one], "Puente")
    assert "DTSTAMP:20270306T000000Z" in calendar.feed([one], "Puente")


def test_an_empty_feed_is_a_calendar_all_the_same():
    text = calendar.feed([], "Puente")
    assert both(text) == [] and "BEGIN:VTIMEZONE" in text
