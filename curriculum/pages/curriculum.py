from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail.search import index

from curriculum.pages.activity import RICH_TEXT
from curriculum.pages.findable import Findable
from curriculum.pages.shown import ShownByView


class CurriculumPage(ShownByView, Findable, Page):
    """What a cohort follows. For a member it is the outline with progress, for anybody else the description."""

    summary = models.TextField(_("summary"), max_length=500, blank=True)
    welcome = RichTextField(_("welcome"), features=RICH_TEXT, blank=True)
    version = models.CharField(_("version"), max_length=30, default="1")
    hours = models.PositiveSmallIntegerField(
        _("hours"), default=20, validators=[MinValueValidator(1), MaxValueValidator(2000)],
        help_text=_("Printed on the certificate."),
    )  # fmt: skip
    certificate_valid_months = models.PositiveSmallIntegerField(
        _("certificate valid for (months)"), default=24, help_text=_("0 means without end.")
    )

    content_panels = [
        *Page.content_panels,
        FieldPanel("summary", help_text=_("One or two sentences, shown in lists and when the page is shared.")),
        FieldPanel("welcome", help_text=_("Shown at the top of the outline.")),
        MultiFieldPanel(
            [FieldPanel("version"), FieldPanel("hours"), FieldPanel("certificate_valid_months")], heading=_("Certificate")
        ),
    ]
    search_fields = [*Page.search_fields, *Findable.search_fields, index.SearchField("summary"), index.SearchField("welcome")]
    parent_page_types = ["curriculum.HomePage"]
    subpage_types = ["curriculum.ModulePage"]
    view = "curriculum.views.pages.curriculum"
    admin_default_ordering = "ord"  # the explorer shows what is below in its order of study

    class Meta:
        verbose_name = _("curriculum")
        verbose_name_plural = _("curricula")
