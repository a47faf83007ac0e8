"""The summary of a board, to read, to print, and as a draft page for the library."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sessions import board_page
from sessions.board_summary import MAIN, Reading
from sessions.models import GroupMember, Meeting


@login_required
@require_safe
def board_summary(request, pk):
    """All boards that the person may see, together or one by one (`?of=main`, `?of=group:7`)."""
    meeting, hosts = _meeting(request, pk)
    reading = Reading(meeting, None if hosts else _own_streams(request.user, meeting))
    boards = reading.boards_of()
    wanted = request.GET.get("of", "")
    shown = reading.gathered() if not wanted else next((one for one in boards if one.stream == wanted), None)
    if shown is None:
        raise Http404
    drafts = hosts or board_page.may_draft(request.user, meeting)
    page = board_page.existing(meeting) if drafts else None
    context = {
        "meeting": meeting, "summary": shown, "boards": boards if len(boards) > 1 else [], "drafts": drafts, "page": page,
        "edits": page is not None and board_page.may_edit(request.user, page),
    }  # fmt: skip
    return render(request, "live/board_summary.html", context)


@login_required
@require_POST
def board_draft(request, pk):
    """Makes the draft, or finds the one that was made; who may edit it goes there."""
    meeting, hosts = _meeting(request, pk)
    if not hosts and not board_page.may_draft(request.user, meeting):
        raise PermissionDenied
    try:
        page, made = board_page.draft_page(meeting, request.user)
    except board_page.NoDraft as reason:
        messages.error(request, str(reason))
        return redirect("live:board_summary", pk)
    if board_page.may_edit(request.user, page):
        return redirect("wagtailadmin_pages:edit", page.pk)
    words = (
        _("The draft is with the editors of the library.") if made else _("The editors have had a draft of this board before.")
    )
    messages.success(request, words)
    return redirect("live:board_summary", pk)


def _meeting(request, pk):
    """The meeting, 404 for those who do not belong to it, and whether the person runs it."""
    request.navigation_place = "sessions"
    meeting = get_object_or_404(Meeting.objects.non_polymorphic().accessible_to(request.user), pk=pk)
    return meeting, Meeting.objects.hosted_by(request.user).filter(pk=pk).exists()


def _own_streams(user, meeting):
    """The board of a group is its own until a host brings it to the room."""
    groups = GroupMember.objects.filter(meeting=meeting, user=user).values_list("group_id", flat=True)
    return [MAIN, *(f"group:{pk}" for pk in groups)]
