"""Secrets of media rooms at rest: Fernet (AES-128-CBC with HMAC-SHA256) under a key made from SECRET_KEY.

Whoever changes SECRET_KEY keeps the old one in SECRET_KEY_FALLBACKS or loses rooms under way: they are then made anew.
"""

import base64
import hashlib
import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def seal(value):
    """Text that only this site can read."""
    return _box().encrypt(json.dumps(value).encode()).decode()


def unseal(text):
    """What was sealed, or `None` where it was sealed by another site or tampered with."""
    try:
        return json.loads(_box().decrypt(text.encode()))
    except InvalidToken:
        return None


def _box():
    return MultiFernet([Fernet(_key(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret):
    return base64.urlsafe_b64encode(hashlib.sha256(b"sessions.conference.sealed:" + secret.encode()).digest())
