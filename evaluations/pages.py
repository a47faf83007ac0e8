from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField

from curriculum.pages.activity import RICH_TEXT, ActivityPage
from curriculum.pages.shown import ShownByView


class AskingPage(ShownByView, ActivityPage):
    """An activity that puts an instrument to a person. It keeps the instrument's key: each response takes its newest version."""

    view = "evaluations.views.starting.start_page"

    # How often it may be answered, and what must be reached; a kind overrides them, as fields or as they are.
    pass_mark = None
    max_attempts = 1
    retry_after_hours = 0
    time_limit_minutes = 0

    intro = RichTextField(_("before you start"), features=RICH_TEXT, blank=True)
    instrument_key = models.SlugField(_("instrument"), max_length=60)

    content_panels = [*ActivityPage.content_panels, FieldPanel("intro"), FieldPanel("instrument_key")]

    class Meta:
        abstract = True


class SurveyPage(AskingPage):
    """Questions without right or wrong. Submitting completes it."""

    kind = "survey"
    completed_by = _("Send your answers.")
    template = "evaluations/survey_page.html"

    class Meta:
        verbose_name = _("survey")


class QuizPage(AskingPage):
    """Questions with a key. Reaching the pass mark completes it; the key is shown when the attempt is closed."""

    kind = "quiz"
    completed_by = _("Reach the pass mark.")
    template = "evaluations/quiz_page.html"

    pass_mark = models.PositiveSmallIntegerField(
        _("pass mark (%)"), default=70, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    max_attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, help_text=_("0 means as many as wanted."))
    retry_after_hours = models.PositiveSmallIntegerField(_("hours before another attempt"), default=12)

    time_limit_minutes = models.PositiveSmallIntegerField(
        _("minutes for one attempt"), default=0, help_text=_("0 means no limit. When the time ends, what is saved counts.")
    )

    content_panels = [
        *AskingPage.content_panels,
        FieldPanel("pass_mark"),
        FieldPanel("max_attempts"),
        FieldPanel("retry_after_hours"),
        FieldPanel("time_limit_minutes"),
    ]

    class Meta:
        verbose_name = _("quiz")


class TeachBackPage(ShownByView, ActivityPage):
    """An observed simulation: raters score a rubric (evaluations/teachback.py). Reaching the mark completes it."""

    kind = "teach-back"
    completed_by = _("Reach the mark in a simulation that two people observe.")
    template = "evaluations/teach_back_page.html"
    view = "evaluations.views.teachback.page"

    intro = RichTextField(_("before you start"), features=RICH_TEXT, blank=True)
    instrument_key = models.SlugField(_("rubric"), max_length=60)
    pass_mark = models.PositiveSmallIntegerField(
        _("mark to reach (%)"), default=70, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    raters_needed = models.PositiveSmallIntegerField(
        _("raters"), default=2, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )

    content_panels = [
        *ActivityPage.content_panels,
        FieldPanel("intro"),
        FieldPanel("instrument_key"),
        FieldPanel("pass_mark"),
        FieldPanel("raters_needed"),
    ]

    class Meta:
        verbose_name = _("teach-back")


def page_of(activity_key):
    """The page that sets the rules of an activity: the one in the site's first language, else any. Drafts count too."""
    first = models.Case(models.When(locale__language_code=settings.LANGUAGE_CODE, then=0), default=1)
    for kind in (QuizPage, SurveyPage):
        page = kind.objects.filter(translation_key=activity_key).order_by(first, "pk").first()
        if page:
            return page
    return None
