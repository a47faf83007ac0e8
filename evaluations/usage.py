"""Where an instrument or a question is used: waves, activities, lessons, copies."""

from django.utils.translation import gettext as _
from wagtail.log_actions import registry
from wagtail.models import Page, ReferenceIndex

from evaluations.models import Instrument, Question, QuizPage, Response, SurveyPage, TeachBack, TeachBackPage, Wave

COPIED = "evaluations.copy_question"


def lessons_with(question):
    """Pages (in any language, also drafts) whose text puts this question, by the reference index. Two queries."""
    references = ReferenceIndex.get_references_to(question).values_list("object_id", flat=True)
    return list(Page.objects.filter(pk__in={int(pk) for pk in references if pk.isdigit()}).order_by("path"))


def activities_with(instrument):
    """Pages of activities that ask instruments of this key."""
    found = []
    for kind in (SurveyPage, QuizPage, TeachBackPage):
        found += kind.objects.filter(instrument_key=instrument.key).order_by("path")
    return found


def why_kept(instrument):
    """Why this version cannot be deleted, in a sentence; "" where nothing and nobody uses it."""
    if instrument.locked_at or Response.objects.filter(instrument=instrument).exists():
        return _("People have answered it, so it can be archived but not deleted.")
    if Wave.objects.filter(instrument=instrument).exists() or TeachBack.objects.filter(instrument=instrument).exists():
        return _("A cohort is asked with it, so it can be archived but not deleted.")
    alone = not Instrument.objects.filter(key=instrument.key).exclude(pk=instrument.pk).exists()
    pages = activities_with(instrument) if alone else []
    pages = pages or [page for question in instrument.questions.non_polymorphic() for page in lessons_with(question)]
    if pages:
        return _("“%(page)s” asks it, so it can be archived but not deleted.") % {"page": pages[0].title}
    return ""


def copies_of(question):
    """Questions of other instruments that were copied from this one, by the log. Two queries."""
    logged = registry.get_log_model_for_model(Question).objects.filter(action=COPIED, data__copied_from=question.pk)
    copies = Question.objects.non_polymorphic().filter(pk__in=[int(pk) for pk in logged.values_list("object_id", flat=True)])
    return list(copies.select_related("instrument"))


def origin_of(question):
    """The question that this one was copied from, or `None`; what it was called is in the log for ever."""
    entry = registry.get_logs_for_instance(question).filter(action=COPIED).first()
    return (
        Question.objects.non_polymorphic().filter(pk=entry.data["copied_from"]).select_related("instrument").first()
        if entry
        else None
    )


def versions_with(question):
    """The other versions of its instrument that put the same question."""
    same = Question.objects.non_polymorphic().filter(key=question.key, instrument__key=question.instrument.key)
    return list(same.exclude(pk=question.pk).select_related("instrument").order_by("-instrument__version"))
