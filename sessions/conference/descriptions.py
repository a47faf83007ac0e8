"""Session descriptions and candidates on their way through our server: checked, and with sending switched off where it is not granted."""

import re

from sessions.conference.trouble import Trouble

LONGEST = 15_000  # characters of a description
NAME = re.compile(r"^s=.*?(?=\r?$)", re.MULTILINE)


def description(value):
    if not isinstance(value, str) or not value.startswith("v=0") or len(value) > LONGEST:
        raise Trouble("invalid")
    return value


def candidate(value):
    """RTCIceCandidateInit with known keys only; `None` marks the end."""
    if value is None:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("candidate"), str) or len(value["candidate"]) > 1000:
        raise Trouble("invalid")
    kept = {key: value[key] for key in ("candidate", "sdpMid", "sdpMLineIndex", "usernameFragment") if key in value}
    if not all(isinstance(one, (str, int, type(None))) for one in kept.values()):
        raise Trouble("invalid")
    return kept


SECTION = re.compile(r"^(?=m=)", re.MULTILINE)
DIRECTION = re.compile(r"^a=(sendrecv|sendonly|recvonly|inactive)(?=\r?$)", re.MULTILINE)
QUIET = {"sendrecv": "a=recvonly", "sendonly": "a=inactive", "recvonly": "a=recvonly", "inactive": "a=inactive"}


def hushed(sdp, allowed):
    """The description with sending switched off where it is not allowed: {"audio": bool, "video": bool} (RFC 8866 §6.7, RFC 3264 §5.1)."""
    head, *sections = SECTION.split(sdp)
    head = DIRECTION.sub("a=recvonly", head) if not all(allowed.values()) else head
    return head + "".join(one if allowed.get(one[2:7]) else _quiet(one) for one in sections)


def _quiet(section):
    if not DIRECTION.search(section):
        return section.rstrip("\r\n") + "\r\na=recvonly\r\n"
    return DIRECTION.sub(lambda found: QUIET[found.group(1)], section)


def nameless(sdp):
    """Janus writes the name of its room into the session name (`s=`): that is not for browsers."""
    return NAME.sub("s=-", sdp, count=1)


def kinds_of(sdp):
    """The kinds of its sections in order: ["audio", "video", "video"]."""
    return [section[2:7] for section in SECTION.split(sdp)[1:]]
