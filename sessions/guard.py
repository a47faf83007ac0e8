"""Who may come in, and who must leave: origin, web session, seat. Synchronous but for nothing; runs in threads of sessions.threads."""

import logging
from dataclasses import dataclass
from importlib import import_module
from urllib.parse import urlsplit

from allauth.account.signals import password_changed, password_reset, password_set
from django.conf import settings
from django.contrib.auth import get_user, get_user_model
from django.contrib.auth.signals import user_logged_out
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest, parse_cookie
from django.utils import timezone

from curriculum import roles
from curriculum.models import Enrollment
from sessions import hints
from sessions.models import GroupMember, Meeting, MeetingPerson
from sessions.seats import Seat, seat_for

log = logging.getLogger(__name__)
LOGIN, FORBIDDEN, NO_ROOM, ENDED = 4401, 4403, 4404, 4410
ROWS_OF_SESSIONS = ("django.contrib.sessions.backends.db", "django.contrib.sessions.backends.cached_db")
DEFAULT_PORTS = {"http": 80, "https": 443}


# --- origin (RFC 6454) -------------------------------------------------------------------------------------------------


def origins():
    """The allowed ones as written in the settings, scheme, host and port."""
    return [one for one in (settings.SITE_BASE_URL, *settings.CSRF_TRUSTED_ORIGINS) if one]


def is_own_origin(origin, host=""):
    """Whether the Origin header is one of ours, port and scheme included. `host` is the Host header, looked at with DEBUG only."""
    asked = parts_of(origin)
    if asked is None:
        return False
    if settings.DEBUG and asked[1] in ("localhost", "127.0.0.1") and asked[2] == _port_of(host):
        return True
    return any(_matches(asked, parts_of(one)) for one in origins())


def parts_of(origin):
    """(scheme, host, port), or `None` for what no browser sends as an origin."""
    try:
        parts = urlsplit(origin.strip().lower())
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    if (
        port is None
        or not parts.hostname
        or parts.username is not None
        or parts.path not in ("", "/")
        or parts.query
        or parts.fragment
    ):
        return None
    return parts.scheme, parts.hostname, port


def _matches(asked, own):
    if own is None or asked[0] != own[0] or asked[2] != own[2]:
        return False
    return asked[1].endswith(own[1][1:]) if own[1].startswith("*.") else asked[1] == own[1]


def _port_of(host):
    port = host.rpartition(":")[2]
    return int(port) if port.isdecimal() else 80


def header(scope, name):
    """The only header of this name, as text; empty where there is none or more than one."""
    found = [value for key, value in scope["headers"] if key == name]
    return found[0].decode("latin1") if len(found) == 1 else ""


def cookies(scope):
    return parse_cookie("; ".join(value.decode("latin1") for key, value in scope["headers"] if key == b"cookie"))


# --- who ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Visitor:
    """`rights` is everything the seat was made of; while it stays the same, so does the seat."""

    seat: Seat
    language: str
    web_session: str
    password_hash: str
    rights: tuple

    @property
    def user_id(self):
        return self.seat.user_id


def admit(cookie_jar, meeting_id):
    """A `Visitor`, or the close code. Meetings of others do not exist (4404); people who were removed are told so (4403)."""
    request = HttpRequest()
    key = cookie_jar.get(settings.SESSION_COOKIE_NAME, "")
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key if key.isalnum() else None)
    user = get_user(request)
    if not user.is_authenticated or not user.is_active:
        return LOGIN
    meeting = Meeting.objects.non_polymorphic().filter(pk=meeting_id).first()
    if meeting is None:
        return NO_ROOM
    rights = _rights(meeting, [user])[user.pk]
    seat = seat_for(user, meeting)
    if seat is None:
        return FORBIDDEN if _was_removed(user, meeting) else NO_ROOM
    if _lacks_second_factor(request, user):
        return FORBIDDEN
    if meeting.state == Meeting.State.CANCELLED:
        return ENDED
    return Visitor(
        seat, user.language or settings.LANGUAGE_CODE, request.session.session_key, user.get_session_auth_hash(), rights
    )


def _was_removed(user, meeting):
    return MeetingPerson.objects.filter(meeting=meeting, user=user, part=MeetingPerson.Part.REMOVED).exists()


def _lacks_second_factor(request, user):
    """Pages ask those who see others' data for a second factor and note it in the web session; sockets look for the note."""
    if not settings.SECOND_FACTOR_REQUIRED or request.session.get("second_factor_seen"):
        return False
    return user.is_staff or user.has_perm("wagtailadmin.access_admin") or roles.reads_others(user)


# --- still? ------------------------------------------------------------------------------------------------------------


def check(meeting_id, visitors):
    """For each visitor of a room: the visitor as of now, or the close code. A fixed number of queries while nothing has changed."""
    meeting = Meeting.objects.non_polymorphic().filter(pk=meeting_id).first()
    if meeting is None:
        return [NO_ROOM] * len(visitors)
    users = get_user_model().objects.in_bulk({visitor.user_id for visitor in visitors})
    alive = _living_sessions({visitor.web_session for visitor in visitors})
    rights = _rights(meeting, users.values())
    return [_verdict(meeting, one, users.get(one.user_id), alive, rights.get(one.user_id)) for one in visitors]


def _verdict(meeting, visitor, user, alive, rights):
    if user is None or not user.is_active or visitor.web_session not in alive:
        return LOGIN
    if user.get_session_auth_hash() != visitor.password_hash:
        return LOGIN
    if meeting.state == Meeting.State.CANCELLED:
        return ENDED
    if rights == visitor.rights:
        return visitor
    seat = seat_for(user, meeting)
    if seat is None:
        return FORBIDDEN
    return Visitor(seat, user.language or settings.LANGUAGE_CODE, visitor.web_session, visitor.password_hash, rights)


def _living_sessions(keys):
    if settings.SESSION_ENGINE in ROWS_OF_SESSIONS:
        return set(
            Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now()).values_list("session_key", flat=True)
        )
    store = import_module(settings.SESSION_ENGINE).SessionStore
    return {key for key in keys if store().exists(key)}


def _rights(meeting, users):
    """{user id: everything that a seat depends on}, in three queries for any number of people."""
    found = {
        user.pk: [meeting.state == Meeting.State.DRAFT, meeting.cohort_id, user.is_superuser, user.language, user.full_name,
                  user.certificate_name, str(user.country)]
        for user in users
    }  # fmt: skip
    rows = [
        *Enrollment.objects.filter(cohort_id=meeting.cohort_id, user__in=found)
        .order_by("pk")
        .values_list("user", "role", "status"),
        *MeetingPerson.objects.filter(meeting=meeting, user__in=found).values_list("user", "part"),
        *GroupMember.objects.filter(meeting=meeting, user__in=found).values_list("user", "group_id"),
    ]
    for user_id, *values in rows:
        found[user_id].append(tuple(values))
    return {user_id: tuple(values) for user_id, values in found.items()}


# --- out ---------------------------------------------------------------------------------------------------------------
# Signals of Django and of allauth, whose acts we do not own; a check every twenty seconds finds what they miss.


@receiver(user_logged_out)
def _signed_out(sender, request, user, **kwargs):
    if user is not None and request is not None:
        hints.kick(user.pk, why="login", web_session=request.session.session_key)


@receiver([password_changed, password_set, password_reset])
def _other_password(sender, user, **kwargs):
    transaction.on_commit(lambda: hints.kick(user.pk, why="login"), robust=True)


@receiver(post_save)
def _deactivated(sender, instance, created, **kwargs):
    if not created and sender is get_user_model() and not instance.is_active:
        transaction.on_commit(lambda: hints.kick(instance.pk, why="login"), robust=True)
