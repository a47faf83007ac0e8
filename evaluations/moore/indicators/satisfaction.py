"""Level 2: were expectations met. One line for each asking, linked or anonymous; items of the aspect "satisfaction"."""

from django.utils.translation import gettext_lazy as _

from evaluations.moore.indicators.base import Indicator
from evaluations.moore.indicators.opinions import per_wave


def indicators():
    return [
        Indicator(
            key="satisfaction", level="2", name=_("Satisfaction"), question=_("How did people find it?"), evidence="self-report",
            source=_("Questionnaires"), unit="people", design="distribution", gather=gather,
        )
    ]  # fmt: skip


def gather(scope):
    return per_wave(scope, _is_satisfaction, wants_text=lambda question: question.moore in ("", "2"))


def _is_satisfaction(question):
    return question.aspect == "satisfaction" and question.moore in ("", "2")
