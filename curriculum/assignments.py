"""Handing in what an assignment asks for, and judging it.

A hand-in waits until somebody who teaches the cohort accepts or returns it. Accepting completes the activity; after a return the
person hands in once more. One waits at a time: the database says so, whoever presses twice.
"""

import uuid

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from curriculum import plaintext, progress, roles
from curriculum.enrollment_states import Refused
from curriculum.models import HandIn
from curriculum.outline import outline_of, url_of
from notifications import outbox
from notifications.readers import language_for

State = HandIn.State
LONGEST_COMMENT = 2000


def hand_in(enrollment, page, text, client_id):
    """Records the text for the assignment on `page` and returns the `HandIn`; the same form sent again gives the first one.

    Raises `progress.NotStudying`, `progress.NotInOutline`, `progress.Locked`, or `Refused`: about the field `text` where the text
    will not do, without a field where another hand-in stands in the way.
    """
    key = page.translation_key
    if not enrollment.may_study:
        raise progress.NotStudying
    if outline_of(enrollment.cohort).find(key) is None:
        raise progress.NotInOutline
    lock = progress.locked_because(enrollment, key)
    if lock and not _of_form(enrollment, client_id):
        raise progress.Locked(lock)
    text = _cleaned(text, page.max_length, "text")
    if not text:
        raise Refused(_("Write your answer."), "text")
    known = _sent_before(enrollment, key, text, client_id)
    if known:
        return known
    try:
        with transaction.atomic():
            mine = HandIn.objects.filter(enrollment=enrollment, activity_key=key)
            number = (mine.aggregate(Max("number"))["number__max"] or 0) + 1
            return HandIn.objects.create(
                enrollment=enrollment, activity_key=key, number=number, text=text, client_id=client_id or uuid.uuid4()
            )
    except IntegrityError:  # another request was first: the same form, or another one
        known = _sent_before(enrollment, key, text, client_id)
        if known:
            return known
        raise


def _cleaned(text, limit, field):
    try:
        return plaintext.clean(text, limit)
    except ValidationError as error:
        raise Refused(error.messages[0], field) from None


def _of_form(enrollment, client_id):
    return HandIn.objects.filter(enrollment=enrollment, client_id=client_id).first() if client_id else None


def _sent_before(enrollment, key, text, client_id):
    """What this form made when it was sent before, or `None`. Raises `Refused` where it, or another text, stands in the way."""
    # First what stands, then the form: so a request that runs beside us with the same form is never taken for another one.
    standing = HandIn.objects.filter(enrollment=enrollment, activity_key=key).exclude(state=State.RETURNED).first()
    known = _of_form(enrollment, client_id)
    if known:
        if (known.activity_key, known.text) != (key, text):
            raise Refused(_("This form was sent before with another text. Check the text below and send it again."))
        return known
    if standing and standing.state == State.SENT:
        raise Refused(_("Your earlier text is waiting for a trainer. You can hand in another one if it is returned."))
    if standing or enrollment.completions.filter(activity_key=key).exists():
        raise Refused(_("This assignment is accepted already. Nothing more is needed."))
    return None


def judge(hand_in, by, accepted, comment=""):
    """A trainer or lead accepts the hand-in, which completes the activity, or returns it with a comment. The person gets a mail.

    The same decision repeated by the same person changes nothing. Raises `PermissionDenied` for anybody else and for one's own
    text, and `Refused`: no comment, judged already, or the activity cannot be completed now.
    """
    if not roles.judges(by, hand_in):
        raise PermissionDenied
    comment = _cleaned(comment, LONGEST_COMMENT, "comment")
    if not accepted and not comment:
        raise Refused(_("Write what is missing, so that the person knows what to improve."), "comment")
    state = State.ACCEPTED if accepted else State.RETURNED
    with transaction.atomic():
        judged = {"state": state, "judged_by": by, "judged_at": timezone.now(), "comment": comment}
        if not HandIn.objects.filter(pk=hand_in.pk, state=State.SENT).update(**judged):
            return _judged_before(hand_in, by, state, comment)
        hand_in.refresh_from_db()
        if accepted:
            _complete(hand_in, by)
        _tell(hand_in)
    return hand_in


def _judged_before(hand_in, by, state, comment):
    hand_in.refresh_from_db()
    if (hand_in.state, hand_in.judged_by_id, hand_in.comment) != (state, by.pk, comment):
        raise Refused(_("Somebody has judged this text already. See the decision below."))
    return hand_in


def _complete(hand_in, by):
    evidence = {"hand_in": hand_in.pk, "judged_by": by.pk}
    try:
        progress.complete(hand_in.enrollment, hand_in.activity_key, evidence)
    except progress.NotStudying:
        words = _(
            "The person's place in the cohort is not active, so nothing can be recorded. Accept the text when they are back."
        )
        raise Refused(words) from None
    except progress.NotInOutline:
        words = _(
            "The assignment is no longer part of the cohort's programme, so it cannot be accepted. Return it with a comment."
        )
        raise Refused(words) from None
    except progress.Locked as locked:
        words = _("The assignment is closed for this person at the moment. %(reason)s")
        raise Refused(words % {"reason": locked.lock.text}) from None


def _tell(hand_in):
    enrollment, key = hand_in.enrollment, hand_in.activity_key
    language = language_for(enrollment.user)
    activity = outline_of(enrollment.cohort).find(key)
    with translation.override(language):
        address = url_of(key, enrollment.cohort.curriculum_key) or reverse("curriculum:programme")
        title = activity.title() if activity else _("Assignment")
    context = {
        "title": title,
        "accepted": hand_in.state == State.ACCEPTED,
        "comment": hand_in.comment,
        "url": settings.SITE_BASE_URL + address,
    }
    outbox.enqueue("assignment_judged", enrollment.user, f"hand-in:{hand_in.pk}", context)


# --- looking ---------------------------------------------------------------------------------------------------------


def hand_ins_of(enrollment, key):
    """What the person handed in for one assignment, newest first. One query."""
    return list(HandIn.objects.filter(enrollment=enrollment, activity_key=key).order_by("-number"))


def waiting_in(cohort):
    """How many texts of the cohort wait for somebody to judge them. One query."""
    return HandIn.objects.waiting().filter(enrollment__cohort=cohort).count()


def started_activities(enrollment):
    """The assignments that the person has handed in and that are not accepted yet (settings.ACTIVITY_STATES)."""
    pending = HandIn.objects.filter(enrollment=enrollment).exclude(state=State.ACCEPTED)
    return set(pending.values_list("activity_key", flat=True))
