"""Meetings that are over, and the traces that people left in them, for tests of attendance."""

from datetime import timedelta

from django.utils import timezone

from curriculum import outline
from curriculum.models import Completion
from sessions import attendance
from sessions.models import Attendance, CheckIn, Lease, LiveSessionPage
from tests.factories import CohortFactory, make_curriculum
from tests.sessions.rooms import meeting_of, new_cid


def ended(cohort=None, *, hours_ago=2, minutes=90, real=None, **fields):
    """A meeting of `minutes` planned that ended `hours_ago`, and lasted `real` minutes (as planned)."""
    end = timezone.now().replace(microsecond=0) - timedelta(hours=hours_ago)
    start = end - timedelta(minutes=minutes if real is None else real)
    fields = {"started_at": start, "ended_at": end, "starts_at": start, "time_zone": "America/Mexico_City", **fields}
    return meeting_of(cohort, state="ended", minutes=minutes, **fields)


def at(meeting, minute):
    return meeting.started_at + timedelta(minutes=minute)


def connected(meeting, user, begin, end, device="browser"):
    """From minute to minute."""
    return Lease.objects.create(
        meeting=meeting, user=user, conn=new_cid(), tab=new_cid(), device=device, opened_at=at(meeting, begin),
        seen_at=at(meeting, end), closed_at=at(meeting, end),
    )  # fmt: skip


def checked_in(meeting, user, minute, left=None):
    left_at = None if left is None else at(meeting, left)
    return CheckIn.objects.create(meeting=meeting, user=user, way="code", at=at(meeting, minute), left_at=left_at, by=user)


def mark_of(meeting, user):
    """(status, source, minutes), or `None`."""
    row = Attendance.objects.filter(meeting=meeting, user=user).first()
    return (row.status, row.source, row.seconds // 60) if row else None


def reconciled(meeting, **more):
    attendance.reconcile(meeting, **more)
    meeting.refresh_from_db()
    return meeting


def programme():
    """A cohort whose outline has a live session; gives (cohort, its key)."""
    made = make_curriculum(modules=1, lessons=1)
    key = None
    for language in ("es", "pt-br", "en"):
        module = made.page(made.module_keys[0], language)
        page = LiveSessionPage(title=f"En vivo {language}", slug="en-vivo", locale=module.locale, minutes=90)
        if key:
            page.translation_key = key
        module.add_child(instance=page)
        key = page.translation_key
    cohort = CohortFactory(curriculum_key=made.key)
    outline.freeze(cohort)
    return cohort, key


def completed(user, key):
    return Completion.objects.filter(enrollment__user=user, activity_key=key).first()
