"""The one door for HTML written by people: discussion posts, assignments, imported Markdown.

Caps first, because parsing is what an attacker makes expensive; then bleach, which the customer names; then nh3, a maintained
parser that has the last word and asks `_attribute` about every address. Chat, names and survey answers are plain text and do not
come here: templates escape them. E-mail addresses are never turned into links (bleach's `linkify` can be made to run for seconds).
"""

import re

import bleach
import nh3
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MAX_BYTES = 64 * 1024
MAX_TAGS = 1000
MAX_ENTITIES = 2000
MAX_IN_TAGS = 6144  # characters of all tags together, the quoted values of attributes not counted
MAX_QUOTED = 32 * 1024
MAX_DEPTH = 40

TAGS = frozenset(
    ["a", "b", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "i", "li", "ol", "p", "pre", "strong", "sub", "sup", "ul"]
)  # fmt: skip
ATTRIBUTES = {"a": ["href"]}
SCHEMES = frozenset(("http", "https", "mailto"))
VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])  # fmt: skip
CLEANER = bleach.Cleaner(tags=TAGS, attributes=ATTRIBUTES, protocols=SCHEMES, strip=True, strip_comments=True)

# What never carries meaning in a text: controls, and marks that turn the direction of what follows.
UNWANTED = dict.fromkeys(
    [*range(0x00, 0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]*)")
QUOTED = re.compile(r"""[A-Za-z-]=(?:"[^"]*"|'[^']*')""")
HOST = r"[^\W_](?:[\w.-]{0,251}[^\W_])?"
ALLOWED_URL = re.compile(
    rf"(?:https?://{HOST}(?::\d{{1,5}})?(?:[/?#][^\s\\<>\"'`]*)?"  # no user part: https://bank.example@evil.example
    rf"|mailto:[\w.+-]{{1,64}}@{HOST}(?:\?subject=[\w%.-]*)?"
    r"|/(?![/\\])[^\s\\<>\"'`]*"
    r"|#[\w-]*)",
    re.IGNORECASE,
)
INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\u3164\ufeff\ufff9-\ufffb]"
)


def clean(html):
    """`html` without anything but a few tags and safe links.

    Raises `ValidationError` (codes `too_long`, `too_much_markup`) for what is longer or more tangled than a person writes.
    """
    html = (html or "").translate(UNWANTED).encode("utf-8", "ignore").decode()
    _refuse_excess(html)
    return nh3.clean(
        CLEANER.clean(html), tags=set(TAGS), attributes={"a": {"href"}}, attribute_filter=_attribute,
        url_schemes=set(SCHEMES), link_rel="nofollow noopener noreferrer ugc", strip_comments=True,
    )  # fmt: skip


def _attribute(tag, name, value):
    """nh3 asks about every attribute; `rel` is its own, a person's never gets this far."""
    return value if name == "rel" or (tag == "a" and name == "href" and safe_url(value)) else None


def safe_url(url):
    """Whether the address is http(s) without a user part, a mail address, or a place on this site."""
    return len(url) <= 2000 and not INVISIBLE.search(url) and ALLOWED_URL.fullmatch(url) is not None


def _refuse_excess(html):
    if len(html.encode()) > MAX_BYTES:
        raise ValidationError(_("The text is too long. Shorten it or split it in two."), code="too_long")
    if html.count("<") > MAX_TAGS or html.count("&") > MAX_ENTITIES or _overloaded(html) or _depth(html) > MAX_DEPTH:
        raise ValidationError(
            _("The text has too much formatting. Remove some of it, or paste it as plain text."), code="too_much_markup"
        )


def _overloaded(html):
    """Whether tags carry more than a person's would: attributes are parsed letter by letter, and slowly."""
    inside = "<".join(piece.partition(">")[0] for piece in html.split("<")[1:])
    bare = QUOTED.sub("", inside)
    return len(bare) > MAX_IN_TAGS or len(inside) - len(bare) > MAX_QUOTED


def _depth(html):
    """How deep tags nest at most, counted without parsing. A tag that nobody closes counts as open to the end."""
    depth = deepest = 0
    for closing, name in TAG.findall(html):
        if closing:
            depth = max(0, depth - 1)
        elif name.lower() not in VOID and name.lower() not in ("p", "li"):
            depth += 1
            deepest = max(deepest, depth)
    return deepest
