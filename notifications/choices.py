"""What each person wants to be told, how and when. No row means the default of the kind (notifications/kinds.py)."""

from dataclasses import dataclass

from django.db import transaction

from notifications import quiet
from notifications.kinds import BY_KEY, KINDS, Kind
from notifications.models import Habit, Preference

OPEN_KINDS = tuple(kind for kind in KINDS if not kind.must)
MUST_KINDS = tuple(kind for kind in KINDS if kind.must)


@dataclass(frozen=True)
class Choice:
    """What stands for one kind: by mail, by text message."""

    kind: Kind
    mail: bool
    text: bool


def choices_of(user):
    """A `Choice` for every kind, in the order of the kinds. One query."""
    rows = {row.kind: row for row in Preference.objects.filter(user=user)}
    return [_standing(kind, rows.get(kind.key)) for kind in KINDS]


def habit_of(user):
    """The person's hours and digest; an unsaved row of defaults if they chose nothing."""
    begin, end = quiet.hours_of(None)
    return Habit.objects.filter(user=user).first() or Habit(user=user, quiet_from=begin, quiet_until=end)


def save(user, wanted, *, quiet_from, quiet_until, digest):
    """Writes the whole page of choices at once. `wanted` is `{kind key: (mail, text)}`; kinds that are always on are left alone.

    One statement per table, rows in one order: ten windows of the same person end with one row per kind and never in a deadlock.
    """
    rows = [
        Preference(user=user, kind=kind.key, mail=wanted[kind.key][0], text=kind.text and wanted[kind.key][1])
        for kind in OPEN_KINDS
        if kind.key in wanted
    ]
    habit = Habit(user=user, quiet_from=quiet_from, quiet_until=quiet_until, digest=digest)
    with transaction.atomic():
        Preference.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["user", "kind"], update_fields=["mail", "text"]
        )
        hours = ["quiet_from", "quiet_until", "digest"]
        Habit.objects.bulk_create([habit], update_conflicts=True, unique_fields=["user"], update_fields=hours)


def turn_mail(user, kind_key, *, on):
    """Turns mail of one kind on or off and leaves the rest as it was. Doing it twice is the same as once."""
    kind = BY_KEY[kind_key]
    if kind.must:
        raise ValueError(f"{kind_key} cannot be turned off")
    row = Preference(user=user, kind=kind.key, mail=on)
    Preference.objects.bulk_create([row], update_conflicts=True, unique_fields=["user", "kind"], update_fields=["mail"])


def _standing(kind, row):
    if kind.must:
        return Choice(kind, mail=True, text=False)
    return Choice(kind, row.mail if row else kind.mail, kind.text and bool(row and row.text))
