"""The door for acts: what a socket may say, a POST may say, as JSON (an `op` frame; the answer is `ack` or `nack`) or from a form."""

import json
import time

from django.contrib import messages
from django.core.cache import cache
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sessions import room as log
from sessions.protocol import ACTS_AT_ONCE, ACTS_PER_SECOND, FRAME_LIMIT, audience
from sessions.refusals import Refusal
from sessions.room_forms import operation_of
from sessions.views.room import page, seated

STATUS = {"closed": 409, "conflict": 409, "retry": 409, "forbidden": 403, "invalid": 422, "rate": 429}
ANCHORS = {"chat": "chat", "qa": "questions", "poll": "polls", "hand": "people", "board": "board", "react": "now", "timer": "now"}
WINDOW = ACTS_AT_ONCE // ACTS_PER_SECOND  # seconds


@require_http_methods(["GET", "HEAD", "POST"])
def act(request, pk):
    """POST: one act, as JSON (an `op` frame; the answer is `ack` or `nack`) or from a form. GET (a reload) leads to the room."""
    is_json = request.content_type == "application/json"
    if not request.user.is_authenticated:
        return _signed_out(pk, is_json)
    meeting, seat = seated(request, pk)
    if request.method != "POST":
        return redirect("live:room", pk)
    return _act_by_json(request, seat) if is_json else _act_by_form(request, meeting, seat)


def _signed_out(pk, is_json):
    if not is_json:
        return redirect(f"{reverse('account_login')}?next={reverse('live:room', args=[pk])}")
    return JsonResponse(Refusal("forbidden", _("Sign in again. What you wrote is still on this page.")).frame(""), status=401)


def _act_by_json(request, seat):
    cid = ""
    try:
        if len(request.body) > FRAME_LIMIT:
            raise Refusal("invalid")
        frame = _frame_of(request.body)
        cid = frame["cid"] if isinstance(frame.get("cid"), str) else ""
        _require_patience(seat)
        return JsonResponse(log.perform(seat, frame).frame())
    except Refusal as refusal:
        return _refused(refusal, cid)


def _frame_of(body):
    try:
        frame = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refusal("invalid") from error
    if not isinstance(frame, dict):
        raise Refusal("invalid")
    return frame


def _refused(refusal, cid):
    headers = {"Retry-After": str(WINDOW)} if refusal.why == "rate" else {}
    return JsonResponse(refusal.frame(cid), status=STATUS[refusal.why], headers=headers)


def _require_patience(seat):
    """As many acts in a window as a socket may send; counted per person, whatever the number of tabs."""
    key = f"live-acts:{seat.user_id}:{int(time.time()) // WINDOW}"
    cache.add(key, 0, 2 * WINDOW)
    try:
        count = cache.incr(key)
    except ValueError:  # it ran out between the two lines
        return
    if count > ACTS_AT_ONCE:
        raise Refusal("rate", retry_ms=WINDOW * 1000)


def _act_by_form(request, meeting, seat):
    operation, back = {}, _back(request)
    try:
        _require_patience(seat)
        operation = operation_of(request.POST)
        ack = log.perform(seat, operation)
    except Refusal as refusal:
        if back:
            messages.error(request, str(refusal.text))
            return redirect(back)
        return page(request, meeting, seat, _what_was_refused(request, refusal), STATUS[refusal.why])
    if ack.text:
        messages.warning(request, ack.text)
    elif said := _done(operation["k"]):
        messages.success(request, said)
    return redirect(back or f"{reverse('live:room', args=[meeting.pk])}#{_anchor(operation)}")


def _back(request):
    """Where other pages of the site (the control room) want people led; never elsewhere."""
    back = request.POST.get("back", "")
    return back if url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()) else ""


def _what_was_refused(request, refusal):
    posted = request.POST
    return {
        "k": posted.get("k", ""), "st": posted.get("st") or "main", "id": posted.get("id", ""), "column": posted.get("column", ""),
        "text": str(refusal.text), "typed": posted.get("text", ""), "anchor": _anchor({"k": posted.get("k", ""), "st": posted.get("st")}),
    }  # fmt: skip


def _anchor(operation):
    if audience(operation.get("st") or "main") == "group":
        return "group"
    return ANCHORS.get((operation.get("k") or "").partition(".")[0], "now")


def _done(kind):
    """What the page says after an act whose trace one might overlook."""
    return {
        "poll.vote": _("Your vote was sent."),
        "qa.upvote": _("Your vote for the question was counted."),
        "board.vote": _("Your vote for the note was counted."),
        "hand.up": _("Your hand is up."),
        "react.send": _("Your reaction was sent."),
    }.get(kind, "")
