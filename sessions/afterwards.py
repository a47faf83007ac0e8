"""What follows when a meeting has ended: the questionnaire of that session opens, and everybody gets one summary by mail.

`schedule` is called after the commit of the act that ends the meeting; the work is a task of the worker. All of it may run twice or
in ten places at once: the wave is moved under its own lock, and the outbox knows whom it has told.
"""

import logging
from datetime import date
from itertools import accumulate

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django_tasks import task

from curriculum.enrollment_states import Refused
from curriculum.models import Enrollment
from evaluations import respondents, wave_hours, waves
from evaluations.models import Wave
from notifications import outbox, readers
from sessions import belonging, carrying
from sessions.models import Attendance, Meeting, MeetingPerson, Outcome, TrainingSession

log = logging.getLogger(__name__)
TOLD_ROLES = ("trainee", "trainer", "lead")
FIRST_IN_MAIL = (Outcome.What.DECISION, Outcome.What.ACTION, Outcome.What.NOTE)
MOST_BYTES = 8000  # stands in the mail twice, plain and HTML, in base64; together with the rest below 40 KB


def schedule(meeting_id):
    """After the commit. A queue that cannot be reached must not undo the end of the meeting; it is logged."""
    after_meeting.enqueue(meeting_id)


@task()
def after_meeting(meeting_id):
    meeting_ended(Meeting.objects.get(pk=meeting_id))


def meeting_ended(meeting):
    """Does all that is due and returns how many were told now. Nothing for a meeting that has not ended."""
    if meeting.state != Meeting.State.ENDED:
        return 0
    carrying.carry(meeting)
    opened = open_feedback(meeting)
    facts = summary_of(meeting)
    return sum(_tell(meeting, person, facts, opened) for person in people_of(meeting))


# --- the questionnaire of the session --------------------------------------------------------------------------------


def feedback_waves(meeting):
    """The waves that ask after this session of its cohort and are not closed."""
    if not isinstance(meeting, TrainingSession) or meeting.cohort_id is None:
        return []
    found = Wave.objects.filter(cohort_id=meeting.cohort_id, moment=Wave.Moment.SESSION, number=meeting.number, closed_at=None)
    return list(found.select_related("cohort", "instrument"))


def open_feedback(meeting):
    """Moves planned waves of this session to today, if they would open later; returns those that are open from today on."""
    return [wave for wave in map(_opened, feedback_waves(meeting)) if wave]


def _opened(wave):
    today = waves.today_in(wave.cohort)
    if wave.closes_on and wave.closes_on < today:
        return None
    if wave.opens_on <= today:
        return wave
    try:
        return waves.move(wave, today, wave.closes_on, wave.late_days)
    except Refused as refusal:
        log.warning("wave %s does not open with the end of its session: %s", wave.pk, refusal.text)
        return None


# --- the summary -----------------------------------------------------------------------------------------------------


def people_of(meeting):
    """Who was invited or was there: the cohort's people, those asked by name, those with a mark. Not who was removed."""
    by_name = MeetingPerson.objects.filter(meeting_id=meeting.pk)
    members = belonging.enrolled_in(meeting).filter(role__in=TOLD_ROLES)
    there = Attendance.objects.filter(meeting_id=meeting.pk, status__in=(*Attendance.ATTENDED, Attendance.Status.PARTLY))
    wanted = Q(pk__in=members.values("user_id")) | Q(pk__in=by_name.values("user_id")) | Q(pk__in=there.values("user_id"))
    removed = by_name.filter(part=MeetingPerson.Part.REMOVED).values("user_id")
    return list(get_user_model().objects.filter(wanted, is_active=True).exclude(pk__in=removed).order_by("pk"))


def summary_of(meeting):
    """What is the same for everybody: decisions, actions and notes as lists of lines, as many as a light mail holds; `more` is the rest."""
    rows = sorted(Outcome.objects.filter(meeting_id=meeting.pk), key=lambda row: FIRST_IN_MAIL.index(row.what))
    lengths = accumulate(len(f"{row.text}{row.owner_name}".encode()) for row in rows)
    more = sum(length > MOST_BYTES for length in lengths)
    rows = rows[: len(rows) - more]
    return {
        "title": meeting.title, "cohort": meeting.cohort.name if meeting.cohort_id else "", "recording": bool(meeting.recording_url),
        "more": more,
        "decisions": [row.text for row in rows if row.what == Outcome.What.DECISION],
        "actions": [[row.text, row.owner_name, row.due.isoformat() if row.due else ""] for row in rows if row.what == Outcome.What.ACTION],
        "notes": [row.text for row in rows if row.what == Outcome.What.NOTE],
    }  # fmt: skip


def _tell(meeting, person, facts, opened):
    language = readers.language_for(person)
    with translation.override(language):
        page = settings.SITE_BASE_URL + reverse("live:meeting", args=[meeting.pk])
        transcript = settings.SITE_BASE_URL + reverse("live:transcript", args=[meeting.pk])
        feedback = [settings.SITE_BASE_URL + path for path in _feedback_paths(meeting, person, opened)]
        actions = [
            [text, owner, readers.written_date(date.fromisoformat(due)) if due else ""] for text, owner, due in facts["actions"]
        ]
    context = {**facts, "actions": actions, "url": page, "transcript_url": transcript, "secret_feedback": feedback}
    return int(outbox.enqueue("meeting_summary", person, f"meeting-summary:{meeting.pk}:{person.pk}", context) is not None)


def _feedback_paths(meeting, person, opened):
    """The questionnaires that ask this person now, each under the link that opens it alone."""
    mine = Enrollment.objects.filter(cohort_id=meeting.cohort_id, user=person).first() if opened else None
    asked = [wave for wave in opened if mine and mine.may_study and wave_hours.asks(wave, mine)]
    return [respondents.link_path(wave, mine) for wave in asked if wave_hours.hours_of(wave, person).state() in ("open", "late")]
