"""Cohorts side by side, or the countries of one cohort: small multiples on one scale. Never a union of them."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from curriculum import roles
from evaluations.moore import bands, standing
from evaluations.moore.levels import LEVELS
from evaluations.moore.remarks import named
from evaluations.views.results import BY_COUNTRY, PER_PAGE, readable

MOST = 6  # columns


@dataclass(frozen=True)
class Column:
    """One cohort or one country: `panel` is `None` where it has no such figure."""

    name: str
    panel: object


@dataclass(frozen=True)
class Line:
    """One figure of all sides. `nobody` says it once where every side is hidden for the same reason."""

    name: str
    columns: list

    @property
    def nobody(self):
        said = {column.panel.sentence.rule if column.panel and not column.panel.chart else None for column in self.columns}
        return said.pop() if len(said) == 1 and len(self.columns) > 1 else None


@login_required
@require_safe
def compare(request):
    request.navigation_place = "results"
    offered = list(readable(request)[:PER_PAGE])
    if not offered and not roles.may_create_cohorts(request.user):
        raise Http404
    chosen = _chosen(request)
    by_country = request.GET.get("by") == BY_COUNTRY and len(chosen) == 1
    sides = _countries(chosen[0]) if by_country else _cohorts(chosen)
    context = {
        "offered": offered,
        "chosen": chosen,
        "chosen_ids": {cohort.pk for cohort in chosen},
        "by_country": by_country,
        "one": chosen[0] if len(chosen) == 1 else None,
        "sides": sides,
        "levels": _levels(sides),
        "most": MOST,
    }
    return render(request, "evaluations/results/compare.html", context)


def _chosen(request):
    """The cohorts that the address names ("cohorts=1&cohorts=2" or "cohorts=1,2"), each once; 404 for one that is not the reader's."""
    wanted = [name.strip() for text in request.GET.getlist("cohorts") for name in text.split(",") if name.strip()]
    if not all(name.isascii() and name.isdigit() and len(name) < 18 for name in wanted):
        raise Http404
    keys = list(dict.fromkeys(int(name) for name in wanted))[: MOST + 1]
    found = readable(request).in_bulk(keys)
    if len(found) < len(keys) or len(keys) > MOST:
        raise Http404
    return [found[key] for key in keys]


def _cohorts(chosen):
    reports = standing.reports_of(chosen, [standing.ALL])
    return [(cohort.name, reports.get((cohort.pk, standing.ALL))) for cohort in chosen]


def _countries(cohort):
    views = standing.views_of(cohort)["country"][: 2 * MOST]
    reports = standing.reports_of([cohort], [view for view, _name in views])
    return [(name, reports.get((cohort.pk, view))) for view, name in views]


def _levels(sides):
    """`[(level, [Line, …])]`: every figure that any side has, drawn on the scale of all sides together."""
    found = []
    for level in LEVELS:
        by_side = [_indicators(report, level.code) for _name, report in sides]
        lines = {standing.kin(one): named(one.get("name")) for indicators in by_side for one in indicators}
        if lines:
            found.append((level, [Line(name, _columns(sides, by_side, line, level.code)) for line, name in lines.items()]))
    return found


def _indicators(report, code):
    levels = report.document.get("levels") or [] if report else []
    shown = (one for level in levels if level["code"] == code for one in level["indicators"])
    return [one for one in shown if (one.get("hidden") or {}).get("reason") != "nothing_yet" and one["design"] != "published"]


def _columns(sides, by_side, line, code):
    mine = [next((one for one in indicators if standing.kin(one) == line), None) for indicators in by_side]
    scale = [one for one in mine if one]
    return [
        Column(name, bands.panel_of(one, code, _scale_only(one, scale), brief=True) if one else None)
        for (name, _report), one in zip(sides, mine, strict=True)
    ]


def _scale_only(one, kin):
    """The others of the line, for their scale; none of their figures."""
    return [other for other in kin if other is not one]
