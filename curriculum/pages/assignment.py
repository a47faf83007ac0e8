from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.search import index

from curriculum.pages.activity import RICH_TEXT, ActivityPage
from curriculum.pages.shown import ShownByView

LONGEST = 20_000


class AssignmentPage(ShownByView, ActivityPage):
    """A text that the person writes and a trainer judges."""

    kind = "assignment"
    completed_by = _("Hand in your text; a trainer accepts it.")

    brief = RichTextField(_("what to do"), features=RICH_TEXT)
    criteria = RichTextField(
        _("what a good answer holds"), features=RICH_TEXT, blank=True, help_text=_("Shown to learners and to whoever judges.")
    )
    max_length = models.PositiveIntegerField(
        _("longest text"), default=3000, validators=[MinValueValidator(100), MaxValueValidator(LONGEST)],
        help_text=_("In characters."),
    )  # fmt: skip

    content_panels = [*ActivityPage.content_panels, FieldPanel("brief"), FieldPanel("criteria"), FieldPanel("max_length")]
    promote_panels = [*ActivityPage.activity_panels, *ActivityPage.promote_panels]
    search_fields = [*ActivityPage.search_fields, index.SearchField("brief")]
    view = "curriculum.views.assignments.assignment_page"

    class Meta:
        verbose_name = _("assignment")
