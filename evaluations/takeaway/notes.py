"""The words that travel with every file: what the figures mean, how they were worked out, what is hidden and why."""

from django.conf import settings
from django.utils.translation import gettext as _

from evaluations.moore.levels import LEVELS


def about_the_figures(minimum):
    """`[(heading, sentence)]` in the active language."""
    return [
        (_("Of how many"), _("No figure stands without the number of people behind it. Below a response rate of 60 % the report warns: those who did not answer may see it differently.")),
        (_("Kinds of evidence"), _("Objective, observed, self-report and estimate stand apart and are never added up. Asked before and after, and looking back, are two designs that are never merged.")),
        (_("Effect sizes"), _("d_av: difference of the means divided by the mean of the two standard deviations; g_av with Hedges' correction below 20 pairs, with a 95 % interval. d_z is given for comparison only. Right or wrong: McNemar's test and ln(odds ratio) / 1.81.")),
        (_("Tests"), _("Wilcoxon signed-rank test, exact and two-sided; a p-value only from 20 pairs. No test corrects for the number of comparisons.")),
        (_("Small groups"), hiding(minimum)),
        (_("What counts"), _("A closed wave counts whole; a rolling one, and late answers, count in steps of %(minimum)s people; an open wave does not count yet.") % {"minimum": minimum}),
        (_("Levels"), _("Moore DE Jr, Green JS, Gallis HA. J Contin Educ Health Prof 2009;29(1):1-15. The wording of the levels is ours.")),
        (_("Cause"), _("A change after the programme coincides with it; without a comparison it does not show that the programme caused it.")),
    ]  # fmt: skip


def hiding(minimum):
    return _("Opinions, scores and ratings of fewer than %(minimum)s people are hidden, and so is what would give them away together with other figures. In confidential and anonymous waves classes of answers below that number are merged. Participation and published figures are shown as they are.") % {"minimum": minimum}  # fmt: skip


def licence():
    return [
        (_("Questionnaires"), _("The questionnaires and tests are templates of %(site)s, not the programme's published instruments.") % {"site": settings.SITE_NAME}),
        (_("Use"), _("These figures belong to the programme. Lines about single people are for the evaluation of the programme; do not publish them and do not try to find out who they are.")),
    ]  # fmt: skip


def level_lines():
    return [(level.code, f"{level.name}. {level.question}") for level in LEVELS]
