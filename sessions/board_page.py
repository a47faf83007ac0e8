"""From the board to the library: a draft page for the editors, once per meeting. Countries are in it, names of people are not.

What the editors make of the draft is theirs: it is never written again. Its translation key is made from the meeting, and Wagtail keeps
one page per key and language, so that no two drafts of one meeting can be.
"""

import uuid

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import strip_spaces_between_tags
from django.utils.translation import gettext as _
from wagtail.models import Page

from curriculum.models import ResourceIndexPage, ResourcePage
from sessions import board_summary, wall_clock

NAMESPACE = uuid.UUID("0f2f7d0a-6c1e-5f5b-8a55-3f0f3b1a7c11")


class NoDraft(Exception):
    """There is nothing to make a page of, or nowhere to put it. The message says which."""


def draft_page(meeting, user):
    """`(page, made)`: the draft of this meeting, made now if there is none. Raises `NoDraft`."""
    index = library_of(meeting)
    if index is None:
        raise NoDraft(_("The library has no page in the language of this meeting yet. The editors can make one."))
    with transaction.atomic():
        index = Page.objects.select_for_update().get(pk=index.pk).specific  # one draft at a time below it: paths are counted
        page = _standing(meeting, index)
        return (page, False) if page else (_new_draft(meeting, index, user), True)


def library_of(meeting):
    return ResourceIndexPage.objects.filter(locale__language_code=meeting.language).first()


def existing(meeting):
    """The page that was made from this meeting, or `None`."""
    return Page.objects.filter(translation_key=_key(meeting), locale__language_code=meeting.language).first()


def may_draft(user, meeting):
    """Whether the person writes in the library. Those who run the meeting may make its draft as well."""
    index = library_of(meeting)
    return index is not None and index.permissions_for_user(user).can_add_subpage()


def may_edit(user, page):
    return page.permissions_for_user(user).can_edit()


def _standing(meeting, index):
    return Page.objects.filter(translation_key=_key(meeting), locale=index.locale_id).first()


def _key(meeting):
    return uuid.uuid5(NAMESPACE, str(meeting.pk))


def _new_draft(meeting, index, user):
    with translation.override(meeting.language):
        summary = board_summary.gathered(meeting)
        page = _filled(meeting, summary)
    if not summary.ideas:
        raise NoDraft(_("The board is empty: there is nothing to make a page of."))
    page.locale_id, page.translation_key, page.owner = index.locale_id, _key(meeting), user
    index.add_child(instance=page)
    page.save_revision(user=user, log_action=True)
    return page


def _filled(meeting, summary):
    held_on = (meeting.started_at or meeting.starts_at).astimezone(wall_clock.zone(meeting.time_zone)).date()
    body = render_to_string("live/board_draft.html", {"summary": summary, "meeting": meeting, "held_on": held_on})
    about = _("What participants wrote on the board of “%(title)s”: the main challenges, what they did, and what was effective.")
    return ResourcePage(
        title=_("%(title)s: challenges, actions, what was effective") % {"title": meeting.title},
        summary=about % {"title": meeting.title},
        body=strip_spaces_between_tags(body.strip()),
        resource_type=ResourcePage.Type.ARTICLE,
        pillar=ResourcePage.Pillar.MENTORSHIP,
        version_note=_("Draft made from the board of the meeting"),
        live=False,
        has_unpublished_changes=True,
    )
