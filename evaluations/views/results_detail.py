"""One indicator in detail: its lines, groups, cohorts and texts; the lead's own sentence; themes given by hand."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from curriculum import roles
from curriculum.models import Enrollment
from evaluations.forms_results import SentenceForm, ThemeForm
from evaluations.models import ReportSnapshot
from evaluations.moore import bands, standing, themes, wording
from evaluations.moore.charts import PAIRED, indicator_in
from evaluations.moore.charts_changes import scale_of, slopes
from evaluations.moore.levels import level_of
from evaluations.moore.method import method_lines
from evaluations.views.results import PER_PAGE, chosen_view, readable, reported, view_words

THEMING = (Enrollment.Role.LEAD, Enrollment.Role.EVALUATOR)
SEARCH_MOST = 100


@dataclass(frozen=True)
class Found:
    """An indicator of a cohort's report in one view, with the level it belongs to."""

    snapshot: ReportSnapshot
    code: str
    indicator: dict
    level: list


@dataclass(frozen=True)
class Group:
    """The same line in another view or cohort."""

    name: str
    url: str
    panel: object


def found_in(cohort, key, view=standing.ALL):
    """The `Found`; 404 where the report has no such indicator."""
    snapshot = standing.report_of(cohort, view)
    found = indicator_in(snapshot.document, key) if snapshot else None
    if found is None:
        raise Http404
    return Found(snapshot, *found)


@login_required
@require_safe
def detail(request, pk, indicator):
    cohort = reported(request, pk)
    return render(request, "evaluations/results/detail.html", _detail(request, cohort, indicator))


def _detail(request, cohort, key):
    views = standing.views_of(cohort)
    wanted = chosen_view(request, views)
    found = found_in(cohort, key, wanted)
    one = found.indicator
    own = bands.own_findings(cohort).get(key) if wanted == standing.ALL else None
    panel = bands.panel_of(one, found.code, found.level, own, request.GET.get("shape") == "diverging")
    if panel.drawn_above:
        panel = bands.panel_of(one, found.code, (), own)
    place = themes.place_of(cohort, one) if one.get("texts") else None
    texts = themes.texts_of(one, place)
    words, tag = request.GET.get("q", "")[:SEARCH_MOST], request.GET.get("theme", "")[:SEARCH_MOST]
    return {
        "cohort": cohort,
        "level": level_of(found.code),
        "snapshot": found.snapshot,
        "panel": panel,
        "slopes": _slopes(one, found.level),
        "method": method_lines(one),
        "parts": _parts(one),
        "views": views,
        "view": wanted,
        "view_name": view_words(wanted, views),
        "groups": _groups(cohort, views, found) if wanted == standing.ALL else [],
        "cohorts": _other_cohorts(request, cohort, found) if wanted == standing.ALL else [],
        "texts": themes.matching(texts, words, tag),
        "texts_in_all": len(texts),
        "all_themes": sorted({row.tag for text in texts for row in text.tags}),
        "q": words,
        "theme": tag,
        "leads": roles.leads(request.user, cohort),
        "may_theme": place is not None and roles.runs(request.user, cohort, THEMING),
        "query": "" if wanted == standing.ALL else "?" + urlencode({"view": wanted}),
    }


def _slopes(one, level):
    if one["design"] not in PAIRED:
        return []
    scale = scale_of([one])
    return [slopes(row, scale, one.get("unit")) for row in one.get("rows") or [] if row.get("people") and not row.get("hidden")]


def _parts(one):
    """The single items below a construct, drawn like it."""
    parts = []
    for row in one.get("rows") or []:
        if row.get("items") and not row.get("hidden"):
            inner = {**one, "rows": row["items"]}
            parts.append((bands.named(row.get("label")), bands.panel_of(inner, one["level"]), method_lines(inner)))
    return parts


def _groups(cohort, views, found):
    """By country, then by profession: `[(kind, [Group, …])]`. Each as its own view of the report gives it."""
    wanted = [view for choices in views.values() for view, _name in choices]
    reports = standing.reports_of([cohort], wanted)
    sections = []
    for kind, choices in views.items():
        groups = [_group(name, reports.get((cohort.pk, view)), found, f"?{urlencode({'view': view})}") for view, name in choices]
        sections.append((kind, groups))
    return sections


def _other_cohorts(request, cohort, found):
    others = list(readable(request).exclude(pk=cohort.pk)[:PER_PAGE])
    reports = standing.last_reports(others, [standing.ALL])
    line, groups = standing.kin(found.indicator), []
    for other in others:
        report = reports.get((other.pk, standing.ALL))
        indicator = _same_line(report, found.code, line) if report else None
        if indicator:
            url = reverse("evaluations:indicator_results", args=[other.pk, indicator["key"]])
            groups.append(Group(other.name, url, bands.panel_of(indicator, found.code, [found.indicator])))
    return groups


def _group(name, report, found, url):
    indicator = _same_line(report, found.code, standing.kin(found.indicator)) if report else None
    return Group(name, url, bands.panel_of(indicator, found.code, [found.indicator]) if indicator else None)


def _same_line(report, code, line):
    for level in report.document.get("levels") or []:
        if level["code"] == code:
            return next((one for one in level["indicators"] if standing.kin(one) == line), None)
    return None


# --- the lead's own sentence ---------------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sentence(request, pk, indicator):
    cohort = reported(request, pk)
    roles.require(roles.leads(request.user, cohort))
    found = found_in(cohort, indicator)
    own, language = bands.own_findings(cohort).get(indicator), get_language()
    form = SentenceForm(
        request.POST if request.method == "POST" else None, initial={"words": own.text.get(language) if own else ""}
    )
    if request.method == "POST" and form.is_valid():
        wording.write(cohort, found.indicator, found.code, form.cleaned_data["words"], by=request.user, language=language)
        messages.success(request, _("Saved. The sentence by rule stays beside yours."))
        return redirect(f"{reverse('evaluations:cohort_results', args=[cohort.pk])}#{indicator}")
    context = {
        "cohort": cohort, "level": level_of(found.code), "form": form, "panel": bands.panel_of(found.indicator, found.code, (), own),
        "history": cohort.findings.filter(indicator=indicator).select_related("by"),
    }  # fmt: skip
    return render(request, "evaluations/results/sentence.html", context, status=422 if form.errors else 200)


# --- themes of free texts ------------------------------------------------------------------------------------------
@login_required
@require_POST
def themes_of_text(request, pk, indicator):
    """Adds a theme to a text of the report, or takes one away (`remove`)."""
    cohort = reported(request, pk)
    roles.require(roles.runs(request.user, cohort, THEMING))
    found = found_in(cohort, indicator)
    place = themes.place_of(cohort, found.indicator)
    if place is None:
        raise Http404
    if "remove" in request.POST:
        return _without(request, cohort, indicator, place)
    name = request.POST.get("text", "")
    form = ThemeForm({"text": name, "theme": request.POST.get(f"theme-{name}", "")})
    if not form.is_valid():
        if "text" in form.errors:
            raise Http404
        return _again(request, cohort, indicator, form, name)
    if form.cleaned_data["text"] not in {text.id for text in themes.texts_of(found.indicator, place)}:
        raise Http404
    themes.add(place, form.cleaned_data["text"], form.cleaned_data["theme"], request.user)
    return _back_to(cohort, indicator, name)


def _without(request, cohort, indicator, place):
    wanted = request.POST["remove"]
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 18):
        raise Http404
    themes.remove(place, int(wanted))
    return _back_to(cohort, indicator, "texts")


def _again(request, cohort, indicator, form, name):
    """The page once more, with what was typed and what is wrong with it."""
    error = form.errors["theme"][0]
    context = _detail(request, cohort, indicator)
    context |= {"typed": {"text": name, "theme": form.data["theme"], "error": error}, "page_has_errors": True}
    context["errors"] = [{"anchor": f"theme-{name[:12]}", "text": error}]
    return render(request, "evaluations/results/detail.html", context, status=422)


def _back_to(cohort, indicator, anchor):
    anchor = "texts" if anchor == "texts" else f"t-{anchor[:12]}"
    return redirect(f"{reverse('evaluations:indicator_results', args=[cohort.pk, indicator])}#{anchor}")
