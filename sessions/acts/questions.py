"""Questions from the floor: one upvote per account, merged, answered, set aside, taken back."""

from typing import Annotated

from django.db import IntegrityError, transaction
from django.db.models import Count, F
from django.utils.translation import gettext as _
from pydantic import Field

from sessions import room
from sessions.acts import Shape, act
from sessions.models import RoomQuestion, Upvote
from sessions.refusals import Refusal
from sessions.tallies import Tally

MOST, MOST_EACH = 300, 30
OPEN, ANSWERED = RoomQuestion.State.OPEN, RoomQuestion.State.ANSWERED


class Ask(Shape):
    text: Annotated[str, Field(min_length=3, max_length=500)]


class Which(Shape):
    id: int


class Up(Which):
    up: bool = True


class Merge(Shape):
    ids: Annotated[list[int], Field(min_length=1, max_length=50)]
    into: int


class Answer(Which):
    text: Annotated[str, Field(max_length=2000)] = ""


@act("qa.ask", Ask)
def ask(here, body):
    asked = list(here.meeting.questions.values_list("author_id", flat=True))
    if len(asked) >= MOST or (asked.count(here.seat.user_id) >= MOST_EACH and not here.seat.hosts):
        raise Refusal("closed", _("There are too many questions already. Vote for one that is there."))
    question = RoomQuestion.objects.create(
        meeting_id=here.meeting.pk, author_id=here.seat.user_id, author_name=here.seat.name, text=body.text, at=here.now
    )
    return {"id": question.pk, "text": question.text, "state": "open"}


@act("qa.upvote", Up)
def upvote(here, body):
    """One per account, whatever the number of devices; not for one's own question."""
    question = _question(here, body.id)
    if question.state != OPEN:
        raise Refusal("closed")
    if question.author_id == here.seat.user_id:
        raise Refusal("forbidden", _("It is your own question: others vote for it."))
    if _changed(question, here, body.up):
        RoomQuestion.objects.filter(pk=question.pk).update(rev=F("rev") + 1)
        here.tally("question", question.pk)


def _changed(question, here, up):
    if not up:
        return Upvote.objects.filter(question=question, user_id=here.seat.user_id).delete()[0]
    try:
        with transaction.atomic():
            Upvote.objects.create(question=question, user_id=here.seat.user_id, cid=here.cid)
    except IntegrityError:
        return False
    return True


@act("qa.merge", Merge)
def merge(here, body):
    """Their votes go to the question that stays; who voted for both counts once."""
    target = _question(here, body.into)
    if body.into in body.ids or target.state != OPEN:
        raise Refusal("invalid")
    merged = list(here.meeting.questions.filter(pk__in=body.ids, state=OPEN))
    if len(merged) != len(set(body.ids)):
        raise Refusal("invalid")
    voters = Upvote.objects.filter(question__in=merged).values_list("user_id", flat=True)
    known = set(target.upvotes.values_list("user_id", flat=True)) | {target.author_id}
    authors = {question.author_id for question in merged if question.author_id}
    for user_id in (set(voters) | authors) - known:
        Upvote.objects.create(question=target, user_id=user_id, cid=here.cid)
    here.meeting.questions.filter(pk__in=body.ids).update(state=RoomQuestion.State.MERGED, merged_into=target)
    RoomQuestion.objects.filter(pk=target.pk).update(rev=F("rev") + 1)
    here.tally("question", target.pk)
    return {"ids": sorted(set(body.ids)), "state": "merged", "into": target.pk}


@act("qa.answer", Answer)
def answer(here, body):
    """With words, or without: it was answered aloud."""
    question = _question(here, body.id)
    if question.state not in (OPEN, ANSWERED):
        raise Refusal("closed")
    _change(question, state=ANSWERED, answer=body.text, answered_by_id=here.seat.user_id)
    return {"id": question.pk, "state": "answered", "answer": body.text, "by": here.seat.name}


@act("qa.dismiss", Which)
def dismiss(here, body):
    question = _question(here, body.id)
    _change(question, state=RoomQuestion.State.DISMISSED)
    return {"id": question.pk, "state": "dismissed"}


@act("qa.redact", Which)
def redact(here, body):
    """One's own words, or anybody's for hosts, leave the room and its log."""
    question = _question(here, body.id)
    if question.author_id != here.seat.user_id and not here.seat.hosts:
        raise Refusal("forbidden")
    _change(question, text="", answer="", state=RoomQuestion.State.DISMISSED)
    for kind in ("qa.ask", "qa.answer"):
        room.redact(here.stream, kind, "id", question.pk)
    return {"id": question.pk, "text": "", "answer": "", "by": "", "state": "dismissed", "redacted": True}


def _question(here, pk):
    question = here.meeting.questions.filter(pk=pk).first()
    if question is None:
        raise Refusal("invalid", _("This question does not exist."))
    return question


def _change(question, **values):
    RoomQuestion.objects.filter(pk=question.pk).update(**values)


def tally(meeting_id, ids):
    """See sessions/tallies.py. One query."""
    found = RoomQuestion.objects.filter(meeting_id=meeting_id)
    found = found.filter(rev__gt=0) if ids is None else found.filter(pk__in=ids)
    rows = found.annotate(count=Count("upvotes")).values_list("pk", "rev", "count")
    return [Tally("main", "question", pk, rev, count) for pk, rev, count in rows]
