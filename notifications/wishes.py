"""What many people want of one kind of message, in a constant number of queries: on or off, text as well, hours, refusing addresses."""

from django.conf import settings

from notifications import bounces
from notifications.models import Habit, Preference, TextNumber


class Wishes:
    """Wishes of `people` (users) about `kind`; `addresses` are those their mail would go to. At most four queries, fewer where the kind
    leaves no choice."""

    def __init__(self, kind, people, addresses):
        self.kind = kind
        ids = [user.pk for user in people if user]
        self._preferences = {} if kind.must else _by_user(Preference.objects.filter(user__in=ids, kind=kind.key))
        self._habits = _by_user(Habit.objects.filter(user__in=ids)) if kind.quiet or kind.digest else {}
        self._refusing = set() if kind.key in bounces.TRIED_ALL_THE_SAME else bounces.standing(addresses)
        self._numbers = self._confirmed()

    def mail(self, user):
        row = self._preferences.get(user.pk) if user else None
        return row.mail if row else self.kind.must or self.kind.mail

    def number(self, user):
        """The confirmed telephone for a person who asked for texts of this kind, or `None`."""
        return self._numbers.get(user.pk) if user else None

    def habit(self, user):
        return self._habits.get(user.pk) if user else None

    def refuses(self, address):
        return address.lower() in self._refusing

    def _confirmed(self):
        """`{user id: TextNumber}`; of several channels the first in settings.TEXT_CHANNELS."""
        asked = [pk for pk, row in self._preferences.items() if row.text] if self.kind.text else []
        channels = list(settings.TEXT_CHANNELS)
        if not asked or not channels:
            return {}
        rows = TextNumber.objects.filter(user__in=asked, channel__in=channels, confirmed_at__isnull=False)
        return {row.user_id: row for row in sorted(rows, key=lambda row: channels.index(row.channel), reverse=True)}


def _by_user(rows):
    return {row.user_id: row for row in rows}
