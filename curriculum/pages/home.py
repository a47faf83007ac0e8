from django.conf import settings
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page

from curriculum.pages.activity import RICH_TEXT
from curriculum.pages.shown import ShownByView


class HomePage(ShownByView, Page):
    """The front door of one language."""

    lead = RichTextField(_("opening text"), features=RICH_TEXT, blank=True)

    content_panels = [*Page.content_panels, FieldPanel("lead", help_text=_("Two or three sentences for a first visitor."))]
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["curriculum.CurriculumPage", "curriculum.ResourceIndexPage", "curriculum.StandardPage"]
    view = "curriculum.views.pages.home"
    max_count = len(settings.LANGUAGES)

    class Meta:
        verbose_name = _("home page")
