"""Own words before they are kept: as one person would read them, and as a mail to whoever wrote them."""

import uuid
from dataclasses import replace

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from notifications import mail, outbox, wordings
from notifications.editable import EDITABLE
from notifications.models import Message
from notifications.refusals import Refused

TESTS_AN_HOUR = 10


def preview(what, language, subject, body, person, reader):
    """`wordings.Filled` for `person`: with what the last such message to them said, else with samples.

    Secrets, links that act for the person and what somebody wrote to them are never shown: samples stand there. `reader` is the lead
    who looks: only a message of which they may know, about what they see anyway (settings.MESSAGE_FACTS), is used.
    """
    last = Message.objects.accessible_to(reader).filter(what=what, user=person, channel=Message.Channel.MAIL)
    last = last.order_by("-created_at", "-pk").first()
    last = last if last and import_string(settings.MESSAGE_FACTS)(reader, last) else None
    context = _samples(what) | (_known(what, last.context) if last else {}) | _links(what, last)
    with translation.override(language):
        words = mail.words_for(Message(what=what, user=person, language=language, context=context))
        words["unsubscribe_url"] = words["unsubscribe_url"] and _nowhere()
        found = wordings.fill(what, subject, body, words)
        return found and replace(found, whole=wordings.plain(found, words), said_at=last.created_at if last else None)


def _nowhere():
    return f"{settings.SITE_BASE_URL}/…"


def _samples(what):
    editable = EDITABLE[what]
    return {editable.key_of(name): one.sample for name, one in editable.names.items() if one.sample} | editable.samples


def _known(what, context):
    hidden = EDITABLE[what].private
    facts = outbox.without_secrets(context).items()
    return {
        name: value for name, value in facts
        if not name.startswith(outbox.SECRET_PREFIX) and name not in hidden and value is not None
    }  # fmt: skip


def _links(what, last):
    """Addresses lead nowhere in a preview; where the person's message had none, there is none."""
    editable = EDITABLE[what]
    keys = {one.key for one in editable.names.values() if one.key} | ({editable.link} if "link" in editable.names else set())
    none = {key for key in keys if last and not key.startswith(outbox.SECRET_PREFIX) and last.context.get(key) == ""}
    return {key: "" if key in none else _nowhere() for key in keys}


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
