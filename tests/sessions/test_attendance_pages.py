"""Who sees whose attendance, the grid, one mark and its correction, the workbooks, one's own."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sessions import attendance_marks, attendance_reading
from sessions.models import Attendance
from tests.factories import CohortFactory, EnrollmentFactory
from tests.sessions.attending import connected, ended, mark_of, reconciled
from tests.sessions.rooms import meeting_of, person_in

pytestmark = pytest.mark.django_db
BEFORE = timedelta(days=30)


def enrolled(meeting, role="trainee", **more):
    return person_in(meeting, role, enrolled_at=timezone.now() - BEFORE, **more)


@pytest.fixture
def meeting(db):
    return ended(title="Sesión 1")


@pytest.fixture
def ana(meeting):
    return enrolled(meeting, user__full_name="=Ana Rojas")


@pytest.fixture
def trainer(meeting, client):
    trainer = enrolled(meeting, "trainer")
    client.force_login(trainer)
    return trainer


def url(name, *args):
    return reverse(f"live:{name}", args=args)


# --- who ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [("trainer", 200, 200), ("lead", 200, 200), ("evaluator", 200, 403), ("trainee", 403, 403), ("", 404, 404)],
)
def test_who_reads_and_who_corrects(meeting, ana, client, role, reads, writes):
    person = enrolled(meeting, role) if role else EnrollmentFactory(role="lead").user
    reconciled(meeting)
    client.force_login(person)
    pages = [url("attendance", meeting.pk), url("attendance_sheet", meeting.pk), url("attendance_mark", meeting.pk, ana.pk),
             url("cohort_attendance", meeting.cohort_id), url("cohort_attendance_sheet", meeting.cohort_id)]  # fmt: skip
    assert [client.get(page).status_code for page in pages] == [reads] * 5
    assert client.get(url("attendance_import", meeting.pk)).status_code == writes
    posted = client.post(url("attendance_mark", meeting.pk, ana.pk), {"status": "present", "reason": "Was there"})
    assert posted.status_code == (302 if writes == 200 else writes)
    assert client.post(url("attendance_undo", meeting.pk, ana.pk)).status_code == (302 if writes == 200 else writes)
    assert mark_of(meeting, ana)[0] == "absent"  # never set, or undone


def test_visitors_are_asked_to_sign_in(meeting, client):
    for name, args in [
        ("attendance", [meeting.pk]),
        ("cohort_attendance", [meeting.cohort_id]),
        ("attendance_mine", []),
        ("recording", [meeting.pk]),
    ]:
        assert client.get(url(name, *args)).status_code == 302


# --- pages -------------------------------------------------------------------------------------------------------------


def test_one_meeting_with_marks_sources_and_changes(meeting, ana, trainer, client):
    connected(meeting, ana, 0, 30)
    reconciled(meeting)
    attendance_marks.correct(meeting, ana, "present", trainer, "Camera was off <b>")
    html = client.get(url("attendance", meeting.pk)).content.decode()
    assert "=Ana Rojas" in html and "Camera was off &lt;b&gt;" in html and trainer.full_name in html
    assert "Ciudad de México" in html or "Mexico City" in html


def test_a_live_meeting_shows_who_is_here(client):
    live = meeting_of(started_at=timezone.now() - timedelta(minutes=20))
    ana, trainer = enrolled(live, user__full_name="Ana"), enrolled(live, "trainer")
    connected(live, ana, 0, 20)
    client.force_login(trainer)
    assert url("attendance_hall", live.pk, ana.pk) in client.get(url("attendance", live.pk)).content.decode()


def test_a_mark_is_corrected_with_a_reason_and_undone(meeting, ana, trainer, client):
    reconciled(meeting)
    page = url("attendance_mark", meeting.pk, ana.pk)
    for data in (
        {"status": "present"},
        {"status": "never", "reason": "because"},
        {"status": "recording", "reason": "because"},
        {},
    ):
        assert client.post(page, data).status_code == 422
    assert mark_of(meeting, ana)[1] == "room"
    assert client.post(page, {"status": "excused", "reason": "Wrote before"}).status_code == 302
    assert mark_of(meeting, ana) == ("excused", "hand", 0)
    assert "Wrote before" in client.get(page).content.decode()
    client.post(url("attendance_undo", meeting.pk, ana.pk))
    assert mark_of(meeting, ana)[0] == "absent"


def test_nobody_corrects_themselves_through_the_page(meeting, trainer, client):
    reconciled(meeting)
    Attendance.objects.create(meeting=meeting, user=trainer)
    assert client.post(url("attendance_mark", meeting.pk, trainer.pk), {"status": "present", "reason": "me"}).status_code == 403
    assert client.post(url("attendance_mark", meeting.pk, 999999), {"status": "present", "reason": "who"}).status_code == 404


def test_the_grid_has_people_and_meetings(meeting, ana, trainer, client):
    other = ended(meeting.cohort, hours_ago=48, title="Sesión 0")
    connected(meeting, ana, 0, 90)
    for one in (meeting, other):
        reconciled(one)
    grid = attendance_reading.grid_of(meeting.cohort)
    assert [one.title for one in grid.meetings] == ["Sesión 0", "Sesión 1"]
    [(person, cells, attended, marked)] = grid.lines
    assert (person, [cell.row.status for cell in cells], attended, marked) == (ana, ["absent", "present"], 1, 2)
    assert grid.totals == [(0, 1), (1, 1)]
    assert "Sesión 0" in client.get(url("cohort_attendance", meeting.cohort_id)).content.decode()


def test_empty_states_are_sentences(client):
    cohort = CohortFactory()
    client.force_login(EnrollmentFactory(cohort=cohort, role="lead").user)
    assert b'class="empty"' in client.get(url("cohort_attendance", cohort.pk)).content
    assert b'class="empty"' in client.get(url("attendance_mine")).content
    meeting = meeting_of(cohort, state="scheduled")
    assert b'class="empty"' in client.get(url("attendance", meeting.pk)).content


def test_pages_take_the_same_queries_for_one_and_for_many(meeting, ana, trainer, client):
    pages = [
        url("attendance", meeting.pk),
        url("cohort_attendance", meeting.cohort_id),
        url("cohort_attendance_sheet", meeting.cohort_id),
    ]

    def counted():
        reconciled(meeting)
        counts = []
        for page in pages:
            with CaptureQueriesContext(connection) as queries:
                client.get(page)
            counts.append(len(queries))
        return counts

    counted()  # what is remembered
    few = counted()
    for _person in range(12):
        connected(meeting, enrolled(meeting), 0, 50)
    for _meeting in range(3):
        reconciled(ended(meeting.cohort))
    assert counted() == few


def test_everybody_sees_their_own_and_nobody_elses(meeting, ana, client):
    luis = enrolled(meeting, user__full_name="Luis Secreto")
    connected(meeting, luis, 0, 90)
    reconciled(meeting)
    client.force_login(ana)
    html = client.get(url("attendance_mine")).content.decode()
    assert "Sesión 1" in html and "Luis" not in html
    own = attendance_reading.own(meeting, ana)
    assert own.line.row.status == "absent" and own.settles_at and not own.recording
    assert attendance_reading.own(meeting, EnrollmentFactory().user) is None


# --- files -------------------------------------------------------------------------------------------------------------


def book(response):
    assert response.status_code == 200 and "attachment" in response["Content-Disposition"]
    return openpyxl.load_workbook(io.BytesIO(response.content))


def test_the_workbook_of_a_meeting_keeps_text_as_text(meeting, ana, trainer, client):
    connected(meeting, ana, 0, 90)
    reconciled(meeting)
    attendance_marks.correct(meeting, ana, "partly", trainer, '=HYPERLINK("http://evil")')
    read_me, marks, changes = book(client.get(url("attendance_sheet", meeting.pk))).worksheets
    [row] = list(marks.iter_rows(min_row=2))
    assert row[0].value == "=Ana Rojas" and row[0].data_type == "s"
    assert row[6].value == 90
    assert row[11].value.startswith("=HYPERLINK") and row[11].data_type == "s" and row[11].hyperlink is None
    assert row[14].value == "America/Mexico_City"
    assert row[7].value == attendance_reading.in_zone(meeting, meeting.started_at)
    assert changes.max_row == 3 and read_me.max_row > 4


def test_the_workbook_of_a_cohort_has_the_grid(meeting, ana, trainer, client):
    reconciled(ended(meeting.cohort, title="Sesión 1", hours_ago=50))  # the same title twice
    connected(meeting, ana, 0, 90)
    reconciled(meeting)
    _about, grid, marks, _changes = book(client.get(url("cohort_attendance_sheet", meeting.cohort_id))).worksheets
    cells = [cell.value for cell in grid[2]]
    assert cells[0] == "=Ana Rojas" and cells[-2:] == [1, 2]
    assert marks.max_row == 3
