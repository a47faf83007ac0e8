"""Polls are prepared here, before the meeting or during it; hosts in the room see them at once (sessions/polling_questions.py)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sessions import polling_kinds, polling_questions
from sessions.forms_polls import PollForm
from sessions.models import Meeting, Poll
from sessions.views.meetings import form_page, posted, render_desk, require_form, run_by

OVER = (Meeting.State.ENDED, Meeting.State.CANCELLED)


@login_required
@require_safe
def polls(request, pk):
    meeting = run_by(request, pk)
    rows = list(Poll.objects.filter(meeting_id=meeting.pk).select_related("segment", "wave__instrument"))
    questions = polling_kinds.questions_by_id({poll.question_id for poll in rows})
    kinds = dict(polling_kinds.LABELS)
    shown = [_row(poll, questions.get(poll.question_id), kinds) for poll in rows]
    return render_desk(request, "live/polls.html", meeting=meeting, rows=shown, over=meeting.state in OVER)


def _row(poll, question, kinds):
    _name, options = polling_kinds.options_of(question) if question else ("", [])
    kind = kinds.get(question.kind) if question else ""
    return {"poll": poll, "question": question, "kind": kind, "options": options, "prepared": poll.state == Poll.State.PREPARED}


@login_required
@require_form
def new(request, pk):
    meeting = run_by(request, pk)
    form = PollForm(posted(request), meeting=meeting)
    if request.method == "POST" and form.is_valid():
        if meeting.state in OVER:
            form.add_error(None, _("The meeting is over, so no poll can be added any more."))
        elif _done(form, lambda: polling_questions.prepare_poll(meeting, **form.asked())):
            messages.success(request, _("The poll is prepared."))
            return redirect("live:polls", meeting.pk)
    return form_page(request, "live/poll_form.html", form, meeting=meeting)


@login_required
@require_form
def edit(request, pk, poll):
    meeting = run_by(request, pk)
    one = get_object_or_404(Poll.objects.select_related("meeting"), pk=poll, meeting_id=meeting.pk)
    if one.state != Poll.State.PREPARED:
        messages.error(request, _("This poll was opened already, so it stays as it is. Prepare a new one."))
        return redirect("live:polls", meeting.pk)
    form = PollForm(posted(request), meeting=meeting, poll=one)
    if request.method == "POST" and form.is_valid() and _done(form, lambda: polling_questions.edit_poll(one, **form.asked())):
        messages.success(request, _("Saved."))
        return redirect("live:polls", meeting.pk)
    return form_page(request, "live/poll_form.html", form, meeting=meeting, poll=one)


@login_required
@require_POST
def remove(request, pk, poll):
    meeting = run_by(request, pk)
    one = get_object_or_404(Poll, pk=poll, meeting_id=meeting.pk)
    try:
        polling_questions.remove_poll(one)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The poll is removed."))
    return redirect("live:polls", meeting.pk)


def _done(form, act):
    try:
        act()
    except ValidationError as error:
        form.say(error)
        return False
    return True
