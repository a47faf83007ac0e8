"""The words beside the figures: what kind of evidence it is, of how many, under which promise, and why something is not shown."""

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from evaluations.moore.shapes import number
from evaluations.words import in_language

EVIDENCE = {
    "objective": gettext_lazy("Objective"),
    "observed": gettext_lazy("Observed"),
    "self-report": gettext_lazy("Self-report"),
    "estimate": gettext_lazy("Estimate"),
}
PROMISES = {
    "identified": gettext_lazy("answers carry names"),
    "confidential": gettext_lazy("confidential answers"),
    "anonymous": gettext_lazy("anonymous answers"),
}
# A level without a single observation stays on the page: what is missing, and what would bring it.
MISSING = {
    "1": gettext_lazy("No participation yet. It appears as soon as people finish activities of the programme."),
    "2": gettext_lazy("No opinions yet. They come from the session feedback and the questionnaire after the training."),
    "3A": gettext_lazy("No test results yet. They come from the same knowledge test before and after the training."),
    "3B": gettext_lazy("No case results yet. They come from the case questions of the test before and after the training."),
    "4": gettext_lazy("No observations yet. They come from a teach-back that two people rate with the rubric."),
    "5": gettext_lazy("Nothing from practice yet. It comes from the follow-up questionnaires and, later, from the mentors' log."),
    "6": gettext_lazy("Nothing about patients yet. It would come from the half-yearly indicators of each FLS, as totals."),
    "7": gettext_lazy("Nothing about the health system yet. It would come from guidelines, policies and published figures."),
}
HIGHEST_LEVELS = ("6", "7")


def evidence_words(indicator):
    return str(EVIDENCE.get(indicator.get("evidence"), indicator.get("evidence") or ""))


def promise_words(indicator):
    return str(PROMISES.get(indicator.get("promise"), ""))


def of_asked(indicator):
    """ "22 of 24", as far as both are known; "" otherwise. A number that is hidden is not known here."""
    n, asked = indicator.get("n"), indicator.get("asked")
    if n is None:
        return ""
    if asked is None or asked < n:
        return number(n)
    if indicator.get("design") in ("true_pre_post", "retro_pre_post"):
        return _("%(n)s of %(total)s in pairs") % {"n": number(n), "total": number(asked)}
    return _("%(n)s of %(total)s") % {"n": number(n), "total": number(asked)}


def why_hidden(hidden, level="", short=False):
    """One sentence for `hidden` of an indicator or a row; `short` for a cell beside a label."""
    reason, n = hidden.get("reason"), hidden.get("n")
    if reason == "nothing_yet":
        return str(MISSING.get(level) or _("Nothing yet.")) if not short else _("nothing yet")
    if reason == "small_group":
        if short or n is None:
            return _("fewer than %(minimum)s: not shown") % {"minimum": number(settings.MIN_GROUP_SIZE)}
        words = ngettext("%(n)s answer: not shown, to protect people.", "%(n)s answers: not shown, to protect people.", n)
        return words % {"n": number(n)}
    if reason == "complementary":
        if short:
            return _("not shown: it would give away a small group")
        return _("Not shown: together with the other figures on these pages it would give away a small group.")
    if reason == "anonymous":
        return _("Anonymous answers: nobody knows from which country or profession they come.")
    if reason == "open_wave":
        return _still_open(n)
    return _("These figures could not be worked out. The others stand, and the fault has been noted.")


def _still_open(n):
    if not n:
        return _("Still open for answers. Figures appear when it has closed.")
    words = ngettext(
        "%(n)s person has answered so far. Figures appear when it has closed.",
        "%(n)s people have answered so far. Figures appear when it has closed.",
        n,
    )
    return words % {"n": number(n)}


def hides_people(hidden):
    return bool(hidden) and hidden.get("reason") in ("small_group", "complementary")


def response_warning(indicator):
    """What must be said when fewer than 60 % answered; "" otherwise."""
    if not indicator.get("low_response") or indicator.get("n") is None or not indicator.get("asked"):
        return ""
    share = {"n": number(indicator["n"]), "asked": number(indicator["asked"])}
    return _("Only %(n)s of %(asked)s answered. Those who did not may see it differently.") % share


def named(words):
    """A label of the document in the reader's language."""
    return in_language(words) if isinstance(words, dict) else str(words or "")
