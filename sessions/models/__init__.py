"""Rows of what happens live: meetings, their rooms (streams of numbered events), and the evidence they leave."""

from sessions.models.attendance import Attendance, AttendanceChange, CheckIn, ImportedStay
from sessions.models.board import Board, Note, NoteLink, NoteVote
from sessions.models.group import Group, GroupMember
from sessions.models.lease import Lease
from sessions.models.media import MediaRoom
from sessions.models.meeting import Meeting, MeetingPerson, RegionalMeeting, TrainingSession
from sessions.models.outcome import Outcome
from sessions.models.poll import Ballot, Poll
from sessions.models.question import Reaction, RoomQuestion, Upvote
from sessions.models.segment import Segment
from sessions.models.slides import SlideDeck, SlidePage
from sessions.models.stream import Event, Snapshot, Stream
from sessions.pages import LiveSessionPage

__all__ = [
    "Attendance", "AttendanceChange", "Ballot", "Board", "CheckIn", "Event", "Group", "GroupMember", "ImportedStay",
    "Lease", "LiveSessionPage", "MediaRoom", "Meeting", "MeetingPerson", "Note", "NoteLink", "NoteVote", "Outcome", "Poll", "Reaction",
    "RegionalMeeting", "RoomQuestion", "Segment", "SlideDeck", "SlidePage", "Snapshot", "Stream", "TrainingSession", "Upvote",
]  # fmt: skip
