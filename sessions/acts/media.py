"""Who may be heard and seen, and the backup address. What is wished stands in the log; conference/ makes it so."""

from typing import Annotated, Literal

from django.utils.translation import gettext as _
from pydantic import Field

from sessions.acts import Shape, act
from sessions.conference.link import problems_of
from sessions.conference.rights import DEFAULT, STAGE_LIMIT, policy_of
from sessions.refusals import Refusal

People = Annotated[list[int], Field(max_length=500)]


class Policy(Shape):
    """What is not given stays as it is. `stage` and `muted` are ids of people, all at once; the others name one person."""

    publish: Literal["all", "stage", "hosts", "none"] | None = None
    stage: People | None = None
    muted: People | None = None
    video: bool | None = None
    mute: int | None = None
    unmute: int | None = None
    put_on: int | None = None
    take_off: int | None = None


class Backup(Shape):
    push: bool


@act("media.policy", Policy)
def policy(here, body):
    given = body.model_dump(exclude_none=True)
    for name in ("stage", "muted"):
        if name in given:
            given[name] = sorted(set(given[name]))
    standing = policy_of(here.meeting.pk)
    wished = {key: given.get(key, standing[key]) for key in DEFAULT}
    wished["muted"] = _changed(wished["muted"], body.mute, body.unmute)
    wished["stage"] = _changed(wished["stage"], body.put_on, body.take_off)
    if len(wished["stage"]) > STAGE_LIMIT:
        raise Refusal("invalid", _("At most %(number)d people can be on the stage.") % {"number": STAGE_LIMIT})
    return wished


def _changed(people, more, less):
    return people if more is None and less is None else sorted({*people, more} - {less, None})


@act("media.backup", Backup)
def backup(here, body):
    """Shows the backup address to everybody, or takes it back."""
    if not body.push:
        return {"backup": ""}
    address = here.meeting.backup_url
    if not address:
        raise Refusal("invalid", _("This meeting has no backup address. Enter one on the page of the meeting."))
    problems = problems_of(address)
    if problems:
        raise Refusal("invalid", problems[0])
    return {"backup": address}
