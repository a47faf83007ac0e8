"""Session descriptions and candidates on their way through our server: checked, and with sending switched off where it is not granted."""

import re

from sessions.conference.trouble import Trouble

LONGEST = 15_000  # characters of a description
UNSENDABLE = re.compile("[\x00\ud800-\udfff]|\r(?!\n)")
NAME = re.compile(r"^s=.*?(?=\r?$)", re.MULTILINE)


def description(value):
    if not isinstance(value, str) or not value.startswith("v=0") or len(value) > LONGEST or not _is_text(value):
        raise Trouble("invalid")
    return value


def _is_text(value):
    """No half characters, which no socket of another person could send, and lines that end as all readers think they do."""
    return not UNSENDABLE.search(value)


def candidate(value):
    """RTCIceCandidateInit with known keys only; `None` marks the end."""
    if value is None:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("candidate"), str) or len(value["candidate"]) > 1000:
        raise Trouble("invalid")
    kept = {key: value[key] for key in ("candidate", "sdpMid", "sdpMLineIndex", "usernameFragment") if key in value}
    if not all(one is None or (_is_text(one) if isinstance(one, str) else _is_small(one)) for one in kept.values()):
        raise Trouble("invalid")
    return kept


def _is_small(value):
    return isinstance(value, int) and 0 <= value < 2**16


SECTION = re.compile(r"^(?=m=)", re.MULTILINE)
# Browsers take "a=sendrecv " and "a=sendrecv:x" for "a=sendrecv", and of several directions the last.
DIRECTION = re.compile(r"^a=(sendrecv|sendonly|recvonly|inactive)\b[^\r\n]*", re.MULTILINE)
SILENT = {"sendonly", "inactive"}


def hushed(sdp, allowed):
    """The description with sending switched off where it is not allowed: {"audio": bool, "video": bool} (RFC 8866 §6.7, RFC 3264 §5.1)."""
    head, *sections = SECTION.split(sdp)
    head = DIRECTION.sub("a=recvonly", head) if not all(allowed.values()) else head
    return head + "".join(one if allowed.get(one[2:7]) else _quiet(one) for one in sections)


def _quiet(section):
    said = {found.group(1) for found in DIRECTION.finditer(section)}
    if not said:
        return section.rstrip("\r\n") + "\r\na=recvonly\r\n"
    return DIRECTION.sub("a=inactive" if said <= SILENT else "a=recvonly", section)


def nameless(sdp):
    """Janus writes the name of its room into the session name (`s=`): that is not for browsers."""
    return NAME.sub("s=-", sdp, count=1)


def kinds_of(sdp):
    """The kinds of its sections in order: ["audio", "video", "video"]."""
    return [section[2:7] for section in SECTION.split(sdp)[1:]]
