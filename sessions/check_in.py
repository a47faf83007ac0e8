"""Checking in, in the hall: a code that the trainer shows, or the QR sign that carries it.

The code counts from a quarter of an hour before the start to the end, and an older one no longer counts once there is a newer. Whoever
gives it is the person signed in, never somebody named in the form, and is checked in once. Five tries in ten minutes.
"""

import io
import secrets
from datetime import timedelta
from urllib.parse import urlencode

import segno
from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from curriculum.enrollment_states import Refused
from curriculum.verification import ALPHABET
from sessions.models import CheckIn, Meeting
from sessions.stays import is_expected

LENGTH = 6
OPENS_BEFORE = timedelta(minutes=15)
TRIES, TRIES_SECONDS = 5, 600
Way = CheckIn.Way


class TooManyTries(Refused):
    """The person has tried too often; nothing was compared."""


class NotOpen(Refused):
    """Nobody can check in now, whatever the code."""


def clean_code(raw):
    """The code as it is compared: capitals, without blanks and hyphens; "" for what no code can be."""
    code = "".join(str(raw or "")[:40].split()).replace("-", "").upper()
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else ""


def new_code(meeting):
    """Gives the meeting another code; the one before it no longer counts. For whoever runs it, as often as they like."""
    code = "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))
    Meeting.objects.non_polymorphic().filter(pk=meeting.pk).update(check_in_code=code)
    meeting.check_in_code = code
    return code


def is_open(meeting, now=None):
    """From 15 minutes before the planned start to the end; one that nobody began, to its planned end."""
    now = now or timezone.now()
    if meeting.state == Meeting.State.SCHEDULED:
        return meeting.starts_at - OPENS_BEFORE <= now <= meeting.ends_at
    return meeting.is_under_way


def require_open(meeting, now=None):
    """Raises `NotOpen` with the reason."""
    if is_open(meeting, now):
        return
    if meeting.state == Meeting.State.SCHEDULED and (now or timezone.now()) < meeting.starts_at:
        raise NotOpen(_("Checking in opens 15 minutes before the start."))
    raise NotOpen(_("Checking in is closed: the meeting is over. If you were there, tell your trainer."))


def of(meeting, user):
    """The person's check-in, or `None`."""
    return CheckIn.objects.filter(meeting=meeting, user=user).first()


# --- acts --------------------------------------------------------------------------------------------------------------


def check_in(meeting, user, raw_code, way=Way.CODE):
    """Checks the person in, once, and returns the row. Ten calls at once make one.

    Raises `Refused`: not expected here; `NotOpen`; `TooManyTries`; a wrong code. Wrong tries count over all meetings of the person.
    """
    if not is_expected(meeting, user):
        raise Refused(_("Attendance is not kept for you in this meeting."))
    known = of(meeting, user)
    if known:
        return known
    require_open(meeting)
    _require_code(meeting, user, raw_code)
    return _record(meeting, user, way if way in (Way.CODE, Way.QR) else Way.CODE, user)


def by_hand(meeting, user, by):
    """A trainer saw the person in the hall. Raises `Refused`, also where the person had left: the time away is nobody's presence."""
    if not is_expected(meeting, user):
        raise Refused(_("This person does not belong to the meeting."))
    if user.pk == by.pk:
        raise Refused(_("Nobody changes their own attendance. Ask another trainer."))
    require_open(meeting)
    row = _record(meeting, user, Way.HAND, by)
    if row.left_at:
        raise Refused(_("This person had left. If they came back, set the mark by hand and say so."))
    return row


def left(meeting, user, by):
    """The person has left the hall: counts to now. Raises `Refused` where nobody checked in, or the meeting is over."""
    if user.pk == by.pk:
        raise Refused(_("Nobody changes their own attendance. Ask another trainer."))
    require_open(meeting)
    if not CheckIn.objects.filter(meeting=meeting, user=user, left_at=None).update(left_at=timezone.now()):
        raise Refused(_("This person is not checked in."))


def _record(meeting, user, way, by):
    try:
        with transaction.atomic():
            return CheckIn.objects.create(meeting=meeting, user=user, way=way, by=by)
    except IntegrityError:
        return CheckIn.objects.get(meeting=meeting, user=user)


def _require_code(meeting, user, raw_code):
    """The try is counted before it is compared, so that many at once are as many."""
    if not clean_code(raw_code):
        raise Refused(_("Write the six letters and digits of the code that the trainer shows."), "code")
    name = f"check-in:{user.pk}"
    cache.add(name, 0, TRIES_SECONDS)
    if _count(name) > TRIES:
        raise TooManyTries(_("Too many tries. Wait ten minutes, or tell your trainer, who can mark you by hand."))
    if not meeting.check_in_code or not secrets.compare_digest(clean_code(raw_code), meeting.check_in_code):
        raise Refused(_("This code is not valid now. Look at the screen: it may have changed."), "code")
    cache.delete(name)


def _count(name):
    try:
        return cache.incr(name)
    except ValueError:  # it ran out between the two calls
        cache.set(name, 1, TRIES_SECONDS)
        return 1


# --- the sign ----------------------------------------------------------------------------------------------------------


def address(meeting):
    """The page with the code filled in, as the sign carries it."""
    query = urlencode({"code": meeting.check_in_code, "via": Way.QR})
    return f"{settings.SITE_BASE_URL}{reverse('live:check_in', args=[meeting.pk])}?{query}"


def sign(meeting):
    """The QR sign as SVG for a page: sharp on a projector and on paper. It has a white ground in every colour scheme."""
    out = io.BytesIO()
    segno.make(address(meeting), error="m", micro=False).save(
        out,
        kind="svg",
        border=4,
        scale=8,
        light="#fff",
        dark="#15212a",
        xmldecl=False,
        svgclass="qr",
        lineclass=None,
        omitsize=True,
    )
    return mark_safe(out.getvalue().decode())  # noqa: S308 -- drawn from our own address
