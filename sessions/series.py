"""A series is planned at once: so many meetings in a rhythm, days left out, a closing day; from nothing or from an earlier cohort's."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Lower
from django.utils import translation
from django.utils.translation import gettext as _

from curriculum.enrollment_states import Refused
from curriculum.models import Cohort, Enrollment
from sessions import announcing, guests, red_days, rhythm, run_of_show, schedule, wall_clock
from sessions.models import InPersonDay, Meeting, MeetingPerson, Series, TrainingSession
from sessions.planning_preview import Planned

MOST = 52
TITLE = re.compile(r"\W*\{(?:title|titulo|título)\}")
NUMBER = re.compile(r"\{n\}")
COPIED = ("about", "preparation", "needed_percent", "recording_counts", "keep_days")
State, GUEST = Meeting.State, MeetingPerson.Part.GUEST


@dataclass(frozen=True)
class Closing:
    """A day at one place after the last meeting."""

    title: str
    day: date
    hour: time
    minutes: int
    place: str = ""
    place_url: str = ""
    source: Meeting | None = None


@dataclass(frozen=True)
class Plan:
    """What the organiser wrote. `gaps` are days between meetings, `step` what a left-out day is pushed on by (rhythm.py).

    `minutes` is `None` and `pattern` "" where each meeting keeps what its source has. `key` names the form: sent twice, planned once.
    """

    key: UUID
    first: date
    hour: time
    time_zone: str
    gaps: tuple[int, ...]
    step: int
    pattern: str
    minutes: int | None
    language: str
    mode: str
    engine: str
    state: str
    place: str = ""
    conference_url: str = ""
    skip: frozenset[date] = frozenset()
    holidays_of: tuple[str, ...] = ()
    linked: bool = True
    use_template: bool = False
    sources: tuple[Meeting, ...] = ()
    closing: Closing | None = None
    guests: tuple = ()

    @property
    def count(self):
        return len(self.gaps) + 1


def planned_by(plan, cohort):
    """`(meetings as they would be, [(left-out day, why)])`. Raises `Refused` with the field that is wrong."""
    days, left_out = rhythm.days_of(plan.first, plan.gaps, plan.step, lambda day: _why_not(plan, day))
    activities = unplanned(cohort) if plan.linked else []
    first_number = next_number(cohort)
    planned = []
    for place, day in enumerate(days):
        source = plan.sources[place] if place < len(plan.sources) else None
        activity = activities[place] if place < len(activities) else None
        planned.append(_session(plan, day, first_number + place, activity, source))
    if plan.closing:
        planned.append(_closing(plan, plan.closing))
    return planned, left_out


def with_closing(plan, make):
    """The plan with the closing day that `make(last day, free)` gives; `free(day)` says whether a day may be taken."""
    days, _left_out = rhythm.days_of(plan.first, plan.gaps, plan.step, lambda day: _why_not(plan, day))
    return replace(plan, closing=make(days[-1], lambda day: not _why_not(plan, day)))


def closing_title(language):
    with translation.override(language):
        return _("Closing day")


def _session(plan, day, number, activity, source):
    name = activity.title(plan.language) if activity else ""
    with translation.override(plan.language):
        title = title_of(plan.pattern, number, name) if plan.pattern or source is None else source.title
    minutes = plan.minutes or (source or plan.sources[-1]).minutes
    return Planned(
        (title or name)[:160], datetime.combine(day, plan.hour), minutes, plan.time_zone, number=number, source=source,
        activity_key=activity.key if activity else None, together=plan.mode == Meeting.Mode.IN_PERSON,
    )  # fmt: skip


def _closing(plan, closing):
    wall = datetime.combine(closing.day, closing.hour)
    return Planned(
        closing.title, wall, closing.minutes, plan.time_zone, kind=InPersonDay.kind, together=True, source=closing.source,
        unfinished=plan.state != State.DRAFT and announcing.no_address(InPersonDay.kind, closing.place, closing.place_url),
    )  # fmt: skip


def title_of(pattern, number, name):
    """ "Sesión {n}: {titulo}" → "Sesión 3: La evaluación"; without a name its place and the marks before it are left away."""
    text = NUMBER.sub(str(number), pattern or default_pattern(named=name))
    if name:
        return re.sub(r"\{(?:title|titulo|título)\}", lambda _match: name, text).strip()
    return TITLE.sub("", text).strip() or _("Session %(number)s") % {"number": number}


def default_pattern(language=None, named=False):
    """In the cohort's language. Titles of the programme (`named`) stand as they are: they often say "Live session 4" themselves."""
    if named:
        return "{title}"
    with translation.override(language or translation.get_language()):
        return _("Session {n}: {title}")


def _why_not(plan, day):
    """Why nobody meets on a day: it was named, or it is a holiday of one of the countries; "" otherwise."""
    if day in plan.skip:
        return _("as written")
    return next((name for country in plan.holidays_of if (name := red_days.name_of(country, day))), "")


def unplanned(cohort):
    """The live sessions of the cohort's programme that have no meeting yet, in their order."""
    taken = TrainingSession.objects.filter(cohort=cohort).exclude(state=State.CANCELLED)
    taken = set(taken.exclude(activity_key=None).values_list("activity_key", flat=True))
    return [activity for activity in schedule.sessions_of(cohort) if activity.key not in taken]


def next_number(cohort):
    numbers = TrainingSession.objects.filter(cohort=cohort).exclude(state=State.CANCELLED)
    return min(999 - MOST, numbers.aggregate(most=Max("number"))["most"] or 0) + 1


# --- an earlier cohort's ---------------------------------------------------------------------------------------------


def to_copy(user, cohort):
    """`(training sessions, closing day or None)` of a cohort that the person runs, in the order of time; without those called off."""
    mine = Meeting.objects.hosted_by(user).filter(cohort=cohort).exclude(state=State.CANCELLED).order_by("starts_at", "pk")
    meetings = list(mine.instance_of(TrainingSession)[:MOST])
    return meetings, mine.instance_of(InPersonDay).last()


def copyable(user, besides):
    """Other cohorts of the person that have training sessions, the newest first."""
    planned = TrainingSession.objects.exclude(state=State.CANCELLED).values("cohort_id")
    return Cohort.objects.run_by(user).filter(pk__in=planned).exclude(pk=besides.pk).order_by("-starts_on", "name")


def gaps_of(meetings):
    """The rhythm in which meetings follow each other, in whole days of their own zones."""
    return rhythm.rhythm_of([wall_clock.wall_of(meeting).date() for meeting in meetings])


# --- the act ---------------------------------------------------------------------------------------------------------


def create(plan, cohort, by, previewed=None):
    """All of it or nothing, and nothing but what was `previewed` (`Planned` meetings), where that is given. Returns the `Series`; the same
    one for a form that is sent again. Raises `Refused`."""
    with transaction.atomic():
        cohort = Cohort.objects.select_for_update().get(pk=cohort.pk)
        done = Series.objects.filter(key=plan.key).first()
        if done is not None:
            return _the_same(done, cohort, by)
        if cohort.status == Cohort.Status.CLOSED:
            raise Refused(_("The cohort is closed, so nothing new is planned in it."))
        planned, _left_out = planned_by(plan, cohort)
        if previewed is not None and planned != previewed:
            raise Refused(_("Look at the preview first: this is not what it showed. Nothing has been saved."))
        series = Series.objects.create(
            key=plan.key,
            cohort=cohort,
            title=planned[0].title,
            wall_time=f"{plan.hour:%H:%M}",
            time_zone=plan.time_zone,
            created_by=by,
        )
        guests = _outsiders(plan.guests, cohort)
        for one in planned:
            meeting = _create_one(plan, one, series, by)
            MeetingPerson.objects.bulk_create(MeetingPerson(meeting_id=meeting.pk, user=user, part=GUEST) for user in guests)
    return series


def _outsiders(users, cohort):
    """Who is of the cohort belongs anyway, in the part that their role gives them."""
    inside = set(Enrollment.objects.filter(cohort=cohort, status__in=Enrollment.MEMBER_STATES).values_list("user_id", flat=True))
    return [user for user in users if user.pk not in inside]


def _the_same(series, cohort, by):
    if (series.cohort_id, series.created_by_id) != (cohort.pk, by.pk):
        raise Refused(_("This form was sent already, for something else. Open it again."))
    return series


def _create_one(plan, one, series, by):
    moment = wall_clock.moment_of(one.wall, wall_clock.zone(one.time_zone))
    schedule.require_exists(moment, "closing_hour" if one.kind == InPersonDay.kind else "hour")
    fields = {name: getattr(one.source, name) for name in COPIED} if one.source else {}
    fields |= {
        "title": one.title, "starts_at": moment.instant, "minutes": one.minutes, "time_zone": one.time_zone, "language": plan.language,
        "state": State.DRAFT if one.unfinished else plan.state, "series": series,
    }  # fmt: skip
    fields |= _closing_fields(plan.closing) if one.kind == InPersonDay.kind else _session_fields(plan, one)
    meeting = schedule.create(one.kind, by, cohort=series.cohort, source=one.source, **fields)
    if plan.use_template and one.source is None and one.kind != InPersonDay.kind:
        with translation.override(plan.language):
            run_of_show.use_template(meeting)
    return meeting


def _session_fields(plan, one):
    fields = {"mode": plan.mode, "engine": plan.engine, "place": plan.place, "conference_url": plan.conference_url}
    return fields | {"number": one.number, "activity_key": one.activity_key}


def _closing_fields(closing):
    return {"mode": Meeting.Mode.IN_PERSON, "engine": "none", "place": closing.place, "place_url": closing.place_url}


def people_by_address(addresses, by):
    """`(users, addresses of nobody whom `by` may look for)`. One query."""
    wanted = list(dict.fromkeys(address.lower() for address in addresses))
    people = guests.nameable(by).annotate(address=Lower("email")).filter(address__in=wanted)
    users = list(people.order_by("full_name", "pk"))
    found = {user.email.lower() for user in users}
    return users, [address for address in wanted if address not in found]
