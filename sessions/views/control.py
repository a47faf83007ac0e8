"""The screens of those who run a meeting. Strangers find nothing (404), participants may not (403). Writes are acts (views/room.py)."""

import io
import uuid

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from sessions import attendance_marks, check_in, control_sound, control_state, guests, room, room_state
from sessions.instants import milliseconds
from sessions.models import Meeting
from sessions.refusals import Refusal
from sessions.seats import seat_for

COLUMNS = ("run", "stage", "people")
TIMER_MINUTES = (1, 2, 5, 10)
CHOICES = 6  # lines for choices of a poll that is made in the room
REACTIONS = (("thanks", _("thanks")), ("agree", _("agree")), ("applause", _("applause")), ("idea", _("an idea")))
PARTS = "part"  # `?part=1` answers with the live parts of the page alone, for the script that keeps it fresh


def hosted(request, pk):
    """The meeting, for those who run it."""
    meeting = get_object_or_404(Meeting.objects.accessible_to(request.user), pk=pk)
    if not Meeting.objects.hosted_by(request.user).filter(pk=pk).exists():
        raise PermissionDenied
    return meeting


@login_required
@require_safe
def control(request, pk):
    meeting = hosted(request, pk)
    group = request.GET.get("group", "")
    unknown = guests.unknown_in(request.user, meeting)
    context = control_state.control_of(meeting, seat_for(request.user, meeting), timezone.now(), group, unknown)
    context |= {
        "columns": COLUMNS,
        "here": request.path + (f"?group={context['visit']['id']}" if context["visit"] else ""),
        "timer_choices": [(minutes * 60, minutes) for minutes in TIMER_MINUTES],
        "choice_numbers": range(1, CHOICES + 1),
        "reactions": REACTIONS,
        "may_mark": attendance_marks.may_correct(request.user, meeting),
    }
    if context["visit"]:
        context["streams"][context["visit"]["stream"]] = context["visit"]["at"]
    if PARTS in request.GET:
        return render(request, "live/control/body.html", context)
    context["found"] = room_state.RoomState(meeting, context["seat"], context["streams"], [])
    context |= _room(meeting, context, "browser")
    context["follow"]["fold"] = control_sound.FOLD
    context["follow"]["streams"]["main"]["state"] = {"media": context["found"].of("media")}
    return render(request, "live/control.html", context)


@login_required
@require_POST
def plan_groups(request, pk):
    """Groups by hand: fields `person-<user id>` hold the number of the group. The plan itself is an act."""
    meeting = hosted(request, pk)
    operation = {
        "st": "main",
        "k": "group.plan",
        "b": {"groups": _placed(request.POST)},
        "cid": request.POST.get("cid") or str(uuid.uuid4()),
    }
    try:
        room.perform(seat_for(request.user, meeting), operation)
    except Refusal as refusal:
        messages.error(request, str(refusal.text))
    return redirect(f"{reverse('live:control', args=[pk])}#stage")


def _placed(posted):
    """`[{"people": [user ids]}]`, in the order of the numbers that were given."""
    groups = {}
    for name, number in posted.items():
        _before, _dash, person = name.partition("person-")
        if (person + number).isascii() and person.isdigit() and number.isdigit() and int(number[:4]):
            groups.setdefault(int(number[:4]), []).append(int(person[:18]))
    return [{"people": people} for _number, people in sorted(groups.items())]


@login_required
@require_safe
def projector(request, pk):
    return _screen(request, hosted(request, pk), "projector", ())


@login_required
@require_safe
def hall(request, pk):
    """For the big screen of a hall: beside the stage, how to check in, and the questions with the most votes."""
    return _screen(request, hosted(request, pk), "hall", ("companion=1",))


def _screen(request, meeting, name, query):
    context = control_state.screen_of(meeting, timezone.now())
    join = "?".join([settings.SITE_BASE_URL + reverse("live:room", args=[meeting.pk]), *query])
    context |= {
        "screen": name,
        "join": join,
        "join_qr": qr(join),
        "join_text": join.partition("://")[2],
        **_room(meeting, context, "screen"),
    }
    if name == "hall" and meeting.check_in_code and check_in.is_open(meeting):
        context["sign"] = check_in.sign(meeting)
    template = "live/control/screen_body.html" if PARTS in request.GET else f"live/{name}.html"
    return render(request, template, context)


def _room(meeting, context, device):
    """What the scripts need to follow the room (static/live/js/parts.js)."""
    return {
        "follow": {
            "meeting": meeting.pk,
            "device": device,
            "now": milliseconds(context["now"]),
            "streams": {name: {"e": one["e"], "s": one["s"]} for name, one in context["streams"].items()},
            "acts": reverse("live:act", args=[meeting.pk]),
            "socket": f"/ws/live/{meeting.pk}/?v=1",
            "events": f"/ws/live/{meeting.pk}/events",
        }
    }


def qr(address):
    """A QR sign as SVG in black on white; the page gives it its size by class."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", border=2, xmldecl=False, svgns=False, omitsize=True, light="#fff"
    )
    return mark_safe(out.getvalue().decode())  # noqa: S308 -- written by segno from an address of ours
