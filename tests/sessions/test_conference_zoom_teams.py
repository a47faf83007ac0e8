"""Zoom and Teams, offline: meetings made on demand, what they tell of who came, what is not theirs refused."""

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.urls import reverse

from sessions.conference import engine_of, teams, zoom
from sessions.conference.base import NotReachable
from sessions.models import ImportedStay, MediaRoom
from tests.sessions.engines import seated, server
from tests.sessions.rooms import meeting_of, person_in

__all__ = ["seated", "server"]
pytestmark = pytest.mark.django_db
LONG = "a-secret-of-at-least-thirty-two-bytes"


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
