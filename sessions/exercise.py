"""The joint exercise: three questions that the leading group prepares, laid onto the room's board; and what came of it, for the next meeting.

The questions are those of the first regional meeting (seed 001): the main challenges, the actions taken, which were effective.
"""

import datetime
import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from curriculum.enrollment_states import Refused
from sessions import board_page, board_summary, quarters, room, rota, succession
from sessions.acts.board_shapes import ACTION, CHALLENGE, EFFECTIVE
from sessions.models import Board, Meeting, MeetingPerson, Outcome, QuarterSlot
from sessions.refusals import Refusal
from sessions.seats import seat_for

LONGEST = 60  # characters of a question, as the board takes them
MOST_ACTIONS, MOST_CHALLENGES = 5, 5
ROLES = (("challenges", CHALLENGE), ("actions", ACTION), ("effective", EFFECTIVE))


def default_questions():
    """`[{"key", "role", "title": {language: text}}]` in the shipped words."""
    words = {code: _words_in(code) for code, _name in settings.LANGUAGES}
    return [{"key": key, "role": role, "title": {code: words[code][key][:LONGEST] for code in words}} for key, role in ROLES]


def _words_in(language):
    with translation.override(language):
        return {
            "challenges": _("What were the main challenges?"), "actions": _("What actions were taken?"),
            "effective": _("Which of them were effective?"),
        }  # fmt: skip


# --- preparing -------------------------------------------------------------------------------------------------------


def save(slot, by, titles):
    """Keeps the questions, `{key: {language: text}}`, and lays them onto the board. Raises `Refused`, for what the board refuses too."""
    with transaction.atomic():
        slot = QuarterSlot.objects.select_for_update(of=("self",)).select_related("meeting").get(pk=slot.pk)
        slot.questions = [{"key": key, "role": role, "title": titles[key]} for key, role in ROLES]
        slot.save(update_fields=["questions"])
        lay(slot, by)
    return slot


def lay(slot, by):
    """Makes the questions the columns of the room's board while the meeting has not begun. Doing it again changes nothing."""
    meeting = rota.standing_meeting(slot)
    if meeting is None or meeting.started_at or not slot.questions:
        return
    stream = room.stream_of(meeting.pk, "main")
    board = Board.objects.filter(stream=stream).first()
    seat = _host_seat(meeting, by)
    if seat is None or (board and board.columns == slot.questions):
        return
    operation = {"cid": _cid(slot, stream), "st": "main", "k": "board.setup", "b": {"columns": slot.questions}}
    try:
        room.perform(seat, operation)
    except Refusal as refusal:
        raise Refused(str(refusal.text)) from refusal


def _cid(slot, stream):
    """The same for the same questions at the same point of the log: what is sent twice is done once."""
    digest = hashlib.sha256(repr(slot.questions).encode()).hexdigest()[:20]
    return f"ex-{digest}-{stream.last_seq % 10**6}"


def _host_seat(meeting, by):
    """The seat of whoever acts, or of a host: a lead who does not run this meeting prepares it all the same."""
    own = seat_for(by, meeting) if by else None
    if own is not None and own.hosts:
        return own
    host = meeting.people.filter(part=MeetingPerson.Part.HOST, user__is_active=True).select_related("user").first()
    return seat_for(host.user, meeting) if host else None


# --- what came of it -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LastTime:
    """Of the meeting before: actions by votes, challenges with the actions that answer them, countries, open actions, the page if it is out."""

    meeting: Meeting
    effective: list
    challenges: list
    countries: list
    open_actions: list
    page: object
    hand_over: str

    @property
    def says_something(self):
        return bool(self.effective or self.challenges or self.open_actions or self.page or self.hand_over)


def last_time(meeting):
    """What the page of `meeting` says about the one before, or `None`. A few queries, whatever was said there."""
    return came_of(succession.predecessor(meeting))


def last_time_of(slot):
    """The same for a quarter, with or without a day."""
    meeting = rota.standing_meeting(slot)
    if meeting is not None:
        return came_of(succession.before(meeting.starts_at))
    day = datetime.datetime.combine(quarters.middle(slot.quarter), datetime.time.min, datetime.UTC)
    return came_of(succession.before(day))


def came_of(meeting):
    if meeting is None:
        return None
    summary = board_summary.gathered(meeting, [board_summary.MAIN])
    slot = QuarterSlot.objects.filter(meeting=meeting.pk).only("hand_over").first()
    actions = Outcome.objects.filter(meeting=meeting.pk, what=Outcome.What.ACTION, done_at=None)
    return LastTime(
        meeting, summary.effective[:MOST_ACTIONS], [one for one in summary.challenges if one.answered_by][:MOST_CHALLENGES],
        summary.countries, list(actions[:10]), _published(meeting), slot.hand_over if slot else "",
    )  # fmt: skip


def _published(meeting):
    page = board_page.existing(meeting)
    return page if page is not None and page.live else None


def may_be_drafted(slot):
    """Whether the page offers to make a draft for the library: the meeting is over and the library has a place for it."""
    meeting = rota.standing_meeting(slot)
    return meeting is not None and meeting.state == Meeting.State.ENDED and board_page.library_of(meeting) is not None
