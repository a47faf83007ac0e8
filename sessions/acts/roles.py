"""Who runs the room: handed on, taken back; and who may no longer be in it."""

from typing import Annotated, Literal

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _
from pydantic import Field

from curriculum.models import Cohort
from sessions import hints, selection
from sessions.acts import Shape, act
from sessions.models import Meeting, MeetingPerson
from sessions.refusals import Refusal

PARTS = {"host": "host", "participant": "participant", "removed": "removed"}


class Role(Shape):
    id: int
    role: Literal["host", "participant", "removed"]
    reason: Annotated[str, Field(max_length=300)] = ""


@act("role.set", Role)
def set_(here, body):
    """Trainers and leads of the cohort run the room by their office: nobody takes that from them here. Hosts alone read the reason."""
    user = get_user_model().objects.filter(pk=body.id, is_active=True).first()
    meeting = Meeting.objects.non_polymorphic().filter(pk=here.meeting.pk)
    if user is None or not (meeting.accessible_to(user).exists() or _was_removed(here, user)):
        raise Refusal("invalid", _("This person is not in the meeting."))
    if user.pk == here.seat.user_id:
        raise Refusal("forbidden", _("Somebody else must change your part."))
    if user.is_superuser or _runs(here, user):
        raise Refusal("forbidden", _("Trainers and leads of the cohort always run its room."))
    if body.role == "host" and not selection.may_run(user, here.meeting):
        raise Refusal("forbidden", selection.RUN_BY)
    MeetingPerson.objects.update_or_create(meeting_id=here.meeting.pk, user=user, defaults={"part": PARTS[body.role]})
    if body.role == "removed":
        transaction.on_commit(lambda: hints.kick(user.pk, here.meeting.pk, "removed"), robust=True)
    if body.reason:
        who = user.full_name or user.certificate_name
        here.also("hosts", "chat.post", {"text": _("About %(name)s: %(reason)s") % {"name": who, "reason": body.reason}})
    return {"id": user.pk, "role": body.role, "name": user.full_name or user.certificate_name}


def _was_removed(here, user):
    return MeetingPerson.objects.filter(meeting_id=here.meeting.pk, user=user).exists()


def _runs(here, user):
    return Cohort.objects.run_by(user).filter(pk=here.meeting.cohort_id).exists()
