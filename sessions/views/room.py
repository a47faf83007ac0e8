"""The room as people take part in it: the page, the state, older messages. 404 where the room is not theirs. The door: acts.py."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from sessions import room as log
from sessions import room_state
from sessions.fold import fold
from sessions.models import Meeting, SlidePage
from sessions.seats import seat_for

OLDER = 50
REACTIONS = (
    ("thanks", _("Thanks")),
    ("agree", pgettext_lazy("reaction", "I agree")),
    ("applause", _("Applause")),
    ("idea", _("Good idea")),
)
MODULES = ("bind", "fold", "store", "link", "outbox", "acts", "talk", "stage", "together", "room")


def seated(request, pk):
    """(meeting, seat); 404 for strangers."""
    meeting = get_object_or_404(Meeting.objects.accessible_to(request.user), pk=pk)
    seat = seat_for(request.user, meeting)
    if seat is None:
        raise Http404
    return meeting, seat


# --- the page ----------------------------------------------------------------------------------------------------------


@login_required
@require_safe
def room(request, pk):
    return page(request, *seated(request, pk))


def page(request, meeting, seat, refused=None, status=200):
    """`refused` is {"k", "st", "id", "text", "typed"} after a form was not taken: words beside the form, and what was typed in it."""
    found = room_state.read(meeting, seat)
    group = room_state.group_of(found)
    current, earlier = room_state.polls_of(found)
    asked, settled = room_state.questions_of(found)
    context = {
        "meeting": meeting, "seat": seat, "found": found, "session": found.of("session"), "page": found.as_json() | _doors(meeting),
        "agenda": room_state.agenda_of(found), "timers": room_state.timers_of(found), "polls": current, "earlier_polls": earlier,
        "slides": _slides(request, meeting, found), "board": room_state.board_of(found), "chat": room_state.messages_of(found),
        "older": room_state.has_older(found), "questions": asked, "settled": settled, "hands": room_state.hands_of(found), "people": found.people,
        "group": group,
        "breakout": found.of("breakout"), "refused": refused, "page_has_errors": bool(refused), "modules": MODULES,
        "reaction_words": REACTIONS, "my_hand": next((hand for hand in room_state.hands_of(found) if hand["own"]), None),
    }  # fmt: skip
    if group:
        context |= {
            "group_chat": room_state.messages_of(found, group["stream"]), "group_board": room_state.board_of(found, group["stream"]),
            "group_older": room_state.has_older(found, group["stream"]), "group_timers": room_state.timers_of(found, group["stream"]),
        }  # fmt: skip
    return render(request, "live/room.html", context, status=status)


def _doors(meeting):
    return {
        "doors": {
            "acts": reverse("live:act", args=[meeting.pk]),
            "socket": f"/ws/live/{meeting.pk}/?v=1",
            "events": f"/ws/live/{meeting.pk}/events",
            "slide": slide_address(meeting.pk),
        }
    }


def slide_address(pk):
    """The address of a slide's picture, with {deck} and {page} to fill in."""
    try:
        return reverse("live:slide", args=[pk, 9000001, 9000002]).replace("9000001", "{deck}").replace("9000002", "{page}")
    except NoReverseMatch:
        return ""


def _slides(request, meeting, found):
    """The page that the presenter shows, or the one asked for with `?page=`. `None` while nothing is shown."""
    shown = found.of("slides")
    if not shown.get("deck"):
        return None
    asked = request.GET.get("page", "")
    page = min(max(int(asked[:4]), 1), shown["count"]) if asked.isascii() and asked.isdigit() else shown["page"]
    rows = SlidePage.objects.filter(deck__meeting=meeting, deck=shown["deck"], number=page)
    row = rows.values("text", "width", "height").first()
    address = slide_address(meeting.pk).format(deck=shown["deck"], page=page)
    return {**shown, **(row or {}), "now": shown["page"], "page": page, "own_pace": page != shown["page"], "address": address}


# --- reading -----------------------------------------------------------------------------------------------------------


@require_safe
def state(request, pk):
    """The state of one stream as JSON: `{"e", "s", "state", "tallies"}`."""
    if not request.user.is_authenticated:
        return HttpResponse(status=401)
    meeting, seat = seated(request, pk)
    name = request.GET.get("st", "main")
    if not _exists(meeting, seat, name):
        raise Http404
    tallies = room_state.tally_frames(meeting, seat, name)
    return JsonResponse({**room_state.stream_state(meeting, name), "tallies": tallies})


def _exists(meeting, seat, name):
    """Hosts may hear each group, but only groups that there are."""
    return seat.may_hear(name) and (name in seat.streams or meeting.streams.filter(name=name).exists())


@login_required
@require_safe
def chat_before(request, pk):
    """Messages before the event `?before=`, newest page first, for those who look further back than the room shows."""
    meeting, seat = seated(request, pk)
    name, before = request.GET.get("st", "main"), request.GET.get("before", "")
    if not _exists(meeting, seat, name) or not (before.isascii() and before.isdigit()):
        raise Http404
    stream = log.stream_of(meeting.pk, name)
    chat = _chat_before(stream, int(before[:18]))
    found = room_state.RoomState(meeting, seat, {name: {"e": "", "s": 0, "state": {"chat": chat}}}, [])
    found.countries = room_state.countries_in(found)
    shown = room_state.messages_of(found, name)
    more = shown and stream.events.filter(kind="chat.post", seq__lt=shown[0]["s"]).exists()
    context = {"meeting": meeting, "seat": seat, "chat": shown, "stream": name, "more": more}
    return render(request, "live/room/chat_before.html", context)


def _chat_before(stream, before):
    """`{id: message}` as it stands now, corrections and redactions included."""
    posts = list(stream.events.filter(kind="chat.post", seq__lt=before).order_by("-seq")[:OLDER])
    changes = stream.events.filter(kind__in=("chat.edit", "chat.redact"), body__id__in=[post.seq for post in posts])
    events = sorted([*posts, *changes], key=lambda event: event.seq)
    return fold({}, [log.as_frame(event) for event in events]).get("chat", {})
