"""In Wagtail's admin: an instrument as those who answer it see it, in each language. Nothing can be sent from there."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.utils import translation
from django.views.decorators.http import require_safe
from wagtail.permissions import ModelPermissionPolicy

from evaluations import branching, conditions
from evaluations.forms import AnswerForm
from evaluations.models import Instrument
from evaluations.questions.reading import questions_of
from evaluations.words import in_language


@require_safe
def preview(request, pk):
    """`?language=` is one of the site's; anything else is the first."""
    if not ModelPermissionPolicy(Instrument).user_has_any_permission(request.user, ["view", "change", "add"]):
        raise PermissionDenied
    instrument = get_object_or_404(Instrument, pk=pk)
    names = dict(settings.LANGUAGES)
    code = request.GET.get("language")
    code = code if code in names else settings.LANGUAGE_CODE
    with translation.override(code):
        languages = [
            {"code": one, "name": translation.get_language_info(one)["name_local"], "here": one == code} for one in names
        ]
        context = {"instrument": instrument, "language": code, "languages": languages, "rows": _rows(instrument)}
        return render(request, "evaluations/admin/preview.html", context)


def _rows(instrument):
    questions, rows, section = questions_of(instrument.pk), [], ""
    sections = {row["key"]: row for row in instrument.sections}
    for number, question in enumerate(questions, start=1):
        opens = sections.get(question.section) if question.section != section else None
        rows.append(
            {
                "number": number, "question": question, "form": AnswerForm(question, prefix=f"preview-{number}"),
                "case": branching.case_of(question, questions), "shown_if": conditions.in_words(question, questions),
                "section": in_language(opens["title"]) if opens else "", "section_intro": in_language(opens.get("intro")) if opens else "",
            }
        )  # fmt: skip
        section = question.section
    return rows
