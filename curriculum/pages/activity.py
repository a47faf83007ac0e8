"""The contract of an activity: a page that a learner can complete."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Page
from wagtail.search import index

from curriculum.pages.findable import Findable

RICH_TEXT = ["h2", "h3", "bold", "italic", "ol", "ul", "link", "document-link"]


class ActivityPage(Findable, Page):
    """A kind of activity is a subclass in the app that gives it life, one file each.

    A kind states: `kind` (a word used in the outline, in templates and in icons), `completed_by` (a sentence for
    learners) and its template. `minutes` is the expected time; `required` activities enter the cohort's outline as
    needed for the certificate. Completion is recorded by `curriculum.progress.complete` and nowhere else, under the
    page's `translation_key`, so that it counts in every language.
    """

    kind = ""
    completed_by = ""

    minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=10, validators=[MinValueValidator(1), MaxValueValidator(600)],
        help_text=_("Expected time, shown to learners."),
    )  # fmt: skip
    required = models.BooleanField(_("required"), default=True, help_text=_("Needed for the certificate."))

    activity_panels = [MultiFieldPanel([FieldPanel("minutes"), FieldPanel("required")], heading=_("Activity"))]
    search_fields = [*Page.search_fields, *Findable.search_fields, index.FilterField("required")]
    parent_page_types = ["curriculum.ModulePage"]
    subpage_types = []
    is_activity = True

    class Meta:
        abstract = True

    def is_complete_for(self, enrollment):
        return enrollment.completions.filter(activity_key=self.translation_key).exists()
