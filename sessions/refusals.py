"""Why an act did not happen: a code of the protocol and a sentence in the person's language."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "closed": _("This is closed now."),
    "forbidden": _("You may not do this here."),
    "conflict": _("Somebody changed this in the meantime. Look at the new text and try again."),
    "rate": _("That was too fast. Wait a moment and try again."),
    "invalid": _("This could not be read. Check what you wrote."),
    "retry": _("It was not saved. Try again."),
}

LENGTHS = {
    "string_too_short": ("min_length", _("This is too short: write at least %(count)s characters.")),
    "string_too_long": ("max_length", _("This is too long: write at most %(count)s characters.")),
}


class Refusal(Exception):
    """`why` is one of protocol.REFUSALS. `current` is the version that stands, where edits collide."""

    def __init__(self, why, text=None, *, retry_ms=None, current=None):
        super().__init__(why)
        self.why, self.text, self.retry_ms, self.current = why, text or WORDS[why], retry_ms, current

    def frame(self, cid):
        frame = {"t": "nack", "cid": cid, "why": self.why, "text": str(self.text)}
        if self.retry_ms is not None:
            frame["retry_ms"] = self.retry_ms
        if self.current is not None:
            frame["cur"] = self.current
        return frame


def in_words(error):
    """What a person should change, from a pydantic `ValidationError`; what no form can send names its field."""
    first = error.errors(include_url=False, include_input=False)[0]
    limit, words = LENGTHS.get(first["type"], (None, None))
    if words and first["ctx"][limit] > 1:
        return words % {"count": first["ctx"][limit]}
    place = ".".join(str(part) for part in first["loc"])
    return f"{WORDS['invalid']} ({place})" if place else None
