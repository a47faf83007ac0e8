"""Which lessons to read again after a quiz: those of its module whose own checks ask for what was missed."""

from django.utils.translation import get_language

from curriculum.models import LessonPage
from curriculum.outline import outline_of, site_map
from evaluations.models import Question


def lessons_for(enrollment, activity_key, constructs):
    """`[{"title", "url"}]` in the reader's language; all lessons of the module where no check measures the constructs."""
    module = outline_of(enrollment.cohort).module_of(activity_key)
    if module is None:
        return []
    keys = [activity.key for activity in module.activities if activity.kind == "lesson"]
    pages = {page.translation_key: page for page in LessonPage.objects.filter(translation_key__in=keys, live=True)}
    asked = {key: checks_of(pages[key]) for key in keys if key in pages}
    every = {pk for checks in asked.values() for pk in checks}
    measuring = set(
        Question.objects.non_polymorphic().filter(pk__in=every, construct__in=constructs).values_list("pk", flat=True)
    )
    telling = [key for key in keys if asked.get(key, set()) & measuring]
    return _links(telling or keys, enrollment.cohort.curriculum_key)


def checks_of(lesson):
    """The primary keys of the questions that the lesson's text puts."""
    return {block["value"].get("question") for block in lesson.body.raw_data if block["type"] == "check"}


def _links(keys, curriculum_key):
    pages = site_map(curriculum_key)
    here = pages.get(get_language(), {})
    found = []
    for key in keys:
        reference = next((refs[key] for refs in (here, *pages.values()) if key in refs and refs[key].live), None)
        if reference:
            found.append({"title": reference.title, "url": reference.url})
    return found
