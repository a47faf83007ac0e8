"""What engines tell of people who came and went, as `ImportedStay` rows: evidence for attendance.py, never a mark by itself."""

import hashlib
from datetime import UTC

from django.contrib.auth import get_user_model
from django.utils.dateparse import parse_datetime

from sessions.models import ImportedStay


def keep(meeting, source, name, email, joined_at, left_at, user=None):
    """One stay, once however often it is told. `user` is looked for by e-mail where the engine does not know ours. → (row, is new)"""
    mark = hashlib.sha256("|".join([str(meeting.pk), name, email.lower(), joined_at.isoformat(), source]).encode()).hexdigest()
    person = user or _person(email)
    return ImportedStay.objects.get_or_create(
        meeting=meeting,
        digest=mark,
        defaults={
            "user": person, "name": name[:200], "email": email[:254], "joined_at": joined_at, "left_at": left_at,
            "source": source, "by": None,
        },
    )  # fmt: skip


def begin(meeting, source, name, email, joined_at, user=None):
    """Somebody came; until we hear that they left, the stay has no length."""
    return keep(meeting, source, name, email, joined_at, joined_at, user)


def end(meeting, source, name, email, left_at, user=None):
    """Closes the newest open stay of that person, if we heard of its beginning."""
    who = {"user": user} if user else {"name": name[:200], "email": email[:254]}
    stay = (
        ImportedStay.objects.filter(meeting=meeting, source=source, joined_at__lte=left_at, left_at__lte=left_at, **who)
        .order_by("-joined_at")
        .first()
    )
    if stay is not None and stay.left_at == stay.joined_at:
        ImportedStay.objects.filter(pk=stay.pk).update(left_at=left_at)


def end_all(meeting, source, left_at):
    """The engine's meeting is over."""
    for stay in ImportedStay.objects.filter(meeting=meeting, source=source, joined_at__lte=left_at):
        if stay.left_at == stay.joined_at:
            ImportedStay.objects.filter(pk=stay.pk).update(left_at=left_at)


def instant(text):
    """An aware datetime of an ISO text (UTC where it says nothing), or `None`. Ticks of 100 ns (Microsoft) are cut."""
    if not isinstance(text, str):
        return None
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    if found is None:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _person(email):
    return get_user_model().objects.filter(email__iexact=email, is_active=True).first() if email else None
