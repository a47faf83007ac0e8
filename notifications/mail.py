"""From a message to a mail: the words in the reader's language, plain text and HTML, one link, nothing that tracks."""

import datetime
import hashlib
import re
import zoneinfo
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context
from django.template.loader import get_template
from django.utils import translation
from django.utils.dates import MONTHS

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def language_for(user, language=None):
    """The asked language, else the person's own, else the site's; always one that the site speaks."""
    spoken = dict(settings.LANGUAGES)
    return next((code for code in (language, getattr(user, "language", "")) if code in spoken), settings.LANGUAGE_CODE)


def send(message):
    """Sends `message` now. Raises whatever the mail server raises."""
    subject, text, html = render(message)
    host = urlsplit(settings.SITE_BASE_URL).hostname or "localhost"
    same_for_each_try = hashlib.sha256(f"{settings.SECRET_KEY}{message.pk}".encode()).hexdigest()[:32]
    mail = EmailMultiAlternatives(
        subject,
        text,
        settings.DEFAULT_FROM_EMAIL,
        [message.to],
        reply_to=[settings.CONTACT_EMAIL],
        headers={
            "Message-ID": f"<{same_for_each_try}@{host}>",
            "Auto-Submitted": "auto-generated",
            "Content-Language": message.language,
        },
    )
    mail.attach_alternative(html, "text/html")
    mail.send()


def render(message):
    """Subject (always one line), plain text and HTML of a message."""
    folder = f"notifications/{message.what}"
    with translation.override(message.language):
        words = {
            **{name: _written(name, value) for name, value in message.context.items()},
            "reader": message.user,
            "language": message.language,
            "site_name": settings.SITE_NAME,
            "site_url": settings.SITE_BASE_URL,
            "contact": settings.CONTACT_EMAIL,
        }
        subject = _fill(f"{folder}/subject.txt", words, autoescape=False)
        text = _fill(f"{folder}/body.txt", words, autoescape=False)
        html = _fill(f"{folder}/body.html", {**words, "subject": _one_line(subject)}, autoescape=True)
    return _one_line(subject), re.sub(r"\n{3,}", "\n\n", text).strip() + "\n", html


def written_date(day):
    """A day in words in the active language: "5 de marzo de 2027", "5 de março de 2027", "5 March 2027"."""
    month = str(MONTHS[day.month])
    if (translation.get_language() or "").startswith(("es", "pt")):
        return f"{day.day} de {month.lower()} de {day.year}"
    return f"{day.day} {month} {day.year}"


def _written(name, value):
    """Context is JSON: names that end in `_on` hold a date, in `_at` an instant with its zone (`[instant, zone]`)."""
    if name.endswith("_on") and isinstance(value, str) and DATE.fullmatch(value):
        return written_date(datetime.date.fromisoformat(value))
    if name.endswith("_at") and isinstance(value, list):
        instant, zone = value
        local = datetime.datetime.fromisoformat(instant).astimezone(zoneinfo.ZoneInfo(zone))
        return f"{written_date(local.date())}, {local:%H:%M} ({zone.rpartition('/')[2].replace('_', ' ')})"
    return value


def _fill(name, words, autoescape):
    return get_template(name).template.render(Context(words, autoescape=autoescape))


def _one_line(text):
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
