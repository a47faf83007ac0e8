"""Who comes: one's own answer, the answer by a mailed link, the organisers' table and its file."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header, url_has_allowed_host_and_scheme
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from curriculum.enrollment_states import Refused
from evaluations.takeaway.csv_files import csv_of
from evaluations.takeaway.sheets import Sheet
from sessions import answers, guests, local_times
from sessions.attendance_reading import in_zone
from sessions.belonging import belongs, people_of
from sessions.forms_answers import AnswerForm, AnswerForSomebodyForm, LinkForm
from sessions.models import Invitee
from sessions.views.meetings import form_page, posted, render_desk, require_form, run_by, seen_by
from sessions.views.session_page import facts_of

Via, Answer = Invitee.Via, Invitee.Answer


# --- one's own -------------------------------------------------------------------------------------------------------


@login_required
@require_form
def answer(request, pk):
    """Whoever comes here by a sign-in that was due finds the form on the page of the meeting."""
    meeting = seen_by(request, pk)
    if request.method != "POST":
        return redirect("live:meeting", pk)
    if not belongs(request.user, meeting):
        raise PermissionDenied
    form = AnswerForm(request.POST)
    given = _given(form, meeting, request.user, Via.PAGE) if form.is_valid() else None
    if given is None:
        return render_desk(request, "live/meeting.html", status=422, **facts_of(request, meeting) | {"form": form})
    messages.success(request, answers.in_words(given))
    return redirect(_came_from(request) or f"{reverse('live:meeting', args=[pk])}#answering")


def _came_from(request):
    """The page of ours that the form names, "" without one."""
    named = request.POST.get("next", "")
    return named if url_has_allowed_host_and_scheme(named, {request.get_host()}, request.is_secure()) else ""


def _given(form, meeting, user, via):
    """The answer, or `None` with the refusal said in the form. A form without a note leaves the one that stands."""
    note = form.cleaned_data.get("note") if "note" in form.data else None
    try:
        return answers.answer(meeting, user, form.cleaned_data["answer"], via, note)
    except Refused as refusal:
        form.add_error(None, refusal.text)
        return None


# --- by link ---------------------------------------------------------------------------------------------------------


@never_cache
@require_form
def answer_by_link(request, token):
    """Opening it changes nothing (mail scanners look too) and signs nobody in. 404 for a broken link, 410 for one that is over."""
    found = answers.of_token(token)
    if found is None or _is_over(found[0]):
        return _link_fails(request, ours=answers.is_ours(token))
    meeting, person = found
    if request.method != "POST":
        return _link_page(request, meeting, person)
    form = LinkForm(request.POST)
    if form.is_valid() and _given(form, meeting, person, Via.LINK):
        return redirect("live:answer_by_link", token)
    return _link_page(request, meeting, person, status=422, form=form)


def _is_over(meeting):
    return meeting.state == meeting.State.ENDED or meeting.ends_at <= timezone.now()


def _link_fails(request, *, ours):
    """What happened and how to answer all the same; nothing of the meeting, and the same words whatever became of it."""
    return _unlisted(render(request, "live/answer_link_failed.html", {"ours": ours}, status=410 if ours else 404))


def _link_page(request, meeting, person, status=200, **context):
    standing = answers.standing_of(meeting, person)
    context |= {"meeting": meeting, "standing": standing, "zone": str(local_times.zone_of(person)), "answers": answers_offered()}
    return _unlisted(render(request, "live/answer_by_link.html", context, status=status))


def _unlisted(response):
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def answers_offered():
    """`[(value, words of the button)]`."""
    return [(value, answers.own_words(Invitee(answer=value))) for value in (Answer.YES, Answer.MAYBE, Answer.NO)]


# --- the organisers --------------------------------------------------------------------------------------------------


@login_required
@require_form
def who_comes(request, pk):
    """The table; a post enters an answer for somebody."""
    meeting = run_by(request, pk)
    form = AnswerForSomebodyForm(posted(request), people=people_of(meeting), name_for=guests.name_for(request.user, meeting))
    if request.method == "POST" and form.is_valid():
        person = form.cleaned_data["person"]
        given = _given(form, meeting, person, Via.HOST)
        if given:
            messages.success(request, _entered(guests.as_known_to(request.user, meeting, [person])[0], given))
            return redirect("live:who_comes", pk)
    rows = _rows(request, meeting)
    context = {"rows": rows, "totals": answers.totals(rows), "standing": answers.standing_of(meeting, request.user)}
    return form_page(request, "live/who_comes.html", form, meeting=meeting, **context)


def _rows(request, meeting):
    rows = answers.who_comes(meeting)
    guests.as_known_to(request.user, meeting, [row.person for row in rows])
    return rows


def _entered(person, given):
    name = person.full_name or person.email
    if given.line:
        return _("All places are taken: %(name)s waits, as number %(place)s.") % {"name": name, "place": given.line}
    return _("Noted for %(name)s: %(answer)s.") % {"name": name, "answer": given.invitee.get_answer_display()}


@login_required
@require_safe
def who_comes_file(request, pk):
    """The table as CSV; no cell becomes a formula."""
    meeting = run_by(request, pk)
    columns = (
        _("Name"), _("E-mail address"), _("Country"), pgettext("noun", "Answer"), _("Number in the line"), _("Answered at"), _("Time zone"),
        _("How"), _("Note"),
    )  # fmt: skip
    rows = [dict(zip(columns, _cells(meeting, row), strict=True)) for row in _rows(request, meeting)]
    response = HttpResponse(csv_of(Sheet("who-comes", _("Who comes"), columns, rows)), content_type="text/csv; charset=utf-8")
    name = f"{slugify(meeting.title) or 'meeting'}-{meeting.pk}-who-comes.csv"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _cells(meeting, row):
    invitee = row.invitee or Invitee()
    words = row.words if invitee.answer else _("no answer yet")
    answered = in_zone(meeting, invitee.answered_at)
    return [
        row.person.full_name, row.person.email, str(row.person.country), words, row.line or None, answered,
        meeting.time_zone if answered else "", invitee.get_via_display(), invitee.note,
    ]  # fmt: skip
