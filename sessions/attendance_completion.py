"""Attending completes the activity of the programme; a corrected mark takes that back.

A `Completion` made here says so in its evidence: `{"attendance": id of the mark, "meeting": id, "status", "seconds"}`. Only such a one
is ever taken back, and only where no other ended meeting of the same activity bears it out.
"""

from django.db.models import Exists, OuterRef

from curriculum import progress
from curriculum.models import Completion, Enrollment
from curriculum.outline import outline_of
from sessions.models import Attendance, Meeting, TrainingSession

MAY_STUDY = (Enrollment.Status.ENROLLED, Enrollment.Status.CERTIFIED)


def bring_up_to_date(meeting):
    """Completes the activity for those who attended, and takes back what was completed by a mark that no longer says so.

    Inside the transaction that holds the meeting. Whoever cannot complete it now (a paused place, a module not open yet) is tried
    again by `waiting`. Queries: four, and a few for each new completion.
    """
    key = activity_of(meeting)
    if key is None or outline_of(meeting.cohort).find(key) is None:
        return
    attended = {row.user_id: row for row in _attended(meeting.cohort_id, key)}
    done = set()
    for completion in _completions(meeting.cohort_id, key):
        if _is_void(completion, attended):
            progress.take_back(completion)
        else:
            done.add(completion.enrollment.user_id)
    _complete(meeting.cohort_id, key, {user_id: row for user_id, row in attended.items() if user_id not in done})


def activity_of(meeting):
    """The key of the activity that attending completes, or `None`."""
    if meeting.cohort_id is None:
        return None
    return TrainingSession.objects.non_polymorphic().filter(pk=meeting.pk).values_list("activity_key", flat=True).first()


def _attended(cohort_id, key):
    meetings = TrainingSession.objects.non_polymorphic().filter(cohort=cohort_id, activity_key=key, state=Meeting.State.ENDED)
    return Attendance.objects.filter(meeting__in=meetings.values("pk"), status__in=Attendance.ATTENDED).order_by("pk")


def _completions(cohort_id, key):
    return Completion.objects.filter(enrollment__cohort=cohort_id, activity_key=key).select_related("enrollment")


def _is_void(completion, attended):
    if "attendance" not in completion.evidence:
        return False
    return completion.enrollment.user_id not in attended


def _complete(cohort_id, key, rows):
    if not rows:
        return
    people = Enrollment.objects.filter(cohort=cohort_id, user__in=rows, role=Enrollment.Role.TRAINEE).select_related("cohort")
    for enrollment in people:
        row = rows[enrollment.user_id]
        evidence = {"attendance": row.pk, "meeting": row.meeting_id, "status": row.status, "seconds": row.seconds}
        try:
            progress.complete(enrollment, key, evidence=evidence)
        except (progress.NotStudying, progress.NotInOutline, progress.Locked):
            continue


def waiting():
    """The ids of ended meetings that somebody attended whose activity is not completed though the person may study. One query."""
    cohort = OuterRef(OuterRef("cohort_id"))
    person = {"user": OuterRef("user_id"), "cohort": cohort, "role": Enrollment.Role.TRAINEE, "status__in": MAY_STUDY}
    done = Completion.objects.filter(
        enrollment__user=OuterRef("user_id"), enrollment__cohort=cohort, activity_key=OuterRef(OuterRef("activity_key"))
    )
    attended = Attendance.objects.filter(
        Exists(Enrollment.objects.filter(**person)), ~Exists(done), meeting=OuterRef("pk"), status__in=Attendance.ATTENDED
    )
    ended = TrainingSession.objects.non_polymorphic().filter(state=Meeting.State.ENDED, activity_key__isnull=False)
    return list(ended.filter(Exists(attended)).values_list("pk", flat=True))
