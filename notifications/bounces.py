"""What came back: which refusals are about the address, and to which addresses nothing is sent until somebody clears them.

A refusal by policy ("5.7.1 relaying denied") is about us or about the message. If it were held against the address, one wrong line in
the mail server's settings would silence a whole cohort (enhanced status codes: RFC 3463, 3; RFC 5321, 4.2.2).
"""

import re

from notifications.models import Bounce

# A code to sign in, an invitation: somebody asks for these again, often because the first did not arrive, and without them nobody gets
# in. They are tried even at an address that refused once.
TRIED_ALL_THE_SAME = ("account", "invitation")
STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
GONE = re.compile(r"5\.(0\.0|1\.\d+|2\.0|2\.1)")
GONE_REPLIES = (550, 551, 553)  # without an enhanced code


def standing(addresses):
    """Those of the addresses (lower case) with a permanent bounce that nobody has cleared. One query."""
    found = Bounce.objects.filter(to__in={address.lower() for address in addresses}, kind=Bounce.Kind.PERMANENT, cleared_at=None)
    return set(found.values_list("to", flat=True))


def stops(kind, address):
    """Whether a standing bounce keeps a message of this kind from the address."""
    return kind.key not in TRIED_ALL_THE_SAME and bool(standing([address]))


def status_in(text):
    """The enhanced status code in what a server said ("5.1.1"), or ""."""
    found = STATUS.search(text)
    return found[1] if found else ""


def is_gone(reply, status):
    """Whether a permanent refusal (three digits, enhanced code or "") is about the address itself."""
    return bool(GONE.fullmatch(status)) if status else reply in GONE_REPLIES


def record(message, kind, status, said):
    """Writes a bounce of a message, once for each kind and status of it. Returns it, or `None` where it was known.

    A permanent one that was cleared and comes back is written again: the address is still gone.
    """
    same = Bounce.objects.filter(message=message, kind=kind, status=status, cleared_at=None)
    if same.exists():
        return None
    said = "".join(mark if mark.isprintable() else " " for mark in said)[:300]
    return Bounce.objects.create(
        message=message, user_id=message.user_id, to=message.to.lower(), kind=kind, status=status, said=said
    )
