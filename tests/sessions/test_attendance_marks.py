"""Marks set by hand, with reason and history; what attending completes, and what is taken back; who is here now."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from curriculum.enrollment_states import Refused
from curriculum.models import Completion, Enrollment
from sessions import attendance, attendance_marks, attendance_now
from sessions.models import Attendance, AttendanceChange, Lease, MeetingPerson
from tests.factories import EnrollmentFactory
from tests.sessions.attending import at, checked_in, completed, connected, ended, mark_of, programme, reconciled
from tests.sessions.rooms import do, meeting_of, person_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(db):
    return ended()


@pytest.fixture
def ana(meeting):
    return person_in(meeting)


@pytest.fixture
def trainer(meeting):
    return person_in(meeting, role="trainer")


@pytest.fixture(autouse=True)
def _enrolled_before(monkeypatch):
    """People of these tests were in the cohort before the meeting."""
    monkeypatch.setattr(
        EnrollmentFactory._meta.declarations["enrolled_at"], "function", lambda: timezone.now() - timedelta(days=30)
    )


# --- by hand -----------------------------------------------------------------------------------------------------------


def test_a_mark_by_hand_has_author_reason_and_history_and_the_clock_leaves_it(meeting, ana, trainer):
    reconciled(meeting)
    attendance_marks.correct(meeting, ana, "present", trainer, "  Was at the hospital's\nroom  ")
    connected(meeting, ana, 0, 10)
    reconciled(meeting)
    row = Attendance.objects.get(user=ana)
    assert (row.status, row.source, row.by, row.seconds) == ("present", "hand", trainer, 600)
    assert "hospital" in row.reason
    assert [(c.from_status, c.to_status, c.by_id) for c in row.changes.all()[:2]] == [
        ("", "absent", None),
        ("absent", "present", trainer.pk),
    ]


def test_undoing_goes_back_to_what_was_measured(meeting, ana, trainer):
    connected(meeting, ana, 0, 30)
    reconciled(meeting)
    attendance_marks.correct(meeting, ana, "absent", trainer, "Left the tab open")
    assert mark_of(meeting, ana) == ("absent", "hand", 30)
    attendance_marks.undo(meeting, ana, trainer)
    assert mark_of(meeting, ana) == ("partly", "room", 30)
    assert AttendanceChange.objects.filter(attendance__user=ana).count() == 3
    with pytest.raises(Refused):
        attendance_marks.undo(meeting, ana, trainer)


def test_more_than_a_day_later_a_correction_is_late(trainer):
    old = ended(hours_ago=30)
    ana, lead = person_in(old), person_in(old, role="lead")
    reconciled(old)
    attendance_marks.correct(old, ana, "excused", lead, "Sent a note")
    assert attendance.is_late(old, Attendance.objects.get(user=ana).at)
    assert not attendance.is_late(ended(), timezone.now())


def test_excused_may_be_set_before_the_start_and_nothing_else():
    later = meeting_of(state="scheduled", starts_at=timezone.now() + timedelta(days=1))
    ana, lead = person_in(later), person_in(later, role="lead")
    attendance_marks.correct(later, ana, "excused", lead, "On duty that day")
    with pytest.raises(Refused):
        attendance_marks.correct(later, ana, "present", lead, "Will come")
    assert mark_of(later, ana)[0] == "excused"


@pytest.mark.parametrize(
    ("who", "status", "reason"),
    [("trainee", "present", "me"), ("trainer", "present", " "), ("trainer", "present", "x" * 301), ("trainer", "best", "because"),
     ("trainer", "recording", "because"), ("helper", "present", "because"), ("other", "present", "because")],
)  # fmt: skip
def test_refused_corrections_leave_nothing(meeting, ana, trainer, who, status, reason):
    helper = person_in(meeting)
    MeetingPerson.objects.create(meeting=meeting, user=helper, part="host")
    by = {"trainee": ana, "trainer": trainer, "helper": helper, "other": EnrollmentFactory(role="lead").user}[who]
    with pytest.raises(Refused):
        attendance_marks.correct(meeting, ana, status, by, reason)
    assert not Attendance.objects.exists()


def test_nobody_marks_themselves_nor_strangers(meeting, trainer):
    MeetingPerson.objects.create(meeting=meeting, user=trainer, part="participant")
    for person in (trainer, EnrollmentFactory().user):
        with pytest.raises(Refused):
            attendance_marks.correct(meeting, person, "present", trainer, "because")


# --- what attending completes ------------------------------------------------------------------------------------------


def test_presence_completes_the_activity_and_a_correction_takes_it_back():
    cohort, key = programme()
    meeting = ended(cohort, activity_key=key)
    ana, trainer = person_in(meeting), person_in(meeting, role="trainer")
    connected(meeting, ana, 0, 90)
    reconciled(meeting)
    evidence = completed(ana, key).evidence
    assert evidence == {
        "attendance": Attendance.objects.get(user=ana).pk,
        "meeting": meeting.pk,
        "status": "present",
        "seconds": 5400,
    }
    attendance_marks.correct(meeting, ana, "absent", trainer, "Only the tab was open")
    assert completed(ana, key) is None
    attendance_marks.undo(meeting, ana, trainer)
    assert completed(ana, key)


def test_partly_and_excused_complete_nothing_and_other_evidence_stays():
    cohort, key = programme()
    meeting = ended(cohort, activity_key=key)
    ana, luis, trainer = person_in(meeting), person_in(meeting), person_in(meeting, role="trainer")
    connected(meeting, ana, 0, 10)
    Completion.objects.create(enrollment=luis.enrollments.get(), activity_key=key, evidence={"by": "import"})
    reconciled(meeting)
    attendance_marks.correct(meeting, ana, "excused", trainer, "On duty")
    assert completed(ana, key) is None
    assert completed(luis, key)  # absent here, but nothing of ours said so


def test_another_meeting_of_the_same_activity_bears_it_out():
    cohort, key = programme()
    first, second = ended(cohort, activity_key=key, hours_ago=5), ended(cohort, activity_key=key)
    ana, trainer = person_in(first), person_in(first, role="trainer")
    for meeting in (first, second):
        connected(meeting, ana, 0, 90)
        reconciled(meeting)
    attendance_marks.correct(first, ana, "absent", trainer, "Was not there")
    assert completed(ana, key)
    attendance_marks.correct(second, ana, "absent", trainer, "Was not there either")
    assert completed(ana, key) is None


def test_whoever_could_not_complete_it_then_is_tried_again_even_after_a_day():
    cohort, key = programme()
    meeting = ended(cohort, activity_key=key, hours_ago=30)
    ana = person_in(meeting)
    connected(meeting, ana, 0, 90)
    Enrollment.objects.filter(user=ana).update(status="paused")
    reconciled(meeting)
    assert mark_of(meeting, ana)[0] == "present" and meeting.reconciled_at
    assert completed(ana, key) is None
    Enrollment.objects.filter(user=ana).update(status="enrolled")
    call_command("reconcile_attendance", verbosity=0)
    assert completed(ana, key)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_reconciles_at_once_complete_once_and_write_once(in_parallel):
    cohort, key = programme()
    meeting = ended(cohort, activity_key=key)
    people = [person_in(meeting) for _person in range(3)]
    for person in people:
        connected(meeting, person, 0, 90)
    assert sum(in_parallel(lambda _number: attendance.reconcile(meeting))) == 3
    assert Completion.objects.filter(activity_key=key).count() == 3
    assert AttendanceChange.objects.count() == 3


# --- now ---------------------------------------------------------------------------------------------------------------


def test_who_is_here_now():
    live = meeting_of(started_at=timezone.now() - timedelta(minutes=30))
    ana, luis, eva, _tom = (person_in(live, user__full_name=name) for name in ("Ana", "Luis", "Eva", "Tom"))
    Lease.objects.create(meeting=live, user=ana, conn="a", tab="a", opened_at=at(live, 0))
    connected(live, luis, 0, 10)
    checked_in(live, eva, 5)
    found = {one.user.full_name: (one.here, one.way, one.seconds // 60) for one in attendance_now.present_now(live)}
    assert found == {"Ana": (True, "browser", 30), "Luis": (False, "", 10), "Eva": (True, "hall", 25), "Tom": (False, "", 0)}
    assert not Attendance.objects.exists()
    with CaptureQueriesContext(connection) as queries:
        attendance_now.present_now(live)
    assert len(queries) <= 10


def test_a_meeting_ended_in_its_room_is_marked(meeting):
    live = meeting_of(started_at=timezone.now() - timedelta(minutes=80))
    ana, trainer = person_in(live), person_in(live, role="trainer")
    connected(live, ana, 0, 78)
    do(live, trainer, "session.end")
    call_command("reconcile_attendance", verbosity=0)
    assert mark_of(live, ana)[0] == "present"
