from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail.search import index

from curriculum.pages.activity import RICH_TEXT
from curriculum.pages.findable import Findable
from curriculum.pages.shown import ShownByView


class StandardPage(ShownByView, Findable, Page):
    """A plain page: about, evidence, privacy, accessibility."""

    body = RichTextField(_("text"), features=RICH_TEXT)
    reviewed_on = models.DateField(_("last reviewed"), null=True, blank=True)

    content_panels = [
        *Page.content_panels,
        FieldPanel("body"),
        FieldPanel("reviewed_on", help_text=_("Shown to readers under the title.")),
    ]
    search_fields = [*Page.search_fields, *Findable.search_fields, index.SearchField("body")]
    parent_page_types = ["curriculum.HomePage", "curriculum.StandardPage"]
    subpage_types = ["curriculum.StandardPage"]
    view = "curriculum.views.pages.standard"

    class Meta:
        verbose_name = _("plain page")
