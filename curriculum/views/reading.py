"""Reading lessons, saying that one has read them, and finding one's programme."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.views import serve as wagtail_serve

from curriculum import progress, roles, serving
from curriculum.models import Cohort, CurriculumPage, Enrollment
from curriculum.outline import outline_of, url_of

# settings.LESSON_CHECKS names a function `(request, enrollment, question ids) -> {id: HTML}`: the form or the feedback of each
# question of the page, for this reader; `enrollment` is `None` for visitors in a preview, who get it disabled.


def serve(request, path=""):
    """Every page address. Lessons come from their snapshot, everything else from Wagtail."""
    if request.method in ("GET", "HEAD"):
        found = serving.address(request.path_info)
        if found:
            return read(request, serving.lesson_at(found))
    return wagtail_serve(request, path)


def lesson_page(request, page):
    """Where Wagtail leads: restricted lessons, whose visitor it has let in, and previews of drafts as a learner sees them."""
    key = serving.curriculum_key_of(page)
    if getattr(request, "is_preview", False):
        return _show(request, serving.snapshot(page, key), preview=True)
    return read(request, serving.lesson_at(serving.Address(page.pk, key)))


def activity(request, page, show):
    """Where Wagtail leads for a kind of activity that is no lesson: who may see it, and why not. Other floors use it too.

    `show(request, page, enrollment=None, preview=False)` draws it: with the reader's enrolment, without one for those who read
    without studying, or as a draft in a preview.
    """
    curriculum_key = serving.curriculum_key_of(page)
    request.navigation_place = "programme"
    request.page_translations = serving.translations(page.translation_key, curriculum_key) if curriculum_key else {}
    if getattr(request, "is_preview", False):
        return show(request, page, preview=True)
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    enrollment = roles.enrollment_for(request.user, curriculum_key, request.session.get("enrollment"))
    if enrollment is None:
        if roles.reads_without_enrollment(request.user, curriculum_key):
            return show(request, page)
        return not_enrolled(request, page.title, curriculum_key)
    enrollment.user = request.user
    lock = progress.locked_because(enrollment, page.translation_key)
    if lock:
        return locked(request, page.title, lock, curriculum_key)
    return show(request, page, enrollment)


def read(request, lesson):
    request.navigation_place = "programme"
    request.page_translations = lesson.translations
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    enrollment = roles.enrollment_for(request.user, lesson.curriculum_key, request.session.get("enrollment"))
    if enrollment is None:
        if roles.reads_without_enrollment(request.user, lesson.curriculum_key):
            return _show(request, lesson)
        return not_enrolled(request, lesson.title, lesson.curriculum_key)
    enrollment.user = request.user
    done = progress.completed_keys(enrollment)
    lock = progress.locked_because(enrollment, lesson.key, completions=done)
    if lock:
        return locked(request, lesson.title, lock, lesson.curriculum_key)
    return _show(request, lesson, enrollment, done)


def _show(request, lesson, enrollment=None, done=frozenset(), preview=False):
    questions = lesson.questions
    checks = import_string(settings.LESSON_CHECKS)(request, enrollment, questions) if questions else {}
    context = {
        "lesson": lesson,
        "parts": [checks.get(part, "") if isinstance(part, int) else part for part in lesson.parts],
        "language_name": dict(settings.LANGUAGES).get(lesson.language, lesson.language),
        "enrollment": enrollment,
        "preview": preview,
        "done": lesson.key in done,
    }
    if enrollment:
        outline = outline_of(enrollment.cohort)
        context |= {"counted": outline.find(lesson.key) is not None, "done_count": len(outline.required_keys & done)}
        context["total_count"] = len(outline.required_keys)
    return render(request, "curriculum/lesson_page.html", context)


# --- refusals --------------------------------------------------------------------------------------------------------


def closed(request, **context):
    """A page that says why something is closed and offers the next useful thing."""
    return render(request, "curriculum/closed.html", context, status=403)


def locked(request, title, lock, curriculum_key):
    """For an activity that is not open yet; other floors use it too."""
    outline_url = url_of(curriculum_key, curriculum_key)
    action = _("Go to what is missing") if lock.url else _("Go to the programme")
    return closed(request, title=title, lock=lock, url=lock.url or outline_url, action=action)


def not_enrolled(request, title, curriculum_key):
    text = _("Lessons are for people who take part in a cohort. You are signed in, but not enrolled in this programme.")
    return closed(
        request, title=title, text=text, url=url_of(curriculum_key, curriculum_key), action=_("See what the programme offers")
    )


# --- acts ------------------------------------------------------------------------------------------------------------


@require_POST
@login_required
def complete(request, key):
    """Marks a lesson as read. Other kinds are completed by their evidence, never from here."""
    return _act(request, key, lambda enrollment: progress.complete(enrollment, key, {"by": "reader"}))


@require_POST
@login_required
def reopen(request, key):
    return _act(request, key, lambda enrollment: progress.reopen(enrollment, key))


def _act(request, key, act):
    enrollment, activity = studied(request, key)
    curriculum_key = enrollment.cohort.curriculum_key
    title = activity.title()
    back = url_of(key, curriculum_key) or reverse("curriculum:programme")
    if activity.kind != "lesson":
        text = _("Only lessons are marked as read. This activity is completed by doing it.")
        return closed(request, title=title, text=text, url=back, action=_("Open the activity"))
    try:
        act(enrollment)
    except progress.NotStudying:
        text = _("Your enrolment is paused. You can read, but nothing is recorded. Write to the programme to continue.")
        return closed(request, title=title, text=text, url=back, action=_("Back to the lesson"))
    except progress.Locked as refusal:
        return locked(request, title, refusal.lock, curriculum_key)
    return redirect(_safe(request, request.POST.get("next")) or f"{back}#read")


def studied(request, key):
    """The person's enrolment whose outline has the activity, the one in use first; 404 if there is none."""
    mine = Enrollment.objects.accessible_to(request.user).filter(
        user=request.user, role=Enrollment.Role.TRAINEE, status__in=Enrollment.MEMBER_STATES
    )
    preferred = request.session.get("enrollment")
    found = sorted(mine.select_related("cohort").order_by("-pk"), key=lambda one: (one.pk != preferred, not one.may_study))
    for enrollment in found:
        activity = outline_of(enrollment.cohort).find(key)
        if activity:
            enrollment.user = request.user
            return enrollment, activity
    raise Http404


def _safe(request, url):
    """An address of this site, as a path. Anything else, also a word that `redirect` would take for the name of a view, is `None`."""
    safe = url and url.startswith("/") and url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure())
    return url if safe else None


# --- one's programme -------------------------------------------------------------------------------------------------


@login_required
def programme(request):
    """On to the outline of the person's curriculum; without one, a page that says what to expect."""
    for curriculum_key in _curricula_of(request):
        url = url_of(curriculum_key, curriculum_key)
        if url:
            return redirect(url)
    offered = CurriculumPage.objects.live().public().filter(locale__language_code=request.LANGUAGE_CODE).select_related("locale")
    return render(request, "curriculum/programme.html", {"offered": list(offered), "waiting": _waiting(request.user)})


def _curricula_of(request):
    mine = list(
        Enrollment.objects.accessible_to(request.user)
        .filter(user=request.user, status__in=Enrollment.MEMBER_STATES)
        .select_related("cohort")
        .order_by("-enrolled_at", "-pk")
    )
    preferred = request.session.get("enrollment")
    mine.sort(key=lambda one: (one.pk != preferred, one.role != Enrollment.Role.TRAINEE, not one.may_study))
    return list(dict.fromkeys(one.cohort.curriculum_key for one in mine))


def _waiting(user):
    """The cohort for which the person is a candidate or invited, if any."""
    states = (Enrollment.Status.CANDIDATE, Enrollment.Status.SELECTED)
    return Cohort.objects.filter(enrollments__user=user, enrollments__status__in=states).first()


@require_POST
@login_required
def use_enrollment(request, pk):
    """Switches between the cohorts one is in, for this web session."""
    mine = Enrollment.objects.accessible_to(request.user).filter(user=request.user, status__in=Enrollment.MEMBER_STATES)
    enrollment = get_object_or_404(mine, pk=pk)
    request.session["enrollment"] = enrollment.pk
    return redirect(_safe(request, request.POST.get("next")) or "curriculum:programme")
