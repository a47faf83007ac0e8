"""Before an act tells many people: how many, in which languages, whom it does not reach and why, and what it will say.

A page that asks once more shows this and hands back `seal`; the act is done if the seal is still the same, else it is shown again.

What somebody chose to be told, and whether their address takes mail, is for those who read it in the message centre too: the leads of
that person. Others read how many are told, and nobody's name.
"""

from collections import Counter
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare, salted_hmac

from notifications import mail, readers
from notifications.kinds import kind_of
from notifications.models.message import people_led
from notifications.wishes import Wishes


@dataclass(frozen=True)
class Reach:
    """`people` are all whom the act is about; `languages` `[(name, how many)]` of those who get a mail. No mail goes to `refused`
    (their address refuses it) and `unwanted` (they turned the kind off); a line on the site tells them all the same if `noted`. Not
    `open`: there are people of whom the reader is not to know that, so how many get a mail is not said, and the lists are of the others."""

    people: list
    languages: list
    refused: list
    unwanted: list
    noted: bool
    open: bool

    @property
    def mailed(self):
        return len(self.people) - len(self.refused) - len(self.unwanted)


@dataclass(frozen=True)
class Letter:
    """A message as one person will read it. `language` and `name` are the code and the name of its language."""

    person: object
    language: str
    name: str
    subject: str
    text: str


def reach_of(what, people, reader, unknown=frozenset()):
    """For `reader`, who is about to act. Six queries at most, whatever the number of `people` (users). Of the `unknown` (ids) not even
    the language is said."""
    people, kind = list(people), kind_of(what)
    led = people_led(reader, mentors=True).filter(pk__in=[user.pk for user in people])
    known = {*led.values_list("pk", flat=True), reader.pk}
    mine = [user for user in people if user.pk in known]
    wishes = Wishes(kind, mine, [user.email for user in mine])
    unwanted = [user for user in mine if not wishes.mail(user)]
    refused = [user for user in mine if wishes.mail(user) and wishes.refuses(user.email)]
    stopped = {user.pk for user in (*unwanted, *refused)} | unknown
    languages = _languages([user for user in people if user.pk not in stopped])
    return Reach(people, languages, refused, unwanted, kind.notice, open=len(mine) == len(people))


def _languages(people):
    counted = Counter(readers.language_for(user) for user in people)
    return [(name, counted[code]) for code, name in settings.LANGUAGES if counted[code]]


def letters_of(people, draft_for, key=readers.language_for):
    """What the first person of each language will read, in the order of `people`; `draft_for(user)` is their unsaved message."""
    first = {}
    for user in people:
        first.setdefault(key(user), user)
    return [letter_of(draft_for(user)) for user in first.values()]


def letter_of(message):
    subject, text = as_read(message)
    return Letter(message.user, message.language, dict(settings.LANGUAGES)[message.language], subject, text)


def as_read(message):
    """Subject and text as the person will read them, without the link that stops such mail: whoever holds it may press it."""
    subject, text, _html = mail.render(message)
    with translation.override(message.language):
        way_out = reverse("notifications:unsubscribe", args=["-"]).removesuffix("-/")
    return subject, "\n".join("[…]" if way_out in line else line for line in text.splitlines())


def seal(people, *facts):
    """A short text that is the same for the same people and the same facts (anything with a steady `str`). Keyed: who is among them
    cannot be found out by trying."""
    told = sorted(user.pk for user in people)
    return salted_hmac("notifications.reach", "\n".join([str(told), *map(str, facts)]), algorithm="sha256").hexdigest()[:32]


def is_seal(seal, seen):
    return constant_time_compare(seal, seen)
