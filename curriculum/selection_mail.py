"""Telling people whether they were selected.

The message waits a few minutes: an invitation that goes out with the selection says it already and takes its place, and a decision
that is corrected at once is not told twice. Reasons are written for the leads and never leave with it.
"""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation

from curriculum.enrollment_states import Role, Status
from notifications import outbox
from notifications.models import Message
from notifications.readers import language_for

WHAT = "selection"
BREATH = timedelta(minutes=10)
TOLD = (Status.SELECTED, Status.NOT_SELECTED)


def decided(enrollment):
    """A lead has just decided about the person: tells them, in the transaction of the decision. Returns the enrolment."""
    withdraw(enrollment)
    if enrollment.role == Role.TRAINEE and enrollment.status in TOLD and enrollment.user.is_active:
        _tell(enrollment)
    return enrollment


def _tell(enrollment):
    change = enrollment.changes.order_by("-pk").first()
    language, path = _language_and_path(enrollment)
    context = _context(enrollment, path, selected=enrollment.status == Status.SELECTED)
    key = f"{_prefix(enrollment)}{change.pk}"
    how = {"due_at": timezone.now() + BREATH, "url": path, "topic": _prefix(enrollment)}
    outbox.enqueue(WHAT, enrollment.user, key, context, language=language, **how)


def draft(enrollment, *, selected):
    """The message as the decision would write it, unsaved."""
    language, path = _language_and_path(enrollment)
    context = _context(enrollment, path, selected=selected)
    return Message(what=WHAT, user=enrollment.user, to=enrollment.user.email, language=language, context=context)


def _language_and_path(enrollment):
    language = language_for(enrollment.user, enrollment.user.language or enrollment.cohort.language)
    with translation.override(language):
        return language, reverse("front")


def _context(enrollment, path, *, selected):
    cohort = enrollment.cohort
    return {
        "selected": selected,
        "cohort": cohort.name,
        "starts_on": cohort.starts_on.isoformat(),
        "ends_on": cohort.ends_on.isoformat(),
        "url": settings.SITE_BASE_URL + path,
    }


def withdraw(enrollment):
    """Takes back what has not left yet: it no longer holds, or an invitation says it."""
    waiting = Message.objects.filter(what=WHAT, dedupe_key__startswith=_prefix(enrollment), settled_as="")
    waiting = waiting.filter(Q(sent_at=None) | Q(last_error=outbox.SENDING))
    for key in waiting.values_list("dedupe_key", flat=True):
        outbox.withdraw(key)


def _prefix(enrollment):
    return f"{WHAT}:{enrollment.pk}:"
