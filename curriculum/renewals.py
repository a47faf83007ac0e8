"""Reminding holders that a certificate runs out: sixty and fourteen days before, and when it has.

What is due follows from the date on the certificate, so a night without a worker loses nothing, and each of the three is told once.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from curriculum.models import Certificate
from curriculum.verification import today as today_of_programme
from notifications import outbox
from notifications.models import Message
from notifications.readers import language_for

WHAT = "certificate_renewal"
EARLY, LATE = timedelta(days=60), timedelta(days=14)
TOLD_AFTER = timedelta(days=30)  # what ran out longer ago is no news
CHUNK = 500


def remind(today=None):
    """Writes the reminders that are due and returns how many. Three queries and one insert each for every 500 certificates."""
    today = today or today_of_programme()
    standing = Certificate.objects.standing().filter(
        expires_on__gte=today - TOLD_AFTER, expires_on__lte=today + EARLY, enrollment__user__is_active=True
    )
    written, last = 0, 0
    while True:
        rows = standing.filter(pk__gt=last).select_related("enrollment__user", "enrollment__cohort").order_by("pk")
        chunk = list(rows[:CHUNK])
        if not chunk:
            return written
        written += _remind(chunk, today)
        last = chunk[-1].pk


def stage_of(certificate, today):
    """ "60", "14" or "lapsed"."""
    if certificate.expires_on < today:
        return "lapsed"
    return "14" if certificate.expires_on - LATE <= today else "60"


def _remind(certificates, today):
    due = {f"certificate-renewal:{one.code}:{stage_of(one, today)}": one for one in certificates}
    told = set(Message.objects.filter(dedupe_key__in=due).values_list("dedupe_key", flat=True))
    return sum(_tell(one, key, today) for key, one in due.items() if key not in told)


def _tell(certificate, key, today):
    user = certificate.enrollment.user
    with translation.override(language_for(user)):
        path = reverse("curriculum:certificate")
    context = {
        "title": certificate.curriculum_title,
        "expires_on": certificate.expires_on.isoformat(),
        "lapsed": certificate.expires_on < today,
        "url": settings.SITE_BASE_URL + path,
    }
    with transaction.atomic():
        message = outbox.enqueue(WHAT, user, key, context, expires_at=_until(certificate, today), url=path)
    return int(message is not None)


def _until(certificate, today):
    """When the next reminder takes over; a message that could not leave by then is of no use any more."""
    days = {
        "60": certificate.expires_on - LATE - today,
        "14": certificate.expires_on + timedelta(days=1) - today,
        "lapsed": certificate.expires_on + TOLD_AFTER - today,
    }[stage_of(certificate, today)]
    return timezone.now() + max(days, timedelta(days=1))
