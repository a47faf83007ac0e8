"""Engines of others, offline: their signatures against vectors and independent tools, their servers as one on 127.0.0.1."""

import base64
import hashlib
import hmac
import json
import time
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from django.urls import reverse

from sessions.conference import bigbluebutton, engine_of, jitsi, livekit
from sessions.conference.base import NotReachable, name_of_room
from sessions.conference.rights import rights
from sessions.models import ImportedStay
from tests.sessions.engines import seated, server

__all__ = ["seated", "server"]
pytestmark = pytest.mark.django_db
LONG = "a-secret-of-at-least-thirty-two-bytes"


# --- BigBlueButton -------------------------------------------------------------------------------------------------------


def test_the_checksum_is_that_of_other_implementations():
    """Vector of the crate `bigbluebutton` 0.1.2 (docs.rs), whose server accepts it."""
    made = bigbluebutton.checksum("join", "password=pass&fullName=name&meetingId=1", "BBBSECRET")
    assert made == "94e467c1b4b13f4452ca5d1deb9b7b74e1063aea55fe078139015a7d6311cfdf"


@pytest.fixture
def bbb(settings, server):
    settings.BBB_URL, settings.BBB_SECRET = f"{server.base}/bigbluebutton/api/", "s3cret"
    server.answers["GET", "/bigbluebutton/api/create"] = (200, "<response><returncode>SUCCESS</returncode></response>")
    return server


@pytest.mark.parametrize(("role", "word"), [("trainee", "VIEWER"), ("trainer", "MODERATOR")])
def test_a_meeting_of_bigbluebutton_is_made_on_demand_and_joined_as_oneself(bbb, seated, role, word):
    meeting, user, one = seated("bbb", role)
    url = engine_of(meeting).join(meeting, one).url
    ((_method, path, query, _headers, _body),) = bbb.asked
    signed, _, checksum = query.rpartition("&checksum=")
    assert path.endswith("/create") and checksum == hashlib.sha256(f"create{signed}s3cret".encode()).hexdigest()
    signed, _, checksum = urlsplit(url).query.rpartition("&checksum=")
    assert checksum == hashlib.sha256(f"join{signed}s3cret".encode()).hexdigest()
    given = parse_qs(signed)
    assert given["fullName"] == [user.full_name] and given["role"] == [word] and given["userID"] == [str(user.pk)]
    assert given["meetingID"] == parse_qs(query)["meetingID"] == [name_of_room(meeting)]


@pytest.mark.parametrize(
    "answer",
    [
        (500, ""), (200, "<response><returncode>FAILED</returncode></response>"), (200, "not xml"), (302, "http://127.0.0.1:1/"),
        (200, '<!DOCTYPE a [<!ENTITY b "SUCCESS">]><response><returncode>&b;</returncode></response>'),
    ],
)  # fmt: skip
def test_a_server_that_fails_is_told_in_words_and_no_address_is_logged(bbb, seated, client, caplog, answer):
    bbb.answers["GET", "/bigbluebutton/api/create"] = answer
    meeting, user, one = seated("bbb")
    with pytest.raises(NotReachable):
        engine_of(meeting).join(meeting, one)
    client.force_login(user)
    page = client.get(reverse("live:conference_join", args=[meeting.pk]))
    assert page.status_code == 503 and "BigBlueButton" in page.content.decode()
    assert "checksum" not in caplog.text


def test_a_server_that_is_not_there_is_told_in_words(settings, seated):
    settings.BBB_URL, settings.BBB_SECRET = "http://127.0.0.1:9/api", "s"
    meeting, _user, one = seated("bbb")
    with pytest.raises(NotReachable):
        engine_of(meeting).join(meeting, one)


# --- tokens --------------------------------------------------------------------------------------------------------------


def parts_of(token):
    head, body, signature = token.split(".")
    return *(json.loads(base64.urlsafe_b64decode(part + "==")) for part in (head, body)), (f"{head}.{body}".encode(), signature)


def is_signed(signed, secret):
    message, signature = signed
    made = base64.urlsafe_b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).rstrip(b"=").decode()
    return made == signature


def test_our_library_signs_as_rfc_7515_does():
    """RFC 7515 appendix A.1: the key, the header and claims as bytes, the signature."""
    key = base64.urlsafe_b64decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow==")
    token = (
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    )
    assert jwt.decode(token, key, algorithms=["HS256"], options={"verify_exp": False})["iss"] == "joe"
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token[:-2] + "AA", key, algorithms=["HS256"], options={"verify_exp": False})


@pytest.mark.parametrize(("role", "moderates"), [("trainee", False), ("trainer", True)])
def test_a_jitsi_token_says_who_where_and_for_how_long(settings, seated, role, moderates):
    settings.JITSI_DOMAIN, settings.JITSI_APP_ID, settings.JITSI_APP_SECRET = "meet.example", "puente", LONG
    meeting, user, one = seated("jitsi", role)
    url = engine_of(meeting).join(meeting, one).url
    room = name_of_room(meeting)
    assert url.startswith(f"https://meet.example/{room}?jwt=")
    header, claims, signed = parts_of(urlsplit(url).query.removeprefix("jwt="))
    assert header["alg"] == "HS256" and is_signed(signed, LONG)
    assert (claims["aud"], claims["iss"], claims["sub"], claims["room"]) == ("puente", "puente", "meet.example", room)
    assert claims["context"]["user"]["moderator"] is moderates and claims["context"]["user"]["id"] == str(user.pk)
    assert 0 < claims["exp"] - time.time() <= jitsi.LIFETIME
    assert room.count("-") == 2 and len(room.rpartition("-")[2]) == 20


def test_a_livekit_token_grants_what_the_policy_grants(settings, seated):
    settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET = "APIkey", LONG
    _meeting, user, one = seated("livekit")
    standing = {"publish": "all", "stage": [], "muted": [user.pk], "video": True}
    header, claims, signed = parts_of(livekit.token("room-1", one, rights(one, standing)))
    assert header["alg"] == "HS256" and is_signed(signed, LONG)
    assert claims["iss"] == "APIkey" and claims["sub"] == str(user.pk)
    assert claims["video"] == {
        "room": "room-1", "roomJoin": True, "roomAdmin": False, "canSubscribe": True, "canPublish": True,
        "canPublishSources": ["camera", "screen_share"], "canPublishData": False,
    }  # fmt: skip
    nobody = livekit.token("room-1", one, rights(one, {**standing, "publish": "none"}))
    assert parts_of(nobody)[1]["video"]["canPublish"] is False


# --- LiveKit tells -------------------------------------------------------------------------------------------------------


@pytest.fixture
def hook(settings, client):
    settings.LIVEKIT_URL, settings.LIVEKIT_MEET_URL = "wss://l.example", "https://m.example"
    settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET = "APIkey", LONG

    def post(event, secret=LONG, issuer="APIkey", body=None, **claims):
        text = json.dumps(event)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        token = jwt.encode({"iss": issuer, "exp": int(time.time()) + 60, "sha256": digest, **claims}, secret, algorithm="HS256")
        url = reverse("live:conference_hook", args=["livekit"])
        return client.post(
            url, body or text, content_type="application/webhook+json", headers={"Authorization": token}
        ).status_code

    return post


def test_livekit_tells_who_came_and_went(hook, seated):
    meeting, user, _one = seated("livekit")
    about = {"room": {"name": name_of_room(meeting)}, "participant": {"identity": str(user.pk)}}
    for name, at in (
        ("participant_joined", 1_800_000_000),
        ("participant_joined", 1_800_000_000),
        ("participant_left", 1_800_000_600),
    ):
        assert hook({"event": name, "createdAt": str(at), **about}) == 200
    stay = ImportedStay.objects.get()
    assert (stay.user, stay.source, (stay.left_at - stay.joined_at).total_seconds()) == (user, "livekit", 600)


def test_what_is_not_signed_by_livekit_leaves_nothing(hook, seated):
    meeting, user, _one = seated("livekit")
    event = {
        "event": "participant_joined",
        "createdAt": "1800000000",
        "room": {"name": name_of_room(meeting)},
        "participant": {"identity": str(user.pk)},
    }
    assert hook(event, secret="x" * 40) == hook(event, issuer="other") == hook(event, body="{}") == hook(event, exp=1) == 403
    assert hook({**event, "room": {"name": f"puente-{meeting.pk}-{'0' * 20}"}}) == 200
    assert hook({**event, "room": None, "participant": {"identity": "9" * 40}}) == 200
    assert hook([]) == 403
    assert not ImportedStay.objects.exists()
