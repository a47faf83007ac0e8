"""A seat is a person in a room: who they are there and which streams they hear."""

from dataclasses import dataclass

from sessions.models import GroupMember, Meeting
from sessions.protocol import ANYONE, HOST, audience


@dataclass(frozen=True)
class Seat:
    """`role` is `host` or `participant`. `group` is the id of the person's breakout group, or `None`. `language` may be unknown ("")."""

    meeting_id: int
    user_id: int
    name: str
    country: str
    role: str
    group: int | None = None
    language: str = ""

    @property
    def hosts(self):
        return self.role == HOST

    @property
    def streams(self):
        """The streams this seat hears without asking: main and its own; hosts' for hosts; that of its group."""
        names = ["main", f"user:{self.user_id}"]
        names += ["hosts"] if self.hosts else []
        return names + ([f"group:{self.group}"] if self.group else [])

    def may_hear(self, name):
        """Hosts may visit each group; nobody else hears a stream that is not theirs."""
        return name in self.streams or (self.hosts and audience(name) == "group")

    def may(self, who):
        return who == ANYONE or self.hosts


def seat_for(user, meeting):
    """The seat of a person in a room, or `None` where the room is not theirs. Two or three queries; ask again every 30 s at least."""
    if not Meeting.objects.accessible_to(user).filter(pk=meeting.pk).exists():
        return None
    hosts = Meeting.objects.hosted_by(user).filter(pk=meeting.pk).exists()
    group = GroupMember.objects.filter(meeting=meeting, user=user).values_list("group_id", flat=True).first()
    return Seat(
        meeting.pk,
        user.pk,
        user.full_name or user.certificate_name or "—",
        str(user.country),
        HOST if hosts else "participant",
        group,
        user.language,
    )
