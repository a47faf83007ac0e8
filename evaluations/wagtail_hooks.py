"""Instruments and questions in Wagtail's admin: wording can be put right until somebody has answered."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import Button
from wagtail.permissions import ModelPermissionPolicy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import DeleteView, EditView, InspectView, SnippetViewSet, SnippetViewSetGroup

from evaluations import editing
from evaluations.models import (
    ChoiceQuestion,
    Instrument,
    LikertQuestion,
    LongTextQuestion,
    MultipleChoiceQuestion,
    NumberQuestion,
    Question,
    ShortTextQuestion,
)
from evaluations.views import regrading
from evaluations.views.versions import new_version
from evaluations.words import in_language, missing_languages


def is_locked(thing):
    instrument = thing if isinstance(thing, Instrument) else thing.instrument
    return instrument.locked_at is not None


class ReadOnlyOnceAnswered:
    """Nobody changes what people have answered: the page is shown instead, with the reason."""

    def dispatch(self, request, *args, **kwargs):
        thing = getattr(self, "object", None) or self.get_object()
        if is_locked(thing):
            messages.warning(
                request,
                _(
                    "People have answered this version, so it is read-only. To change a wording, make a new version of the instrument."
                ),
            )
            return redirect(reverse(thing.snippet_viewset.get_url_name("inspect"), args=[thing.pk]))
        return super().dispatch(request, *args, **kwargs)


class WordingEditView(ReadOnlyOnceAnswered, EditView):
    pass


class WordingDeleteView(ReadOnlyOnceAnswered, DeleteView):
    pass


class KindEditView(EditView):
    """The listing of all questions leads to the form of each one's kind."""

    def dispatch(self, request, *args, **kwargs):
        question = getattr(self, "object", None) or self.get_object()
        question = question.get_real_instance()
        return redirect(reverse(question.snippet_viewset.get_url_name("edit"), args=[question.pk]))


class WordsInspectView(InspectView):
    def get_field_display_value(self, field_name, field):
        value = super().get_field_display_value(field_name, field)
        if isinstance(value, dict):
            return " · ".join(f"{code}: {text}" for code, text in value.items()) or "–"
        if isinstance(value, list):
            return "; ".join(self._row(row) for row in value)
        return value

    @staticmethod
    def _row(row):
        mark = "✓ " if row.get("correct") else ""
        return f"{mark}{row.get('key', row.get('value'))}: {in_language(row.get('text'))}"


class InstrumentInspectView(WordsInspectView):
    """With the way on for a version that nobody may edit any more."""

    @property
    def header_more_buttons(self):
        buttons = list(super().header_more_buttons)
        if is_locked(self.object) and self.permission_policy.user_has_permission(self.request.user, "add"):
            url = reverse("evaluations_new_version", args=[self.object.pk])
            buttons.append(Button(_("Make a new version"), url=url, icon_name="copy", priority=5))
        score_again = regrading.button(self.object, self.request.user)
        return [*buttons, score_again] if score_again else buttons


class NobodyAdds(ModelPermissionPolicy):
    """A question is added as one of its kinds."""

    def user_has_permission(self, user, action):
        return action != "add" and super().user_has_permission(user, action)

    def users_with_any_permission(self, actions):
        return super().users_with_any_permission([action for action in actions if action != "add"])


def missing_words(thing):
    """The languages that are still missing, for listings."""
    missing = missing_languages(thing.text if isinstance(thing, Question) else thing.title)
    return _("missing: %(languages)s") % {"languages": ", ".join(missing)} if missing else _("complete")


languages = Column("languages", label=gettext_lazy("Languages"), accessor=missing_words)


class InstrumentViewSet(SnippetViewSet):
    model = Instrument
    icon = "form"
    menu_label = gettext_lazy("Instruments")
    list_display = ["__str__", "kind", "version", "locked_at", languages]
    list_filter = ["kind"]
    search_fields = ["key"]
    inspect_view_enabled = True
    copy_view_enabled = False
    edit_view_class, delete_view_class, inspect_view_class = WordingEditView, WordingDeleteView, InstrumentInspectView
    inspect_view_fields = ["key", "version", "kind", "title", "intro", "locked_at"]
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("key"), FieldPanel("version"), FieldPanel("kind")]),
            FieldPanel("title"),
            FieldPanel("intro"),
        ],
        base_form_class=editing.InstrumentForm,
    )


class AllQuestionsViewSet(SnippetViewSet):
    model = Question
    icon = "help"
    menu_label = gettext_lazy("All questions")
    list_display = ["__str__", "instrument", "construct", "moore", languages]
    list_filter = ["instrument", "construct", "moore"]
    search_fields = ["key", "construct"]
    copy_view_enabled = False
    edit_view_class = KindEditView
    edit_handler = ObjectList([FieldPanel("key")])
    list_per_page = 50

    @property
    def permission_policy(self):
        return NobodyAdds(self.model)


COMMON = [
    FieldRowPanel([FieldPanel("instrument"), FieldPanel("key"), FieldPanel("order")]),
    FieldPanel("text"),
    FieldPanel("hint"),
    FieldPanel("required"),
]
MEASURES = FieldRowPanel([FieldPanel("construct"), FieldPanel("aspect"), FieldPanel("moore")])
SHOWN = ["instrument", "key", "order", "text", "hint", "required", "construct", "aspect", "moore"]


def viewset_for(kind, form, own_panels=(), shown=()):
    """The viewset of one kind of question."""
    attributes = {
        "model": kind,
        "icon": "help",
        "menu_label": kind._meta.verbose_name.capitalize(),
        "list_display": ["__str__", "instrument", "construct", "moore", languages],
        "list_filter": ["instrument", "construct", "moore"],
        "search_fields": ["key", "construct"],
        "inspect_view_enabled": True,
        "copy_view_enabled": False,
        "edit_view_class": WordingEditView,
        "delete_view_class": WordingDeleteView,
        "inspect_view_class": WordsInspectView,
        "inspect_view_fields": [*SHOWN, *shown],
        "edit_handler": ObjectList([*COMMON, *own_panels, MEASURES], base_form_class=form),
    }
    return type(f"{kind.__name__}ViewSet", (SnippetViewSet,), attributes)


LENGTH = [FieldPanel("max_length")]
NUMBER = [FieldPanel("unit"), FieldRowPanel([FieldPanel("minimum"), FieldPanel("maximum"), FieldPanel("whole")])]


class QuestionGroup(SnippetViewSetGroup):
    menu_label = gettext_lazy("Questions")
    menu_icon = "help"
    menu_order = 250
    items = (
        InstrumentViewSet,
        AllQuestionsViewSet,
        viewset_for(ChoiceQuestion, editing.ChoicesForm, [FieldPanel("choices")], ["choices"]),
        viewset_for(MultipleChoiceQuestion, editing.ChoicesForm, [FieldPanel("choices")], ["choices"]),
        viewset_for(LikertQuestion, editing.ScaleForm, [FieldPanel("scale"), FieldPanel("allow_not_applicable")], ["scale"]),
        viewset_for(NumberQuestion, editing.NumberForm, NUMBER, ["unit", "minimum", "maximum", "whole"]),
        viewset_for(ShortTextQuestion, editing.QuestionForm, LENGTH, ["max_length"]),
        viewset_for(LongTextQuestion, editing.QuestionForm, LENGTH, ["max_length"]),
    )


register_snippet(QuestionGroup)


@hooks.register("register_admin_urls")
def _addresses():
    return [
        path("instruments/<int:pk>/new-version/", new_version, name="evaluations_new_version"),
        path("instruments/<int:pk>/regrade/", regrading.regrade, name="evaluations_regrade"),
    ]
