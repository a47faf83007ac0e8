"""Each combination that would lose people in silence is refused by name."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from sessions import checks

MEMORY = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
PUBSUB = "channels_redis.pubsub.RedisPubSubChannelLayer"


def ids(found):
    return [one.id for one in found]


def redis(backend=PUBSUB, **host):
    return {"default": {"BACKEND": backend, "CONFIG": {"hosts": [{"address": "redis://127.0.0.1:1/0", **host}]}}}


@pytest.mark.parametrize("name", ["SOCKET_PROCESSES", "WEB_CONCURRENCY"])
def test_several_processes_need_a_layer_that_joins_them(settings, monkeypatch, name):
    settings.CHANNEL_LAYERS = MEMORY
    monkeypatch.setenv(name, "1")
    assert ids(checks.one_world(None)) == []
    monkeypatch.setenv(name, "2")
    assert ids(checks.one_world(None)) == ["live.E001"]
    with pytest.raises(ImproperlyConfigured, match=r"live\.E001"):
        checks.refuse_what_loses()
    settings.CHANNEL_LAYERS = redis(socket_timeout=None)
    assert ids(checks.one_world(None)) == []


def test_a_big_database_with_a_small_layer_is_a_warning(settings):
    settings.CHANNEL_LAYERS = MEMORY
    settings.DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql"}}
    assert ids(checks.one_world(None)) == ["live.W001"]


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (redis(), ["live.E002"]), (redis(socket_timeout=5), ["live.E002"]), (redis(socket_timeout=None), []), (MEMORY, []),
        ({"default": {"BACKEND": PUBSUB, "CONFIG": {"hosts": ["redis://127.0.0.1:1/0"]}}}, ["live.E002"]),
        ({"default": {"BACKEND": PUBSUB}}, ["live.E002"]),
        (redis("channels_redis.core.RedisChannelLayer", socket_timeout=None), ["live.W002"]),
    ],
)  # fmt: skip
def test_redis_connections_must_not_have_a_time_limit(settings, layer, expected):
    settings.CHANNEL_LAYERS = layer
    assert ids(checks.idle_sockets_live(None)) == expected


@pytest.mark.parametrize(
    ("base", "trusted", "expected"),
    [
        ("https://puente.example", [], []), ("", [], ["live.E003"]), ("puente.example", [], ["live.E003"]),
        ("https://puente.example", ["https://*.example.org"], []), ("https://puente.example", ["example.org"], ["live.E003"]),
    ],
)  # fmt: skip
def test_origins_say_scheme_and_host(settings, base, trusted, expected):
    settings.SITE_BASE_URL, settings.CSRF_TRUSTED_ORIGINS = base, trusted
    assert ids(checks.origins_are_full(None)) == expected


def test_sessions_in_cookies_cannot_end(settings):
    assert checks.sessions_can_end(None) == []
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    assert ids(checks.sessions_can_end(None)) == ["live.E004"]


def test_the_settings_of_these_tests_are_sound():
    assert checks.refuse_what_loses() is None
