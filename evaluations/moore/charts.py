"""From a row of the report's document to a chart: which form it has, on which scale, and the same as a file of its own.

The form is the one that ux.md, L2, gives each level. A chart is shapes and words (shapes.py); the page's template draws it, and
`svg_of` draws it with its colours for those who take it away.
"""

from django.utils import translation

from evaluations.moore import charts_changes, charts_counts, charts_opinions
from evaluations.moore.shapes import Chart
from evaluations.moore.standalone import standalone_svg

PAIRED = ("true_pre_post", "retro_pre_post")


def chart_of(indicator, level=(), diverging=False, brief=False):
    """The `Chart` of an indicator, or `None` where nothing of it may be shown. `level` are all indicators that may
    share its scale; `brief` leaves counts beside the first to the detail."""
    if indicator.get("hidden") or not indicator.get("rows"):
        return None
    design = indicator["design"]
    if design == "distribution":
        return charts_opinions.opinions(indicator, diverging)
    if design in (*PAIRED, "rated"):
        scale = charts_changes.scale_of(same_scale(indicator, level))
        if design == "rated":
            return charts_changes.rated(indicator, scale)
        return charts_changes.changes(indicator, scale, asked_beforehand(indicator, level))
    if design == "count":
        return charts_counts.counts(indicator, brief)
    forms = {"commitments": "commitments", "published": "published", "steps": "steps", "timeline": "timeline"}
    return getattr(charts_counts, forms[design])(indicator) if design in forms else Chart("none")


def same_scale(indicator, level):
    """What stands on one scale: observed and self-reported never share one, nor do points and shares."""
    kin = [other for other in level if (other["evidence"], other.get("unit")) == (indicator["evidence"], indicator.get("unit"))]
    kin = [other for other in kin if not other.get("hidden") and other["design"] in (*PAIRED, "rated")]
    return [indicator, *kin]


def asked_beforehand(indicator, level):
    """For ratings that look back: `{construct: row}` of the same self-rating asked before the training, on the same scale.

    It only places a third mark. No figure of the two designs is ever put together.
    """
    if indicator["design"] != "retro_pre_post":
        return {}
    scales = {row.get("construct") or row.get("key"): (row.get("low"), row.get("high")) for row in indicator["rows"]}
    found = {}
    for other in level:
        if other["design"] == "true_pre_post" and other["evidence"] == indicator["evidence"] and not other.get("hidden"):
            for row in other["rows"]:
                construct = row.get("construct") or row.get("key")
                if not row.get("hidden") and row.get("before") and scales.get(construct) == (row.get("low"), row.get("high")):
                    found[construct] = row
    return found


def indicator_in(document, key):
    """(level code, indicator, all indicators of its level), or `None`."""
    for level in document.get("levels") or []:
        for indicator in level["indicators"]:
            if indicator["key"] == key:
                return level["code"], indicator, level["indicators"]
    return None


def svg_of(document, indicator_key, language):
    """One indicator as an SVG file: its own colours, no stylesheet, white ground, n and source written in it.

    Raises `KeyError` for an indicator that the document does not have. What is hidden on the page says so here too.
    """
    found = indicator_in(document, indicator_key)
    if found is None:
        raise KeyError(indicator_key)
    code, indicator, level = found
    with translation.override(language):
        return standalone_svg(document, code, indicator, chart_of(indicator, level))
