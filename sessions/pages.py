from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.search import index

from curriculum.pages.activity import RICH_TEXT, ActivityPage
from curriculum.pages.shown import ShownByView


class LiveSessionPage(ShownByView, ActivityPage):
    """A live session as an activity of the programme. Each cohort has a meeting of its own for it (`TrainingSession.activity_key`)."""

    kind = "live-session"
    completed_by = _("Attend the session, or its recording where your cohort allows that.")
    template = "live/session_page.html"
    view = "sessions.views.session_page.page"

    about = RichTextField(_("what happens in it"), features=RICH_TEXT, blank=True)
    preparation = RichTextField(_("how to prepare"), features=RICH_TEXT, blank=True)
    number = models.PositiveSmallIntegerField(_("number of the session"), default=1)

    content_panels = [*ActivityPage.content_panels, FieldPanel("number"), FieldPanel("about"), FieldPanel("preparation")]
    promote_panels = [*ActivityPage.activity_panels, *ActivityPage.promote_panels]
    search_fields = [*ActivityPage.search_fields, index.SearchField("about")]

    class Meta:
        verbose_name = _("live session")
        verbose_name_plural = _("live sessions")
