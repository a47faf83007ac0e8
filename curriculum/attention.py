"""Who and what needs a trainer or lead: contributed by every floor, gathered here, reminded of at most once a week.

Names stand here because trainers and leads answer for their own people; what was promised holds all the same. An anonymous wave
contributes nobody, and of a confidential one it is said only whether somebody has answered.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django.utils.module_loading import import_string

from curriculum.models import Cohort
from notifications import spacing

logger = logging.getLogger(__name__)
WHAT = "attention"
REMEMBERED = 60  # seconds


@dataclass(frozen=True)
class Item:
    """One thing that needs somebody.

    `kind` groups, under the words `subject`; `person` is the user it is about, or `None`; `what` says it in the reader's language;
    `since` is an instant; `url` leads to where the trainer or lead acts; `item_key` is a stable text such as "wave:12".
    `reminder` is called in the language of `person` and gives what that person reads and the path where they do it; without it
    nobody is reminded: then it is the trainer's turn. `reminded_at` is when the person was last reminded of it in the last seven days.
    """

    kind: str
    subject: str
    cohort: Cohort
    what: str
    since: datetime
    url: str
    item_key: str
    person: Any = None
    reminder: Callable[[], tuple[str, str]] | None = None
    reminded_at: datetime | None = None

    @property
    def remindable(self):
        return self.person is not None and self.reminder is not None

    @property
    def due(self):
        """Whether the person may be reminded of it now."""
        return self.remindable and self.reminded_at is None

    @property
    def token(self):
        """How the form names it: the person's number and the item."""
        return f"{self.person.pk}/{self.item_key}" if self.person else ""

    @property
    def place(self):
        return f"{self.item_key}:{self.person.pk}" if self.person else self.item_key


class Provider(Protocol):
    """What `settings.ATTENTION` lists by dotted path. Asks a fixed number of queries, whatever the number of people."""

    def __call__(self, user, cohorts: list[Cohort]) -> list[Item]: ...


@dataclass(frozen=True)
class Found:
    """`failed` says that a contributor could not be asked: there may be more than what stands here."""

    items: list
    failed: bool = False

    @property
    def people(self):
        return len({item.person.pk for item in self.items if item.person})


def cohorts_of(user):
    """The cohorts whose people the person looks after, as a list."""
    return list(Cohort.objects.run_by(user))


def collect(user, cohorts):
    """A `Found` with everything that needs `user` in `cohorts`, oldest first. A contributor that fails is left out and logged."""
    items, failed = [], False
    for path in settings.ATTENTION if cohorts else ():
        try:
            items += import_string(path)(user, cohorts)
        except Exception:
            logger.exception("attention of %s failed", path)
            failed = True
    reminded = reminded_lately() if any(item.remindable for item in items) else {}
    items = [_with_reminder(item, reminded) for item in items]
    return Found(sorted(items, key=lambda item: (item.since, item.place)), failed)


def _with_reminder(item, reminded):
    at = reminded.get(topic_of(item.place))
    return replace(item, reminded_at=at) if at and item.reminded_at is None else item


def reminded_lately(about=""):
    """`{topic: instant}` of the reminders of the last seven days, of things whose key begins with `about`. One query."""
    return spacing.told_lately(topic__startswith=topic_of(about))


def topic_of(place):
    """What reminders of one thing to one person have in common, whoever sends them: "attention:wave:12:345"."""
    return f"{WHAT}:{place}"


def reminder_key(item, now=None):
    """The dedupe key of one reminder. One thing and person has at most one in seven days (notifications/spacing.py)."""
    return f"{topic_of(item.place)}:{now or timezone.now():%Y%m%dT%H%M%S}"


# --- other pages -----------------------------------------------------------------------------------------------------


def count_for(user):
    """How many things need the person, for the Today page; `None` where that could not be found out."""
    try:
        return _remembered(user, "all", lambda: cohorts_of(user))
    except Exception:
        logger.exception("attention on Today failed")
        return None


def insight(request, cohort):
    """A provider of `settings.COHORT_INSIGHTS`: the way to the page, with the number."""
    context = {"cohort": cohort, "needing": _remembered(request.user, cohort.pk, lambda: [cohort])}
    return {"order": 5, "template": "curriculum/attention/insight.html", "context": context}


def _remembered(user, name, cohorts):
    """The number on other pages may be a minute old; the page itself never is."""
    return cache.get_or_set(f"attention:{user.pk}:{name}", lambda: len(collect(user, cohorts()).items), REMEMBERED)
