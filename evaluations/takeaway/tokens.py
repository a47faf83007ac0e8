"""Access of other programs: a token per person and purpose, shown once, stored as its SHA-256, ended by date or by hand."""

import datetime
import hashlib
import secrets

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum import roles
from curriculum.enrollment_states import Refused
from curriculum.models import Cohort
from evaluations.models import ApiToken

PREFIX = "pte_"
LONGEST = 60  # characters of what may be looked up at all
DAYS = (30, 90, 365)
MOST = 20


def may_have(user):
    """Trainers, leads and evaluators of any cohort, and operators."""
    return Cohort.objects.run_by(user, roles.REPORTING).exists() or (user.is_active and user.is_superuser)


def give(user, name, days):
    """`(ApiToken, the token itself)`. Raises `Refused` where the person has too many."""
    token = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=user.pk)
        if standing(user).count() >= MOST:
            raise Refused(_("You have %(most)s tokens. End one that you no longer need.") % {"most": MOST})
        expires = timezone.now() + datetime.timedelta(days=min(days, max(DAYS)))
        return ApiToken.objects.create(user=user, name=name, token_hash=hashed(token), expires_at=expires), token


def standing(user, now=None):
    return ApiToken.objects.accessible_to(user).filter(revoked_at__isnull=True, expires_at__gt=now or timezone.now())


def end(token):
    """Ends it at once; ending it twice changes nothing."""
    ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())


def holder_of(token):
    """The standing `ApiToken` with its person, or `None`. Remembers the day of use, one write a day."""
    if not token.startswith(PREFIX) or len(token) > LONGEST or not token.isascii():
        return None
    now = timezone.now()
    found = ApiToken.objects.select_related("user").filter(
        token_hash=hashed(token), revoked_at__isnull=True, expires_at__gt=now, user__is_active=True
    ).first()  # fmt: skip
    if found is None:
        return None
    if found.last_used_on != now.date():
        ApiToken.objects.filter(pk=found.pk).update(last_used_on=now.date())
    return found


def hashed(token):
    return hashlib.sha256(token.encode()).hexdigest()
