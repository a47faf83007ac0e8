"""The Today page is made of cards. Every floor contributes its own (settings.TODAY_CARDS); each one fails alone.

A contributor is `cards(request, enrollment, progress) -> list[dict]`; each dict has `order` (int, small comes first),
`template` (its path) and `context` (for that template). From order 40 on, cards stand in the side column of wide screens:
what is worth knowing, where the others are what is worth doing.
"""

import logging

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from curriculum import progress
from curriculum.models import Enrollment
from lms import places

logger = logging.getLogger(__name__)

FAILED = "today/failed.html"
SIDE = 40


def enrollment_in_use(user, preferred=None):
    """The trainee enrolment to show: the chosen one, else the newest that may study, else the newest paused. One query."""
    mine = list(
        Enrollment.objects.filter(user=user, role=Enrollment.Role.TRAINEE, status__in=Enrollment.MEMBER_STATES)
        .select_related("cohort")
        .order_by("-enrolled_at", "-pk")
    )
    mine.sort(key=lambda enrollment: (enrollment.pk != preferred, not enrollment.may_study))
    return mine[0] if mine else None


def collect(request, enrollment):
    """The rendered cards as `(main, side)`: two lists of HTML in their order."""
    try:
        state = progress.progress_of(enrollment)
    except Exception:
        logger.exception("Progress failed on Today")
        return [_failed(request)], []
    found = []
    for path in settings.TODAY_CARDS:
        found += _from(path, request, enrollment, state)
    found.sort(key=lambda card: card["order"])
    main = [_drawn(request, card) for card in found if card["order"] < SIDE]
    side = [_drawn(request, card) for card in found if card["order"] >= SIDE]
    return main, side


def _from(path, request, enrollment, state):
    try:
        return list(import_string(path)(request, enrollment, state))
    except Exception:
        logger.exception("Today cards of %s failed", path)
        return [{"order": SIDE - 1, "template": FAILED, "context": {}}]


def _drawn(request, card) -> SafeString:
    try:
        return render_to_string(card["template"], card["context"], request)
    except Exception:
        logger.exception("Today card %s failed", card["template"])
        return _failed(request)


def _failed(request):
    return render_to_string(FAILED, {}, request)


def greeting(user, now=None):
    """ "Good afternoon, Dra. Ana Pérez", by the reader's own clock."""
    hour = (now or timezone.now()).astimezone(places.zone_of(user)).hour
    name = {"name": user.addressed_as} if user.full_name or user.certificate_name else None
    if 4 <= hour < 12:
        return _("Good morning, %(name)s") % name if name else _("Good morning")
    if 12 <= hour < 19:
        return _("Good afternoon, %(name)s") % name if name else _("Good afternoon")
    return _("Good evening, %(name)s") % name if name else _("Good evening")
