"""What a certificate takes: rows of a curriculum, each checked by the function that settings name for its kind."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.models import Requirement
from curriculum.progress import progress_of

SHOWN_MISSING = 5
# settings.REQUIREMENT_CHECKS names one check for each kind of requirement: check(enrollment, parameters) says whether it is met.
RequirementCheck = Callable[[Any, dict], "RequirementState"]


@dataclass(frozen=True)
class Missing:
    text: str
    url: str | None = None


@dataclass(frozen=True)
class RequirementState:
    """One line of the checklist. `missing` has at most five things to do next, `more` counts the rest."""

    kind: str
    met: bool
    text: str
    url: str | None = None
    missing: tuple[Missing, ...] = field(default=())
    more: int = 0


def activities_done(enrollment, parameters):
    """Every required activity of the cohort's outline is done."""
    progress = progress_of(enrollment, started=set())
    if progress.complete:
        words = ngettext("The required activity is done.", "All %(count)d required activities are done.", progress.total)
        return RequirementState("activities", True, words % {"count": progress.total})
    if not progress.total:
        return RequirementState("activities", False, _("The programme has no required activities yet."))
    left = [
        Missing(_("%(activity)s (%(module)s)") % {"activity": state.title, "module": _module_words(item)}, state.url)
        for item in progress.items
        for state in item.activities
        if state.activity.required and state.state != "done"
    ]
    shown, more = tuple(left[:SHOWN_MISSING]), len(left[SHOWN_MISSING:])
    return RequirementState("activities", False, _missing_words(shown, more), shown[0].url, shown, more)


def _module_words(item):
    return item.title if item.module.number is None else _("module %(number)d") % {"number": item.module.number}


def _missing_words(shown, more):
    names = ", ".join(missing.text for missing in shown)
    if not more:
        return _("Missing: %(names)s.") % {"names": names}
    words = ngettext("Missing: %(names)s and %(count)d more.", "Missing: %(names)s and %(count)d more.", more)
    return words % {"names": names, "count": more}


def requirements_of(enrollment):
    """The state of each requirement of the enrolment's curriculum, in order. A kind that nobody can check is never met."""
    rows = Requirement.objects.filter(curriculum_key=enrollment.cohort.curriculum_key)
    return [_state_of(row, enrollment) for row in rows]


def _state_of(row, enrollment):
    path = settings.REQUIREMENT_CHECKS.get(row.kind)
    if path is None:
        return RequirementState(row.kind, False, _("“%(kind)s” cannot be checked here.") % {"kind": row.kind})
    return import_string(path)(enrollment, row.parameters)


def meets_all(states):
    """Whether the checklist is complete. A curriculum that asks for nothing certifies nothing."""
    return bool(states) and all(state.met for state in states)
