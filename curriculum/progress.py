"""How far a person is. The only place where completions are recorded and counted.

Progress is what was completed among what the cohort's outline asks for. It is worked out when asked, never stored, and so can
neither drift nor pass the total: a completion of something that is not asked for simply does not count.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from curriculum.models import Completion, HandIn
from curriculum.outline import Activity, Module, freeze, in_language, outline_of, site_map, url_of

# settings.ACTIVITY_STATES names providers by dotted path: each takes an enrolment and gives the keys of the activities
# that the person has begun and not finished.
StartedActivities = Callable[[Any], set]


class NotStudying(Exception):
    """The enrolment is paused, withdrawn or not yet accepted: nothing is recorded."""


class NotInOutline(Exception):
    """The cohort's outline does not have this activity."""


class NotALesson(Exception):
    """Only lessons are marked as read and not read; the rest is completed by evidence."""


@dataclass(frozen=True)
class Lock:
    """Why an activity cannot be opened yet: a sentence, and the next useful page or the instant of opening."""

    text: Any
    url: str | None = None
    opens_at: datetime | None = None


class Locked(Exception):
    def __init__(self, lock):
        super().__init__(str(lock.text))
        self.lock = lock


@dataclass(frozen=True)
class ActivityState:
    activity: Activity
    title: str
    url: str | None
    state: str  # done, started, todo, locked
    lock: Lock | None = None


@dataclass(frozen=True)
class ModuleState:
    module: Module
    activities: list
    lock: Lock | None = None
    title: str = ""
    url: str | None = None

    @cached_property
    def done(self):
        return sum(state.state == "done" for state in self.activities if state.activity.required)

    @cached_property
    def total(self):
        return sum(state.activity.required for state in self.activities)


@dataclass(frozen=True)
class Progress:
    done: int
    total: int
    minutes_left: int
    items: list = field(default_factory=list)

    @property
    def complete(self):
        return self.total > 0 and self.done == self.total

    @property
    def states(self):
        return [state for item in self.items for state in item.activities]

    def state_of(self, key):
        return next((state for state in self.states if state.activity.key == key), None)


# --- acts ------------------------------------------------------------------------------------------------------------


def complete(enrollment, activity_key, evidence=None):
    """Records that the person finished the activity, once; a second call gives the first record.

    Raises `NotStudying`, `NotInOutline`, or `Locked` with the reason. A cohort without a frozen outline gets it now, so that
    what was counted keeps counting.
    """
    if not enrollment.may_study:
        raise NotStudying
    if outline_of(enrollment.cohort).find(activity_key) is None:
        raise NotInOutline
    known = Completion.objects.filter(enrollment=enrollment, activity_key=activity_key).first()
    if known:
        return known
    lock = locked_because(enrollment, activity_key)
    if lock:
        raise Locked(lock)
    with transaction.atomic():
        if not enrollment.cohort.outline:
            freeze(enrollment.cohort)
        return _record(enrollment, activity_key, evidence or {})


def _record(enrollment, activity_key, evidence):
    try:
        with transaction.atomic():
            return Completion.objects.create(enrollment=enrollment, activity_key=activity_key, evidence=evidence)
    except IntegrityError:
        return Completion.objects.get(enrollment=enrollment, activity_key=activity_key)


def reopen(enrollment, activity_key):
    """The person marks a lesson as not read. Nothing happens if it was not. Raises `NotStudying`, `NotInOutline`, `NotALesson`."""
    if not enrollment.may_study:
        raise NotStudying
    activity = outline_of(enrollment.cohort).find(activity_key)
    if activity is None:
        raise NotInOutline
    if activity.kind != "lesson":
        raise NotALesson
    Completion.objects.filter(enrollment=enrollment, activity_key=activity_key).delete()


def take_back(completion):
    """Removes a completion whose evidence no longer holds: an attendance that somebody corrected. What was earned with it stands.

    A certificate that was issued in the meantime is a lead's to revoke (curriculum/certification.py).
    """
    Completion.objects.filter(pk=completion.pk).delete()


# --- counting --------------------------------------------------------------------------------------------------------


def completed_keys(enrollment):
    """The keys of everything the person ever completed, in the outline or not. One query."""
    return set(Completion.objects.filter(enrollment=enrollment).values_list("activity_key", flat=True))


def started_keys(enrollment):
    """What other floors say the person has begun."""
    started = set()
    for path in settings.ACTIVITY_STATES:
        started |= set(import_string(path)(enrollment))
    return started


def progress_of(enrollment, *, completions=None, started=None):
    """Everything about the person's way through the outline.

    `completions` (keys or `Completion` rows) and `started` (keys) may be given by callers that have them for many people.
    """
    outline = outline_of(enrollment.cohort)
    done = completed_keys(enrollment) if completions is None else {getattr(c, "activity_key", c) for c in completions}
    started = started_keys(enrollment) if started is None else started
    items = [_module_state(enrollment, outline, module, done, started) for module in outline.modules]
    left = sum(a.minutes for a in outline.activities if a.required and a.key not in done)
    return Progress(len(outline.required_keys & done), len(outline.required_keys), left, items)


def _module_state(enrollment, outline, module, done, started):
    lock = module_lock(enrollment, outline, module, done)
    language = get_language()
    key = outline.curriculum_key
    states = []
    for activity in module.activities:
        state = _state(activity, lock, done, started)
        shut = lock if state == "locked" else None
        states.append(ActivityState(activity, _title(activity, key, language), url_of(activity.key, key, language), state, shut))
    return ModuleState(module, states, lock, _title(module, key, language), url_of(module.key, key, language))


def _state(activity, lock, done, started):
    if activity.key in done:
        return "done"
    if lock:
        return "locked"
    return "started" if activity.key in started else "todo"


def _title(thing, curriculum_key, language):
    """The title that the outline froze; where it has none in this language, the one of a translation made since."""
    if language in thing.titles:
        return thing.titles[language]
    ref = site_map(curriculum_key).get(language, {}).get(thing.key)
    return ref.title if ref and ref.live else in_language(thing.titles, language)


def next_activity(enrollment, *, progress=None):
    """The first required activity that is not done, can be opened now and does not wait for somebody else, or `None`."""
    progress = progress or progress_of(enrollment)
    open_states = [state for state in progress.states if state.activity.required and state.state in ("started", "todo")]
    waiting = waiting_keys(enrollment) if any(state.state == "started" for state in open_states) else ()
    return next((state for state in open_states if state.url and state.activity.key not in waiting), None)


def waiting_keys(enrollment):
    """The assignments that the person has handed in and nobody has judged yet. One query."""
    sent = HandIn.objects.filter(enrollment=enrollment, state=HandIn.State.SENT)
    return set(sent.values_list("activity_key", flat=True))


# --- locks -----------------------------------------------------------------------------------------------------------


def locked_because(enrollment, activity_key, *, progress=None, completions=None):
    """Why the activity cannot be opened, or `None`. What is done stays open; what is not in the outline is never locked."""
    if progress is not None:
        state = progress.state_of(activity_key)
        return state.lock if state else None
    outline = outline_of(enrollment.cohort)
    module = outline.module_of(activity_key)
    if module is None:
        return None
    done = completed_keys(enrollment) if completions is None else completions
    return None if activity_key in done else module_lock(enrollment, outline, module, done)


def module_lock(enrollment, outline, module, done):
    """A module opens at its instant (the person's own before the cohort's) and, if it says so, after the module before it."""
    opens_at = opening_of(enrollment, module.key)
    if opens_at and opens_at > timezone.now():
        return Lock(lazy(_opens_on, str)(enrollment, opens_at), None, opens_at)
    missing = _missing_before(outline, module, done) if module.requires_previous else None
    if missing:
        url = url_of(missing.key, outline.curriculum_key)
        return Lock(lazy(_missing_words, str)(outline, missing), url)
    return None


def opening_of(enrollment, module_key):
    """The instant from which the module is open for this person, or `None` for always."""
    name = str(module_key)
    value = enrollment.releases.get(name) or enrollment.cohort.releases.get(name)
    opens_at = parse_datetime(value) if value else None
    if opens_at and timezone.is_naive(opens_at):
        opens_at = timezone.make_aware(opens_at, timezone.get_default_timezone())
    return opens_at


def _missing_before(outline, module, done):
    place = outline.modules.index(module)
    previous = outline.modules[place - 1].activities if place else ()
    return next((activity for activity in previous if activity.required and activity.key not in done), None)


def _missing_words(outline, activity):
    module = outline.module_of(activity.key)
    title = _title(activity, outline.curriculum_key, get_language())
    where = module.title() if module.number is None else _("module %(number)d") % {"number": module.number}
    return _("Missing: %(title)s (%(module)s)") % {"title": title, "module": where}


def _opens_on(enrollment, opens_at):
    zone = getattr(enrollment.user, "zone", None)
    words = date_format(timezone.localtime(opens_at, zone), "DATETIME_FORMAT")
    return _("Opens on %(date)s.") % {"date": words if get_language() == "en" else words.lower()}
