"""What the Today page says about reading: what to do next, and how far one is."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.progress import next_activity

MOST_MISSING = 3


def cards(request, enrollment, progress):
    """The cards of this floor as `{"order", "template", "context"}`; no queries beyond those of `progress`."""
    shown = [{"order": 10, "template": "curriculum/today/continue.html", "context": _continue(enrollment, progress)}]
    if progress.total:
        context = {"progress": progress, "lines": _missing(progress)}
        shown.append({"order": 40, "template": "curriculum/today/progress.html", "context": context})
    return shown


def _continue(enrollment, progress):
    state = next_activity(enrollment, progress=progress) if enrollment.may_study else None
    module = next((item for item in progress.items if state in item.activities), None) if state else None
    return {
        "progress": progress,
        "next": state,
        "module": module,
        "place": module.activities.index(state) + 1 if module else 0,
        "first": not any(one.state in ("done", "started") for one in progress.states),
        "handed_in": _handed_in(progress) if state is None and enrollment.may_study else None,
        "waiting": next((one for one in progress.states if one.state == "locked" and one.activity.required), None),
    }


def _handed_in(progress):
    """With nothing else to do, an assignment that is begun waits for a trainer."""
    begun = (one for one in progress.states if one.state == "started" and one.activity.required)
    return next((one for one in begun if one.activity.kind == "assignment"), None)


def _missing(progress):
    """What is missing, in words: finished modules together, then the next things by name."""
    whole = sum(item.total > 0 and item.done == item.total for item in progress.items)
    lines = []
    if whole:
        lines.append(ngettext("%(n)d module finished", "%(n)d modules finished", whole) % {"n": whole})
    missing = [state for state in progress.states if state.activity.required and state.state != "done"]
    lines += [_("Missing: %(title)s") % {"title": state.title} for state in missing[:MOST_MISSING]]
    more = len(missing) - MOST_MISSING
    if more > 0:
        lines.append(ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more})
    return lines
