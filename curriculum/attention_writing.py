"""Writing to chosen people: a reminder of what is open for each of them, or a trainer's own words.

A reminder lists all that is due for the person in one message. Each thing in it claims its own row in the outbox: the first is the
message, the others point to it. The person's row is held meanwhile, so nobody is reminded of one thing twice in seven days, whoever
presses at the same time.
"""

from django.conf import settings
from django.db import transaction
from django.shortcuts import resolve_url
from django.utils import translation
from django.utils.translation import gettext as _

from curriculum.attention import WHAT, reminder_key, topic_of
from curriculum.enrollment_states import Refused
from curriculum.models import Enrollment
from notifications import outbox, readers, spacing
from notifications.models import Message

MOST = 200


def chosen_people(tokens, cohorts):
    """`{user id: set of item keys}` of what was ticked, in its order; an empty set means all that is due for the person.

    A token is the number of a user, or "number/item key". Raises `Refused`: nobody, too many, or somebody who is not in `cohorts`.
    """
    chosen = {}
    for token in tokens:
        number, _slash, item_key = token.partition("/")
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise Refused(_("Choose people from the list."), "who")
        chosen.setdefault(int(number), set()).update({item_key} if item_key else ())
    if not chosen:
        raise Refused(_("Tick at least one person."), "who")
    if len(chosen) > MOST:
        raise Refused(_("Choose at most %(most)s people at a time.") % {"most": MOST}, "who")
    theirs = Enrollment.objects.filter(cohort__in=cohorts, user__in=chosen, user__is_active=True)
    known = set(theirs.exclude(status=Enrollment.Status.TRANSFERRED).order_by().values_list("user_id", flat=True))
    if chosen.keys() - known:
        raise Refused(_("Choose people from the list."), "who")
    return chosen


def due_of(found, chosen):
    """`{user id: items of which the person may be reminded now}`, for those of `chosen` who have any."""
    due = {}
    for item in found.items:
        wanted = chosen.get(item.person.pk) if item.due else None
        if wanted is not None and (not wanted or item.item_key in wanted):
            due.setdefault(item.person.pk, []).append(item)
    return due


# --- reminders -------------------------------------------------------------------------------------------------------


def reminder(person, items, by):
    """The message as it would leave, unsaved: in the person's language, with their own items."""
    return Message(what=WHAT, user=person, language=readers.language_for(person), context=_reminder_context(person, items, by))


def remind(person, items, by):
    """Writes one message about those of `items` that the person was not reminded of in seven days; says whether there was one."""
    with transaction.atomic():
        spacing.hold(person)
        known = spacing.told_lately(topic__in=[topic_of(item.place) for item in items], user=person)
        new = [item for item in items if topic_of(item.place) not in known]
        return bool(new) and _write(person, new, by)


def _write(person, items, by):
    first, *others = items
    context = _reminder_context(person, items, by)
    topic = topic_of(first.place)
    message = outbox.enqueue(WHAT, person, reminder_key(first), context, by=by, url=context["path"], topic=topic)
    if message is None:
        return False
    line = {"what": WHAT, "user": person, "to": message.to, "by": by, "language": message.language, "context": context}
    line |= {"settled_as": Message.Settled.DIGEST, "digest": message}
    rows = [Message(dedupe_key=reminder_key(item), topic=topic_of(item.place), **line) for item in others]
    Message.objects.bulk_create(rows)
    return True


def _reminder_context(person, items, by):
    with translation.override(readers.language_for(person)):
        lines = [{"text": text, "url": settings.SITE_BASE_URL + path} for text, path in (item.reminder() for item in items)]
        path = lines[0]["url"].removeprefix(settings.SITE_BASE_URL) if len(lines) == 1 else _today()
    context = {"by_name": _name(by), "lines": lines, "cohort": items[0].cohort.name}
    return {**context, "path": path, "url": settings.SITE_BASE_URL + path}


# --- own words -------------------------------------------------------------------------------------------------------


def letter(person, subject, text, by):
    """The message as it would leave, unsaved."""
    return Message(
        what="personal", user=person, language=readers.language_for(person), context=_letter_context(person, subject, text, by)
    )


def write(people, subject, text, by, form_id):
    """One message to each; the same form sent again writes none. Returns how many were written now."""
    written = 0
    for person in people:
        with transaction.atomic():
            context = _letter_context(person, subject, text, by)
            key = f"personal:{by.pk}:{form_id}:{person.pk}"
            written += outbox.enqueue("personal", person, key, context, by=by, url=context["path"]) is not None
    return written


def _letter_context(person, subject, text, by):
    with translation.override(readers.language_for(person)):
        path = _today()
    context = {"headline": subject, "text": text, "by_name": _name(by), "reply_to": by.email}
    return {**context, "path": path, "url": settings.SITE_BASE_URL + path}


def _today():
    return resolve_url(settings.LOGIN_REDIRECT_URL)


def _name(user):
    return user.addressed_as if user.full_name or user.certificate_name else ""
