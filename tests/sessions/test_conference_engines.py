"""Engines of others, offline: their signatures against vectors and independent tools, their servers as one on 127.0.0.1."""

import base64
import hashlib
import hmac
import json
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from django.core.cache import cache
from django.urls import reverse

from sessions.conference import bigbluebutton, engine_of, jitsi, livekit, teams, zoom
from sessions.conference.base import NotReachable, name_of_room
from sessions.conference.rights import rights
from sessions.models import ImportedStay, MediaRoom
from tests.sessions.rooms import meeting_of, person_in, seat

pytestmark = pytest.mark.django_db
LONG = "a-secret-of-at-least-thirty-two-bytes"


class Server:
    """Answers what `answers[(method, path)]` says: (status, body); remembers `asked`: [(method, path, query, headers, body)]."""

    def __init__(self):
        self.answers, self.asked = {}, []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                server.asked.append((self.command, parts.path, parts.query, dict(self.headers), body))
                status, given = server.answers.get((self.command, parts.path), (404, ""))
                content = (given if isinstance(given, str) else json.dumps(given)).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                if status == 302:
                    self.send_header("Location", given)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = answer

            def log_message(self, *_given):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()


@pytest.fixture
def server():
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


@pytest.fixture
def seated():
    def make(engine, role="trainee", **fields):
        meeting = meeting_of(engine=engine, **fields)
        user = person_in(meeting, role, user__full_name="Ana Núñez & Söhne", user__email="ana@example.org")
        return meeting, user, seat(meeting, user)

    return make


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


# --- Zoom ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def zoomed(settings, server):
    settings.ZOOM_API_URL, settings.ZOOM_SIGN_IN_URL = f"{server.base}/v2", server.base
    settings.ZOOM_ACCOUNT_ID, settings.ZOOM_CLIENT_ID, settings.ZOOM_CLIENT_SECRET = "acc", "cid", "cs"
    settings.ZOOM_HOST, settings.ZOOM_WEBHOOK_SECRET = "host@example.org", "whs"
    server.answers["POST", "/oauth/token"] = (200, {"access_token": "tok", "expires_in": 3600})
    server.answers["POST", "/v2/users/host@example.org/meetings"] = (
        201,
        {"id": 8_123_456_789, "start_url": "https://zoom.us/s/secret"},
    )
    server.answers["POST", "/v2/meetings/8123456789/registrants"] = (
        201,
        {"join_url": "https://zoom.us/w/8123456789?tk=personal"},
    )
    return server


def test_zoom_gives_each_person_an_address_of_their_own(zoomed, seated):
    meeting, _user, one = seated("zoom")
    assert (
        engine_of(meeting).join(meeting, one).url
        == engine_of(meeting).join(meeting, one).url
        == "https://zoom.us/w/8123456789?tk=personal"
    )
    asked = [(method, path) for method, path, *_rest in zoomed.asked]
    assert asked.count(("POST", "/oauth/token")) == 1 and asked.count(("POST", "/v2/users/host@example.org/meetings")) == 1
    token, created, registered = zoomed.asked[0], json.loads(zoomed.asked[1][4]), json.loads(zoomed.asked[2][4])
    assert token[3]["Authorization"] == "Basic " + base64.b64encode(b"cid:cs").decode() and "account_id=acc" in token[4]
    assert zoomed.asked[1][3]["Authorization"] == "Bearer tok" and created["settings"]["registration_type"] == 1
    assert registered == {"email": "ana@example.org", "first_name": "Ana", "last_name": "Núñez & Söhne"}
    room = MediaRoom.objects.get()
    assert room.ref == "8123456789" and "start_url" not in room.secrets and "/s/" not in room.secrets


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/oauth/token", (401, {})), ("/oauth/token", (200, {})), ("/v2/users/host@example.org/meetings", (200, [])),
        ("/v2/users/host@example.org/meetings", (200, {"id": "x"})), ("/v2/meetings/8123456789/registrants", (429, {})),
        ("/v2/meetings/8123456789/registrants", (201, {"join_url": "javascript:alert(1)"})),
    ],
)  # fmt: skip
def test_what_zoom_may_answer_instead_is_told_in_words(zoomed, seated, path, answer):
    cache.clear()
    zoomed.answers["POST", path] = answer
    meeting, _user, one = seated("zoom")
    with pytest.raises(NotReachable):
        engine_of(meeting).join(meeting, one)


def zoom_posts(client, event, at=None, secret="whs", **headers):
    body = event if isinstance(event, str) else json.dumps(event)
    stamp = str(int(time.time() if at is None else at))
    signature = "v0=" + hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {"x-zm-request-timestamp": stamp, "x-zm-signature": signature, **headers}
    return client.post(reverse("live:conference_hook", args=["zoom"]), body, content_type="application/json", headers=headers)


def test_zooms_challenge_is_answered(zoomed, client):
    answer = zoom_posts(client, {"event": "endpoint.url_validation", "payload": {"plainToken": "qgg8vlvZRS6UYooatFL8Aw"}})
    made = hmac.new(b"whs", b"qgg8vlvZRS6UYooatFL8Aw", hashlib.sha256).hexdigest()
    assert answer.json() == {"plainToken": "qgg8vlvZRS6UYooatFL8Aw", "encryptedToken": made}


def test_zoom_tells_who_came_and_went_and_a_repeated_line_counts_once(zoomed, client, seated):
    meeting, user, one = seated("zoom")
    engine_of(meeting).join(meeting, one)
    person = {"user_name": "Ana en Zoom", "email": "ANA@example.org"}

    def tell(name, **participant):
        about = {"id": "8123456789", "participant": {**person, **participant}, "end_time": "2027-01-11T19:30:00Z"}
        return zoom_posts(client, {"event": f"meeting.{name}", "payload": {"object": about}}).status_code

    assert tell("participant_joined", join_time="2027-01-11T18:00:00Z") == 204
    assert tell("participant_joined", join_time="2027-01-11T18:00:00Z") == 204
    assert tell("participant_left", leave_time="2027-01-11T18:40:00Z") == 204
    assert tell("participant_left", leave_time="2027-01-11T18:40:00Z") == 204
    assert tell("participant_joined", join_time="2027-01-11T19:00:00Z") == 204
    assert tell("ended") == 204
    stays = [(stay.user, (stay.left_at - stay.joined_at).total_seconds()) for stay in ImportedStay.objects.order_by("joined_at")]
    assert stays == [(user, 2400), (user, 1800)]


@pytest.mark.parametrize(
    "how", [{"at": 0}, {"secret": "other"}, {"x-zm-signature": "v0="}, {"x-zm-request-timestamp": "1" * 300}]
)
def test_what_is_old_or_not_signed_by_zoom_is_refused(zoomed, client, how):
    assert zoom_posts(client, {"event": "meeting.ended", "payload": {"object": {}}}, **how).status_code == 403


def test_the_window_is_five_minutes_to_both_sides(settings):
    settings.ZOOM_WEBHOOK_SECRET = "whs"
    headers = {"x-zm-request-timestamp": "1000", "x-zm-signature": f"v0={zoom._hmac(b'v0:1000:{}')}"}
    assert [zoom.is_signed(headers, b"{}", now) for now in (699, 700, 1300, 1301)] == [False, True, True, False]
    settings.ZOOM_WEBHOOK_SECRET = ""
    assert not zoom.is_signed(headers, b"{}", 1000)


@pytest.mark.parametrize(
    "event", ["[]", "{}", '"x"', '{"event": 1, "payload": []}', '{"event": "meeting.ended", "payload": {"object": 5}}', "{"]
)
def test_signed_nonsense_is_no_server_error(zoomed, client, event):
    assert zoom_posts(client, event).status_code in (204, 400)


# --- Teams ---------------------------------------------------------------------------------------------------------------

RECORD = {  # the shape of learn.microsoft.com/graph/api/resources/attendancerecord
    "emailAddress": "Ana@example.org", "totalAttendanceInSeconds": 1800, "role": "Presenter",
    "identity": {"id": "57caaef9", "displayName": "Ana N."},
    "attendanceIntervals": [
        {"joinDateTime": "2027-01-11T18:00:00.3776519Z", "leaveDateTime": "2027-01-11T18:20:00Z", "durationInSeconds": 1200},
        {"joinDateTime": "2027-01-11T18:30:00Z", "leaveDateTime": "2027-01-11T18:40:00Z", "durationInSeconds": 600},
        {"joinDateTime": None, "leaveDateTime": "2027-01-11T18:40:00Z", "durationInSeconds": 0},
    ],
}  # fmt: skip


@pytest.fixture
def teamed(settings, server):
    settings.TEAMS_API_URL, settings.TEAMS_SIGN_IN_URL = f"{server.base}/v1.0", f"{server.base}/login"
    settings.TEAMS_TENANT, settings.TEAMS_CLIENT_ID, settings.TEAMS_CLIENT_SECRET = "ten", "cid", "cs"
    settings.TEAMS_ORGANISER = "org"
    server.ref = "MSo1N2Y5" * 30
    base = f"/v1.0/users/org/onlineMeetings/{server.ref}/attendanceReports"
    server.answers |= {
        ("POST", "/login/ten/oauth2/v2.0/token"): (200, {"access_token": "tok", "expires_in": 3599}),
        ("POST", "/v1.0/users/org/onlineMeetings"): (201, {"id": server.ref, "joinWebUrl": "https://teams.microsoft.com/l/1"}),
        ("GET", base): (200, {"value": [{"id": "r1"}]}),
        ("GET", f"{base}/r1/attendanceRecords"): (200, {"value": [RECORD], "@odata.nextLink": f"{server.base}/v1.0/page2"}),
        ("GET", "/v1.0/page2"): (200, {"value": [{**RECORD, "emailAddress": None}], "@odata.nextLink": "https://evil.example/"}),
    }
    return server


def test_teams_is_made_once_and_its_report_is_read_once(teamed, seated, client):
    meeting, user, one = seated("teams")
    assert (
        engine_of(meeting).join(meeting, one).url
        == engine_of(meeting).join(meeting, one).url
        == "https://teams.microsoft.com/l/1"
    )
    assert [path for _method, path, *_rest in teamed.asked].count("/v1.0/users/org/onlineMeetings") == 1
    assert "teams.microsoft" not in MediaRoom.objects.get().secrets
    trainer = person_in(meeting, "trainer")
    client.force_login(trainer)
    for _time in range(2):
        answer = client.post(reverse("live:conference_stays", args=[meeting.pk]))
        assert answer["Location"] == reverse("live:attendance", args=[meeting.pk])
    known = ImportedStay.objects.filter(user=user).order_by("joined_at")
    assert [round((stay.left_at - stay.joined_at).total_seconds()) for stay in known] == [1200, 600]
    assert ImportedStay.objects.filter(user=None, name="Ana N.").count() == 2
    assert known[1].joined_at == datetime(2027, 1, 11, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "record",
    [{}, {"attendanceIntervals": None}, {"identity": None, "attendanceIntervals": [{"joinDateTime": "x", "leaveDateTime": 5}]},
     {"attendanceIntervals": [{"joinDateTime": "2027-01-11T18:00:00Z", "leaveDateTime": "2027-01-11T17:00:00Z"}]}],
)  # fmt: skip
def test_records_without_a_stay_leave_none(record):
    assert teams.keep_record(meeting_of(), record) == 0


def test_a_report_that_does_not_come_is_told_in_words(teamed, seated, client):
    meeting, _user, one = seated("teams")
    engine_of(meeting).join(meeting, one)
    teamed.answers.clear()
    client.force_login(person_in(meeting, "trainer"))
    answer = client.post(reverse("live:conference_stays", args=[meeting.pk]))
    assert answer.status_code == 302 and not ImportedStay.objects.exists()
