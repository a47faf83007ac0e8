"""Reports of Zoom and Teams: every shape they come in, matching, zones, twice the same file, and files that are none."""

import html as html_words
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from sessions.models import AttendanceChange, ImportedStay
from tests.sessions.attending import at, connected, ended, mark_of, reconciled
from tests.sessions.rooms import meeting_of, person_in

pytestmark = pytest.mark.django_db
START = datetime(2025, 3, 4, 21, 0, tzinfo=UTC)  # 15:00 in Mexico City; the fourth of March reads as the third of April too


@pytest.fixture
def meeting(db):
    return ended(title="Sesión 1", starts_at=START, started_at=START, ended_at=START + timedelta(minutes=90))


@pytest.fixture
def people(meeting):
    names = {"ana": "Dra. Ana Sofía Rojas Pérez", "luis": "Luis Núñez", "eva": "Eva Brandão"}
    before = START - timedelta(days=30)
    return {
        key: person_in(meeting, enrolled_at=before, user__full_name=name, user__email=f"{key}@example.org")
        for key, name in names.items()
    }


@pytest.fixture
def trainer(meeting, client):
    trainer = person_in(meeting, role="trainer", user__time_zone="America/Sao_Paulo")
    client.force_login(trainer)
    return trainer


def zoom(meeting, rows, *, header=True, zone_hours=-6, form="%m/%d/%Y %I:%M:%S %p"):
    """`rows` are (name, e-mail, minute of joining, minute of leaving); local time of Mexico City unless said otherwise."""
    local = timezone.get_fixed_timezone(timedelta(hours=zone_hours))
    say = lambda minute: at(meeting, minute).astimezone(local).strftime(form)  # noqa: E731
    top = 'Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants\n812,"Sesión, 1",x,y,host@example.org,90,3\n\n'
    lines = [f'"{name}",{email},"{say(begin)}","{say(end)}",{end - begin},Yes,No' for name, email, begin, end in rows]
    head = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,In Waiting Room\n"
    return ("\ufeff" + (top if header else "") + head + "\n".join(lines) + "\n").encode()


def teams(meeting, rows):
    say = lambda minute: at(meeting, minute).astimezone(timezone.get_fixed_timezone(-360)).strftime("%-m/%-d/%y, %-I:%M:%S %p")  # noqa: E731
    stays = "\n".join(f"{name}\t{say(begin)}\t{say(end)}\t9m\t{email}\tAttendee" for name, email, begin, end in rows)
    return (
        f"1. Summary\nMeeting title\tSesión 1\nAttended participants\t3\nStart time\t{say(0)}\n\n2. Participants\n"
        "Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole\n"
        f"Ana\t{say(0)}\t{say(90)}\t9m\tana@example.org\tana@example.org\tAttendee\n\n"
        f"3. In-Meeting Activities\nName\tJoin Time\tLeave Time\tDuration\tEmail\tRole\n{stays}\n"
    ).encode("utf-16")


def page(meeting):
    return reverse("live:attendance_import", args=[meeting.pk])


def upload(client, meeting, content, name="report.csv"):
    file = io.BytesIO(content)
    file.name = name
    return client.post(page(meeting), {"file": file})


def carried(response):
    """What the form of the answer would post: hidden fields, ticked boxes, chosen options."""
    html = response.content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    fields = {}
    for tag in re.findall(r"<input[^>]*>", main):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ("checkbox" not in tag or " checked" in tag):
            fields[name[1]] = html_words.unescape(value[1]) if value else ""
    for name, body in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', main, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]* selected', body) or re.search(r'<option value="([^"]*)"', body)
        fields[name] = chosen[1]
    fields.pop("csrfmiddlewaretoken", None)
    return fields


def go_through(client, meeting, content, **answers):
    """Upload, match with `answers`, totals, save. Returns the last answer."""
    matched = client.post(page(meeting), {**carried(upload(client, meeting, content)), **answers})
    assert matched.status_code == 200, matched.content.decode()
    return client.post(page(meeting), {**carried(matched), "confirm": "1"})


FULL = ("Ana R", "ANA@example.org", 0, 80)


# --- shapes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shape", ["zoom", "zoom-bare", "zoom-24h", "zoom-dmy", "zoom-iso", "zoom-latin1", "teams", "utf16-no-mark"]
)
def test_a_report_marks_whoever_is_recognised_by_address(meeting, people, trainer, client, shape):
    rows = [FULL, ("Ana R", "ana@example.org", 70, 88), ("Luis", "luis@example.org", 10, 40)]
    content = {
        "zoom": lambda: zoom(meeting, rows), "zoom-bare": lambda: zoom(meeting, rows, header=False),
        "zoom-24h": lambda: zoom(meeting, rows, form="%Y-%m-%d %H:%M:%S"), "zoom-dmy": lambda: zoom(meeting, rows, form="%d/%m/%Y %H:%M:%S"),
        "zoom-iso": lambda: zoom(meeting, rows, form="%Y-%m-%dT%H:%M:%S-06:00"),
        "zoom-latin1": lambda: zoom(meeting, rows).decode("utf-8-sig").encode("latin-1"), "teams": lambda: teams(meeting, rows),
        "utf16-no-mark": lambda: zoom(meeting, rows).decode("utf-8-sig").encode("utf-16-le"),
    }[shape]()  # fmt: skip
    first = upload(client, meeting, content)
    assert first.status_code == 200
    assert first.context["form"]["zone"].value() == "America/Mexico_City"  # where the times fit the meeting
    assert [one.number for one in first.context["sure"]] == [0, 1] and not first.context["doubtful"]
    totals = client.post(page(meeting), carried(first))
    assert (totals.context["foretold"].taken, totals.context["foretold"].lines) == (2, 3)
    assert not ImportedStay.objects.exists()  # foretold, not done
    assert client.post(page(meeting), {**carried(totals), "confirm": "1"}).status_code == 302
    assert mark_of(meeting, people["ana"]) == ("present", "import", 88)
    assert mark_of(meeting, people["luis"]) == ("partly", "import", 30)
    assert mark_of(meeting, people["eva"]) == ("absent", "room", 0)
    assert AttendanceChange.objects.filter(by=trainer).count() == 3


def test_the_same_file_twice_changes_nothing(meeting, people, trainer, client):
    content = zoom(meeting, [FULL, FULL])
    for _time in range(2):
        assert go_through(client, meeting, content).status_code == 302
    assert ImportedStay.objects.count() == 1
    assert AttendanceChange.objects.count() == 3
    assert mark_of(meeting, people["ana"])[2] == 80


def test_another_zone_corrects_the_lines_instead_of_adding_to_them(meeting, people, trainer, client):
    content = zoom(meeting, [FULL])
    go_through(client, meeting, content, zone="America/Sao_Paulo", minimum="0")
    assert mark_of(meeting, people["ana"])[0] == "absent"
    assert carried(upload(client, meeting, content))["zone"] == "America/Mexico_City"
    go_through(client, meeting, content, zone="America/Mexico_City")
    assert ImportedStay.objects.count() == 1
    assert mark_of(meeting, people["ana"]) == ("present", "import", 80)


def test_times_in_utc_are_recognised_as_such(meeting, people, trainer, client):
    assert upload(client, meeting, zoom(meeting, [FULL], zone_hours=0)).context["form"]["zone"].value() == "UTC"


def test_the_room_and_the_report_together_count_once(meeting, people, trainer, client):
    connected(meeting, people["ana"], 0, 50)
    go_through(client, meeting, zoom(meeting, [("Ana", "ana@example.org", 20, 60)]))
    assert mark_of(meeting, people["ana"])[2] == 60


# --- who is who --------------------------------------------------------------------------------------------------------


def test_doubtful_names_are_asked_and_strangers_left_aside(meeting, people, trainer, client):
    content = zoom(
        meeting, [("NUNEZ, Luis (iPhone)", "", 0, 90), ("Ana Rojas", "other@gmail.com", 0, 90), ("Zoé Quesada", "", 0, 90)]
    )
    first = upload(client, meeting, content)
    assert [(one.name, one.suggested) for one in first.context["doubtful"]] == [
        ("NUNEZ, Luis (iPhone)", people["luis"]), ("Ana Rojas", people["ana"]),
    ]  # fmt: skip
    assert [one.name for one in first.context["unknown"]] == ["Zoé Quesada"]
    asked = client.post(page(meeting), carried(first))
    assert asked.status_code == 422 and len(asked.context["errors"]) == 2
    answers = {"who-0": people["luis"].pk, "who-1": "none"}
    totals = client.post(page(meeting), {**carried(first), **answers})
    assert (totals.context["foretold"].taken, totals.context["foretold"].aside) == (1, 2)
    again = client.post(page(meeting), {**carried(totals), "reread": "1"})  # nothing chosen is lost on the way back
    assert carried(again)["who-0"] == str(people["luis"].pk) and carried(again)["who-1"] == "none"
    client.post(page(meeting), {**carried(totals), "confirm": "1"})
    assert mark_of(meeting, people["luis"])[0] == "present"
    assert list(ImportedStay.objects.values_list("user", "name")) == [(people["luis"].pk, "NUNEZ, Luis (iPhone)")]
    assert upload(client, meeting, content).context["sure"][0].chosen == people["luis"].pk  # remembered by the line


def test_a_stranger_may_be_named_and_a_recognised_one_left_aside(meeting, people, trainer, client):
    content = zoom(meeting, [("iPad", "", 0, 90), FULL])
    go_through(client, meeting, content, **{"who-0": people["eva"].pk, "who-1": ""})
    assert mark_of(meeting, people["eva"])[0] == "present"
    assert mark_of(meeting, people["ana"])[0] == "absent"


def test_another_answer_for_the_same_line_holds(meeting, people, trainer, client):
    content = zoom(meeting, [("iPad", "", 0, 90)])
    go_through(client, meeting, content, **{"who-0": people["eva"].pk})
    matched = client.post(page(meeting), {**carried(upload(client, meeting, content)), "who-0": ""})
    client.post(page(meeting), {**carried(matched), "confirm": "1"})
    assert mark_of(meeting, people["eva"])[0] == "absent"
    assert ImportedStay.objects.get().user is None


@pytest.mark.parametrize("forged", ["999999", "-1", "abc", "9" * 30, "²"])
def test_somebody_who_does_not_belong_to_the_meeting_is_nobody(meeting, people, trainer, client, forged):
    stranger = person_in(meeting_of())
    for value in (forged, stranger.pk):
        go_through(client, meeting, zoom(meeting, [("iPad", "", 0, 90)]), **{"who-0": value})
    assert not ImportedStay.objects.exists()


def test_short_visits_can_be_left_aside(meeting, people, trainer, client):
    go_through(
        client, meeting, zoom(meeting, [("Ana", "ana@example.org", 0, 4), ("Luis", "luis@example.org", 0, 5)]), minimum="5"
    )
    assert mark_of(meeting, people["ana"])[0] == "absent"
    assert mark_of(meeting, people["luis"])[0] == "partly"


@pytest.mark.parametrize("answers", [{"minimum": "-1"}, {"minimum": "x"}, {"zone": "Mars/Base"}, {"zone": ""}])
def test_a_bad_zone_or_minimum_is_said(meeting, people, trainer, client, answers):
    first = upload(client, meeting, zoom(meeting, [FULL]))
    assert client.post(page(meeting), {**carried(first), **answers}).status_code == 422


def test_marks_by_hand_stay(meeting, people, trainer, client):
    from sessions import attendance_marks

    reconciled(meeting)
    attendance_marks.correct(meeting, people["ana"], "absent", trainer, "Somebody else at her desk")
    go_through(client, meeting, zoom(meeting, [FULL]))
    assert mark_of(meeting, people["ana"]) == ("absent", "hand", 80)


# --- columns that were not recognised ----------------------------------------------------------------------------------


def test_unknown_headings_show_the_first_lines_and_ask(meeting, people, trainer, client):
    content = zoom(meeting, [FULL]).decode("utf-8-sig")
    content = content[content.index("Name (") :].replace("Join Time", "Dołączył").replace("User Email", "Adres").encode()
    asked = upload(client, meeting, content)
    html = asked.content.decode()
    assert asked.status_code == 200 and "Dołączył" in html and "ANA@example.org" in html
    assert client.post(page(meeting), {**carried(asked), "column-joined": "3"}).status_code == 422
    assert (
        client.post(page(meeting), {**carried(asked), "column-email": "2", "column-joined": "1", "column-left": "5"}).status_code
        == 422
    )
    chosen = {"column-email": "2", "column-name": "1", "column-joined": "3", "column-left": "4"}
    matched = client.post(page(meeting), {**carried(asked), **chosen})
    assert [one.suggested for one in matched.context["sure"]] == [people["ana"]]
    totals = client.post(page(meeting), carried(matched))
    client.post(page(meeting), {**carried(totals), "confirm": "1"})
    assert mark_of(meeting, people["ana"])[0] == "present"


# --- files that are none -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x01\x02\xff" * 400, b"PK\x03\x04" + b"x" * 99, b"\xff\xfe\x00", b"\n\n \n", b"Join Time,Leave Time,Name\n", b"x," * 600_000, b'"' + b"a," * 70_000,
     b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "\n".join(["a,b"] * 10_001).encode()],
)  # fmt: skip
def test_bad_files_are_refused_in_words(meeting, trainer, client, content):
    response = upload(client, meeting, content)
    assert response.status_code == 422 and "errsum" in response.content.decode()


@pytest.mark.parametrize("content", [b"hello", b"a,b,c\n1,2,3\n", b"Name,Join Time,Leave Time\nAna,yesterday,today\n"])
def test_files_without_stays_ask_for_columns(meeting, trainer, client, content):
    response = upload(client, meeting, content)
    assert response.status_code in (200, 422) and "column-joined" in response.content.decode()


def test_a_huge_file_is_stopped_at_the_door(meeting, trainer, client):
    assert upload(client, meeting, b"x" * (13 * 2**20)).status_code == 413


def test_hostile_cells_stay_text(meeting, people, trainer, client):
    names = ["=cmd|' /C calc'!A0", "<script>alert(1)</script>", "x" * 3000, "@SUM(A1)"]
    response = upload(client, meeting, zoom(meeting, [(name, "", 0, 90) for name in names]))
    html = response.content.decode()
    assert response.status_code == 200 and "<script>alert" not in html and "&lt;script&gt;" in html
    assert go_through(client, meeting, zoom(meeting, [(names[0], "", 0, 9)]), **{"who-0": people["ana"].pk}).status_code == 302


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_instants_beyond_all_calendars_are_no_instants(meeting, trainer, client, year):
    response = upload(client, meeting, f"Name,Join Time,Leave Time\nAna,{year}-01-01 00:00:00,{year}-12-31 23:59:59\n".encode())
    assert response.status_code == 422


def test_only_after_the_end(client):
    live = meeting_of()
    client.force_login(person_in(live, role="trainer"))
    assert client.get(page(live)).status_code == 200 and client.post(page(live), {"text": "x"}).status_code == 409


def test_an_import_after_the_day_is_late_and_counts(meeting, people, trainer, client):
    reconciled(meeting)
    assert meeting.reconciled_at
    go_through(client, meeting, zoom(meeting, [FULL]))
    assert mark_of(meeting, people["ana"])[0] == "present"
    from sessions.attendance_reading import history_of

    assert [row.late for row in history_of(meeting, people["ana"])] == [False, True]
