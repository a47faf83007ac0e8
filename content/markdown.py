"""Markdown → the rich text and the blocks of a page, by a small fixed table. What the table lacks is a problem, never a guess."""

import html
import re

from markdown_it import MarkdownIt
from wagtail.admin.rich_text.converters.editor_html import EditorHTMLConverter

from content.positions import Problem
from curriculum.pages.activity import RICH_TEXT

CASE_TEXT = ["bold", "italic", "ol", "ul"]
CITATION = re.compile(r"\[@([A-Za-z0-9-]{1,20})\]")
MARKS = re.compile(r"<[^>]+>|\[@?[A-Za-z0-9-]+\]")
WORD = re.compile(r"[^\W_]+(?:[-'’.,][^\W_]+)*")
LINK = re.compile(r"^(https?://[^\s/]+\.[^\s]+|mailto:[^\s@]+@[^\s@]+)$")

TAGS = {
    "heading_open": ("<{tag}>", None), "heading_close": ("</{tag}>", None),
    "paragraph_open": ("<p>", None), "paragraph_close": ("</p>", None),
    "bullet_list_open": ("<ul>", "ul"), "bullet_list_close": ("</ul>", "ul"),
    "ordered_list_open": ("<ol>", "ol"), "ordered_list_close": ("</ol>", "ol"),
    "list_item_open": ("<li>", None), "list_item_close": ("</li>", None),
    "strong_open": ("<b>", "bold"), "strong_close": ("</b>", "bold"),
    "em_open": ("<i>", "italic"), "em_close": ("</i>", "italic"),
}  # fmt: skip
NOT_HERE = {
    "html_block": "HTML is not taken. Write Markdown.",
    "html_inline": "HTML is not taken. Write Markdown.",
    "image": "pictures go in a ```figure block, with alternative text and source.",
    "blockquote_open": "quotations with > are not taken. Use quotation marks.",
    "code_block": "lines indented by four spaces are not taken. Remove the spaces.",
    "code_inline": "code marks (`…`) are not taken. Use quotation marks or *italic*.",
    "hr": "lines of hyphens are not taken. Use a heading.",
    "fence": "a fenced block must stand at the left margin, on its own, in a lesson.",
}


def _cite(state, silent):
    found = CITATION.match(state.src, state.pos)
    if not found:
        return False
    if not silent:
        token = state.push("citation", "", 0)
        token.content = found[1]
    state.pos = found.end()
    return True


# HTML is parsed so that it can be refused by name; nothing of it is ever written out.
parser = MarkdownIt("commonmark", {"html": True})
parser.inline.ruler.before("link", "citation", _cite)
parser.validateLink = lambda address: True  # the writer refuses by name what the parser would silently leave as text


class Writer:
    """Writes one run of tokens as rich text limited to `features`; collects problems and citations on the way."""

    def __init__(self, file, first_line, features, known_sources):
        self.file, self.first_line, self.features, self.known_sources = file, first_line, features, known_sources
        self.problems, self.cited, self.out = [], [], []
        self.line, self.in_items, self.paragraphs_in_item = first_line, 0, 0

    def refuse(self, text, key=""):
        self.problems.append(Problem(self.file, self.line, key, text))

    def write(self, tokens):
        for token in tokens:
            if token.map:
                self.line = self.first_line + token.map[0]
            if token.type == "inline":
                self._write_inline(token.children)
            else:
                self._write_block(token)
        return clean("".join(self.out), self.features)

    def _write_block(self, token):
        if token.type == "list_item_open":
            self.in_items, self.paragraphs_in_item = self.in_items + 1, 0
        elif token.type == "list_item_close":
            self.in_items -= 1
        elif token.type in ("paragraph_open", "paragraph_close") and self.in_items:
            self.paragraphs_in_item += token.nesting == 1
            if token.nesting == 1 and self.paragraphs_in_item > 1:
                self.refuse("an entry of a list holds one paragraph only. Join the two or end the list.")
            return
        elif token.type == "heading_open" and token.tag not in self.features:
            allowed = " and ".join("#" * int(tag[1]) for tag in ("h2", "h3") if tag in self.features)
            self.refuse(f"headings here are {allowed}." if allowed else "headings are not taken here.")
        self._write_tag(token)

    def _write_inline(self, tokens):
        start = self.line
        for token in tokens:
            if token.type == "text":
                self.out.append(html.escape(token.content, quote=False))
            elif token.type in ("softbreak", "hardbreak"):
                self.line += 1
                self.out.append("\n")
            elif token.type == "citation":
                self._write_citation(token.content)
            elif token.type in ("link_open", "link_close"):
                self._write_link(token)
            else:
                self._write_tag(token)
        self.line = start

    def _write_tag(self, token):
        tag, feature = TAGS.get(token.type, (None, None))
        if tag is None:
            self.refuse(NOT_HERE.get(token.type, "this mark is not taken. Write it in words."))
        elif feature and feature not in self.features:
            self.refuse("this mark is not taken here. Write it in words.")
        else:
            self.out.append(tag.format(tag=token.tag))

    def _write_citation(self, key):
        self.cited.append(key)
        if key not in self.known_sources:
            self.refuse("is cited but is not in “sources”. Add it there or correct the key.", f"[@{key}]")
        linked = "link" in self.features
        self.out.append(f'<a href="#source-{key}">[{key}]</a>' if linked else f"[{key}]")

    def _write_link(self, token):
        if "link" not in self.features:
            if token.nesting == 1:
                self.refuse("links are not taken here. Put the link in the text outside.")
            return
        address = token.attrs.get("href", "")
        if token.nesting == 1 and not LINK.match(address):
            self.refuse("is not a web address. Write it in full, starting with https://", address or "link")
        self.out.append(f'<a href="{html.escape(address)}">' if token.nesting == 1 else "</a>")


def clean(text, features):
    """Wagtail's own white list for rich text has the last word on anything that comes from a file."""
    return EditorHTMLConverter(features).to_database_format(text)


def rich_text(text, file, first_line=1, features=RICH_TEXT, known_sources=()):
    """`(html, writer)`; the writer holds the problems and the citations."""
    writer = Writer(file, first_line, features, known_sources)
    return writer.write(parser.parse(text)), writer


def plain(text):
    """Citations in plain fields keep their key: `[@M2]` → `[M2]`."""
    return CITATION.sub(r"[\1]", text).strip()


def sections(text):
    """The text cut at its fenced blocks: `("text", tokens)` and `("fence", token)`, in order."""
    run = []
    for token in parser.parse(text):
        if token.type == "fence" and token.level == 0:
            if run:
                yield "text", run
                run = []
            yield "fence", token
        else:
            run.append(token)
    if run:
        yield "text", run


def count_words(*texts):
    return sum(len(WORD.findall(MARKS.sub(" ", text))) for text in texts)
