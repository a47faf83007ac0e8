"""A run of show is tried out: one cue at a time, with the clock it would have. Nothing of it is written anywhere or reaches the room."""

from dataclasses import dataclass
from datetime import datetime

from sessions.run_of_show import Row, Show


@dataclass(frozen=True)
class Step:
    """One cue of the rehearsal. `before` is the planned time in minutes that is gone when it begins; `number` counts from 1."""

    row: Row
    before: int
    total: int
    previous: int | None
    following: int | None

    @property
    def number(self):
        return self.row.number

    @property
    def minutes(self):
        return self.row.segment.minutes

    @property
    def after(self):
        return self.before + self.minutes

    @property
    def seconds(self):
        return self.minutes * 60

    @property
    def starts_at(self) -> datetime:
        return self.row.starts_at

    @property
    def is_over(self):
        return self.row.over


def step_at(show: Show, number):
    """The cue with this number; the first or last one for numbers outside. `None` for an empty run of show."""
    if not show.rows:
        return None
    number = min(max(number, 1), len(show.rows))
    before = sum(row.segment.minutes for row in show.rows[: number - 1])
    previous = number - 1 if number > 1 else None
    following = number + 1 if number < len(show.rows) else None
    return Step(show.rows[number - 1], before, show.minutes, previous, following)
