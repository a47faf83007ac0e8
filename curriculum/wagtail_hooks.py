"""What editors see on Wagtail's first screen beyond Wagtail's own: what needs a review, what needs a translation."""

import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from wagtail import hooks
from wagtail.admin.ui.components import Component
from wagtail.models import Locale

from curriculum.models import LessonPage

REVIEW_LASTS = datetime.timedelta(days=365)
MOST = 10


class ReviewPanel(Component):
    """Published lessons that no clinician has reviewed, or not within a year."""

    name = "clinical_review"
    order = 120
    template_name = "curriculum/desk/review_panel.html"

    def get_context_data(self, parent_context):
        old = timezone.localdate() - REVIEW_LASTS
        due = LessonPage.objects.live().filter(Q(reviewed_by="") | Q(reviewed_on=None) | Q(reviewed_on__lt=old))
        due = due.filter(locale__language_code=settings.LANGUAGE_CODE)
        return {"count": due.count(), "lines": [_line(page) for page in due.order_by("reviewed_on", "path")[:MOST]]}


class TranslationPanel(Component):
    """For each language, published lessons of the source language that are not published in it."""

    name = "missing_translations"
    order = 130
    template_name = "curriculum/desk/translation_panel.html"

    def get_context_data(self, parent_context):
        sources = LessonPage.objects.live().filter(locale__language_code=settings.LANGUAGE_CODE).order_by("path")
        names = dict(settings.LANGUAGES)
        languages = []
        for locale in Locale.objects.exclude(language_code=settings.LANGUAGE_CODE):
            theirs = LessonPage.objects.live().filter(locale=locale, alias_of=None, translation_key=OuterRef("translation_key"))
            missing = sources.exclude(Exists(theirs))
            lines = [_line(page) for page in missing[:MOST]]
            languages.append(
                {"name": names.get(locale.language_code, locale.language_code), "count": missing.count(), "lines": lines}
            )
        return {"languages": languages}


def _line(page):
    return {
        "title": page.title,
        "url": reverse("wagtailadmin_pages:edit", args=[page.pk]),
        "reviewed_on": page.reviewed_by and page.reviewed_on,
    }


@hooks.register("construct_homepage_panels")
def add_desk_panels(request, panels):
    panels += [ReviewPanel(), TranslationPanel()]
