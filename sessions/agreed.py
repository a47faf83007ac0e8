"""What a meeting came to, as pages show it: what was carried here from earlier meetings, decisions, actions, notes."""

from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import ngettext

from sessions import carrying, local_times
from sessions.models import Outcome

What = Outcome.What


@dataclass(frozen=True)
class Line:
    """`late` says in words how long the day is past, "" where it is not or the action is done. `mine`: the reader may say it is done."""

    outcome: Outcome
    late: str = ""
    mine: bool = False

    @property
    def who(self):
        owner = self.outcome.owner
        return self.outcome.owner_name or (owner.get_full_name() if owner else "")


@dataclass
class Agreed:
    carried: list = field(default_factory=list)
    decisions: list = field(default_factory=list)
    actions: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    def __bool__(self):
        return any((self.carried, self.decisions, self.actions, self.notes))


def agreed_in(meeting, user, *, hosts):
    """One query. Days are counted in the reader's zone."""
    today = timezone.now().astimezone(local_times.zone_of(user)).date()
    found = Agreed()
    lists = {What.DECISION: found.decisions, What.ACTION: found.actions, What.NOTE: found.notes}
    rows = Outcome.objects.filter(meeting_id=meeting.pk).select_related("owner", "carried_from__meeting")
    for row in rows:
        line = Line(row, _late(row, today), carrying.may_finish(user, row, hosts=hosts))
        (found.carried if row.carried_from_id else lists[row.what]).append(line)
    return found


def _late(row, today):
    if row.done_at or not row.due or row.due >= today:
        return ""
    days = (today - row.due).days
    return ngettext("overdue by %(count)s day", "overdue by %(count)s days", days) % {"count": days}
