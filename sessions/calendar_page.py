"""A month of one person: meetings, and the days on which something opens or closes for them. In the reader's own zone.

Everything is asked for one month at a time, each subject in its own small function of `PROVIDERS`, each with a number of queries
that does not depend on how much there is. A day is the reader's: 23:30 in Mexico City is the next day in São Paulo.
"""

import calendar
import re
import zoneinfo
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.dates import MONTHS, WEEKDAYS, WEEKDAYS_ABBR
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from curriculum.models import Enrollment
from curriculum.outline import outline_of, url_of
from curriculum.progress import opening_of
from curriculum.roles import leads_programme
from evaluations import wave_hours
from evaluations.models import Wave
from notifications.readers import written_quarter
from sessions import answers, local_times
from sessions.models import Invitee, Meeting, MeetingPerson, QuarterSlot

FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST_IN_CELL = 3
MOST_IN_MONTH = 500
WRITTEN = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
# Where the week begins on Sunday (CLDR, ICU 74); Monday everywhere else. design: ux.md 2.0
SUNDAY_FIRST = frozenset(("MX", "GT", "SV", "HN", "NI", "PA", "DO", "PE", "BR", "CO", "VE", "PY"))


@dataclass(frozen=True)
class Month:
    """`first` is its first day; `begins` and `ends` are the instants at which it does so in `zone`."""

    first: date
    zone: zoneinfo.ZoneInfo

    @property
    def last(self):
        return self.first.replace(day=calendar.monthrange(self.first.year, self.first.month)[1])

    @property
    def begins(self):
        return _midnight(self.first, self.zone)

    @property
    def ends(self):
        return _midnight(self.last + timedelta(days=1), self.zone)

    @property
    def key(self):
        return f"{self.first:%Y-%m}"

    def holds(self, day):
        return self.first <= day <= self.last

    def neighbour(self, step):
        """The key of the month before (-1) or after (1); "" beyond the years there are."""
        day = self.first - timedelta(days=1) if step < 0 else self.last + timedelta(days=1)
        return f"{day:%Y-%m}" if FIRST_YEAR <= day.year <= LAST_YEAR else ""


@dataclass(frozen=True)
class Reader:
    """`enrollments` are those in which the person belongs to a cohort now, with the cohorts."""

    user: Any
    zone: zoneinfo.ZoneInfo

    @cached_property
    def enrollments(self):
        mine = Enrollment.objects.filter(user=self.user, status__in=Enrollment.MEMBER_STATES)
        return list(mine.select_related("cohort", "user").order_by("pk"))


@dataclass(frozen=True)
class Line:
    """One thing on one day. `clock` is "" for what belongs to the whole day; `state` is a `Meeting.State` or "". `asks`: the reader was
    invited and can answer now; `said` is the answer that stands."""

    day: date
    title: str
    kind: str
    url: str = ""
    clock: str = ""
    until: str = ""
    cohort: str = ""
    meeting: Any = None
    answer: str = ""
    asks: bool = False
    said: str = ""

    @property
    def cancelled(self):
        return self.meeting is not None and self.meeting.state == Meeting.State.CANCELLED

    @property
    def said_state(self):
        """In the narrow cells a state is said only where it is not the usual one."""
        return self.meeting.get_state_display() if self.meeting and self.meeting.state != Meeting.State.SCHEDULED else ""


@dataclass(frozen=True)
class Day:
    """`shown` are the lines that fit into a cell; `more` is how many stand in the list alone."""

    day: date
    lines: list[Line] = field(default_factory=list)
    today: bool = False

    @property
    def shown(self):
        return self.lines if len(self.lines) <= MOST_IN_CELL + 1 else self.lines[:MOST_IN_CELL]

    @property
    def more(self):
        return len(self.lines) - len(self.shown)


# --- the month -------------------------------------------------------------------------------------------------------


def month_of(text, zone, now=None):
    """The `Month` that "2027-03" names, this month for "", `None` for anything else."""
    if not text:
        return Month((now or timezone.now()).astimezone(zone).date().replace(day=1), zone)
    found = WRITTEN.fullmatch(text)
    if not found or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return None
    return Month(date(int(found[1]), int(found[2]), 1), zone)


def name_of(month):
    """ "marzo de 2027", "março de 2027", "March 2027"."""
    word = str(MONTHS[month.first.month])
    if (translation.get_language() or "").startswith(("es", "pt")):
        return f"{word.lower()} de {month.first.year}"
    return f"{word} {month.first.year}"


def first_weekday(user):
    """6 (Sunday) or 0 (Monday), by the reader's country."""
    return 6 if str(getattr(user, "country", "") or "") in SUNDAY_FIRST else 0


def weekdays(first):
    """`[(short, full)]` in the order of the reader's week."""
    order = [(first + step) % 7 for step in range(7)]
    return [(capfirst(str(WEEKDAYS_ABBR[number])), capfirst(str(WEEKDAYS[number]))) for number in order]


def lines_of(reader, month, only_run=False):
    """`[Line]` of the month in the order of time; what belongs to a whole day stands first in it."""
    providers = (meetings_run,) if only_run else PROVIDERS
    found = [line for provider in providers for line in provider(reader, month)]
    return sorted(found, key=lambda line: (line.day, line.clock, line.title))  # clocks of one language sort as text


def weeks_of(month, lines, first, today):
    """Rows of seven: a `Day`, or `None` for a day of another month."""
    by_day = {}
    for line in lines:
        by_day.setdefault(line.day, []).append(line)
    rows = calendar.Calendar(first).monthdatescalendar(month.first.year, month.first.month)
    return [[Day(day, by_day.get(day, []), day == today) if month.holds(day) else None for day in row] for row in rows]


def next_meeting_after(user, instant):
    """When the next meeting of the person after an empty month begins, or `None`. One query."""
    mine = (
        Meeting.objects.accessible_to(user)
        .non_polymorphic()
        .filter(starts_at__gte=instant)
        .exclude(state=Meeting.State.CANCELLED)
    )
    return mine.order_by("starts_at").values_list("starts_at", flat=True).first()


def runs_anything(user):
    """Whether "what I run" can hold anything. Two queries at most."""
    named = MeetingPerson.objects.filter(user=user, part=MeetingPerson.Part.HOST)
    return user.is_superuser or named.exists() or Enrollment.objects.filter(
        user=user, role__in=("trainer", "lead"), status__in=Enrollment.MEMBER_STATES
    ).exists()  # fmt: skip


def _midnight(day, zone):
    """Where that midnight does not exist (São Paulo, 4 November 2018), the first instant of the day."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


# --- what stands in it -----------------------------------------------------------------------------------------------


def meetings(reader, month):
    """Two queries."""
    return _meeting_lines(Meeting.objects.accessible_to(reader.user), reader, month)


def meetings_run(reader, month):
    return _meeting_lines(Meeting.objects.hosted_by(reader.user), reader, month)


def _meeting_lines(mine, reader, month):
    shown = mine.non_polymorphic().filter(starts_at__gte=month.begins, starts_at__lt=month.ends)
    rows = list(shown.select_related("cohort").order_by("starts_at", "pk")[:MOST_IN_MONTH])
    said = Invitee.objects.filter(user=reader.user, meeting__in=[row.pk for row in rows])
    own = {one.meeting_id: one for one in said}
    return [_meeting_line(row, reader.zone, own.get(row.pk)) for row in rows]


def _meeting_line(meeting, zone, invitee):
    begins, ends = meeting.starts_at.astimezone(zone), meeting.ends_at.astimezone(zone)
    kind = ContentType.objects.get_for_id(meeting.polymorphic_ctype_id).model_class()._meta.verbose_name
    waits = invitee is not None and invitee.waiting_since is not None
    return Line(
        begins.date(), meeting.title, capfirst(str(kind)), reverse("live:meeting", args=[meeting.pk]), local_times.clock(begins),
        local_times.clock(ends), meeting.cohort.name if meeting.cohort_id else "", meeting,
        _("you wait for a place") if waits else answers.own_words(invitee), _asks(meeting, invitee), invitee.answer if invitee else "",
    )  # fmt: skip


def _asks(meeting, invitee):
    return invitee is not None and not invitee.told_off and not answers.closed_because(meeting)


def waves(reader, month):
    """The first and last days of questionnaires that ask the person: their own days, whatever the zone. Two queries."""
    places = {one.cohort_id: one for one in reader.enrollments}
    within = Q(opens_on__range=(month.first, month.last)) | Q(closes_on__range=(month.first, month.last))
    found = Wave.objects.filter(within, cohort__in=places).select_related("cohort", "instrument")
    asked = [wave for wave in found if wave_hours.asks(wave, places[wave.cohort_id])]
    return [line for wave in asked for line in _wave_lines(wave, reader.zone) if month.holds(line.day)]


def _wave_lines(wave, zone):
    url = reverse("evaluations:anonymous" if wave.anonymous else "evaluations:wave", args=[wave.pk])
    closed_on = wave.closed_at.astimezone(zone).date() if wave.closed_at else None
    if closed_on is None or closed_on >= wave.opens_on:
        yield Line(wave.opens_on, wave.instrument.title_here, _("Questionnaire opens"), url, cohort=wave.cohort.name)
    if wave.closes_on and (closed_on is None or closed_on > wave.closes_on):
        yield Line(wave.closes_on, wave.instrument.title_here, _("Last day of the questionnaire"), url, cohort=wave.cohort.name)


def releases(reader, month):
    """Modules that open for the person. The outline of a cohort that has begun is on its row, so there is no query for it."""
    mine = [
        one for one in reader.enrollments if one.role == "trainee" and one.may_study and (one.releases or one.cohort.releases)
    ]
    for one in mine:
        for module in outline_of(one.cohort).modules:
            opens = opening_of(one, module.key)
            if opens and month.begins <= opens < month.ends:
                local, url = opens.astimezone(reader.zone), url_of(module.key, one.cohort.curriculum_key) or ""
                yield Line(
                    local.date(), module.heading(), _("Module opens"), url, local_times.clock(local), cohort=one.cohort.name
                )


def quarters(reader, month):
    """Planned days of the rota that have no meeting yet, for programme leads and for the group whose turn it is. Two queries."""
    slots = QuarterSlot.objects.filter(planned_on__range=(month.first, month.last), meeting=None).select_related("group")
    if not leads_programme(reader.user):
        slots = slots.filter(group__members__user=reader.user, group__members__left_at=None).distinct()
    for slot in slots:
        title = f"{written_quarter(slot.quarter)} · {slot.topic or (slot.group.name if slot.group else _('without a group'))}"
        yield Line(slot.planned_on, title, _("Planned day of a regional meeting"), _rota_address(slot))


def _rota_address(slot):
    try:
        return reverse("live:duties", args=[slot.quarter])
    except NoReverseMatch:  # a quarter beyond the years of the rota
        return ""


PROVIDERS = (meetings, waves, releases, quarters)
