"""Texts to telephones: the contract that a provider of SMS or WhatsApp fulfils, and one that only writes to the console.

settings.TEXT_CHANNELS names the classes by dotted path: `{"sms": "here.OurProvider"}`. Without an entry nobody is asked for a number.
"""

import logging
import sys

from django.conf import settings
from django.utils.module_loading import import_string

from notifications.models import TextNumber
from notifications.refusals import Refused

__all__ = ["Channel", "Console", "Refused", "channel_for", "configured", "masked"]

logger = logging.getLogger(__name__)
NAMES = dict(TextNumber._meta.get_field("channel").choices)
LONGEST = 600  # signs of one text


class Channel:
    """One way to a telephone. `name` is its key in settings.TEXT_CHANNELS; one object serves all threads."""

    name = ""

    def send(self, number, text, reference):
        """Hands `text` (plain, at most LONGEST signs) for `number` (E.164: "+5215512345678") to the provider; returns the provider's id.

        `reference` names the message: a provider that knows idempotency keys gets it, so that a repeated call sends once. Gives up
        after ten seconds. Raises `Refused` where the provider says that this number will never work; anything else is tried again.
        """
        raise NotImplementedError


class Console(Channel):
    """For a machine of one's own: shows the text where the server runs and sends nothing."""

    name = "sms"

    def send(self, number, text, reference):
        logger.info("text %s to %s", reference, masked(number))
        if settings.DEBUG:
            sys.stdout.write(f"[{self.name}] {number}: {text}\n")
        return f"console:{reference}"


def channel_for(name):
    """The configured channel of this name, or `None`."""
    path = settings.TEXT_CHANNELS.get(name)
    return import_string(path)() if path else None


def configured():
    """`[(name, words)]` of the channels that are set up, in the order of the model's choices."""
    return [(name, words) for name, words in NAMES.items() if settings.TEXT_CHANNELS.get(name)]


def masked(number):
    """ "+52 ••• 5678": enough to recognise one's own number, too little to call it."""
    return f"{number[:3]} ••• {number[-4:]}"
