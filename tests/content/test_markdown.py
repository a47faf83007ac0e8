import pytest

from content.lessons import read_lesson
from content.markdown import CASE_TEXT, clean, count_words, plain, rich_text
from curriculum.pages.activity import RICH_TEXT

TABLE = [
    ("Una *cosa* y **otra**.", "<p>Una <i>cosa</i> y <b>otra</b>.</p>"),
    ("## Dos\n\n### Tres", "<h2>Dos</h2><h3>Tres</h3>"),
    ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
    ("1. a\n\n2. b", "<ol><li>a</li><li>b</li></ol>"),
    ("- a\n  - b", "<ul><li>a<ul><li>b</li></ul></li></ul>"),
    ("una\nlínea", "<p>una\nlínea</p>"),
    ("5 < 6 & «7»", "<p>5 &lt; 6 &amp; «7»</p>"),
    ("[IOF](https://example.org/a?b=1&c=2)", '<p><a href="https://example.org/a?b=1&amp;c=2">IOF</a></p>'),
    ("Dicho [@A1].", '<p>Dicho <a href="#source-A1">[A1]</a>.</p>'),
    ("**Dicho [@A1]**", '<p><b>Dicho <a href="#source-A1">[A1]</a></b></p>'),
    ("- dicho [@A1]", '<ul><li>dicho <a href="#source-A1">[A1]</a></li></ul>'),
]


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_markdown_becomes_rich_text(text, expected):
    written, writer = rich_text(text, "x.md", known_sources=["A1"])
    assert (written, writer.problems) == (expected, [])


REFUSED = [
    ("> cita", "quotation"),
    ("---", "hyphens"),
    ("`code`", "code marks"),
    ("    sangrado", "four spaces"),
    ("```\nx\n```", "left margin"),
    ("<img src=x onerror=alert(1)>", "HTML"),
    ("<!-- nota -->", "HTML"),
    ("- uno\n\n  dos", "one paragraph only"),
    ("<javascript:alert(1)>", "web address"),
    ("[x](data:text/html,x)", "web address"),
    ("[x](https://localhost)", "web address"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_what_the_table_lacks_is_refused(text, words):
    _written, writer = rich_text(text, "x.md")
    assert any(words in problem.text for problem in writer.problems), writer.problems


@pytest.mark.parametrize(("text", "words"), [("## Título", "headings"), ("[a](https://example.org)", "links")])
def test_a_case_takes_neither_headings_nor_links(text, words):
    _written, writer = rich_text(text, "x.md", features=CASE_TEXT)
    assert any(words in problem.text for problem in writer.problems)


def test_where_links_are_not_taken_a_citation_stays_as_words():
    assert rich_text("Dicho [@A1].", "x.md", features=CASE_TEXT, known_sources=["A1"])[0] == "<p>Dicho [A1].</p>"


UNSAFE = [
    "<script>alert(1)</script>",
    "<p onclick='x'>a</p>",
    "<a href='javascript:alert(1)'>a</a>",
    "<a href='java\tscript:alert(1)'>a</a>",
    "<svg onload=alert(1)>",
    "<iframe src='https://example.org'></iframe>",
    "<style>p{}</style>",
    "<math><mtext></mtext></math>",
    "<img src=x onerror=alert(1)>",
]


TRACES = ("<script", "onclick", "javascript", "script:", "<svg", "onload", "<iframe", "<style", "<math", "<img", "onerror")


@pytest.mark.parametrize("dirty", UNSAFE)
def test_wagtails_white_list_has_the_last_word(dirty):
    cleaned = clean(dirty, RICH_TEXT)
    assert not [trace for trace in TRACES if trace in cleaned]


def test_problems_name_the_line_in_the_file():
    text = "---\ntitle: x\nobjectives: [y]\n---\nUno.\n\nDos\ntres [@Z9].\n"
    assert [(problem.line, problem.key) for problem in read_lesson(text, "x.md").problems] == [(8, "[@Z9]")]


def test_words_are_counted_without_marks_and_citations():
    assert count_words('<p>Uno dos-tres, 17,205 y <a href="#source-A1">[A1]</a> cinco.</p>', "seis [@A1]") == 6
    assert plain(" Lo dice [@A1]. ") == "Lo dice [A1]."
