"""A meeting before and after: its page, and the page of the programme that it belongs to. During it everything is in the room."""

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from curriculum.models import Enrollment
from curriculum.views.reading import activity
from evaluations import wave_hours
from sessions import (
    afterwards,
    agreed,
    answers,
    attendance_reading,
    check_in,
    conference,
    desk,
    guests,
    kinds,
    local_times,
    materials,
    planning_preview,
    recording,
    run_of_show,
)
from sessions.doors import doors_of
from sessions.models import Meeting, MeetingPerson, TrainingSession
from sessions.stays import is_expected
from sessions.views.copies import kept_on_device
from sessions.views.meetings import hosts, render_desk, seen_by

MOST_LEADERS = 4
Part = MeetingPerson.Part


@login_required
@require_safe
@kept_on_device
def meeting(request, pk):
    found = seen_by(request, pk)
    return render_desk(request, "live/meeting.html", **facts_of(request, found))


def facts_of(request, meeting):
    """Everything the page says about a meeting to this reader."""
    runs = hosts(request.user, meeting)
    over, presenters = meeting.state == Meeting.State.ENDED, list(_named(meeting, Part.PRESENTER)[:MOST_LEADERS])
    return {
        "meeting": meeting,
        "hosts": runs,
        "when": local_times.when_of([meeting], request.user)[meeting.pk],
        "show": run_of_show.show_of(meeting),
        "answering": answers.standing_of(meeting, request.user),
        "materials": materials.shown_for(meeting),
        "facts": kinds.facts_of(meeting, kinds.Reader(runs, may_check_in(meeting, request.user))),
        "agreed": agreed.agreed_in(meeting, request.user, hosts=runs),
        "leaders": guests.as_known_to(request.user, meeting, leaders_of(meeting)) if runs else leaders_of(meeting),
        "presenters": guests.as_known_to(request.user, meeting, presenters) if runs else presenters,
        "planning": planning_preview.warnings_for(meeting, request.user) if runs else planning_preview.unknown_zone_of(meeting),
        "missing": desk.missing_in([meeting]).get(meeting.pk, []) if runs else [],
        "recording_problem": recording.problem_of(meeting) if runs else "",
        "decks": meeting.decks.filter(page_count__gt=0) if over else [],
        "own": attendance_reading.own(meeting, request.user) if over else None,
        "feedback": feedback_for(meeting, request.user) if over else [],
        "doors": doors_of(meeting),
        "conference_problems": [] if over else conference.engine_of(meeting).check(meeting),
    }


def may_check_in(meeting, user):
    return meeting.mode != Meeting.Mode.LIVE and check_in.is_open(meeting) and is_expected(meeting, user)


def leaders_of(meeting):
    """Who runs it, by name; where nobody is named, the trainers of the cohort."""
    named = list(_named(meeting, Part.HOST)[:MOST_LEADERS])
    if named or meeting.cohort_id is None:
        return named
    people = get_user_model().objects.filter(is_active=True).order_by("full_name", "pk")
    trainers = Enrollment.objects.filter(cohort=meeting.cohort_id, role="trainer", status__in=Enrollment.MEMBER_STATES)
    return list(people.filter(pk__in=trainers.values("user_id"))[:MOST_LEADERS])


def _named(meeting, part):
    people = get_user_model().objects.filter(is_active=True).order_by("full_name", "pk")
    return people.filter(meeting_parts__meeting=meeting.pk, meeting_parts__part=part)


def feedback_for(meeting, user):
    """`[(wave, address)]` of the questionnaires about this session that the person can answer now."""
    waves = afterwards.feedback_waves(meeting)
    mine = Enrollment.objects.filter(cohort=meeting.cohort_id, user=user).select_related("cohort").first() if waves else None
    if mine is None or not mine.may_study:
        return []
    asked = [
        wave for wave in waves if wave_hours.asks(wave, mine) and wave_hours.hours_of(wave, user).state() in ("open", "late")
    ]
    return [(wave, reverse("evaluations:anonymous" if wave.anonymous else "evaluations:wave", args=[wave.pk])) for wave in asked]


# --- the page of the programme ---------------------------------------------------------------------------------------


def page(request, page):
    """Where Wagtail leads: what the session is about, and the meeting of the reader's cohort."""
    return activity(request, page, _show)


def _show(request, page, enrollment=None, preview=False):
    found = meeting_for(enrollment, page.translation_key) if enrollment else None
    context = {"page": page, "enrollment": enrollment, "preview": preview, "meeting": found}
    if enrollment:
        context["done"] = page.is_complete_for(enrollment)
    if found:
        context["when"] = local_times.when_of([found], request.user)[found.pk]
        context["doors"] = doors_of(found)
        context["own"] = attendance_reading.own(found, request.user) if found.state == Meeting.State.ENDED else None
    return render(request, page.template, context)


def meeting_for(enrollment, activity_key):
    """The cohort's meeting for this session: the one that stands, else the one that was called off, else `None`."""
    theirs = TrainingSession.objects.accessible_to(enrollment.user)
    found = list(theirs.filter(cohort=enrollment.cohort_id, activity_key=activity_key).exclude(state=Meeting.State.DRAFT))
    return min(found, key=lambda one: (one.state == Meeting.State.CANCELLED, -one.pk), default=None)
