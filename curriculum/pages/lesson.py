from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, ObjectList, TabbedInterface
from wagtail.fields import StreamField
from wagtail.search import index

from curriculum.blocks import LessonBody, SourceBlock
from curriculum.pages.activity import ActivityPage
from curriculum.pages.shown import ShownByView


class LessonPage(ShownByView, ActivityPage):
    """A text to study, with figures, cases and questions to check oneself."""

    kind = "lesson"
    completed_by = _("Reach the end and mark it as read.")

    objectives = StreamField(
        [("objective", blocks.CharBlock(max_length=300, label=_("Objective")))], blank=True, verbose_name=_("objectives")
    )
    body = StreamField(LessonBody(), blank=True, verbose_name=_("text"))
    sources = StreamField([("source", SourceBlock())], blank=True, verbose_name=_("sources"))
    reviewed_on = models.DateField(_("last clinical review"), null=True, blank=True)
    reviewed_by = models.CharField(
        _("reviewed by"), max_length=150, blank=True, help_text=_("Empty: the page says “draft for clinical review”.")
    )

    content_panels = [
        *ActivityPage.content_panels,
        FieldPanel("objectives", help_text=_("What people can do after the lesson, starting with a verb.")),
        FieldPanel("body", help_text=_("At most nine kinds of block, one level deep.")),
    ]
    review_panels = [FieldPanel("reviewed_on"), FieldPanel("reviewed_by"), FieldPanel("sources")]
    edit_handler = TabbedInterface(
        [
            ObjectList(content_panels, heading=_("Content")),
            ObjectList(ActivityPage.activity_panels, heading=_("Activity")),
            ObjectList(review_panels, heading=_("Review")),
            ObjectList(ActivityPage.promote_panels, heading=_("Promotion")),
            ObjectList(ActivityPage.settings_panels, heading=_("Publishing")),
        ]
    )
    search_fields = [*ActivityPage.search_fields, index.SearchField("objectives"), index.SearchField("body")]
    view = "curriculum.views.reading.lesson_page"

    class Meta:
        verbose_name = _("lesson")
