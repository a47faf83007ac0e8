"""In Wagtail's admin: one instrument with all its questions in one ordered list, and the acts on it.

Wagtail asks for the sign-in before. Each view gives 403 to people who may not see (`change`) instruments.
"""

import re

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from wagtail.permissions import ModelPermissionPolicy

from evaluations import archiving, composing, conditions, gaps, usage
from evaluations.constructs import name_of
from evaluations.editing import RowsField
from evaluations.models import Instrument, Question
from evaluations.questions.reading import questions_of
from evaluations.words import in_language

SECTION_PARTS = {"title": gettext_lazy("Title"), "intro": gettext_lazy("Introduction")}


def sections_field():
    return RowsField("key", SECTION_PARTS, needed=("title",), least=0, most=20)


def may(user, action, model=Instrument):
    return ModelPermissionPolicy(model).user_has_permission(user, action)


def require(user, action, model=Instrument):
    if not may(user, action, model):
        raise PermissionDenied


def url_of(thing, name):
    return reverse(thing.snippet_viewset.get_url_name(name), args=[thing.pk])


@require_safe
def instrument(request, pk):
    if not ModelPermissionPolicy(Instrument).user_has_any_permission(request.user, ["view", "change", "add"]):
        raise PermissionDenied
    return _page(request, get_object_or_404(Instrument, pk=pk))


def _page(request, instrument, *, sections=None, refusal="", status=200):
    """`sections` is what was typed, where it was refused."""
    questions = questions_of(instrument.pk)
    editable = instrument.locked_at is None and may(request.user, "change")
    context = {
        "instrument": instrument, "editable": editable, "refusal": refusal, "urls": _urls(instrument),
        "lines": _lines(instrument, questions), "gaps": gaps.by_language(gaps.gaps_of(instrument)),
        "sections": sections_field().widget.render("sections", instrument.sections if sections is None else sections),
        "sections_open": sections is not None, "kinds": [{"kind": kind.kind, "name": kind._meta.verbose_name} for kind in composing.kinds_for(instrument.kind)],
        "bank": _bank(instrument, questions) if editable else [],
        "may_delete": instrument.locked_at is None and may(request.user, "delete"), "may_add": may(request.user, "add"),
        "may_archive": may(request.user, "change"), "activities": usage.activities_with(instrument),
        "newer": Instrument.objects.filter(key=instrument.key, version__gt=instrument.version).order_by("-version").first(),
    }  # fmt: skip
    return render(request, "evaluations/admin/instrument.html", context, status=status)


def _urls(instrument):
    names = {name: url_of(instrument, name) for name in ("edit", "inspect", "delete", "history")}
    return names | {"list": reverse(instrument.snippet_viewset.get_url_name("list"))}


def _lines(instrument, questions):
    titles = {section["key"]: in_language(section["title"]) for section in instrument.sections}
    lines, section = [], ""
    for place, question in enumerate(questions, start=1):
        lines.append(
            {
                "question": question, "place": place, "last": place == len(questions), "kind": question._meta.verbose_name,
                "section": titles.get(question.section, question.section) if question.section != section else "",
                "construct": name_of(question.construct) if question.construct else "",
                "gaps": gaps.by_language(gaps.gaps_of(question)), "shown_if": conditions.in_words(question, questions),
                "edit_url": url_of(question, "edit"), "inspect_url": url_of(question, "inspect"), "delete_url": url_of(question, "delete"),
            }
        )  # fmt: skip
        section = question.section
    return lines


def _bank(instrument, questions):
    """Questions of other instruments (their newest versions that are in use) that may be copied in."""
    kinds, here = (
        [kind._meta.model_name for kind in composing.kinds_for(instrument.kind)],
        [question.key for question in questions],
    )
    rows = Question.objects.non_polymorphic().filter(polymorphic_ctype__model__in=kinds, instrument__archived_at=None)
    rows = rows.exclude(instrument__key=instrument.key).exclude(key__in=here).select_related("instrument")
    newest = {}
    for question in rows.order_by("instrument__key", "instrument__version", "order", "pk"):
        newest[question.instrument.key, question.key] = question
    return list(newest.values())


@require_POST
def add(request, pk):
    """Leads to the form of the chosen kind, or copies the chosen question of the bank."""
    instrument = get_object_or_404(Instrument, pk=pk)
    require(request.user, "change")
    chosen = request.POST.get("kind", "")
    kind = next((kind for kind in composing.kinds_for(instrument.kind) if kind.kind == chosen), None)
    if kind:
        return redirect(f"{reverse(kind.snippet_viewset.get_url_name('add'))}?instrument={pk}")
    question = _chosen(request.POST.get("question", ""))
    if question is None:
        return _page(request, instrument, refusal=_("Choose a kind of question, or a question of the bank."), status=422)
    return _copy(request, question, instrument)


def _chosen(text, model=Question):
    """The row that was chosen in a list, or `None`."""
    return model.objects.filter(pk=text).first() if re.fullmatch(r"[0-9]{1,18}", text) else None


@require_POST
def copy(request, pk):
    """From the bank's page of a question: into the chosen instrument."""
    question = get_object_or_404(Question, pk=pk)
    require(request.user, "change")
    instrument = _chosen(request.POST.get("instrument", ""), Instrument)
    if instrument is None:
        messages.error(request, _("Choose an instrument."))
        return redirect(url_of(question, "inspect"))
    return _copy(request, question, instrument)


def _copy(request, question, instrument):
    require(request.user, "add", type(question))
    try:
        made = composing.copy_into(question, instrument, request.user)
    except composing.Refused as refusal:
        return _page(request, instrument, refusal=refusal.text, status=409)
    messages.success(
        request, _("“%(key)s” was copied to the end. It is asked always, until you say otherwise.") % {"key": made.key}
    )
    return redirect("evaluations_instrument", instrument.pk)


@require_POST
def move(request, pk):
    question = get_object_or_404(Question, pk=pk)
    require(request.user, "change")
    step = {"up": -1, "down": 1}.get(request.POST.get("to"))
    if step is None:
        return _page(request, question.instrument, refusal=_("Say where to: up or down."), status=422)
    try:
        composing.move(question, step, request.user)
    except composing.Refused as refusal:
        return _page(request, Instrument.objects.get(pk=question.instrument_id), refusal=refusal.text, status=409)
    return redirect(f"{reverse('evaluations_instrument', args=[question.instrument_id])}#question-{question.pk}")


@require_POST
def sections(request, pk):
    instrument = get_object_or_404(Instrument, pk=pk)
    require(request.user, "change")
    field = sections_field()
    typed = field.widget.value_from_datadict(request.POST, None, "sections")
    try:
        composing.save_sections(instrument, field.clean(typed), request.user)
    except ValidationError as error:
        return _page(request, instrument, sections=typed, refusal=" ".join(error.messages), status=422)
    except composing.Refused as refusal:
        return _page(request, instrument, sections=typed, refusal=refusal.text, status=409)
    messages.success(request, _("The sections are saved."))
    return redirect("evaluations_instrument", pk)


@require_POST
def archive(request, pk):
    """`to` is "archive" or "use"."""
    instrument = get_object_or_404(Instrument, pk=pk)
    require(request.user, "change")
    act = {"archive": archiving.archive, "use": archiving.unarchive}.get(request.POST.get("to"))
    if act is None:
        return _page(request, instrument, refusal=_("Say what to do: archive, or take back into use."), status=422)
    act(instrument, request.user)
    return redirect("evaluations_instrument", pk)
