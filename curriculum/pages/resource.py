from django.db import models
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail.search import index

from curriculum.pages.activity import RICH_TEXT
from curriculum.pages.findable import Findable
from curriculum.pages.shown import ShownByView


class ResourceIndexPage(ShownByView, Page):
    """The resource library: search and filters over the resources of all languages."""

    intro = models.TextField(_("introduction"), max_length=500, blank=True)

    content_panels = [*Page.content_panels, FieldPanel("intro")]
    parent_page_types = ["curriculum.HomePage"]
    subpage_types = ["curriculum.ResourcePage"]
    max_count_per_parent = 1
    view = "curriculum.views.pages.resource_index"

    class Meta:
        verbose_name = _("resource library")


class ResourcePage(ShownByView, Findable, Page):
    """One resource in one language. Its version history is the page's revisions that were published."""

    class Type(models.TextChoices):
        GUIDE = "guide", _("guide")
        TEMPLATE = "template", _("template")
        WORKSHEET = "worksheet", _("worksheet")
        SLIDES = "slides", _("slides")
        ARTICLE = "article", _("article")
        PATIENT = "patient", _("patient information")
        TOOL = "tool", _("tool")

    class Audience(models.TextChoices):
        MENTORS = "mentors", _("mentors")
        TEAMS = "teams", _("FLS teams")
        MANAGERS = "managers", _("hospital managers")
        POLICY = "policy", _("health authorities")
        PATIENTS = "patients", _("patients and families")

    class Pillar(models.TextChoices):
        POLICY = "policy", _("policy")
        COALITIONS = "coalitions", _("coalitions")
        MENTORSHIP = "mentorship", _("mentorship")
        SCALABLE = "scalable", _("scalable solutions")
        DIGITAL = "digital", _("digital tool")

    summary = models.TextField(_("summary"), max_length=500)
    body = RichTextField(_("description"), features=RICH_TEXT, blank=True)
    resource_type = models.CharField(_("type"), max_length=20, choices=Type, default=Type.GUIDE)
    audience = models.CharField(_("audience"), max_length=20, choices=Audience, default=Audience.MENTORS)
    standard = models.PositiveSmallIntegerField(
        _("best-practice standard"), null=True, blank=True, choices=[(n, str(n)) for n in range(1, 14)]
    )
    country = CountryField(_("country"), blank=True, help_text=_("Only if it holds for one country."))
    pillar = models.CharField(_("pillar"), max_length=20, choices=Pillar, blank=True)
    document = models.ForeignKey("wagtaildocs.Document", models.SET_NULL, null=True, blank=True, related_name="+")
    link = models.URLField(_("link"), blank=True, max_length=500)
    licence = models.CharField(_("licence"), max_length=100, blank=True)
    version = models.CharField(_("version"), max_length=30, default="1")
    version_note = models.CharField(_("what changed"), max_length=200, blank=True)
    reviewed_on = models.DateField(_("last reviewed"), null=True, blank=True)
    reviewed_by = models.CharField(_("reviewed by"), max_length=150, blank=True)

    content_panels = [
        *Page.content_panels,
        FieldPanel("summary", help_text=_("One or two sentences, shown in the list.")),
        FieldPanel("body"),
        MultiFieldPanel([FieldPanel("document"), FieldPanel("link"), FieldPanel("licence")], heading=_("File or link")),
        MultiFieldPanel(
            [FieldPanel("resource_type"), FieldPanel("audience"), FieldPanel("standard"), FieldPanel("country"), FieldPanel("pillar")],
            heading=_("Found by"),
        ),
        MultiFieldPanel(
            [FieldPanel("version"), FieldPanel("version_note"), FieldPanel("reviewed_on"), FieldPanel("reviewed_by")],
            heading=_("Version and review"),
        ),
    ]  # fmt: skip
    search_fields = [
        *Page.search_fields,
        *Findable.search_fields,
        index.SearchField("summary"),
        index.SearchField("body"),
        index.FilterField("resource_type"),
        index.FilterField("audience"),
        index.FilterField("standard"),
        index.FilterField("country"),
        index.FilterField("pillar"),
    ]
    parent_page_types = ["curriculum.ResourceIndexPage"]
    subpage_types = []
    view = "curriculum.views.pages.resource"

    class Meta:
        verbose_name = _("resource")
