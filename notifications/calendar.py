"""Calendar files (RFC 5545) and calendar mail (RFC 5546, 6047): one event in its own zone, with the rules of that zone beside it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Entry:
    """One event. `starts_at` and `ends_at` are aware instants, `zone` the IANA name it was planned in. `uid` stays for ever.

    `cancelled` entries stay in feeds for a while so that subscribers drop them. Words are in the reader's language already.
    """

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    zone: str
    summary: str
    description: str = ""
    location: str = ""
    url: str = ""
    cancelled: bool = False
    alarm_minutes: int | None = 15
    changed_at: datetime | None = None
