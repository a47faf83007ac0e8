"""The form pages of instruments and questions in Wagtail's admin. What people have answered is shown, not edited."""

import re

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets.button import Button
from wagtail.snippets.views.snippets import CreateView, DeleteView, EditView, InspectView

from evaluations import archiving, bank, composing
from evaluations.models import Instrument
from evaluations.views import regrading
from evaluations.words import in_language


def instrument_of(thing):
    return thing if isinstance(thing, Instrument) else thing.instrument


def is_locked(thing):
    return instrument_of(thing).locked_at is not None


def page_of(thing):
    """The address of the instrument with all its questions."""
    return reverse("evaluations_instrument", args=[instrument_of(thing).pk])


class ReadOnlyOnceAnswered:
    """Nobody changes what people have answered: the page is shown instead, with the reason."""

    def dispatch(self, request, *args, **kwargs):
        thing = getattr(self, "object", None) or self.get_object()
        if is_locked(thing):
            return self._read_only(request, thing)
        try:
            return super().dispatch(request, *args, **kwargs)
        except composing.Locked:
            return self._read_only(request, thing)
        except composing.Refused as refusal:
            messages.error(request, refusal.text)
            return redirect(page_of(thing))

    def _read_only(self, request, thing):
        messages.warning(request, composing.Locked().text)
        return redirect(reverse(thing.snippet_viewset.get_url_name("inspect"), args=[thing.pk]))

    def get_success_url(self):
        return page_of(self.object)


class WordingEditView(ReadOnlyOnceAnswered, EditView):
    def save_instance(self):
        with transaction.atomic():
            composing.hold(instrument_of(self.object).pk)
            return super().save_instance()


class QuestionDeleteView(ReadOnlyOnceAnswered, DeleteView):
    def get(self, request, *args, **kwargs):
        composing.require_removable(self.object)
        return super().get(request, *args, **kwargs)

    def delete_action(self):
        composing.remove(self.object, self.request.user)


class InstrumentDeleteView(ReadOnlyOnceAnswered, DeleteView):
    def get(self, request, *args, **kwargs):
        archiving.require_unused(self.object)
        return super().get(request, *args, **kwargs)

    def delete_action(self):
        archiving.delete(self.object, self.request.user)

    def get_success_url(self):
        return reverse(self.index_url_name)


class InstrumentCreateView(CreateView):
    def get_success_url(self):
        return page_of(self.object)


class QuestionCreateView(CreateView):
    """`?instrument=` says to which one it is added; without it there is nothing to add to."""

    def dispatch(self, request, *args, **kwargs):
        number = request.GET.get("instrument", "")
        self.instrument = Instrument.objects.filter(pk=number).first() if re.fullmatch(r"[0-9]{1,18}", number) else None
        if self.instrument is None:
            messages.info(request, _("Open an instrument and add the question there."))
            return redirect(reverse(Instrument.snippet_viewset.get_url_name("list")))
        if is_locked(self.instrument) or self.model not in composing.kinds_for(self.instrument.kind):
            refusal = (
                composing.Locked().text
                if is_locked(self.instrument)
                else _("A question of this kind cannot stand in such an instrument.")
            )
            messages.error(request, refusal)
            return redirect(page_of(self.instrument))
        try:
            return super().dispatch(request, *args, **kwargs)
        except composing.Refused as refusal:
            messages.error(request, refusal.text)
            return redirect(page_of(self.instrument))

    def get_initial_form_instance(self):
        return self.model(instrument=self.instrument)

    def get_add_url(self):
        return f"{super().get_add_url()}?instrument={self.instrument.pk}"

    def save_instance(self):
        return composing.add(self.form.instance, super().save_instance)

    def get_success_url(self):
        return page_of(self.instrument)


class KindEditView(EditView):
    """The listing of all questions leads to the form of each one's kind."""

    def dispatch(self, request, *args, **kwargs):
        question = getattr(self, "object", None) or self.get_object()
        question = question.get_real_instance()
        return redirect(reverse(question.snippet_viewset.get_url_name("edit"), args=[question.pk]))


class WordsInspectView(InspectView):
    def get_field_display_value(self, field_name, field):
        value = super().get_field_display_value(field_name, field)
        if field_name == "show_if":
            return f"{value['question']}: {', '.join(map(str, value['any_of']))}" if value else _("always")
        if isinstance(value, dict):
            return " · ".join(f"{code}: {text}" for code, text in value.items()) or "–"
        if isinstance(value, list):
            return "; ".join(self._row(row) for row in value) or "–"
        return value

    @staticmethod
    def _row(row):
        mark = "✓ " if row.get("correct") else ""
        words = " → ".join(in_language(row[part]) for part in ("text", "left", "right", "title") if part in row)
        return f"{mark}{row.get('key', row.get('value'))}: {words}"


class QuestionInspectView(WordsInspectView):
    """The question with what is known of it: how it did, where it is used, where it may be used too."""

    template_name = "evaluations/admin/question_inspect.html"
    page_title = gettext_lazy("Use and statistics")

    def get_context_data(self, **kwargs):
        user = self.request.user
        may_copy = self.permission_policy.user_has_permission(user, "add")
        found = bank.about(self.object, with_targets=may_copy)
        return super().get_context_data(**kwargs, **found, instrument_url=page_of(self.object))


class InstrumentInspectView(WordsInspectView):
    """With the way on for a version that nobody may edit any more."""

    @property
    def header_more_buttons(self):
        buttons = [
            *super().header_more_buttons,
            Button(_("Questions"), url=page_of(self.object), icon_name="list-ul", priority=1),
        ]
        if is_locked(self.object) and self.permission_policy.user_has_permission(self.request.user, "add"):
            url = reverse("evaluations_new_version", args=[self.object.pk])
            buttons.append(Button(_("Make a new version"), url=url, icon_name="copy", priority=5))
        score_again = regrading.button(self.object, self.request.user)
        return [*buttons, score_again] if score_again else buttons
