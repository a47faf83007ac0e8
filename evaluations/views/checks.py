import uuid

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from curriculum import outline, roles, serving
from evaluations import answering, checks
from evaluations.forms import AnswerForm
from evaluations.models import Question


@login_required
@require_POST
def answer(request, pk):
    """One try at a check, and back to its place in the lesson. What cannot be taken is kept, on a page of its own."""
    question = _question(pk)
    lesson_key, number = _lesson_key(request), _number(request)
    lesson = checks.lesson_with(lesson_key, question)
    if lesson is None:
        raise Http404
    curriculum_key = serving.curriculum_key_of(lesson)
    url = (outline.url_of(lesson_key, curriculum_key) if curriculum_key else None) or lesson.url
    enrollment = roles.enrollment_for(request.user, curriculum_key, request.session.get("enrollment"))
    roles.require(enrollment is not None)
    form = AnswerForm(question, request.POST, prefix=f"check-{pk}")
    if not form.is_valid():
        return _again(request, question, lesson_key, url, form, 422)
    try:
        checks.answer(enrollment, lesson_key, question, form.cleaned_data["answer"], number, get_language())
    except answering.Refused as refusal:
        return _again(request, question, lesson_key, url, form, refusal.status, refusal)
    except ValidationError as error:
        form.add_error("answer", error)
        return _again(request, question, lesson_key, url, form, 422)
    return redirect(f"{url}#check-{pk}")


def _again(request, question, lesson_key, url, form, status, refusal=None):
    check = checks.draw(request, checks.Standing(question, ()), None if refusal else lesson_key, form, number=_number(request))
    context = {"check": check, "form": form, "url": url, "refusal": refusal}
    return render(request, "evaluations/check_page.html", context, status=status)


def _question(pk):
    question = Question.objects.filter(pk=pk, instrument__kind="check").first()
    if question is None:
        raise Http404
    return question


def _lesson_key(request):
    try:
        return uuid.UUID(request.POST.get("lesson", "")[:40])
    except ValueError:
        raise Http404 from None


def _number(request):
    return 2 if request.POST.get("try") == "2" else 1
