"""What programme leads see of messages: who, which kind, when, and what became of it. Never what was said to somebody else.

Links, codes and words of a message are the reader's own; no query of this module reads `context`, `calendar` or `last_error`'s text
for the page.
"""

import datetime
from collections import defaultdict
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Case, Count, Q, Value, When
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from notifications import claims
from notifications.kinds import BY_KEY, BY_WHAT
from notifications.models import Bounce, Message
from notifications.models.message import people_led

SETTLED = Message.Settled
BATCH_DAYS, MOST_BATCHES = 14, 30
HIDDEN = ("context", "calendar", "last_error")


@dataclass(frozen=True)
class State:
    """`kind` is the colour of the tag ("", "ok", "warn", "err"), beside its words. `q` takes the present instant."""

    key: str
    words: str | Promise
    kind: str
    q: object


def _settled(value):
    return lambda now: Q(settled_as=value)


# In this order: the first that fits is the state of a message.
STATES = (
    State("unwanted", _("not wanted by the person"), "", _settled(SETTLED.UNWANTED)),
    State("bounced", _("the address refuses mail"), "err", _settled(SETTLED.BOUNCED)),
    State("expired", _("too late to be of use, not sent"), "warn", _settled(SETTLED.EXPIRED)),
    State("digest", _("sent in a digest"), "ok", _settled(SETTLED.DIGEST)),
    State("withdrawn", _("taken back before it left"), "", _settled(SETTLED.WITHDRAWN)),
    State("doubt", _("in doubt: cut off while it was sent"), "warn", lambda now: Q(last_error=claims.SENDING, sent_at__lt=now - claims.INTERRUPTED_AFTER, handed_at__isnull=False)),
    State("sending", _("being sent"), "", lambda now: Q(last_error=claims.SENDING)),
    State("sent", _("sent"), "ok", lambda now: Q(sent_at__isnull=False)),
    State("failed", _("failed for good"), "err", lambda now: Q(attempts__gte=claims.MAX_ATTEMPTS)),
    State("gathered", _("waits for the digest"), "", lambda now: Q(in_digest=True)),
    State("again", _("failed, will be tried again"), "warn", lambda now: Q(attempts__gt=0)),
    State("planned", _("planned"), "", lambda now: Q(due_at__gt=now)),
    State("waiting", _("waiting"), "", lambda now: Q()),
)  # fmt: skip
BY_STATE = {state.key: state for state in STATES}
UNDER_WAY = ("planned", "waiting", "gathered", "again")


@dataclass(frozen=True)
class Batch:
    """Messages of one kind on one day: "34 of 40 sent". `rest` are the other states: `[(State, number)]`."""

    kind: object
    day: datetime.date
    total: int
    sent: int
    rest: list


def open_to(user):
    """settings.MESSAGE_CENTRE_READERS: whether the person has a message centre at all."""
    return user.is_authenticated and import_string(settings.MESSAGE_CENTRE_READERS)(user)


def kind_of(what):
    """The kind of a message for showing; a name that is no longer known counts as personal."""
    return BY_WHAT.get(what.partition("/")[0], BY_KEY["personal"])


# --- the log ---------------------------------------------------------------------------------------------------------------
def log(user, *, kind="", state="", person="", now=None):
    """Messages that the person may know of, newest first, each with `state`; no contents. Later ones only where a state is asked for."""
    now = now or timezone.now()
    rows = with_state(Message.objects.accessible_to(user), now).select_related("user", "by").defer(*HIDDEN)
    rows = rows if state else rows.filter(due_at__lte=now)
    if kind:
        rows = rows.filter(what__in=BY_KEY[kind].whats)
    if state:
        rows = rows.filter(state=state)
    for word in person.split():
        rows = rows.filter(Q(user__full_name__icontains=word) | Q(user__email__icontains=word) | Q(to__icontains=word))
    return rows.order_by("-due_at", "-pk")


def upcoming(user, now=None):
    """What is planned for later, next first."""
    now = now or timezone.now()
    rows = with_state(Message.objects.accessible_to(user), now).filter(due_at__gt=now, state__in=UNDER_WAY)
    return rows.select_related("user", "by").defer(*HIDDEN).order_by("due_at", "pk")


def with_state(messages, now=None):
    now = now or timezone.now()
    return messages.annotate(state=Case(*_whens(now), default=Value("waiting")))


def _whens(now):
    return [When(state.q(now), then=Value(state.key)) for state in STATES if state.q(now)]


def batches(user, zone, now=None):
    """`Batch`es of the last fortnight, newest first; days are those of `zone`. One query."""
    now = now or timezone.now()
    recent = Message.objects.accessible_to(user).filter(due_at__gt=now - datetime.timedelta(days=BATCH_DAYS), due_at__lte=now)
    counted = with_state(recent, now).annotate(day=TruncDate("due_at", tzinfo=zone)).order_by()
    found = defaultdict(lambda: defaultdict(int))
    for what, day, state, number in counted.values_list("what", "day", "state").annotate(number=Count("pk")):
        found[day, kind_of(what).key][state] += number
    newest = sorted(found, key=lambda pair: (-pair[0].toordinal(), pair[1]))[:MOST_BATCHES]
    return [_batch(day, key, found[day, key]) for day, key in newest]


def _batch(day, key, states):
    """What was taken back was never to be sent, so it is not counted among the total."""
    total = sum(number for state, number in states.items() if state != "withdrawn")
    sent = states.get("sent", 0) + states.get("digest", 0)
    rest = [(state, states[state.key]) for state in STATES if state.key not in ("sent", "digest") and states.get(state.key)]
    return Batch(BY_KEY[key], day, total, sent, rest)


# --- bounces ---------------------------------------------------------------------------------------------------------------
def bounces(user):
    """What came back and stands: permanent ones first, for they stop mail."""
    return Bounce.objects.accessible_to(user).filter(cleared_at=None).select_related("user").order_by("kind", "-at", "-pk")


def clear(bounce, by):
    """Mail may go to the address again: everything that stands against it is cleared, with who did it. Twice is the same as once."""
    standing = Bounce.objects.filter(to__iexact=bounce.to, cleared_at=None)
    return standing.update(cleared_at=timezone.now(), cleared_by=by)


# --- people ----------------------------------------------------------------------------------------------------------------
def find_people(user, words, most=20):
    """People whom `user` leads and whose name or address holds all `words`, at most `most`."""
    people = people_led(user).order_by("full_name", "email")
    for word in words.split():
        people = people.filter(Q(full_name__icontains=word) | Q(email__icontains=word))
    return people[:most]
