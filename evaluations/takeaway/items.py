"""What was asked, and what the codes of a file mean. Nothing says which answer is right; items stand by key, not in their right order."""

from django.utils import translation
from django.utils.translation import gettext as _

from evaluations.constructs import name_of
from evaluations.models import Instrument, TeachBack
from evaluations.moore.levels import LEVELS
from evaluations.questions.reading import questions_of
from evaluations.words import in_language

ITEMS = (
    "wave", "moment", "promise", "instrument", "version", "item", "order", "section", "wording", "level", "construct",
    "construct_name", "aspect", "kind", "required", "asked_only_if",
)  # fmt: skip
CODEBOOK = ("about", "instrument", "version", "name", "code", "meaning")


def asked_of(counted, cohort):
    """`[(wave or None, instrument, [question, …])]`: every wave of the cohort, then the rubrics of its teach-backs."""
    rubrics = Instrument.objects.filter(
        pk__in=TeachBack.objects.filter(enrollment__cohort=cohort).order_by().values("instrument")
    )
    sources = [*((one.wave, one.wave.instrument) for one in counted), *((None, rubric) for rubric in rubrics)]
    known = {}
    for _wave, instrument in sources:
        if instrument.pk not in known:
            known[instrument.pk] = questions_of(instrument.pk)
    return [(wave, instrument, known[instrument.pk]) for wave, instrument in sources]


def items(asked, language):
    with translation.override(language):
        return [_item(wave, instrument, question) for wave, instrument, questions in asked for question in questions]


def _item(wave, instrument, question):
    return {
        "wave": wave.pk if wave else None, "moment": wave.moment if wave else "teach-back",
        "promise": wave.promise if wave else "identified", "instrument": instrument.key, "version": instrument.version,
        "item": question.key, "order": question.order, "section": question.section or None, "wording": question.text_here,
        "level": question.moore or None, "construct": question.construct or None,
        "construct_name": name_of(question.construct) if question.construct else None, "aspect": question.aspect or None,
        "kind": question.kind, "required": question.required, "asked_only_if": question.show_if or None,
    }  # fmt: skip


# --- codes -----------------------------------------------------------------------------------------------------------


def codebook(asked, language):
    """Columns of the sheets first, then statistics, reasons, levels, and the values of each question."""
    with translation.override(language):
        lines = [_code("column", name, "", meaning) for name, meaning in columns().items()]
        lines += [_code("statistic", name, "", meaning) for name, meaning in statistics().items()]
        lines += [_code("hidden", "hidden", code, meaning) for code, meaning in reasons().items()]
        lines += [_code("level", "level", level.code, f"{level.name}. {level.question}") for level in LEVELS]
        seen = set()
        for _wave, instrument, questions in asked:
            if instrument.pk not in seen:
                seen.add(instrument.pk)
                lines += [line for question in questions for line in _values(instrument, question)]
    return lines


def _code(about, name, code, meaning, instrument=None):
    return {
        "about": about, "instrument": instrument.key if instrument else None, "version": instrument.version if instrument else None,
        "name": name, "code": code, "meaning": str(meaning),
    }  # fmt: skip


def _values(instrument, question):
    labels = question.labels() if hasattr(question, "labels") else []
    lines = [_code("value", question.key, key, text, instrument) for key, text in labels]
    texts = {one["key"]: one["text"] for part in ("items", "distractors") for one in getattr(question, part, None) or []}
    texts |= {pair["key"]: pair["left"] for pair in getattr(question, "pairs", None) or []}
    lines += [_code("value", question.key, key, in_language(texts[key]), instrument) for key in sorted(texts)]
    unit = in_language(getattr(question, "unit", None))
    return lines + ([_code("unit", question.key, "", unit, instrument)] if unit else [])


def columns():
    """What stands in the columns of the sheets, by the name of the column."""
    return {
        "view": _("Whose figures: all, one country or one profession"),
        "level": _("Moore's outcome level"),
        "indicator": _("Name of the line of the report, the same in all languages"),
        "evidence": _("Kind of evidence: objective, observed, self-report or estimate; never added up"),
        "design": _("How it was measured: true_pre_post asked twice, retro_pre_post asked once, looking back"),
        "promise": _("What people were promised: identified, confidential or anonymous"),
        "waves": _("Numbers of the waves behind the figure"),
        "as_of": _("Day of the newest answer that counts"),
        "asked": _("People who were asked"),
        "answered": _("People who answered"),
        "response_rate": _("Answered of asked, from 0 to 1"),
        "row": _("Item, construct or criterion"),
        "construct": _("What the item measures"),
        "statistic": _("Which figure of the row; see the statistics below"),
        "category": _("Class of the answers that the figure counts"),
        "value": _("In Observations the figure; in Answers what was answered, as a code"),
        "n": _("People (or pairs of answers) behind the figure"),
        "hidden": _("Why there is no figure"),
        "person": _("Pseudonym of this file alone; P in People and A in Answers are not the same"),
        "country": _("Country where at least the minimum of people work, otherwise “other”"),
        "completed": _("Required activities that the person has finished"),
        "required": _("Required activities of the programme"),
        "attendance": _("Empty: who attended stands in the cohort's own attendance file"),
        "moment": _("When the wave was asked: pre, session, post, m3, m6, m12, m24, meeting"),
        "number": _("The answer as a number: point of the scale or points earned"),
        "number_before": _("The same for “before, thinking back”"),
        "before": _("Before the training: share of the points (unit share) or point of the scale"),
        "after": _("The same after the training"),
        "unit": _("What is counted or measured"),
    }


def statistics():
    """The statistics of Observations, by their names in the column."""
    return {
        "value, of": _("People who did it, and of how many"),
        "count": _("People who chose a point of the scale from–to (category)"),
        "not_applicable": _("People who answered “does not apply”"),
        "mean, median": _("Mean and median of the people"),
        "bound": _("Only this much may be said of the share who agree: at least 80 % or at most 20 %"),
        "agree_count, agree_of": _("People above the middle of the scale, and of how many"),
        "low, high": _("Ends of the scale"),
        "before_mean, before_median, before_sd": _("Before the training: mean, median, standard deviation"),
        "after_mean, after_median, after_sd": _("The same after the training"),
        "improved, same, worse": _("People whose value rose, stayed, fell"),
        "effect_value": _("Effect size, of the variant in effect_variant"),
        "effect_d_av": _("Difference of the means by the mean of both standard deviations"),
        "effect_d_z": _("Difference of the means by the standard deviation of the differences"),
        "effect_hedges": _("1 where Hedges' correction for fewer than 20 pairs is in it"),
        "effect_ci_low, effect_ci_high": _("95 % interval of the effect size"),
        "wilcoxon_w, wilcoxon_p": _("Wilcoxon signed-rank test, exact, two-sided; p only from 20 pairs"),
        "mcnemar_b, mcnemar_c": _("People who went from wrong to right, and from right to wrong"),
        "mcnemar_odds_ratio, mcnemar_d, mcnemar_p": _("McNemar's test: odds ratio, ln(OR)/1.81, exact p"),
        "raters, rated_twice": _("Different raters, and people rated by more than one"),
        "made, people, day": _("Commitments made, by how many people, asked after how many days"),
        "statuses, barriers": _("What became of the commitments, and what stood in the way (category)"),
    }


def reasons():
    return {
        "nothing_yet": _("There is nothing yet"),
        "small_group": _("A group below the minimum: hidden to protect people"),
        "complementary": _("Together with the other figures it would give away a small group"),
        "anonymous": _("Anonymous answers: nobody knows from which country or profession they come"),
        "open_wave": _("The wave is still open; n is the number of people who have answered"),
        "error": _("The figures could not be worked out"),
    }
