"""Codes of certificates, and what the register says about one."""

import datetime
import secrets
import string
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from curriculum.models import Certificate

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without 0 and O, 1, I and L, U and V taken for each other: 30 ** 12 is 58 bits
CODE_LENGTH = 12
SEPARATORS = dict.fromkeys(map(ord, " \t\n\r\u00a0\u2007\u2009\u202f-\u2010\u2011\u2012\u2013\u2014\u2212"))
CAPITALS = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)


@dataclass(frozen=True)
class Verification:
    outcome: str  # valid, expired, revoked, not_found
    certificate: Certificate | None
    checked_at: datetime.datetime

    @property
    def newer(self):
        """The certificate that renewed this one and may be shown in its place, or `None`."""
        newer = getattr(self.certificate, "renewal", None)
        return newer if newer and newer.revoked_at is None else None


def new_code():
    return "".join(secrets.choice(ALPHABET) for _place in range(CODE_LENGTH))


def clean_code(typed):
    """The code as stored, however people write it: spaces, dashes and small letters are fine. "" if it cannot be one."""
    code = typed[:64].translate(SEPARATORS).translate(CAPITALS)
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else ""


def verify(code):
    """What the register says about a code, now. The same work whether or not there is such a certificate.

    Revoked comes before expired. A renewed certificate is valid or expired by its own date; `newer` names its successor.
    """
    found = Certificate.objects.select_related("enrollment__user", "renewal").filter(code=clean_code(code)).first()
    return Verification(outcome_of(found), found, timezone.now())


def outcome_of(certificate):
    if certificate is None:
        return "not_found"
    if certificate.revoked_at:
        return "revoked"
    return "expired" if certificate.expires_on and certificate.expires_on < today() else "valid"


def today():
    """The programme's day. A certificate is valid through its last day there."""
    return timezone.now().astimezone(ZoneInfo(settings.PROGRAMME_TIME_ZONE)).date()
