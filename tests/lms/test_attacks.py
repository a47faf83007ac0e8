"""What an attacker tries: code in every text people write, other people's sites, caches, sessions, uploads, unreadable headers."""

import io
import re
import struct
import zipfile
import zlib
from html.parser import HTMLParser

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from curriculum.models import LessonPage
from lms.keys_in_addresses import KEYED
from lms.security import MEDIA_PAGES
from tests import factories
from tests.lms.world import ROWS, built_once

pytestmark = pytest.mark.django_db

VECTORS = [
    "<script>xss()</script>", "<ScRiPt src=//e.x>", "</title><script>xss()</script>", "</textarea><script>xss()</script>",
    "</script><script>xss()</script>", "<img src=x onerror=xss()>", "<img/src/onerror=xss()>", "<svg onload=xss()>",
    "<svg><script>xss()</script></svg>", "<svg><animate onbegin=xss() attributeName=x>", "<math><mi xlink:href=javascript:xss()>",
    "<iframe src=javascript:xss()>", "<iframe srcdoc='<script>xss()</script>'>", "<object data=javascript:xss()>", "<embed src=//e.x>",
    "<body onload=xss()>", "<details open ontoggle=xss()>", "<video><source onerror=xss()>", "<audio src=x onerror=xss()>",
    "<input autofocus onfocus=xss()>", "<select autofocus onfocus=xss()>", "<a href=javascript:xss()>x</a>", "<a href='java\tscript:xss()'>x</a>",
    "<a href=&#106;avascript:xss()>x</a>", "<form action=javascript:xss()><button>x", "<button formaction=javascript:xss()>x",
    "<base href=//e.x/>", "<meta http-equiv=refresh content='0;url=//e.x'>", "<link rel=stylesheet href=//e.x>", "<style>@import '//e.x'</style>",
    "<div style=background:url(//e.x)>", "<marquee onstart=xss()>", "<isindex onfocus=xss() autofocus>", "<keygen autofocus onfocus=xss()>",
    "<template><script>xss()</script></template>", "<noscript><p title='</noscript><img src=x onerror=xss()>'>",
    "<!--><script>xss()</script>-->", "<![CDATA[<script>xss()</script>]]>", "<?xml <script>xss()</script>?>", "<x contenteditable onblur=xss()>",
    '" onmouseover=xss() x="', "' onmouseover=xss() x='", '" autofocus onfocus=xss() "', "'><script>xss()</script>", '"><script>xss()</script>',
    '"><svg/onload=xss()>', "` onmouseover=xss()", "javascript:xss()", "data:text/html,<script>xss()</script>", "vbscript:xss()",
    "{{ settings.SECRET_KEY }}", "{% load static %}<script>xss()</script>", "{{7*7}}<b>", "${alert(1)}<i>", "#{7*7}<u>", "<%= 7*7 %>",
    "&lt;script&gt;xss()&lt;/script&gt;", "%3Cscript%3Exss()%3C/script%3E", "\\u003cscript\\u003exss()", "<scr\x0bipt>xss()</scr\x0bipt>",
    "<<script>xss();//<</script>", "<script/xss src=//e.x>", "<a\x0conmouseover=xss()>", "＜script＞xss()＜/script＞", "\u202e<script>xss()</script>",
    "<plaintext onload=xss()>", "<xmp><script>xss()</script>", "*bold* #set text(red) <b>", "#read(\"/etc/passwd\") <b>", "\\input{x}$<b>$",
]  # fmt: skip


ADDRESSES = {"href", "src", "action", "formaction", "data", "xlink:href", "poster"}


class Nodes(HTMLParser):
    """Collects what a browser would run or load."""

    def __init__(self):
        super().__init__()
        self.bad = []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        own = tag == "script" and (
            (values.get("src") or "").startswith("/static/")
            or values.get("type") == "application/json"  # data: no browser runs it
            or (values.get("type") == "importmap" and values.get("nonce"))
        )
        if tag in {"iframe", "object", "embed", "base", "style", "marquee", "body_"} or (tag == "script" and not own):
            self.bad.append(self.get_starttag_text())
        for name, value in attributes:
            value = "".join((value or "").split()).lower()
            if (
                name.startswith("on")
                or name in ("style", "srcdoc")
                or (name in ADDRESSES and value.startswith(("javascript:", "vbscript:", "data:text")))
            ):
                self.bad.append(self.get_starttag_text())
            if name in ("href", "src", "action", "formaction") and re.search(r"\be\.x\b", value.partition("?")[0]):
                self.bad.append(self.get_starttag_text())


def dangerous(response):
    parser = Nodes()
    parser.feed(response.content.decode())
    return parser.bad


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with built_once(django_db_blocker) as built:
        yield built


def address(world, route):
    kwargs = ROWS[route].kwargs
    kwargs = kwargs(world) if callable(kwargs) else kwargs
    return reverse(route, **{"args" if isinstance(kwargs, list) else "kwargs": kwargs})


def test_the_judge_sees_what_it_must():
    class Page:
        content = "".join(f"<p>{vector}</p>" for vector in VECTORS[:8]).encode()

    assert len(dangerous(Page)) >= 6
    assert len(VECTORS) >= 60


def test_no_text_of_people_becomes_markup(world):
    """Every vector in every text of the world at once; then every page of every role, with and without the vector as its query."""
    from evaluations.models import Answer

    client = {name: world.client(name) for name in ("trainee", "trainer", "lead", "anonymous")}
    trainee = world.people["trainee"]
    change = world.enrollment.changes.create(from_status="selected", to_status="enrolled", by=trainee)
    answer = Answer.objects.create(response=world.response, question=world.question, value="", client_time=timezone.now())
    pages = [(name, address(world, route)) for route, row in ROWS.items() if row.get for name in ("trainee", "lead")]
    pages = [(name, url) for name, url in dict.fromkeys(pages) if client[name].get(url).status_code == 200]
    quick = ("/search/", "/v/", "/enrollments/", "/profile/", "/cohorts/1/", "/responses/", "/certificate/", "/today/")
    for number, vector in enumerate(VECTORS):
        for name in ("full_name", "certificate_name", "hospital", "city", "specialty", "title"):
            setattr(trainee, name, vector[: trainee._meta.get_field(name).max_length])
        trainee.save()
        world.cohort.name = vector[:150]
        world.cohort.save()
        world.certificate.name = world.certificate.curriculum_title = world.certificate.revoke_reason = vector[:150]
        world.certificate.save()
        change.reason = answer.value = vector
        change.save()
        answer.save()
        seen = (
            pages if number < 2 else [(name, url) for name, url in pages if any(part in url for part in quick)][number % 8 :: 8]
        )
        cache.clear()  # verification is limited to thirty a minute
        for name, url in seen:
            response = client[name].get(url)
            assert response.status_code == 200, (url, vector)
            if response["Content-Type"].startswith("text/html"):
                assert dangerous(response) == [], (url, vector)
            else:
                assert response["X-Content-Type-Options"] == "nosniff"
        for url in ("/es/search/?q=", "/v/?code="):
            response = client["anonymous"].get(url.partition("?")[0], {url.partition("?")[2].rstrip("="): vector})
            assert response.status_code < 500
            assert dangerous(response) == [], (url, vector)


def test_imported_cells_stay_text(world):
    """A formula is a name like any other: shown as written, escaped, and never a field of its own."""
    client, url = world.client("lead"), reverse("curriculum:people_import", args=[world.cohort.pk])
    rows = "".join(
        f"p{n}@example.org\t{cell}\n" for n, cell in enumerate(["=cmd|' /C calc'!A0", "+1+1", "@SUM(1)", *VECTORS[:20]])
    )
    for extra in ({}, {"confirm": "1"}):
        response = client.post(url, {"text": "email\tname\n" + rows, **extra})
        assert response.status_code in (200, 302, 422)
        if response.status_code != 302:
            assert dangerous(response) == []


def test_names_cannot_add_headers_to_mail(world, mailoutbox):
    from notifications import outbox
    from notifications.models import Message

    trainee = world.people["trainee"]
    for name in ("Ana\r\nBcc: all@example.org", "Ana\nSubject: x", "Ana\x0bX: y\x85Z", "Ana\u2028Bcc: x"):
        trainee.full_name = trainee.certificate_name = name
        trainee.save()
        world.cohort.name = name[:100]
        world.cohort.save()
        Message.objects.all().delete()
        from curriculum import cohorts

        person = cohorts.add_candidate(world.cohort, f"n{abs(hash(name))}@example.org", world.people["lead"], full_name=name)
        person.status = "selected"
        person.save()
        cohorts.invite(person, world.people["lead"])
        outbox.deliver_due()
    assert len(mailoutbox) >= 4
    for mail in mailoutbox:
        raw = mail.message()
        assert "\n" not in mail.subject
        assert raw["Bcc"] is None
        assert raw.get_all("Subject") and len(raw.get_all("Subject")) == 1
        assert mail.recipients() == mail.to


# --- elsewhere -------------------------------------------------------------------------------------------------------
AWAY = [
    "//evil.example", "\\\\evil.example", "/\\evil.example", "https:evil.example", "https:///evil.example", "\t//evil.example",
    "/\t/evil.example", "http://testserver@evil.example", "javascript:xss()", "///evil.example", "//evil.example\\@testserver",
    "https://testserver.evil.example", "/\n/evil.example", "\x01//evil.example", "http:/evil.example", "data:text/html,x", " //evil.example",
    "／／evil.example", "//％00evil.example", "evil.example", "a b", "today",
]  # fmt: skip


def test_nothing_leads_to_another_site(world):
    client = world.client("trainee")
    posts = (
        reverse("curriculum:complete", args=[world.lesson_key]),
        reverse("curriculum:use_enrollment", args=[world.enrollment.pk]),
    )
    for away in AWAY:
        answers = [client.post(url, {"next": away}) for url in posts]
        answers += [client.get("/es/accounts/login/", {"next": away}), Client().get("/es/today/", {"next": away})]
        out = world.client("trainee").post("/es/accounts/logout/", {"next": away})
        for response in [*answers, out]:
            assert response.status_code < 400, away
            location = response.headers.get("Location", "")
            assert not re.match(r"(?i)[a-z+]+:|//|/\\", location), (away, location)


def test_a_host_that_is_not_ours_gets_a_plain_refusal_with_its_headers(settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    for host in ("evil.example", "testserver@evil.example", "a b", ""):
        response = Client().get("/es/", headers={"host": host})
        assert response.status_code == 400
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert "evil" not in response.content.decode()


def test_every_answer_has_the_headers_and_no_page_is_kept_with_a_cookie(world):
    for person in ("anonymous", "trainee", "lead"):
        client = world.client(person)
        for route, row in ROWS.items():
            response = client.get(address(world, route)) if row.get else client.post(address(world, route), {"capacity": "x"})
            policy = response["Content-Security-Policy"]
            assert "default-src 'none'" in policy, route
            assert "unsafe" not in policy, route
            assert response["X-Content-Type-Options"] == "nosniff", route
            assert response["X-Frame-Options"] == "DENY", route
            quiet = route == "evaluations:anonymous" or KEYED.match(
                address(world, route)
            )  # its address stays out of every next page's `Referer`
            assert response["Referrer-Policy"] == ("strict-origin" if quiet else "same-origin"), route
            policies = ("camera=()", "camera=(self)") if route in MEDIA_PAGES else ("camera=()",)
            assert response["Permissions-Policy"].startswith(policies), route
            assert response["Cross-Origin-Opener-Policy"] == "same-origin", route
            caching = response.headers.get("Cache-Control", "")
            assert not (response.cookies and "public" in caching), route
            own = person != "anonymous" and route not in ("healthz", "readyz", "service_worker", "robots")
            assert not own or "no-store" in caching, route
            if response.headers.get("ETag"):
                assert not own, route


def test_over_https_cookies_are_bound_to_the_host():
    import subprocess
    import sys

    code = (
        "import django;django.setup();from django.conf import settings as s;"
        "print(s.SESSION_COOKIE_NAME,s.CSRF_COOKIE_NAME,s.SESSION_COOKIE_SECURE,s.CSRF_COOKIE_SECURE,s.SESSION_COOKIE_HTTPONLY,"
        "s.SESSION_COOKIE_SAMESITE,s.SESSION_COOKIE_DOMAIN,s.SESSION_COOKIE_PATH,s.SECURE_HSTS_SECONDS>=2592000)"
    )
    env = {
        "DJANGO_SETTINGS_MODULE": "lms.settings",
        "SECURE_SSL_REDIRECT": "1",
        "SECRET_KEY": "x",
        "SITE_BASE_URL": "https://x.example",
    }
    out = subprocess.run(
        [sys.executable, "-c", code], env={**env, "DEBUG": "0"}, capture_output=True, text=True, check=True
    ).stdout
    assert out.split() == ["__Host-sessionid", "__Host-csrftoken", "True", "True", "True", "Lax", "None", "/", "True"]


# --- sessions --------------------------------------------------------------------------------------------------------
def test_a_session_given_beforehand_is_worth_nothing_after_signing_in(settings):
    person = factories.UserFactory()
    client = Client()
    session = client.session
    session["planted"] = 1
    session.save()
    before = client.session.session_key
    client.cookies[settings.SESSION_COOKIE_NAME] = before
    client.post("/es/accounts/login/", {"login": person.email, "password": factories.PASSWORD})
    other = Client()
    other.cookies[settings.SESSION_COOKIE_NAME] = before
    assert other.get("/es/today/").status_code == 302


def test_sessions_end_with_the_password_and_with_the_account():
    person = factories.EnrollmentFactory().user
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/es/account/").status_code == 200
    person.set_password("otra-clave-muy-larga")
    person.save()
    assert client.get("/es/account/").status_code == 302
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    person.is_active = False
    person.save()
    assert client.get("/es/account/").status_code == 302


def test_codes_are_checked_thirty_times_a_minute_and_not_more(world):
    client = Client()
    statuses = [client.get(f"/v/{number:012d}").status_code for number in range(35)]
    assert set(statuses[:30]) == {404}
    assert set(statuses[30:]) == {429}


def test_codes_for_signing_in_are_limited(mailoutbox):
    person = factories.UserFactory()
    for _ in range(12):
        assert Client().post("/es/accounts/login/code/", {"email": person.email}).status_code < 500
    assert len(mailoutbox) <= 5


# --- what only members read ------------------------------------------------------------------------------------------
def test_the_search_never_gives_text_of_lessons_or_questions(world):
    page = LessonPage.objects.filter(translation_key=world.lesson_key, locale__language_code="es").get()
    page.body = [("paragraph", "<p>canario secreto del cuerpo</p>"), ("check", {"question": world.question})]
    page.save_revision().publish()
    world.question.text = {"es": "zanahoria de la pregunta"}
    world.question.save()
    client = Client()
    assert "secreto del cuerpo" not in client.get("/es/search/", {"q": "canario"}).content.decode()
    assert page.url not in client.get("/es/search/", {"q": "zanahoria"}).content.decode()
    for url in (page.url, f"/api/v2/pages/{page.pk}/", f"/admin/pages/{page.pk}/view_draft/", "/es/sitemap.xml"):
        response = client.get(url, follow=True)
        assert "secreto del cuerpo" not in response.content.decode()
    page.body = [("paragraph", "<p>borrador oculto</p>")]
    page.save_revision()
    for name in ("anonymous", "trainee", "outsider"):
        for url in (f"/admin/pages/{page.pk}/view_draft/", f"/admin/pages/{page.pk}/edit/preview/", page.url):
            assert "borrador oculto" not in world.client(name).get(url).content.decode()


def test_the_editors_door_refuses_others_instead_of_sending_them_in_a_circle(world):
    for name in ("trainee", "lead"):
        assert world.client(name).get("/admin/").status_code == 403
    assert "/accounts/login/" in Client().get("/admin/")["Location"]
    assert world.client("editor").get("/admin/").status_code == 200


def test_invitation_pages_send_no_address_on(world):
    token = "x" * 43
    response = Client().get(reverse("curriculum:invitation", args=[token]))
    assert response["Referrer-Policy"] == "strict-origin"
    assert "no-store" in response["Cache-Control"]
    assert not re.search(r'(?:src|href)="https?://(?!testserver)', response.content.decode())


# --- uploads ---------------------------------------------------------------------------------------------------------
def png(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    lines = zlib.compress(b"\x00" * (width // 8 + 2) * 10)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def office(main="word/document.xml", fill=b"", extra=()):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for name in (main, *extra):
            archive.writestr(name, fill or b"<x/>")
    return out.getvalue()


REFUSED_DOCUMENTS = {
    "html.pdf": b"<html><script>xss()</script>", "empty.pdf": b" ", "late.pdf": b"<script>" + b" " * 50 + b"%PDF-1.7", "exe.docx": b"MZ\x90\x00",
    "zip.docx": office("other.xml"), "slides.docx": office("ppt/presentation.xml"), "macro.docx": office(extra=["word/vbaProject.bin"]),
    "bomb.docx": office(fill=b"\x00" * 30_000_000), "many.xlsx": office("xl/workbook.xml", extra=[f"a{n}" for n in range(5_001)]),
    "cut.docx": office()[:40], "page.html": b"<html>", "picture.svg": b"<svg onload='xss()'/>", "macro.docm": office(), "double.pdf.html": b"%PDF-1.7",
    "archive.zip": office(),
}  # fmt: skip
REFUSED_IMAGES = {
    "vast.png": png(11_000, 11_000), "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='xss()'/>", "drawing.png": b"<svg onload='xss()'/>",
    "page.jpg": b"<html><script>xss()</script>", "moving.gif": b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;",
    "big.png": png(10, 10) + b"\x00" * (9 * 2**20), "page.php.png": b"<?php ?>",
}  # fmt: skip


def upload(path, name, content):
    operator = factories.UserFactory(is_superuser=True, is_staff=True)
    client = Client()
    client.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    files = {"title": "x", "file": SimpleUploadedFile(name, content)}
    answers = [client.post(f"/admin/{path}/add/", files)]
    files["file"].seek(0)
    answers.append(
        client.post(
            f"/admin/{path}/multiple/add/",
            {"files[]": SimpleUploadedFile(name, content), "title": "x"},
            headers={"x-requested-with": "XMLHttpRequest"},
        )
    )
    return answers


@pytest.mark.parametrize("name", sorted(REFUSED_DOCUMENTS))
def test_documents_that_are_not_what_they_say_are_refused(name):
    from wagtail.documents.models import Document

    for response in upload("documents", name, REFUSED_DOCUMENTS[name]):
        assert response.status_code < 500
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"%PDF-1.7\n"),
        ("a.docx", office()),
        ("a.pptx", office("ppt/presentation.xml")),
        ("a.xlsx", office("xl/workbook.xml")),
    ],
)
def test_honest_documents_are_taken(name, content):
    from wagtail.documents.models import Document

    for response in upload("documents", name, content):
        assert response.status_code in (200, 302)
    assert Document.objects.count() == 2
    assert Document.objects.first().content_disposition != "inline"


def test_a_vast_image_is_refused_from_its_header_alone(monkeypatch):
    from PIL import ImageFile
    from wagtail.images.models import Image

    def load(self):
        raise AssertionError("the pixels were unpacked")

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    upload("images", "vast.png", png(11_000, 11_000))
    assert not Image.objects.exists()


def test_honest_images_are_taken():
    from PIL import Image as Pixels
    from wagtail.images.models import Image

    for kind in ("png", "jpeg", "webp"):
        out = io.BytesIO()
        Pixels.new("RGB", (40, 30), "white").save(out, kind)
        upload("images", f"a.{kind}", out.getvalue())
    assert Image.objects.count() == 6


@pytest.mark.parametrize("name", sorted(REFUSED_IMAGES))
def test_images_beyond_the_caps_are_refused(name):
    from wagtail.images.models import Image

    for response in upload("images", name, REFUSED_IMAGES[name]):
        assert response.status_code < 500
    assert not Image.objects.exists()
