"""Slides at the trainer's pace. People may look at other pages by themselves; "follow" brings them back to this one."""

from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import Field

from sessions.acts import Shape, act
from sessions.models import SlideDeck, SlidePage
from sessions.refusals import Refusal

TEXT_TOLD = 1200  # characters of the page's text in the event; the whole is at live:slide_text


class Goto(Shape):
    deck: Annotated[int, Field(ge=0)]
    page: Annotated[int, Field(ge=0)] = 1


@act("slide.goto", Goto)
def goto(here, body):
    """Shows a page; deck 0 takes the slides away. `text` is what the page says, for those who cannot see it."""
    if body.deck == 0:
        return {"deck": 0, "page": 0, "count": 0, "title": "", "text": ""}
    deck = SlideDeck.objects.filter(meeting_id=here.meeting.pk, pk=body.deck).first()
    if deck is None:
        raise Refusal("invalid", _("These slides do not exist."))
    if not deck.page_count:
        raise Refusal("closed", deck.error or _("These slides are still being prepared. Try again in a minute."))
    page = SlidePage.objects.filter(deck=deck, number=body.page).first()
    if page is None:
        raise Refusal("invalid", _("These slides have the pages 1 to %(last)d.") % {"last": deck.page_count})
    return {
        "deck": deck.pk, "page": page.number, "count": deck.page_count, "title": deck.title, "text": page.text[:TEXT_TOLD],
    }  # fmt: skip
