"""Own words before they are kept: as one person would read them, and as a mail to whoever wrote them."""

import uuid
from dataclasses import replace

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from notifications import outbox, readers, wordings
from notifications.editable import EDITABLE
from notifications.models import Message
from notifications.refusals import Refused

TESTS_AN_HOUR = 10


def preview(what, language, subject, body, person, reader):
    """`wordings.Filled` for `person`: with what the last such message to them said, else with samples; secrets and links are never theirs.

    `reader` is the lead who looks: only messages they may know of are used.
    """
    last = Message.objects.accessible_to(reader).filter(what=what, user=person).order_by("-created_at", "-pk").first()
    editable = EDITABLE[what]
    samples = {name: one.sample for name, one in editable.names.items() if one.sample} | editable.samples
    known = outbox.without_secrets(last.context) if last else {}
    known = {
        name: value for name, value in known.items() if not name.startswith(outbox.SECRET_PREFIX) and value not in (None, "")
    }
    with translation.override(language):
        words = readers.words_of({**samples, **known, editable.link: f"{settings.SITE_BASE_URL}/…"})
        words |= {
            "reader": person,
            "site_name": settings.SITE_NAME,
            "site_url": settings.SITE_BASE_URL,
            "contact": settings.CONTACT_EMAIL,
        }
        found = wordings.fill(what, subject, body, words)
        return found and replace(found, whole=wordings.plain(found, words))


def send_test(what, language, subject, body, to):
    """Mails the words, with samples, to the person who wrote them. Raises `Refused` above ten an hour."""
    for field, sentence in wordings.problems(what, subject, body):
        raise Refused(sentence, field)
    key = f"wording-tests:{to.pk}:{timezone.now():%Y%m%d%H}"
    cache.add(key, 0, 3600)
    if cache.incr(key) > TESTS_AN_HOUR:
        raise Refused(_("Ten tests within an hour are enough. Use the preview, or go on in an hour."))
    shown = preview(what, language, subject, body, to, to)
    with translation.override(language):
        context = {"own_subject": shown.subject, "blocks": shown.blocks, "button_words": str(EDITABLE[what].button)}
    return outbox.enqueue("wording_test", to, f"wording-test:{uuid.uuid4()}", context, language=language)
