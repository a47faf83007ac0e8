"""Sound and picture without browsers: addresses, engines, credentials, the policy, the pages."""

import base64
import hashlib
import hmac
import subprocess

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from sessions import conference
from sessions.conference import check_address, engines, turn
from sessions.conference.rights import rights
from sessions.conference.sealed import seal, unseal
from sessions.models import Meeting
from sessions.refusals import Refusal
from sessions.seats import Seat
from tests.sessions.rooms import do, meeting_of, person_in, seat, state_of

pytestmark = pytest.mark.django_db


# --- addresses -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["https://zoom.us/j/1", "https://us02web.zoom.us/j/1?pwd=x", "https://MEET.google.com/abc", "https://zoom.us:443/j/1"]
)
def test_an_address_on_an_allowed_host_is_taken(url):
    check_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "", "zoom.us/j/1", "http://zoom.us/j/1", "javascript:alert(1)", "https://evil.example/", "https://zoom.us.evil.example/",
        "https://evilzoom.us/", "https://ana:pw@zoom.us/j/1", "https://zoom.us@evil.example/", "https://zoom.us:8443/j/1",
        "https://zoom.us\\@evil.example/", "https://x.meet.google.com/", "https://zoom.us:99999/", "ftp://zoom.us/", "https://[::1/",
        "https://zoom.us/\nx", "//zoom.us/j/1",
    ],
)  # fmt: skip
def test_any_other_address_is_refused(url):
    with pytest.raises(ValidationError):
        check_address(url)


# --- engines -------------------------------------------------------------------------------------------------------------


def test_without_settings_there_are_three_engines():
    assert list(engines()) == ["none", "link", "mesh"]


def test_an_engine_appears_with_its_settings_and_meetings_lose_it_quietly_when_it_goes(settings):
    meeting = meeting_of(engine="janus")
    assert conference.engine_of(meeting).key == "none"
    settings.JANUS_URL = "/run/janus.sock"
    settings.BBB_URL = settings.BBB_SECRET = "x"
    settings.JITSI_DOMAIN = settings.JITSI_APP_ID = settings.JITSI_APP_SECRET = "x"
    settings.LIVEKIT_URL = settings.LIVEKIT_MEET_URL = settings.LIVEKIT_API_KEY = settings.LIVEKIT_API_SECRET = "x"
    settings.ZOOM_ACCOUNT_ID = settings.ZOOM_CLIENT_ID = settings.ZOOM_CLIENT_SECRET = settings.ZOOM_HOST = "x"
    settings.TEAMS_TENANT = settings.TEAMS_CLIENT_ID = settings.TEAMS_CLIENT_SECRET = settings.TEAMS_ORGANISER = "x"
    assert list(engines()) == ["none", "link", "mesh", "janus", "bbb", "jitsi", "livekit", "zoom", "teams"]
    assert conference.engine_of(meeting).key == "janus"
    for engine in engines().values():
        assert str(engine.label) and isinstance(engine.check(meeting), list)


# --- TURN, sealed --------------------------------------------------------------------------------------------------------


def test_turn_credentials_are_those_of_the_draft_as_openssl_makes_them():
    username, password = turn.credentials(17, now=1_800_000_000, secret="north")
    assert username == "1800003600:17"
    made = subprocess.run(
        ["openssl", "dgst", "-sha1", "-hmac", "north", "-binary"], input=username.encode(), capture_output=True, check=True
    )
    assert password == base64.b64encode(made.stdout).decode()
    assert password == base64.b64encode(hmac.new(b"north", username.encode(), hashlib.sha1).digest()).decode()


def test_no_server_of_others_is_used_unless_the_operator_names_it(settings):
    assert turn.ice_servers(1) == []
    settings.TURN_URLS, settings.TURN_SECRET = ["stun:a.example", "turn:b.example", "turns:b.example:443?transport=tcp"], "s"
    stun, relay = turn.ice_servers(1)
    assert stun == {"urls": ["stun:a.example"]}
    assert relay["urls"] == ["turn:b.example", "turns:b.example:443?transport=tcp"] and relay["username"].endswith(":1")


def test_a_relay_without_its_secret_is_an_error_at_start(settings):
    from sessions.conference.checks import conference_settings

    settings.TURN_URLS, settings.TURN_SECRET = ["turn:b.example"], ""
    assert [error.id for error in conference_settings(None)] == ["live.E021"]
    settings.TURN_SECRET = "s"
    assert conference_settings(None) == []


def test_sealed_secrets_open_with_this_sites_key_only(settings):
    sealed = seal({"pin": "1234"})
    assert "1234" not in sealed and unseal(sealed) == {"pin": "1234"}
    assert unseal(sealed[:-4] + "AAAA") is None
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    assert unseal(sealed) == {"pin": "1234"}
    settings.SECRET_KEY_FALLBACKS = []
    assert unseal(sealed) is None


# --- the policy ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "host", "guest"),
    [
        ({}, "acs", "acs"), ({"publish": "hosts"}, "acs", ""), ({"publish": "none"}, "", ""), ({"publish": "stage"}, "acs", ""),
        ({"publish": "stage", "stage": [2]}, "acs", "acs"), ({"muted": [2]}, "acs", "cs"), ({"video": False}, "a", "a"),
        ({"publish": "hosts", "stage": [2]}, "acs", ""), ({"muted": [1]}, "cs", "acs"),
    ],
)  # fmt: skip
def test_what_a_policy_means_for_a_host_and_a_guest(policy, host, guest):
    standing = {"publish": "all", "stage": [], "muted": [], "video": True, **policy}
    seats = Seat(1, 1, "Ana", "MX", "host"), Seat(1, 2, "Ben", "MX", "participant")
    letters = ["".join(what[0] for what, may in rights(one, standing).items() if may) for one in seats]
    assert letters == [host, guest]


def test_an_act_changes_what_it_names_and_leaves_the_rest():
    meeting = meeting_of()
    trainer = person_in(meeting, "trainer")
    do(meeting, trainer, "media.policy", {"publish": "stage", "stage": [5, 4, 5]})
    do(meeting, trainer, "media.policy", {"video": False})
    assert state_of(meeting)["media"] == {"publish": "stage", "stage": [4, 5], "muted": [], "video": False}


def test_one_person_is_muted_or_put_on_the_stage_without_touching_the_others():
    meeting = meeting_of()
    trainer = person_in(meeting, "trainer")
    for body in (
        {"mute": 7},
        {"mute": 5},
        {"unmute": 7},
        {"put_on": 3},
        {"put_on": 2},
        {"put_on": 2},
        {"take_off": 3},
        {"take_off": 9},
    ):
        do(meeting, trainer, "media.policy", body)
    assert state_of(meeting)["media"] == {"publish": "all", "stage": [2], "muted": [5], "video": True}
    for number in range(10, 15):
        do(meeting, trainer, "media.policy", {"put_on": number})
    with pytest.raises(Refusal) as refusal:
        do(meeting, trainer, "media.policy", {"put_on": 99})
    assert refusal.value.why == "invalid"


@pytest.mark.parametrize(
    "body",
    [
        {"publish": "some"},
        {"stage": list(range(7))},
        {"stage": "x"},
        {"muted": [None]},
        {"video": "yes"},
        {"mute": "5"},
        {"x": 1},
    ],
)
def test_policies_that_cannot_be_are_refused(body):
    meeting = meeting_of()
    with pytest.raises(Refusal) as refusal:
        do(meeting, person_in(meeting, "trainer"), "media.policy", body)
    assert refusal.value.why == "invalid"


def test_participants_change_no_policy_and_push_nothing():
    meeting = meeting_of(backup_url="https://zoom.us/j/1")
    for kind, body in (("media.policy", {"publish": "all"}), ("media.backup", {"push": True})):
        with pytest.raises(Refusal) as refusal:
            do(meeting, person_in(meeting), kind, body)
        assert refusal.value.why == "forbidden"


def test_the_backup_address_is_pushed_to_all_and_taken_back():
    meeting = meeting_of(backup_url="https://zoom.us/j/1")
    trainer = person_in(meeting, "trainer")
    do(meeting, trainer, "media.backup", {"push": True})
    assert state_of(meeting)["media"]["backup"] == "https://zoom.us/j/1"
    do(meeting, trainer, "media.policy", {"publish": "none"})
    assert state_of(meeting)["media"]["backup"] == "https://zoom.us/j/1"
    do(meeting, trainer, "media.backup", {"push": False})
    assert state_of(meeting)["media"]["backup"] == ""


@pytest.mark.parametrize("backup", ["", "https://evil.example/"])
def test_no_backup_address_or_one_that_is_not_allowed_is_pushed_to_nobody(backup):
    meeting = meeting_of(backup_url=backup)
    with pytest.raises(Refusal):
        do(meeting, person_in(meeting, "trainer"), "media.backup", {"push": True})


# --- pages ---------------------------------------------------------------------------------------------------------------


def test_a_link_leads_out_without_being_in_the_page(client):
    meeting = meeting_of(engine="link", conference_url="https://zoom.us/j/12345?pwd=q")
    client.force_login(person_in(meeting))
    page = client.get(reverse("live:room", args=[meeting.pk])).content.decode()
    assert "12345" not in page and 'rel="noopener noreferrer"' in page
    answer = client.get(reverse("live:conference_join", args=[meeting.pk]))
    assert (answer.status_code, answer["Location"]) == (302, "https://zoom.us/j/12345?pwd=q")
    assert answer["Cache-Control"] == "no-store" and answer["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    "fields",
    [
        {"conference_url": ""},
        {"conference_url": "https://evil.example/"},
        {"conference_url": "https://zoom.us/1", "state": "ended"},
    ],
)
def test_a_link_that_is_missing_forbidden_or_over_is_explained(client, fields):
    meeting = meeting_of(engine="link", **fields)
    client.force_login(person_in(meeting))
    answer = client.get(reverse("live:conference_join", args=[meeting.pk]))
    assert answer.status_code == 409 and "Location" not in answer


@pytest.mark.parametrize("name", ["conference_join", "devices"])
def test_strangers_get_nothing_and_nobody_posts(client, name):
    meeting = meeting_of(engine="link", conference_url="https://zoom.us/j/1")
    url = reverse(f"live:{name}", args=[meeting.pk])
    assert client.get(url).status_code == 302 and "login" in client.get(url)["Location"]
    client.force_login(person_in(meeting_of()))
    assert client.get(url).status_code == 404
    client.force_login(person_in(meeting))
    assert client.post(url).status_code == 405
    assert client.get(reverse(f"live:{name}", args=[999_999])).status_code == 404


@pytest.mark.parametrize("engine", ["none", "mesh", "zoom"])
def test_engines_without_an_address_lead_to_the_room(client, engine):
    meeting = meeting_of(engine=engine)
    client.force_login(person_in(meeting))
    answer = client.get(reverse("live:conference_join", args=[meeting.pk]))
    assert answer["Location"] == reverse("live:room", args=[meeting.pk])


def test_camera_and_microphone_are_allowed_on_room_pages_only(client):
    meeting = meeting_of(engine="mesh")
    client.force_login(person_in(meeting))
    for name in ("room", "devices"):
        policy = client.get(reverse(f"live:{name}", args=[meeting.pk]))["Permissions-Policy"]
        assert "camera=(self), microphone=(self), display-capture=(self)" in policy and "geolocation=()" in policy
    assert "camera=()" in client.get(reverse("today"))["Permissions-Policy"]


def test_without_an_engine_a_room_has_no_sound_and_with_mesh_its_script_is_only_named(client):
    meeting = meeting_of(engine="none")
    user = person_in(meeting)
    client.force_login(user)
    assert "data-media-open" not in client.get(reverse("live:room", args=[meeting.pk])).content.decode()
    Meeting.objects.non_polymorphic().filter(pk=meeting.pk).update(engine="mesh")
    page = client.get(reverse("live:room", args=[meeting.pk])).content.decode()
    assert 'data-engine-module="/static/live/js/mesh.js"' in page
    assert 'src="/static/live/js/media.js"' not in page and 'modulepreload" href="/static/live/js/media.js' not in page
    assert "data-publish" not in page.partition("<template data-tile>")[0]


def test_hosts_have_the_keys_of_the_stage(client):
    meeting = meeting_of(engine="mesh", backup_url="https://zoom.us/j/9")
    client.force_login(person_in(meeting, "trainer"))
    page = client.get(reverse("live:room", args=[meeting.pk])).content.decode()
    assert page.count("data-publish=") == 4 and "media.backup" in page


@pytest.mark.parametrize("seated", [True, False])
def test_only_who_runs_a_meeting_asks_for_its_report(client, seated):
    meeting = meeting_of(engine="link")
    client.force_login(person_in(meeting, "trainer" if seated else "trainee"))
    answer = client.post(reverse("live:conference_stays", args=[meeting.pk]))
    assert answer.status_code == (404 if seated else 403)  # a link has no report


def test_hooks_of_engines_that_are_not_set_up_do_not_exist(client):
    for key in ("zoom", "livekit", "link", "nothing"):
        assert client.post(reverse("live:conference_hook", args=[key]), {}, content_type="application/json").status_code == 404


def test_join_costs_the_same_whoever_is_there(client, django_assert_max_num_queries):
    meeting = meeting_of(engine="link", conference_url="https://zoom.us/j/1")
    user = person_in(meeting)
    seat(meeting, user)
    client.force_login(user)
    with django_assert_max_num_queries(12):
        client.get(reverse("live:conference_join", args=[meeting.pk]))
