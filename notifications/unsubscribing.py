"""The way out of one kind of message, from the mail itself and without a sign-in (RFC 8058).

The link carries who and which kind, signed. It does not expire: mail stays in boxes for years and must always be stoppable.
Whoever holds it can turn this one kind off and on again, nothing else.
"""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.urls import reverse
from django.utils import translation

from notifications import readers
from notifications.kinds import BY_KEY

SIGNER = signing.Signer(salt="unsubscribe")  # without a time in it: each try of one mail is the same mail


def link(user, kind_key):
    """The absolute address that stops this kind of mail, in the person's language; "" for a kind that cannot be stopped."""
    if BY_KEY[kind_key].must:
        return ""
    with translation.override(readers.language_for(user)):
        return settings.SITE_BASE_URL + reverse("notifications:unsubscribe", args=[token_for(user, kind_key)])


def token_for(user, kind_key):
    return SIGNER.sign_object([user.pk, kind_key])


def read(token):
    """The person and the kind of a link, or `None` for one that is cut off, changed, of a closed account or of a kind that is always on."""
    try:
        user_pk, kind_key = SIGNER.unsign_object(token)
        kind = BY_KEY.get(kind_key)
        user = get_user_model().objects.filter(pk=user_pk, is_active=True).first()
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return (user, kind) if user and kind and not kind.must else None
