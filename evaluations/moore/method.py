"""The method line of each row: which effect size, which interval, which test, as the document gives them. Nothing is computed here."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluations.moore.remarks import named
from evaluations.moore.shapes import number

PAIRS_FOR_P = 20
VARIANTS = {"d_av": "d_av", "g_av": "g_av (Hedges)"}


def method_lines(indicator):
    """`[(label, [sentence, …])]` for the rows that were tested."""
    lines = []
    for row in indicator.get("rows") or []:
        if not row.get("hidden"):
            told = [words for words in (_effect(row), _wilcoxon(row), _mcnemar(row)) if words]
            if told:
                lines.append((named(row.get("label")), told))
    return lines


def _effect(row):
    effect = row.get("effect")
    if not effect:
        return ""
    variant = effect["variant"]
    value = effect.get("value", effect.get(variant, effect.get("d_av")))
    words = {"variant": VARIANTS.get(variant, variant), "value": number(value, 2), "n": number(row.get("n"))}
    told = _("Effect size %(variant)s = %(value)s (%(n)s pairs)") % words
    if effect.get("ci"):
        low, high = effect["ci"]
        told += "; " + _("95%% interval from %(low)s to %(high)s") % {"low": number(low, 2), "high": number(high, 2)}
    if effect.get("d_z") is not None:
        told += "; " + _("for comparison d_z = %(value)s") % {"value": number(effect["d_z"], 2)}
    return told + "."


def _p(p, n):
    if p is None:
        return _("no p-value below %(pairs)s pairs") % {"pairs": number(PAIRS_FOR_P)} if (n or 0) < PAIRS_FOR_P else ""
    return _("p < 0.001") if p < 0.001 else f"p\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{number(p, 3)}"


def _wilcoxon(row):
    test = row.get("wilcoxon")
    if not test:
        return ""
    if test.get("w") is None:
        return _bounded(test, row.get("n"))
    told = _("Wilcoxon signed-rank, exact, two-sided: W = %(w)s") % {"w": number(test["w"])}
    return ", ".join(filter(None, (told, _p(test.get("p"), row.get("n"))))) + "."


def _bounded(test, n):
    """Of confidential answers only the usual bounds of p are told."""
    if not test.get("tested"):
        words = _p(None, n)
    elif test.get("p_below") is None:
        words = _("p is not under %(bound)s") % {"bound": number(0.05, 2)}
    else:
        words = _("p < %(bound)s") % {"bound": number(test["p_below"], 2 if test["p_below"] >= 0.01 else 3)}
    return ", ".join(filter(None, (_("Wilcoxon signed-rank, exact, two-sided"), words))) + "."


def _mcnemar(row):
    test = row.get("mcnemar")
    if not test or test.get("b") is None or test.get("c") is None:
        return ""
    told = ngettext(
        "McNemar, exact: %(b)s person went from wrong to right, %(c)s from right to wrong",
        "McNemar, exact: %(b)s people went from wrong to right, %(c)s from right to wrong",
        test["b"],
    ) % {"b": number(test["b"]), "c": number(test["c"])}
    if test.get("odds_ratio") is not None:
        told += "; " + _("odds ratio %(value)s") % {"value": number(test["odds_ratio"], 2)}
        if test.get("d") is not None:
            told += "; " + _("d = ln(OR) / 1.81 = %(value)s") % {"value": number(test["d"], 2)}
    return ", ".join(filter(None, (told, _p(test.get("p"), row.get("n"))))) + "."
