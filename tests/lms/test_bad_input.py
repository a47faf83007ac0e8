"""What no browser of ours sends: every form, address and door gets it, and nobody gets a 5xx or somebody else's right.

The routes are those of the access matrix (tests/lms/world.py); the fields are read from the pages themselves.
"""

import contextlib
import json
import re
import uuid
from html import unescape

import pytest
from django.db import transaction
from django.forms.models import model_to_dict
from django.test import Client
from django.urls import reverse

from tests.lms.world import ROWS, built_once

pytestmark = pytest.mark.django_db

CORPUS = {
    "nul": "a\x00b",
    "surrogates": "%ED%A0%80\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "megabyte": "x" * 900_000,
    "marks": "a" + "\u0301" * 10_000,
    "right-to-left": "\u202egnp.exe\u2066\u2067",
    "newlines": "Ana\r\nBcc: all@example.org\r\n\r\n<p>",
    "sql": "'; DROP TABLE lms_user; --",
    "script": "<script>alert(1)</script>",
    "formula": '=HYPERLINK("http://evil.example","x")',
    "template": "{{ request.user.password }}{% debug %}${7*7}",
    "huge": "9" * 5_000,
    "past-bigint": str(2**63),
    "negative": "-1",
    "infinite": "1e999",
    "nan": "NaN",
    "json": '{"$gt": ""}',
    "list": ["a", "b", "1"],
    "empty": "",
    "path": "../../../../etc/passwd%00",
    "date": "0000-00-00T99:99",
    "far-date": "999999-12-31",
    "uuid": str(uuid.UUID(int=0)),
    "url": "//evil.example/%0d%0aSet-Cookie:x=1",
}
# Fields of forms that are part of other pages, or that are drawn only in some state.
ALSO = [
    "next",
    "answer",
    "client_id",
    "client_time",
    "lesson",
    "try",
    "public",
    "color_scheme",
    "role",
    "language",
    "withdraw",
    "give",
    "status",
    "reason",
    "change",
    "confirm",
    "text",
    "email",
    "full_name",
    "title",
    "country",
    "cohort",
    "revoke_class",
    "curriculum_key",
    "check",
    "leave",
    "starts_on",
    "ends_on",
    "capacity",
    "closed",
    "invite",
    "role-role",
    "role-reason",
]
FOREIGN = {
    "id": "1", "pk": "1", "user": "1", "user_id": "1", "role": "lead", "cohort": "1", "cohort_id": "1", "status": "enrolled",
    "is_staff": "1", "is_superuser": "on", "is_active": "", "is_demo": "on", "groups": "1", "user_permissions": "1",
    "password": "pbkdf2", "score": "100", "max_score": "1", "passed": "on", "submitted_at": "2020-01-01", "enrolled_at": "2020-01-01",
    "profile_completed_at": "2020-01-01", "code": "AAAAAAAAAAAA", "revoked_at": "", "outline": "{}", "instrument": "1",
    "polymorphic_ctype": "1", "question_ptr": "1", "by": "1", "decided_by": "1",
}  # fmt: skip
POSTED = sorted(route for route, row in ROWS.items() if row.post)
FORMS = {
    "profile_step": ("trainee", {"language": "xx"}),
    "curriculum:cohort_create": ("lead", {"capacity": "none"}),
    "curriculum:cohort_edit": ("lead", {"capacity": "none"}),
    "curriculum:people_add": ("lead", {"role": "king"}),
    "curriculum:enrollment_decide": ("lead", {"status": "king"}),
    "curriculum:certificate_revoke": ("lead", {"revoke_class": "king"}),
}


@pytest.fixture
def _fresh_cache():
    """As in test_access.py: what is remembered does not matter here, and cold starts cost minutes."""


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with built_once(django_db_blocker) as built:
        yield built


@contextlib.contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def address(world, route):
    kwargs = ROWS[route].kwargs
    kwargs = kwargs(world) if callable(kwargs) else kwargs
    return reverse(route, **{"args" if isinstance(kwargs, list) else "kwargs": kwargs})


def allowed_person(row):
    """Somebody whom the matrix lets use the door; where nobody is, a stranger."""
    for name in ("trainee", "lead", "operator"):
        expected = row.post.get(name, row.post["*"])
        if (expected if isinstance(expected, set) else {expected}) & {200, 302, 303, 400, 422}:
            return name
    return "anonymous"


def fields_in(page):
    """`{name: value}` of the controls of a page's forms, as a browser would send them."""
    found = {}
    html = page.content.decode()
    for tag in re.findall(r"<(?:input|select|textarea|button)\b[^>]*>", html):
        pairs = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if pairs.get("name") and pairs["name"] != "csrfmiddlewaretoken":
            found.setdefault(pairs["name"], unescape(pairs.get("value", "")))
    return found


def form_of(world, client, route):
    with undone():
        page = client.get(address(world, route))
    own = fields_in(page) if page.status_code == 200 and page["Content-Type"].startswith("text/html") else {}
    return {name: value for name, value in own.items() if name not in ("q",)}


def ok(response, what):
    assert response.status_code < 500, f"{what}: {response.status_code}"
    location = response.headers.get("Location", "")
    assert not location.startswith(("//", "http", "\\")), f"{what} leads away: {location}"
    assert "\n" not in location


@pytest.mark.parametrize("route", POSTED)
def test_every_form_survives_everything(world, route):
    client = world.client(allowed_person(ROWS[route]))
    url, own = address(world, route), form_of(world, client, route)
    names = [*own, *(name for name in ALSO if name not in own), f"check-{world.question.pk}-answer"]
    for what, value in CORPUS.items():
        with undone():
            all_bad = dict.fromkeys(names[:2] if what == "megabyte" else names, value)
            ok(client.post(url, all_bad), f"{route} all {what}")
    for name in own:  # one at a time, the others as the page has them
        for what in ("list",) if route == "curriculum:cohort_create" else ("nul", "past-bigint"):
            with undone():
                ok(client.post(url, {**own, name: CORPUS[what]}), f"{route} {name}={what}")


@pytest.mark.parametrize("route", POSTED)
def test_fields_that_are_not_in_the_form_change_nothing(world, route):
    client = world.client(allowed_person(ROWS[route]))
    own = form_of(world, client, route)
    foreign = {name: value for name, value in FOREIGN.items() if name not in own}
    if route == "account":
        foreign.pop("role")  # its own word: which of one's roles to work as
    before = standing(world)
    with undone():
        ok(client.post(address(world, route), foreign), route)
        after = standing(world)
    acts = {
        "curriculum:cohort_adopt": {"cohort"}, "curriculum:certificate_revoke": {"certificate"}, "curriculum:certificate_renew": {"certificate"},
        "curriculum:enrollment_decide": {"enrollment"}, "evaluations:submit": {"response"}, "curriculum:certificate_name_public": {"certificate"},
    }.get(route, set())  # fmt: skip
    for name in before:
        if name not in acts:
            assert before[name] == after[name], f"{route} changed {name}"


def standing(world):
    """The rows that somebody might want to change, as they are now."""
    rows = {"enrollment": world.enrollment, "cohort": world.cohort, "response": world.response, "certificate": world.certificate}
    rows |= {f"person {name}": person for name, person in world.people.items()}
    found = {}
    for name, row in rows.items():
        fresh = type(row).objects.get(pk=row.pk)
        values = model_to_dict(fresh) | {f.attname: getattr(fresh, f.attname) for f in fresh._meta.concrete_fields}
        found[name] = {key: str(value) for key, value in values.items() if key not in ("last_login", "color_scheme")}
    return found


@pytest.mark.parametrize("route", sorted(FORMS))
def test_what_was_typed_comes_back_escaped_with_a_message(world, route):
    name, wrong = FORMS[route]
    client = world.client(name)
    url = address(world, route)
    with undone():
        page = client.get(url)
    html = page.content.decode()
    texts = [pairs["name"] for tag in re.findall(r"<(?:input|textarea)\b[^>]*>", html) if (pairs := dict(re.findall(r'([\w-]+)="([^"]*)"', tag))).get("name") and (tag.startswith("<textarea") or pairs.get("type") in ("text", "email")) and pairs["name"] not in ("q",) and not pairs["name"].startswith("role-")]  # fmt: skip
    assert texts
    typed = {field: f"<i>\"{number}'&" for number, field in enumerate(texts)}
    with undone():
        answer = client.post(url, {**fields_in(page), "change": "", **typed, **wrong})
    html = answer.content.decode()
    assert answer.status_code in (400, 422)
    assert "errsum" in html
    for text in typed.values():
        assert text not in html
        assert text in unescape(html), text


# --- addresses -------------------------------------------------------------------------------------------------------
QUERIES = (
    "page=-1", "page=abc", "page=99999999999999999999", "page=" + "9" * 5_000, "lang=xx", "language=", "language=xx", "lang=%00",
    "q=%00", "q=%ff%fe", "q=" + "%22" * 500, "q=%ED%A0%80", "q=" + "a" * 20_000, "q=*%20OR%20NEAR(%22", "q=a:b%20AND%20(", "q=-",
    "to=<script>", "to=%00", "from=review&from=x", "status=x&role=x&order=-x&sort=%27", "withdraw[]=a", "code=%F0%9F%98%80",
    "code=" + "A" * 5_000, "next=//evil.example", "=&&=&;;", "%00=%00", "check=&check=%00", "public[]=1", "__proto__=1",
)  # fmt: skip
PATHS = (
    "/%00", "/es/%00/", "/%ff", "/es/%ff%fe/", "/es/" + "a" * 8_000, "/es/" + "a/" * 1_000, "//evil.example", "//evil.example/es/",
    "/es//evil.example/..", "/\\evil.example", "/%5cevil.example", "/es/responses/99999999999999999999999/", "/v/%00", "/v/%ff",
    "/es/responses/" + "9" * 5_000 + "/", "/es/cohorts/0/", "/v/" + "A" * 5_000, "/v/..%2f..%2f.json", "/v/😀", "/v/%E2%80%AE.json",
    "/es/invitation/" + "a" * 5_000 + "/", "/es/invitation/%00/", "/es/invitation/😀/", "/es/activities/0/complete/", "/documents/0/x",
    "/es/certificates/%00/certificate.pdf", "/es/certificates/😀/certificate.pdf", "/es/profile/" + "a" * 300 + "/", "/sw.js/..",
)  # fmt: skip


@pytest.mark.parametrize("person", ["anonymous", "trainee", "lead"])
def test_nonsense_after_the_question_mark(world, person):
    client = world.client(person)
    for route in sorted(ROWS):
        if not ROWS[route].get or route in ("healthz", "readyz"):
            continue
        url = address(world, route)
        # one by one where they are read, together elsewhere
        batches = (
            QUERIES
            if route in ("search", "verification:form", "curriculum:cohorts")
            else ("&".join(q for q in QUERIES if "%00" not in q), "a=%00")
        )
        for query in batches:
            with undone():
                ok(client.get(f"{url}?{query}"), f"{route}?{query[:60]}")


@pytest.mark.parametrize("person", ["anonymous", "lead"])
def test_nonsense_addresses(world, person):
    client = world.client(person)
    for path in PATHS:
        with undone():
            ok(client.get("/", PATH_INFO=raw_path(path)), path[:60])
            ok(client.post("/", PATH_INFO=raw_path(path)), path[:60])


def raw_path(path):
    """As a server hands it over: percent-decoded bytes read as Latin-1."""
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(path).decode("latin-1")


# --- bodies ----------------------------------------------------------------------------------------------------------
BODIES = {
    "truncated multipart": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1'),
    "no boundary": ("multipart/form-data", b"a=1"),
    "wild boundary": ("multipart/form-data; boundary=" + "é" * 40, b"--"),
    "bad transfer": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\nContent-Transfer-Encoding: base64\r\n\r\n!\r\n--x--'),
    "bytes": ("application/x-www-form-urlencoded", b"reason=\xff\xfe\xed\xa0\x80&email=%ff%fe"),
    "json at a form": ("application/json", b'{"reason": "x"}'),
    "xml": ("application/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    "no type": ("", b"reason=x"),
    "latin": ("application/x-www-form-urlencoded; charset=latin-1", b"reason=x"),
    "charset of bytes": ("multipart/form-data; boundary=x; charset=hex", b'--x\r\nContent-Disposition: form-data; name="reason"\r\n\r\nx\r\n--x--'),
    "charset undefined": ("application/x-www-form-urlencoded; charset=undefined", b"reason=%41"),
    "charset utf-16": ("multipart/form-data; boundary=x; charset=utf-16", b'--x\r\nContent-Disposition: form-data; name="reason"\r\n\r\nx\r\n--x--'),
    "too many fields": ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(3_000))),
}  # fmt: skip


@pytest.mark.parametrize("what", sorted(BODIES))
def test_bodies_that_are_no_form(world, what):
    kind, body = BODIES[what]
    for route in (
        "profile_step",
        "curriculum:people_import",
        "evaluations:question",
        "evaluations:save_answer",
        "account",
        "search",
    ):
        client = world.client(allowed_person(ROWS[route]) if ROWS[route].post else "trainee")
        with undone():
            ok(client.generic("POST", address(world, route), body, kind), f"{what} at {route}")
            ok(client.generic("GET", address(world, route) + "?q=%41", b"", kind), f"{what} at {route}")


def test_bodies_over_the_cap_are_refused_before_they_are_read(world, settings):
    client = world.client("lead")
    url = address(world, "curriculum:people_import")
    for length in (settings.MAX_BODY_SIZE + 1, 10**30):
        assert client.generic("POST", url, b"text=x", "text/plain", CONTENT_LENGTH=str(length)).status_code == 413
    for length in ("-1", "abc", "1e3"):
        assert client.generic("POST", url, b"text=x", "text/plain", CONTENT_LENGTH=length).status_code == 400


def test_cookies_with_a_nul_reach_no_database(world):
    for name in ("sessionid", "csrftoken", "django_language", "messages"):
        response = Client().get("/es/today/", headers={"cookie": f'{name}="abcdefgh\\000ijkl"'})
        assert response.status_code < 500
        assert name != "sessionid" or response.status_code == 400


def test_forms_without_their_token_are_refused(world):
    from django.conf import settings

    client = world.client("trainee")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    url = address(world, "profile_step")
    for token in ("", "x", "é" * 32, "a" * 64, "a\x00b", "9" * 5_000):
        strict.cookies[settings.CSRF_COOKIE_NAME] = "b" * 32
        response = strict.post(url, {"csrfmiddlewaretoken": token, "certificate_name": "Eva"})
        assert response.status_code == 403, token[:20]
        assert response["Content-Security-Policy"]
    assert world.people["trainee"].__class__.objects.get(pk=world.people["trainee"].pk).certificate_name != "Eva"


# --- the JSON door ---------------------------------------------------------------------------------------------------
def test_the_json_door_takes_no_nonsense(world):
    client, url = world.client("trainee"), reverse("evaluations:save_answer")
    good = {"client_id": str(uuid.uuid4()), "response": world.response.pk, "question": world.question.pk, "value": "x", "client_time": "2026-01-01T00:00:00Z"}  # fmt: skip
    strange = [None, True, -1, 0, 2**63, 2**64, 10**400, 1.5, "", "x", "1", [], {}, [[]], "a\x00b", "\ud800", "x" * 9_000, "NaN", {"a": {"b": 1}}]  # fmt: skip
    for field in good:
        for value in strange:
            with undone():
                response = client.post(
                    url, json.dumps({**good, "client_id": str(uuid.uuid4()), field: value}), "application/json"
                )
                assert response.status_code in (200, 400, 404, 409, 422), (field, value)
                assert response.status_code != 200 or field in ("value", "client_time"), (field, value)
    deep = [b"[" * n + b"]" * n for n in (200, 100_000)] + [b'{"a":' * n + b"1" + b"}" * n for n in (200, 100_000)]
    rest = json.dumps(good).replace('"x"', "%s")
    raw = [
        *deep,
        b"",
        b"null",
        b"1",
        b"\xff\xfe",
        b"\x00",
        b"{",
        b'{"a":1e999}',
        (rest % "1e999").encode(),
        (rest % "NaN").encode(),
    ]
    raw += [(rest % ("9" * 5_000)).encode(), (rest % ("[" * 150 + "]" * 150)).encode(), (rest % "-Infinity").encode()]
    for body in raw:
        with undone():
            response = client.generic("POST", url, body, "application/json")
            assert response.status_code in (400, 422), body[:40]


def test_the_json_door_refuses_fields_that_are_not_its_own(world):
    client, url = world.client("trainee"), reverse("evaluations:save_answer")
    good = {"client_id": str(uuid.uuid4()), "response": world.response.pk, "question": world.question.pk, "value": "x", "client_time": "2026-01-01T00:00:00Z"}  # fmt: skip
    for name, value in FOREIGN.items():
        assert client.post(url, {**good, name: value}, "application/json").status_code == 400, name
    for name in ("outsider", "lead", "trainer", "withdrawn"):
        assert world.client(name).post(url, good, "application/json").status_code == 404, name
