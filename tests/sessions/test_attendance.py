"""Marks worked out from what was measured: time, the bar, who is expected, settled after a day."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from curriculum.enrollment_states import Refused
from curriculum.models import Enrollment
from sessions import attendance, schedule
from sessions.models import Attendance, AttendanceChange, Lease, MeetingPerson
from sessions.stays import expected_ids
from tests.factories import EnrollmentFactory
from tests.sessions.attending import at, checked_in, connected, ended, mark_of, reconciled
from tests.sessions.rooms import meeting_of, person_in

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


# --- time --------------------------------------------------------------------------------------------------------------


def test_two_tabs_for_an_hour_are_one_hour(meeting, ana):
    for _tab in range(2):
        connected(meeting, ana, 0, 60)
    reconciled(meeting)
    assert mark_of(meeting, ana) == ("partly", "room", 60)


def test_the_phone_beside_the_laptop_and_the_hall_count_once(meeting, ana):
    connected(meeting, ana, 0, 40)
    connected(meeting, ana, 20, 60, device="companion")
    checked_in(meeting, ana, 50)
    reconciled(meeting)
    assert mark_of(meeting, ana)[::2] == ("present", 90)


def test_screens_are_nobodys_attendance_and_long_polling_is(meeting, ana):
    connected(meeting, ana, 0, 90, device="screen")
    reconciled(meeting)
    assert mark_of(meeting, ana)[0] == "absent"
    connected(meeting, ana, 0, 90, device="polling")
    reconciled(meeting)
    assert mark_of(meeting, ana)[0] == "present"


@pytest.mark.parametrize(("gap", "counted"), [(45, 40 * 60 + 45), (46, 40 * 60)])
def test_a_reconnect_within_the_lease_is_no_absence_and_a_longer_silence_is(meeting, ana, gap, counted):
    connected(meeting, ana, 0, 20)
    connected(meeting, ana, 20 + gap / 60, 40 + gap / 60)
    reconciled(meeting)
    assert Attendance.objects.get(user=ana).seconds == counted


def test_time_before_the_start_and_after_the_end_counts_for_nothing(meeting, ana):
    connected(meeting, ana, -60, 10)
    connected(meeting, ana, 80, 24 * 60)
    checked_in(meeting, ana, -30, left=5)
    reconciled(meeting)
    assert mark_of(meeting, ana)[2] == 20


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_a_day_off_gives_nothing(meeting, ana, days):
    shift = days * 24 * 60
    connected(meeting, ana, shift, shift + 90)
    Lease.objects.create(meeting=meeting, user=ana, conn="backwards", tab="t", opened_at=at(meeting, 90), seen_at=at(meeting, 0))
    reconciled(meeting)
    assert mark_of(meeting, ana) == ("absent", "room", 0)


def test_pauses_count_as_present(ana, meeting):
    """A pause moves neither start nor end: whoever stayed connected was there."""
    connected(meeting, ana, 0, 90)
    assert attendance.real_seconds(meeting) == 90 * 60
    reconciled(meeting)
    assert mark_of(meeting, ana)[0] == "present"


# --- the bar -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "status"), [(0, "absent"), (1, "partly"), (67, "partly"), (67.5, "present"), (90, "present")]
)
def test_the_bar_is_the_percentage_of_the_planned_minutes(meeting, ana, minutes, status):
    if minutes:
        connected(meeting, ana, 0, minutes)
    reconciled(meeting)
    assert mark_of(meeting, ana)[0] == status


def test_a_shorter_meeting_lowers_the_bar_and_says_so():
    short = ended(minutes=90, real=40)
    ana = person_in(short)
    connected(short, ana, 0, 30)
    reconciled(short)
    assert attendance.is_shortened(short) and attendance.needed_seconds(short) == 30 * 60
    assert mark_of(short, ana)[0] == "present"


def test_a_longer_meeting_does_not_raise_it():
    long = ended(minutes=90, real=120)
    assert attendance.needed_seconds(long) == 90 * 60 * 75 // 100 and not attendance.is_shortened(long)


def test_the_bar_is_frozen_once_the_meeting_has_begun(meeting):
    with pytest.raises(Refused) as refused:
        schedule.change(meeting, needed_percent=50, minutes=90)
    assert refused.value.field == "needed_percent"
    assert schedule.change(meeting, needed_percent=75, minutes=90).needed_percent == 75


# --- who ---------------------------------------------------------------------------------------------------------------


def test_trainees_are_expected_and_those_who_run_it_are_not(meeting, ana, trainer):
    paused = EnrollmentFactory(cohort=meeting.cohort, status="paused").user
    EnrollmentFactory(cohort=meeting.cohort, status="withdrawn")
    EnrollmentFactory(cohort=meeting.cohort, status="candidate")
    EnrollmentFactory(cohort=meeting.cohort, role="evaluator")
    EnrollmentFactory(cohort=meeting.cohort, enrolled_at=timezone.now())  # came after the end
    Enrollment.objects.filter(user__in=[ana, paused]).update(enrolled_at=at(meeting, -60))
    guest = EnrollmentFactory().user
    MeetingPerson.objects.create(meeting=meeting, user=guest, part="guest")
    MeetingPerson.objects.create(meeting=meeting, user=trainer, part="presenter")
    assert expected_ids(meeting) == {ana.pk, paused.pk, guest.pk}


@pytest.fixture(autouse=True)
def _enrolled_before(monkeypatch):
    """People of these tests were in the cohort before the meeting."""
    monkeypatch.setattr(
        EnrollmentFactory._meta.declarations["enrolled_at"], "function", lambda: timezone.now() - timedelta(days=30)
    )


# --- reconciling -------------------------------------------------------------------------------------------------------


def test_reconciling_again_changes_nothing_and_late_heartbeats_do_for_a_day(meeting, ana):
    lease = connected(meeting, ana, 0, 30)
    assert attendance.reconcile(meeting) == 1
    assert attendance.reconcile(meeting) == 0
    Lease.objects.filter(pk=lease.pk).update(seen_at=at(meeting, 80))
    assert attendance.reconcile(meeting) == 1
    assert mark_of(meeting, ana)[0] == "present"
    assert list(AttendanceChange.objects.values_list("from_status", "to_status")) == [("", "partly"), ("partly", "present")]
    meeting.refresh_from_db()
    assert meeting.reconciled_at is None


def test_after_a_day_the_last_pass_settles_it(ana, meeting):
    lease = connected(meeting, ana, 0, 30)
    reconciled(meeting, now=meeting.ended_at + timedelta(hours=24))
    assert meeting.reconciled_at is not None
    Lease.objects.filter(pk=lease.pk).update(seen_at=at(meeting, 90))
    assert attendance.reconcile(meeting, now=meeting.ended_at + timedelta(hours=25)) == 0
    assert mark_of(meeting, ana)[0] == "partly"


def test_what_is_not_over_is_not_marked():
    live = meeting_of()
    ana = person_in(live)
    connected(live, ana, 0, 5)
    assert attendance.reconcile(live) == 0
    assert attendance.reconcile(meeting_of(state="cancelled")) == 0
    assert mark_of(live, ana) is None


def test_the_command_does_what_is_due_and_one_failure_holds_up_no_other(meeting, ana, monkeypatch):
    connected(meeting, ana, 0, 90)
    bad, old = ended(), ended(hours_ago=30)
    person_in(old)
    real = attendance._mark_everybody
    monkeypatch.setattr(attendance, "_mark_everybody", lambda one, *rest: 1 / 0 if one.pk == bad.pk else real(one, *rest))
    with pytest.raises(Exception, match="1 meetings could not"):
        call_command("reconcile_attendance", verbosity=0)
    assert mark_of(meeting, ana)[0] == "present"
    old.refresh_from_db()
    assert old.reconciled_at
    monkeypatch.undo()
    for _time in range(2):
        call_command("reconcile_attendance", verbosity=0)
    assert AttendanceChange.objects.filter(attendance__meeting=meeting).count() == 1


def test_it_takes_the_same_queries_for_few_and_for_many(meeting, ana):
    connected(meeting, ana, 0, 90)
    attendance.reconcile(meeting)
    with CaptureQueriesContext(
        connection,
    ) as few:
        attendance.reconcile(meeting)
    for _person in range(10):
        connected(meeting, person_in(meeting), 0, 60)
    attendance.reconcile(meeting)
    with CaptureQueriesContext(connection) as many:
        attendance.reconcile(meeting)
    assert len(few) == len(many)
