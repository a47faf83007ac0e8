"""The seven bands of the results page (3 stands twice, as 3A and 3B): what a template needs, worked out from the document."""

from dataclasses import dataclass, field

from django.utils import translation
from django.utils.translation import gettext as _

from evaluations.models import Finding
from evaluations.moore import remarks
from evaluations.moore.charts import asked_beforehand, chart_of
from evaluations.moore.charts_opinions import may_diverge
from evaluations.moore.findings import finding
from evaluations.moore.levels import LEVELS
from evaluations.moore.remarks import named
from evaluations.moore.shapes import place
from evaluations.moore.standing import OF_A_WAVE

DRAWN_WAVES = 1


@dataclass(frozen=True)
class Sentence:
    """`words` stand first: the lead's own where there are any, in `language`; `rule` is the rule's, always there."""

    words: str
    rule: str
    own: bool = False
    language: str = ""
    by: object = None
    at: object = None


@dataclass(frozen=True)
class Panel:
    """One indicator. `chart` is `None` where nothing may be shown, then the sentence says why."""

    indicator: dict
    sentence: Sentence
    chart: object
    name: str
    evidence: str
    source: str
    of: str
    promise: str
    warning: str
    hidden: bool
    protected: bool
    failed: bool
    diverges: bool = False
    drawn_above: bool = False

    @property
    def key(self):
        return self.indicator["key"]


@dataclass(frozen=True)
class Band:
    """`earlier` are further waves of an indicator that stands in `panels` with its newest: a sentence each, the chart in the detail."""

    level: object
    panels: list = field(default_factory=list)
    earlier: list = field(default_factory=list)
    published: list = field(default_factory=list)
    missing: str = ""

    @property
    def glyph(self):
        """Its step of the tiny pyramid in the navigation, as text: left, top, width. It says where one is, never how much."""
        order = self.level.order
        return place(3 * order), place(35 - 5 * order), place(48 - 6 * order)

    @property
    def tags(self):
        """The kinds of evidence in the band with their people, each once."""
        found = {}
        for panel in [*self.panels, *self.earlier]:
            if not panel.hidden:
                found.setdefault(panel.evidence, panel.of)
        if self.published and not found:
            found[_("Published figures only")] = ""
        return list(found.items())


def bands_of(document, own=None, diverging=False):
    """All levels in Moore's order. `own` is `{indicator key: Finding}`."""
    by_code = {level["code"]: level["indicators"] for level in document.get("levels") or []}
    return [_band(level, by_code.get(level.code) or [], own or {}, diverging) for level in LEVELS]


def _band(level, indicators, own, diverging):
    observed_first = sorted(indicators, key=lambda one: one["evidence"] == "self-report" and level.code == "4")
    full, earlier = _newest_of_each(observed_first)
    panels = [panel_of(one, level.code, indicators, own.get(one["key"]), diverging, brief=True) for one in full]
    missing = not panels or all((panel.indicator.get("hidden") or {}).get("reason") == "nothing_yet" for panel in panels)
    published = [panel for panel in panels if panel.indicator["design"] == "published"]
    known = [
        panel
        for panel in panels
        if panel.indicator["design"] != "published" and (panel.indicator.get("hidden") or {}).get("reason") != "nothing_yet"
    ]
    before = [panel_of(one, level.code, (), own.get(one["key"]), drawn=False) for one in earlier]
    return Band(
        level, known, before, published if not missing else [], str(remarks.MISSING[level.code]) if missing or not known else ""
    )


def _newest_of_each(indicators):
    """Of an indicator asked in several waves only the newest that says something is drawn on the overview."""
    lines = {}
    for one in indicators:
        lines.setdefault(OF_A_WAVE.sub("", one["key"]), []).append(one)
    full, earlier = [], []
    for line in lines.values():
        newest = next((one for one in reversed(line) if not one.get("hidden")), line[-1])
        full += line if len(line) <= DRAWN_WAVES else [newest]
        earlier += [] if len(line) <= DRAWN_WAVES else [one for one in line if one is not newest]
    return full, earlier


def panel_of(indicator, code, level=(), own=None, diverging=False, *, brief=False, drawn=True):
    hidden = indicator.get("hidden")
    may = indicator["design"] == "distribution" and not hidden and may_diverge(indicator)
    above = _drawn_above(indicator, level)
    return Panel(
        indicator=indicator,
        sentence=sentence_of(indicator, code, own),
        chart=None if above or not drawn else chart_of(indicator, level, diverging and may, brief),
        name=named(indicator.get("name")),
        evidence=remarks.evidence_words(indicator),
        source=named(indicator.get("source")),
        of=remarks.of_asked(indicator),
        promise=remarks.promise_words(indicator),
        warning="" if hidden else remarks.response_warning(indicator),
        hidden=bool(hidden),
        protected=remarks.hides_people(hidden),
        failed=bool(hidden) and hidden.get("reason") == "error",
        diverges=may,
        drawn_above=above,
    )


def _drawn_above(indicator, level):
    """Whether all that it would draw already stands as the third mark of the ratings that look back."""
    if indicator["design"] != "true_pre_post" or indicator["evidence"] != "self-report" or indicator.get("hidden"):
        return False
    shown = [row for row in indicator["rows"] if not row.get("hidden")]
    marked = [row for other in level if not other.get("hidden") for row in asked_beforehand(other, [indicator]).values()]
    return bool(shown) and all(row in marked for row in shown)


def sentence_of(indicator, code, own=None):
    rule = finding(indicator, code)
    if own is None or not own.text:
        return Sentence(rule, rule)
    here = translation.get_language()
    language = here if here in own.text else next(iter(own.text))
    return Sentence(own.text[language], rule, True, language, own.by, own.at)


def own_findings(cohort):
    """`{indicator key: Finding}`, the newest of each. One query."""
    found = {}
    for row in Finding.objects.filter(cohort=cohort).select_related("by").order_by("at", "pk"):
        found[row.indicator] = row
    return found


def what_is_hidden(document):
    """How many indicators and rows are not shown to protect people, in one sentence; "" where none is."""
    indicators = [one for level in document.get("levels") or [] for one in level["indicators"]]
    whole = sum(remarks.hides_people(one.get("hidden")) for one in indicators)
    rows = sum(remarks.hides_people(row.get("hidden")) for one in indicators if not one.get("hidden") for row in one["rows"])
    minimum = document.get("minimum")
    if not whole and not rows:
        return _("Groups of fewer than %(minimum)s people are never shown. Here nothing had to be hidden.") % {"minimum": minimum}
    words = {"minimum": minimum, "whole": whole, "rows": rows}
    return (
        _(
            "Not shown here, to protect people (whole figures: %(whole)s, single rows: %(rows)s). Opinions, scores and ratings of fewer than "
            "%(minimum)s people are hidden, and so is what would give them away. Participation and published figures are not."
        )
        % words
    )
