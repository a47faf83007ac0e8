from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page

from curriculum.pages.activity import RICH_TEXT


class HomePage(Page):
    """The front door of one language."""

    lead = RichTextField(_("opening text"), features=RICH_TEXT, blank=True)

    content_panels = [*Page.content_panels, FieldPanel("lead", help_text=_("Two or three sentences for a first visitor."))]
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["curriculum.CurriculumPage", "curriculum.ResourceIndexPage", "curriculum.StandardPage"]
    template = "curriculum/home_page.html"

    class Meta:
        verbose_name = _("home page")
