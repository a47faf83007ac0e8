"""Instruments and questions in Wagtail's admin: wording can be put right until somebody has answered."""

from django.core.exceptions import PermissionDenied
from django.templatetags.static import static
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.permissions import ModelPermissionPolicy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from evaluations import archiving, composing, desk_choosers, desk_forms, desk_listings, usage
from evaluations import editing_forms as editing
from evaluations.models import (
    ChoiceQuestion,
    CommitmentQuestion,
    ConfidenceQuestion,
    Instrument,
    LikertQuestion,
    LongTextQuestion,
    MatchingQuestion,
    MultipleChoiceQuestion,
    NumberQuestion,
    OrderingQuestion,
    PartialChoiceQuestion,
    Question,
    RetrospectiveQuestion,
    RubricQuestion,
    ShortTextQuestion,
    VignetteQuestion,
)
from evaluations.views import desk, preview, regrading
from evaluations.views.versions import new_version


class NobodyAdds(ModelPermissionPolicy):
    """A question is added as one of its kinds, on the page of an instrument."""

    def user_has_permission(self, user, action):
        return action != "add" and super().user_has_permission(user, action)

    def users_with_any_permission(self, actions):
        return super().users_with_any_permission([action for action in actions if action != "add"])


class InstrumentViewSet(SnippetViewSet):
    model = Instrument
    icon = "form"
    menu_label = gettext_lazy("Instruments")
    list_display = desk_listings.INSTRUMENT_COLUMNS
    filterset_class = desk_listings.InstrumentFilterSet
    search_fields = ["key"]
    inspect_view_enabled = True
    copy_view_enabled = False
    index_view_class, add_view_class = desk_listings.InstrumentIndexView, desk_forms.InstrumentCreateView
    edit_view_class, delete_view_class = desk_forms.WordingEditView, desk_forms.InstrumentDeleteView
    inspect_view_class = desk_forms.InstrumentInspectView
    inspect_view_fields = ["key", "version", "kind", "title", "intro", "sections", "locked_at", "archived_at"]
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("key"), FieldPanel("version"), FieldPanel("kind")]),
            FieldPanel("title"),
            FieldPanel("intro"),
        ],
        base_form_class=editing.InstrumentForm,
    )


class BankViewSet(SnippetViewSet):
    model = Question
    icon = "help"
    menu_label = gettext_lazy("Question bank")
    list_display = desk_listings.BANK_COLUMNS
    filterset_class = desk_listings.BankFilterSet
    search_fields = ["key", "construct"]
    copy_view_enabled = False
    index_view_class, edit_view_class = desk_listings.BankIndexView, desk_forms.KindEditView
    chooser_viewset_class = desk_choosers.QuestionChooserViewSet
    edit_handler = ObjectList([FieldPanel("key")])
    list_per_page = 50

    @property
    def permission_policy(self):
        return NobodyAdds(self.model)


SAME_TOPIC = gettext_lazy("What it measures, as one word with hyphens. The same word before and after lets the two be compared.")
MEASURES = [
    FieldRowPanel([FieldPanel("construct", help_text=SAME_TOPIC), FieldPanel("aspect"), FieldPanel("moore")]),
    FieldRowPanel([FieldPanel("section"), FieldPanel("required")]),
    FieldPanel("show_if"),
]
SHOWN = ["instrument", "key", "order", "text", "hint", "required", "construct", "aspect", "moore", "section", "show_if"]


def viewset_for(kind, form, *own):
    """The viewset of one kind of question; `own` are the fields that only this kind has."""
    panels = [FieldPanel("key"), FieldPanel("text"), FieldPanel("hint"), *map(FieldPanel, own)]
    attributes = {
        "model": kind,
        "icon": "help",
        "menu_label": kind._meta.verbose_name.capitalize(),
        "add_to_admin_menu": False,
        "list_display": ["__str__", "instrument", "construct", "moore"],
        "list_filter": ["instrument", "construct", "moore"],
        "search_fields": ["key", "construct"],
        "index_view_class": desk_listings.QuestionIndexView,
        "inspect_view_enabled": True,
        "copy_view_enabled": False,
        "add_view_class": desk_forms.QuestionCreateView,
        "edit_view_class": desk_forms.WordingEditView,
        "delete_view_class": desk_forms.QuestionDeleteView,
        "inspect_view_class": desk_forms.QuestionInspectView,
        "inspect_view_fields": [*SHOWN, *own],
        "edit_handler": ObjectList(
            [*panels, MultiFieldPanel(MEASURES, heading=gettext_lazy("What it measures and when it is asked"))],
            base_form_class=form,
        ),
    }
    return type(f"{kind.__name__}ViewSet", (SnippetViewSet,), attributes)


class QuestionGroup(SnippetViewSetGroup):
    menu_label = gettext_lazy("Questions")
    menu_icon = "help"
    menu_order = 250
    items = (InstrumentViewSet, BankViewSet)


register_snippet(QuestionGroup)
for _viewset in (
    viewset_for(ChoiceQuestion, editing.OneChoiceForm, "choices"),
    viewset_for(MultipleChoiceQuestion, editing.ChoicesForm, "choices"),
    viewset_for(PartialChoiceQuestion, editing.ChoicesForm, "choices"),
    viewset_for(OrderingQuestion, editing.OrderingForm, "items"),
    viewset_for(MatchingQuestion, editing.MatchingForm, "pairs", "distractors"),
    viewset_for(VignetteQuestion, editing.VignetteForm, "story", "choices"),
    viewset_for(LikertQuestion, editing.ScaleForm, "scale", "allow_not_applicable"),
    viewset_for(ConfidenceQuestion, editing.QuestionForm, "allow_not_applicable"),
    viewset_for(RetrospectiveQuestion, editing.ScaleForm, "scale"),
    viewset_for(RubricQuestion, editing.ScaleForm, "scale", "allow_not_observed"),
    viewset_for(CommitmentQuestion, editing.CommitmentForm, "choices", "most"),
    viewset_for(NumberQuestion, editing.NumberForm, "unit", "minimum", "maximum", "whole"),
    viewset_for(ShortTextQuestion, editing.QuestionForm, "max_length"),
    viewset_for(LongTextQuestion, editing.QuestionForm, "max_length"),
):
    register_snippet(_viewset)


@hooks.register("register_log_actions")
def _logged_acts(actions):
    for action, label in {
        archiving.ARCHIVED: gettext_lazy("Archived"),
        archiving.UNARCHIVED: gettext_lazy("Taken back into use"),
        composing.SECTIONS: gettext_lazy("Sections changed"),
        composing.MOVED: gettext_lazy("Question moved"),
        usage.COPIED: gettext_lazy("Copied from the question bank"),
    }.items():
        actions.register_action(action, label, label)


@hooks.register("before_bulk_action")
def _one_by_one(request, action_type, objects, action):
    """Many at once would pass by the questions that are asked of each: answered, used, others hanging on it."""
    if any(isinstance(thing, Instrument | Question) for thing in objects):
        raise PermissionDenied


@hooks.register("insert_global_admin_css")
def _style():
    return format_html('<link rel="stylesheet" href="{}">', static("evaluations/desk.css"))


@hooks.register("register_admin_urls")
def _addresses():
    return [
        path("instruments/<int:pk>/", desk.instrument, name="evaluations_instrument"),
        path("instruments/<int:pk>/add/", desk.add, name="evaluations_add_question"),
        path("instruments/<int:pk>/sections/", desk.sections, name="evaluations_sections"),
        path("instruments/<int:pk>/archive/", desk.archive, name="evaluations_archive"),
        path("instruments/<int:pk>/preview/", preview.preview, name="evaluations_preview"),
        path("instruments/<int:pk>/new-version/", new_version, name="evaluations_new_version"),
        path("instruments/<int:pk>/regrade/", regrading.regrade, name="evaluations_regrade"),
        path("instrument-questions/<int:pk>/move/", desk.move, name="evaluations_move_question"),
        path("instrument-questions/<int:pk>/copy/", desk.copy, name="evaluations_copy_question"),
    ]
