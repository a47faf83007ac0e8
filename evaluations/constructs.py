"""What questions measure, in words, and which module of the shipped curriculum teaches it. Data, not rules.

`AREAS` are the areas of the needs assessment in the order in which it asks them: six areas of knowledge and three of
the curriculum. A construct without a name here is shown as its slug in plain words.
"""

from django.utils.translation import gettext_lazy as _

NAMES = {
    "epidemiology": _("Epidemiology of fragility fractures"),
    "fls-benefits": _("What an FLS achieves"),
    "service-models": _("Models of FLS"),
    "facilitating-meetings": _("Facilitating meetings"),
    "teaching-adults": _("Teaching adults"),
    "service-improvement": _("Improving a service step by step"),
    "setting-up-fls": _("Setting up an FLS"),
    "improving-fls": _("Improving an FLS"),
    "mentoring": _("Mentoring other teams"),
    "mentorship": _("Mentorship"),
    "bpf": _("Best Practice Framework"),
    "kpi": _("Key performance indicators"),
    "recognition": _("Recognition"),
}
AREAS = (
    "epidemiology",
    "fls-benefits",
    "service-models",
    "facilitating-meetings",
    "teaching-adults",
    "service-improvement",
    "setting-up-fls",
    "improving-fls",
    "mentoring",
)
MODULE_OF_AREA = {
    "epidemiology": "why",
    "fls-benefits": "why",
    "service-models": "what",
    "facilitating-meetings": "mentoring",
    "teaching-adults": "mentoring",
    "service-improvement": "improving",
    "setting-up-fls": "starting",
    "improving-fls": "improving",
    "mentoring": "mentoring",
}


def name_of(construct):
    """The construct in words, in the active language."""
    return str(NAMES.get(construct) or construct.replace("-", " ").capitalize())
