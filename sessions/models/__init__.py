"""Rows of what happens live: meetings, their rooms (streams of numbered events), and the evidence they leave."""

from sessions.models.attendance import Attendance, AttendanceChange, CheckIn, ImportedStay
from sessions.models.board import Board, Note, NoteLink, NoteVote
from sessions.models.group import Group, GroupMember
from sessions.models.invitee import Invitee, Material
from sessions.models.lease import Lease
from sessions.models.media import MediaRoom
from sessions.models.meeting import (
    InPersonDay,
    Meeting,
    MeetingPerson,
    NationalMeeting,
    PreparatoryMeeting,
    RegionalMeeting,
    TrainingSession,
)
from sessions.models.outcome import Outcome
from sessions.models.poll import Ballot, Poll
from sessions.models.question import Reaction, RoomQuestion, Upvote
from sessions.models.receipt import Receipt
from sessions.models.rotation import DutyTick, LeadGroup, LeadGroupMember, QuarterSlot, SlotChange
from sessions.models.segment import Segment
from sessions.models.selection import CandidateDecision, Criterion
from sessions.models.series import Series
from sessions.models.slides import SlideDeck, SlidePage
from sessions.models.stream import Event, Snapshot, Stream
from sessions.pages import LiveSessionPage

__all__ = [
    "Attendance", "AttendanceChange", "Ballot", "Board", "CandidateDecision", "CheckIn", "Criterion", "DutyTick", "Event", "Group",
    "GroupMember", "ImportedStay", "InPersonDay", "Invitee", "LeadGroup", "LeadGroupMember", "Lease", "LiveSessionPage", "Material",
    "MediaRoom", "Meeting", "MeetingPerson", "NationalMeeting", "Note", "NoteLink", "NoteVote", "Outcome", "Poll", "PreparatoryMeeting",
    "QuarterSlot", "Reaction", "Receipt", "RegionalMeeting", "RoomQuestion", "Segment", "Series", "SlideDeck", "SlidePage", "SlotChange", "Snapshot",
    "Stream", "TrainingSession", "Upvote",
]  # fmt: skip
