"""The programme's own words for a message: plain text with {names}, put in by a parser that knows nothing else.

Never a template language and never str.format: words come from people, and both of those can reach into objects.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.template import Context, TemplateSyntaxError
from django.template.loader import get_template
from django.template.loader_tags import ExtendsNode
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from notifications import preheader, readers
from notifications.editable import EDITABLE
from notifications.models import Wording
from notifications.refusals import Refused

NAME = re.compile(r"\{([a-z_]{1,30})\}")
LINK_LINE = re.compile(r"^[ \t]*\{link\}[ \t]*$", re.MULTILINE)
SUBJECT_CAP, BODY_CAP, NAMES_CAP = 150, 4000, 20
# Numbers that occur in no shipped sentence: they stand for a name while the shipped words are turned into words with {names}.
MARK = 4_440_001


@dataclass(frozen=True)
class Filled:
    """A message in the programme's words for one person.

    `blocks`: `{"lines": […]}` for a paragraph, `{"link": address}` for the button, `{"address": address}` for another address of ours.
    """

    subject: str
    blocks: list[dict]
    whole: str = ""  # of previews: the plain text with greeting and foot
    said_at: datetime | None = None  # of previews: when the message was written whose facts it shows; `None` for samples

    @property
    def text(self):
        return "\n\n".join(block.get("link") or block.get("address") or "\n".join(block["lines"]) for block in self.blocks)


# --- what may be written ---------------------------------------------------------------------------------------------------
def problems(what, subject, body):
    """`[(field, sentence)]` of everything that keeps these words from being sent; empty if nothing does."""
    return [*_braces(what, "subject", subject), *_braces(what, "body", body), *_missing(what, subject, body)]


def _braces(what, field, text):
    known = EDITABLE[what].names
    found = NAME.findall(text)
    for name in sorted({name for name in found if name not in known}):
        yield field, _("{%(name)s} is not known in this message. Use one of the names of the list.") % {"name": name}
    rest = NAME.sub("", text)
    if "{" in rest or "}" in rest:
        piece = re.search(r"\{[^{}\n]{0,30}\}?|\}", rest)[0]
        yield field, _("“%(piece)s” is not a name: write it as {cohort}, in small letters, with both braces.") % {"piece": piece}
    if len(found) > NAMES_CAP:
        yield field, _("Use at most %(count)s names.") % {"count": NAMES_CAP}


def _missing(what, subject, body):
    if EDITABLE[what].varies and "{shipped_subject}" not in subject:
        yield "subject", _("{shipped_subject} is missing: this message says something else to each person.")
    if "{link}" in subject:
        yield "subject", _("{link} belongs in the text, not in the subject.")
    for name in EDITABLE[what].required:
        if f"{{{name}}}" not in body:
            yield "body", _("{%(name)s} is missing: people need it in this message.") % {"name": name}
    if "{link}" in body and (body.count("{link}") > 1 or not LINK_LINE.search(body)):
        yield "body", _("Put {link} once, on a line of its own: it becomes the button.")


# --- keeping ---------------------------------------------------------------------------------------------------------------
class Changed(Refused):
    """Somebody has saved other words since the page was opened; `row` is what stands now, `None` for the shipped words."""

    def __init__(self, row):
        name = row.by.addressed_as if row and row.by else _("Somebody")
        words = (
            _(
                "%(name)s has saved other words meanwhile. Both stand below: yours in the form, theirs beside it. Nothing of yours was saved."
            )
            if row
            else _("Somebody went back to the shipped words meanwhile. Yours are in the form; nothing of yours was saved.")
        )
        super().__init__(words % {"name": name} if row else words)
        self.row = row


def standing(what, language):
    return Wording.objects.filter(what=what, language=language).select_related("by").first()


def version_of(row):
    """What a form hands back so that older words do not overwrite newer ones unseen; "" for the shipped words."""
    return row.at.isoformat() if row else ""


def save(what, language, subject, body, by, version=None):
    """Keeps the words for one message in one language. Raises `Refused` with the first problem.

    `version` is that of the words which the writer saw; `Changed` if others stand by now. `None` looks at nothing.
    """
    for field, sentence in problems(what, subject, body):
        raise Refused(sentence, field)
    said = {"subject": subject, "body": body, "by": by, "at": timezone.now()}
    with transaction.atomic():
        row = _held(what, language, version)
        if row is None:
            return _create(what, language, version, said)
        Wording.objects.filter(pk=row.pk).update(**said)
        return Wording.objects.get(pk=row.pk)


def _create(what, language, version, said):
    """Of two who write the first own words at once, the second sees both."""
    row, is_new = Wording.objects.get_or_create(what=what, language=language, defaults=said)
    if not is_new and version is not None:
        raise Changed(row)
    return row


def _held(what, language, version):
    row = Wording.objects.select_for_update(of=("self",)).select_related("by").filter(what=what, language=language).first()
    if version is not None and version_of(row) != version:
        raise Changed(row)
    return row


def back_to_shipped(what, language, version=None):
    """Says whether there were words of one's own; twice is the same as once. Raises `Changed` as `save` does."""
    with transaction.atomic():
        there = Wording.objects.filter(what=what, language=language).exists()
        row = _held(what, language, version) if there else None
        return row is not None and bool(row.delete()[0])


# --- filling ---------------------------------------------------------------------------------------------------------------
def filled(message, words):
    """Subject, plain text and HTML of `message` in the programme's own words, or `None`: then the shipped words are used.

    `words` is what templates see (notifications/mail.py), in the active language. One query for messages that can be edited.
    """
    if message.what not in EDITABLE:
        return None
    own = Wording.objects.filter(what=message.what, language=message.language).first()
    found = own and fill(message.what, own.subject, own.body, words)
    if not found:
        return None
    begins = {"subject": found.subject, "preview": preheader.of(found.text)}
    shown = {**words, **begins, "own": found, "button": EDITABLE[message.what].button}
    return found.subject, plain(found, words), _render("notifications/own_words/body.html", shown, autoescape=True)


def plain(found, words):
    text = _render("notifications/own_words/body.txt", {**words, "own": found}, autoescape=False)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def fill(what, subject, body, words):
    """`Filled`, or `None` if a name has no plain value here: older rows of the outbox may know fewer facts."""
    used = set(NAME.findall(subject + body))
    values = {name: _value(what, name, words) for name in used}
    if None in values.values():
        return None
    return Filled(" ".join(_put(subject, values).split()), _blocks(body, values))


def _put(text, values):
    return NAME.sub(lambda found: values[found[1]], text)


def _blocks(body, values):
    """Paragraph by paragraph; one whose {link} has nowhere to lead is left out with the words that announce it."""
    paragraphs = re.split(r"\n\s*\n", body.strip())
    return [block for one in paragraphs if values.get("link", True) or "{link}" not in one for block in _paragraph(one, values)]


def _paragraph(paragraph, values):
    """A line of which nothing is left, because its names are empty for this person, leaves no gap."""
    found = []
    for line in paragraph.splitlines():
        if line.strip() == "{link}":
            found.append({"link": values["link"]})
            continue
        for put in _put(line, values).splitlines():
            _add_line(found, put)
    return [block for block in found if "lines" not in block or any(block["lines"])]


def _add_line(found, line):
    if _is_ours(line.strip()):
        found.append({"address": line.strip()})
    elif found and "lines" in found[-1]:
        found[-1]["lines"].append(line)
    elif line.strip():
        found.append({"lines": [line]})


def _is_ours(line):
    return line.startswith(f"{settings.SITE_BASE_URL}/") and len(line.split()) == 1


def _value(what, name, words):
    """The text of one name, `None` where the message knows none."""
    editable = EDITABLE[what]
    if name not in editable.names:
        return None
    if part := editable.names[name].part:
        return _part(part, words)
    if name in ("name", "site"):
        return words["reader"].addressed_as if name == "name" else words["site_name"]
    value = words.get(editable.key_of(name))
    return str(value) if isinstance(value, str | int) else None


def _part(name, words):
    try:
        return _render(name, words, autoescape=False).strip()
    except TemplateSyntaxError:  # a number that an older row does not have
        return None


def _render(name, words, *, autoescape):
    return get_template(name).template.render(Context(words, autoescape=autoescape))


# --- the shipped words, with {names} in them ---------------------------------------------------------------------------------
def shipped(what, language):
    """Subject and text as they are shipped, to start writing from."""
    editable = EDITABLE[what]
    with translation.override(language):
        words = _marked(editable)
        subject = (
            "{shipped_subject}"
            if "shipped_subject" in editable.names
            else _one_line(_render(f"notifications/{what}/subject.txt", words, autoescape=False))
        )
        body = _body_block(get_template(f"notifications/{what}/body.txt").template, words)
        parts = {name: _render(one.part, words, autoescape=False).strip() for name, one in editable.names.items() if one.part}
    for name, text in sorted(parts.items(), key=lambda pair: -len(pair[1])):
        body = body.replace(text, f"{{{name}}}") if text else body
    for number, name in enumerate(editable.names):
        subject, body = (text.replace(str(MARK + number), f"{{{name}}}") for text in (subject, body))
    return subject, re.sub(r"\n{3,}", "\n\n", body).strip()


def _one_line(text):
    return " ".join(text.split())


def _marked(editable):
    marked = {
        editable.key_of(name): MARK + number if isinstance(one.sample, int) else f"{{{name}}}"
        for number, (name, one) in enumerate(editable.names.items())
        if not one.part and name not in editable.samples
    }
    return {**readers.words_of(editable.samples), **editable.neutral, **marked}


def _body_block(template, words):
    """What a body.txt says between greeting and foot: its block "body", without the frame it extends."""
    block = next(node for node in template.nodelist if isinstance(node, ExtendsNode)).blocks["body"]
    context = Context(words, autoescape=False)
    with context.render_context.push_state(template), context.bind_template(template):
        return block.nodelist.render(context)
