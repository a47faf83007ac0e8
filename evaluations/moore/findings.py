"""One sentence on an indicator by rule: from the document alone to words in the active language.

The words are careful: counts instead of shares, self-reports called by their name, and on the levels of patients and community
nothing more than that things coincide.
"""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluations.moore.charts_changes import value_in
from evaluations.moore.charts_opinions import agree_words, agreeing, agrees, too_few_words
from evaluations.moore.remarks import HIGHEST_LEVELS, named, why_hidden
from evaluations.moore.shapes import amount, number


def finding(indicator, level):
    """The sentence for `indicator` of the level with that code; for what is hidden or missing, the reason."""
    if indicator.get("hidden"):
        if indicator.get("promise") == "anonymous" and indicator["hidden"].get("reason") == "complementary":
            return _("Anonymous answers carry neither country nor profession, so they cannot be shown by group.")
        return why_hidden(indicator["hidden"], level)
    known = [row for row in indicator.get("rows") or [] if not row.get("hidden")]
    if not known:
        reason = next((row["hidden"] for row in indicator.get("rows") or []), {"reason": "nothing_yet"})
        return why_hidden(reason, level)
    rule = RULES.get(indicator["design"])
    sentence = rule(indicator, known) if rule else ""
    if level in HIGHEST_LEVELS and sentence:
        sentence += " " + _("This coincides with the programme; it does not show that the programme caused it.")
    return sentence


def in_every_language(indicator, level):
    """`{language: sentence}`: what stands beside a lead's own words."""
    found = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found[language] = finding(indicator, level)
    return found


def _title(row):
    """A row's label inside a sentence: without a full stop of its own."""
    return named(row.get("label")).rstrip(". ")


# --- rules, one per design -----------------------------------------------------------------------------------------
def _count(indicator, rows):
    marked = next((row for row in rows if row.get("marks")), None)
    if marked is None:
        return _sentence(_one_count(row) for row in rows[:2])
    people = marked["marks"]
    finished = [person for person in people if person and set(person) <= {"done", "deferred"}]
    across = max(len(person) for person in people)
    sentence = ngettext(
        "%(n)s of %(people)s people completed everything asked of them (%(activities)s activity).",
        "%(n)s of %(people)s people completed everything asked of them (%(activities)s activities).",
        across,
    ) % {"n": number(len(finished)), "people": number(len(people)), "activities": number(across)}
    later = sum("deferred" in person for person in finished)
    if later:
        sentence += " " + ngettext("%(n)s of them saw a recording.", "%(n)s of them saw recordings.", later) % {
            "n": number(later)
        }
    return sentence


def _one_count(row):
    words = {"label": _title(row), "n": number(row.get("value")), "total": number(row.get("of"))}
    return (_("%(label)s: %(n)s of %(total)s") if row.get("of") else _("%(label)s: %(n)s")) % words


def _distribution(indicator, rows):
    most = max(row.get("n") or 0 for row in rows)
    rows = sorted((row for row in rows if agree_words(row)), key=agreeing, reverse=True)
    if not rows:
        return f"{too_few_words(most)}."
    first, last = rows[0], rows[-1]
    words = {"best": _title(first), "most": agree_words(first), "least": agree_words(last), "worst": _title(last)}
    if agreeing(first) < 0:
        return _("“%(best)s”: %(most)s.") % words
    if not agrees(indicator):
        return _above_the_middle(words, same=len(rows) == 1 or agreeing(first) == agreeing(last))
    if len(rows) == 1 or agreeing(first) == agreeing(last):
        return _("Agree with “%(best)s”: %(most)s.") % words
    return _("Most agree with “%(best)s” (%(most)s), fewest with “%(worst)s” (%(least)s).") % words


def _above_the_middle(words, *, same):
    if same:
        return _("Above the middle of the scale in “%(best)s”: %(most)s.") % words
    return _("Above the middle of the scale: most people in “%(best)s” (%(most)s), fewest in “%(worst)s” (%(least)s).") % words


def _gain(row):
    before, after = value_in(row.get("before")), value_in(row.get("after"))
    return None if before is None or after is None else after - before


def _paired(indicator, rows):
    rows = [row for row in rows if _gain(row) is not None]
    if not rows:
        return _("There are no pairs of before and after yet.")
    rose = [row for row in rows if _gain(row) > 0]
    best = max(
        rows, key=lambda row: (_gain(row) / ((row.get("high") or 1) - (row.get("low") or 0) or 1), row.get("improved") or 0)
    )
    retro = indicator["design"] == "retro_pre_post"
    if len(rows) == 1 or not rose:
        return _one_pair(best, retro, indicator.get("unit")) if len(rows) == 1 else _none_rose(len(rows), retro)
    words = {
        "n": number(len(rose)), "total": number(len(rows)), "best": _title(best),
        **_ends(best, indicator.get("unit")),
    }  # fmt: skip
    if retro:
        return (
            _(
                "Looking back, people rate themselves higher in %(n)s of %(total)s areas; most in “%(best)s” (median from %(before)s to %(after)s)."
            )
            % words
        )
    if indicator.get("evidence") == "self-report":
        return (
            _(
                "Asked before and after, people rate themselves higher in %(n)s of %(total)s areas; most in “%(best)s” (median from %(before)s to %(after)s)."
            )
            % words
        )
    return _("The median rose in %(n)s of %(total)s topics; most in “%(best)s” (from %(before)s to %(after)s).") % words


def _ends(row, unit):
    """ "4" to "9 of 10"; of shares "40 %" to "90 % of the points"."""
    before, after = (amount(value_in(row[side]), unit) for side in ("before", "after"))
    return {"before": before, "after": _of_most(after, row, unit)}


def _of_most(words, row, unit):
    if unit == "share":
        return _("%(share)s of the points") % {"share": words}
    return _("%(n)s of %(total)s") % {"n": words, "total": number(row.get("high"))}


def _one_pair(row, retro, unit):
    words = {"label": _title(row), "n": number(row.get("n")), **_ends(row, unit)}
    if retro:
        return _("Looking back, “%(label)s”: median from %(before)s to %(after)s (%(n)s people).") % words
    return _("“%(label)s”: median from %(before)s to %(after)s (%(n)s pairs).") % words


def _none_rose(total, retro):
    words = {"total": number(total)}
    if retro:
        return _("Looking back, people rate themselves higher in none of %(total)s areas.") % words
    return _("The median rose in none of %(total)s topics.") % words


def _rated(indicator, rows):
    rows = [row for row in rows if row.get("mean") is not None]
    if not rows:
        return _("Nobody has been rated yet.")
    best, weakest = max(rows, key=lambda row: row["mean"]), min(rows, key=lambda row: row["mean"])
    words = {
        "people": number(max(row.get("n") or 0 for row in rows)), "best": _title(best), "high": number(best["mean"], 1),
        "weakest": _title(weakest), "low": number(weakest["mean"], 1), "most": number(best.get("high")),
    }  # fmt: skip
    if best is weakest:
        return _("%(people)s people were rated: “%(best)s” %(high)s of %(most)s.") % words
    return (
        _("%(people)s people were rated: strongest in “%(best)s” (%(high)s of %(most)s), weakest in “%(weakest)s” (%(low)s).")
        % words
    )


def _commitments(indicator, rows):
    row = max(rows, key=lambda row: row.get("day") or 0)
    statuses = row.get("statuses") or {}
    words = {
        "people": number(row.get("people")), "made": number(row.get("made")), "days": number(row.get("day")),
        "done": number(statuses.get("done")), "partly": number(statuses.get("partly")),
    }  # fmt: skip
    if not row.get("day") or not any(statuses.get(name) for name in ("done", "partly", "not_yet", "dropped")):
        return _("%(people)s people set out to change %(made)s things; what became of them has not been asked yet.") % words
    if statuses.get("done") is None:
        return (
            _("%(people)s people set out to change %(made)s things and were asked after %(days)s days what became of them.")
            % words
        )
    if statuses.get("partly") is None:
        return _("%(people)s people set out to change %(made)s things; after %(days)s days they say %(done)s are done.") % words
    return (
        _(
            "%(people)s people set out to change %(made)s things; after %(days)s days they say %(done)s are done and %(partly)s partly."
        )
        % words
    )


def _published(indicator, rows):
    shown = [f"{_title(row)}: {number(row['value'])} {row.get('unit') or ''}".strip() for row in rows[:2]]
    sentence = _("Published elsewhere: %(figures)s.") % {"figures": "; ".join(shown)}
    if len(rows) > 2:
        more = len(rows) - 2
        sentence += " " + ngettext("%(n)s more figure below.", "%(n)s more figures below.", more) % {"n": number(more)}
    return sentence


def _steps(indicator, rows):
    last = [(_title(row), row["points"][-1][1]) for row in rows if row.get("points")]
    words = {
        "total": number(sum(total for _label, total in last)),
        "unit": indicator.get("unit") or "",
        "places": number(len(last)),
    }
    return _("%(total)s %(unit)s in %(places)s countries.") % words


def _timeline(indicator, rows):
    return ngettext("%(n)s document since the training.", "%(n)s documents since the training.", len(rows)) % {
        "n": number(len(rows))
    }


def _sentence(parts):
    return "; ".join(parts) + "."


RULES = {
    "count": _count,
    "distribution": _distribution,
    "true_pre_post": _paired,
    "retro_pre_post": _paired,
    "rated": _rated,
    "commitments": _commitments,
    "published": _published,
    "steps": _steps,
    "timeline": _timeline,
}
