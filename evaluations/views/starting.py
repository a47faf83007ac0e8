"""The page before the first question: what it is for, how long it takes, who sees what, and where the person stands."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from curriculum import progress, roles
from curriculum.models import CurriculumPage
from curriculum.outline import site_map
from evaluations import answering, wave_hours, wave_results
from evaluations.models import Answer, Question
from evaluations.pages import QuizPage, SurveyPage, page_of


@login_required
@require_POST
def start(request, key):
    """Opens the response (or finds the open one) and leads to its first question without an answer."""
    page = _page_here(key)
    enrollment = _enrollment(request, _root(page))
    if enrollment is None:
        return start_page(request, page, status=403)
    try:
        response = answering.open_response(enrollment, page, get_language())
    except answering.Refused as refusal:
        return start_page(request, page, refusal=refusal, status=refusal.status)
    return redirect("evaluations:resume", response.pk)


def start_page(request, page, refusal=None, status=200):
    """Renders the start page of a survey or a quiz in whatever state it is for this person."""
    request.navigation_place = "programme"
    root = _root(page)
    request.page_translations = {
        language: refs[page.translation_key].url
        for language, refs in (site_map(root) if root else {}).items()
        if page.translation_key in refs and refs[page.translation_key].live
    }
    preview = getattr(request, "is_preview", False)
    enrollment = None if preview else _enrollment(request, root)
    rules = page_of(page.translation_key) or page
    if preview and rules.pk == page.pk:
        rules = page  # the draft that is looked at, not what is published
    standing = _before_the_first() if preview else _standing(enrollment, rules)
    context = {"page": page, "self": page, "rules": rules, "enrollment": enrollment, "refusal": refusal, "preview": preview}
    return render(request, page.template, context | _asked(rules) | standing, status=status)


def _before_the_first():
    """How an editor's preview shows it: as a learner who may start finds it."""
    return {"state": "todo", "attempts": None}


def _asked(rules):
    return _about(answering.newest_instrument(rules.instrument_key)) | {"min_group": settings.MIN_GROUP_SIZE}


def _about(instrument):
    count = Question.objects.non_polymorphic().filter(instrument=instrument).count() if instrument else 0
    return {"instrument": instrument, "count": count}


def _standing(enrollment, rules):
    """Where the person stands: `state` is a word the templates know; a wave that asks here adds its promise and its hours."""
    if enrollment is None:
        return {"state": "not_enrolled"}
    wave = wave_hours.wave_of(enrollment, rules.translation_key)
    shut = wave_hours.shut_because(wave, enrollment.user)
    asked = _about(wave.instrument) if wave else {}
    held_back = wave is not None and not wave_results.shows_key(wave)
    standing = {**asked, **_standing_in_page(enrollment, rules), "wave": wave, "shut": shut, "held_back": held_back}
    return {**standing, "state": "shut"} if shut and standing["state"] in ("open", "todo", "waiting") else standing


def _standing_in_page(enrollment, rules):
    attempts = answering.attempts(enrollment, rules)
    if attempts.open and enrollment.may_study:
        questions = Question.objects.non_polymorphic().filter(instrument=attempts.open.instrument_id).count()
        answered = Answer.objects.filter(response=attempts.open).count()
        return {"state": "open", "attempts": attempts, "answered": answered, "count": questions}
    if attempts.finished:
        return {"state": "done", "attempts": attempts}
    if not enrollment.may_study:
        return {"state": "paused", "attempts": attempts}
    lock = progress.locked_because(enrollment, rules.translation_key)
    if lock:
        return {"state": "locked", "attempts": attempts, "lock": lock}
    if attempts.left == 0:
        return {"state": "used_up", "attempts": attempts}
    return {"state": "waiting" if attempts.opens_at else "todo", "attempts": attempts}


def _root(page):
    """The key of the curriculum that the page is part of."""
    return CurriculumPage.objects.ancestor_of(page).values_list("translation_key", flat=True).first()


def _enrollment(request, root):
    return roles.enrollment_for(request.user, root, request.session.get("enrollment")) if root else None


def _page_here(key):
    """The live page in the reader's language, else in any."""
    for kind in (SurveyPage, QuizPage):
        pages = list(kind.objects.live().filter(translation_key=key).select_related("locale"))
        pages.sort(key=lambda page: page.locale.language_code != get_language())
        if pages:
            return pages[0]
    raise Http404
