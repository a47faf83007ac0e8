"""Timed attempts: who is in one, more time for somebody, and closing those whose time is over (evaluations/clock.py, closing.py)."""

import logging
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum import plaintext
from evaluations import clock, closing
from evaluations.models import Extension, Response
from evaluations.refusals import Refused

logger = logging.getLogger(__name__)

LEAST_MINUTES, MOST_MINUTES = 1, 240
LONGEST_REASON = 500


class BadInput(Refused):
    """What somebody wrote cannot be taken. `field` names it."""

    code, status = "bad_input", 422

    def __init__(self, text, field):
        super().__init__(text)
        self.field = field


def open_in(cohort, by):
    """The open timed attempts of a cohort, the one that ends first on top, with `answered` and `extended`. Never one's own."""
    rows = Response.objects.judged_by(by).filter(enrollment__cohort=cohort, submitted_at__isnull=True, deadline_at__isnull=False)
    rows = rows.exclude(enrollment__user=by).select_related("enrollment__user", "instrument")
    return rows.annotate(
        answered=Count("answers", distinct=True), extended=Count("extensions", distinct=True), last_saved=Max("answers__saved_at")
    ).order_by("deadline_at", "pk")


def extend(response, by, minutes, reason):
    """Gives more time from the deadline, or from now where the deadline is past. Returns the `Extension`.

    Raises `BadInput` (minutes, reason) and `Refused`: without a limit there is nothing to extend, and closed is closed.
    """
    minutes, reason = _minutes(minutes), _reason(reason)
    with transaction.atomic():
        response = closing.hold(response)
        if response.submitted_at:
            raise Refused(_("This attempt is closed, so its time cannot be extended any more."))
        if response.deadline_at is None:
            raise Refused(_("This attempt has no time limit."))
        response.deadline_at = max(response.deadline_at, timezone.now()) + timedelta(minutes=minutes)
        response.save(update_fields=["deadline_at"])
        return Extension.objects.create(response=response, minutes=minutes, by=by, reason=reason)


def close_overdue(limit=1000):
    """Closes what the clock has ended, and returns `(closed, failed)`. Each on its own: one that fails holds up no other."""
    closed = failed = 0
    for response in Response.objects.filter(clock.ended()).order_by("deadline_at")[:limit]:
        try:
            closed += closing.close_ended(response).submitted_at is not None
        except Exception:
            logger.exception("A timed attempt could not be closed: %s", response.pk)
            failed += 1
    return closed, failed


def insight(request, cohort):
    """A provider of `settings.COHORT_INSIGHTS`: says so while somebody of the cohort is in a timed attempt."""
    running = open_in(cohort, request.user).count()
    if not running:
        return None
    return {"order": 5, "template": "evaluations/attempts/insight.html", "context": {"cohort": cohort, "running": running}}


def _minutes(raw):
    text = str(raw or "").strip()
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else 0
    if not LEAST_MINUTES <= number <= MOST_MINUTES:
        words = _("Write how many minutes more, from %(least)d to %(most)d.")
        raise BadInput(words % {"least": LEAST_MINUTES, "most": MOST_MINUTES}, "minutes")
    return number


def _reason(raw):
    try:
        reason = plaintext.clean(raw, LONGEST_REASON)
    except ValidationError as error:
        raise BadInput(" ".join(error.messages), "reason") from error
    if not reason:
        raise BadInput(_("Write why: it is kept with the attempt."), "reason")
    return reason
