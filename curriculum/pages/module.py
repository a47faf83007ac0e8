from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from curriculum.pages.findable import Findable
from curriculum.pages.shown import ShownByView


class ModulePage(ShownByView, Findable, Page):
    """A module: a summary, its objectives, and activities below it in the page tree."""

    number = models.PositiveSmallIntegerField(_("number"), null=True, blank=True, help_text=_("Empty for an opening part."))
    summary = models.TextField(_("summary"), max_length=500, blank=True)
    objectives = StreamField(
        [("objective", blocks.CharBlock(max_length=300, label=_("Objective")))], blank=True, verbose_name=_("objectives")
    )
    requires_previous = models.BooleanField(
        _("needs the module before it"),
        default=False,
        help_text=_("Locked until the previous module's required activities are done."),
    )

    content_panels = [
        *Page.content_panels,
        FieldPanel("number"),
        FieldPanel("summary"),
        FieldPanel("objectives", help_text=_("What people can do after the module, one per line, starting with a verb.")),
        FieldPanel("requires_previous"),
    ]
    search_fields = [*Page.search_fields, *Findable.search_fields, index.SearchField("summary"), index.SearchField("objectives")]
    parent_page_types = ["curriculum.CurriculumPage"]
    subpage_types = [
        "curriculum.LessonPage",
        "curriculum.AssignmentPage",
        "evaluations.QuizPage",
        "evaluations.SurveyPage",
        "evaluations.TeachBackPage",
        "live.LiveSessionPage",
    ]
    view = "curriculum.views.pages.module"
    admin_default_ordering = "ord"  # the explorer shows what is below in its order of study

    class Meta:
        verbose_name = _("module")
