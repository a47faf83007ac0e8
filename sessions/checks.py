"""System checks: combinations under which rooms would lose people or words in silence."""

import os

import redis
from channels.layers import get_channel_layer
from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.conf import settings
from django.core.checks import Error, Warning, register, run_checks
from django.core.exceptions import ImproperlyConfigured

from sessions import guard

SILENT_CLOSE = 8  # redis-py from this version gives sockets five seconds (django/channels_redis#422)


def refuse_what_loses():
    """For servers, which run no checks: raises `ImproperlyConfigured` where one of these finds an error."""
    errors = [one for one in run_checks(tags=["live"]) if one.is_serious()]
    if errors:
        raise ImproperlyConfigured(" ".join(f"{one.msg} {one.hint} ({one.id})" for one in errors))


@register("live")
def one_world(app_configs, **kwargs):
    """The in-memory layer joins nothing: each process would be a room of its own, with no error anywhere."""
    if isinstance(get_channel_layer(), (RedisPubSubChannelLayer, RedisChannelLayer)):
        return []
    several = [name for name in ("SOCKET_PROCESSES", "WEB_CONCURRENCY") if _number(os.environ.get(name)) > 1]
    if several:
        message = f"{several[0]} asks for several processes, but the channel layer is in memory: they would be separate rooms."
        return [Error(message, hint="Set REDIS_URL, or run one process.", id="live.E001")]
    if not settings.DEBUG and not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        message = "The channel layer is in memory. With more than one process people in a room hear of each other a second late."
        return [Warning(message, hint="Set REDIS_URL.", id="live.W001")]
    return []


@register("live")
def idle_sockets_live(app_configs, **kwargs):
    """A Redis connection with a time limit ends every channel that is quiet for as long."""
    layer = settings.CHANNEL_LAYERS.get("default", {})
    if "channels_redis" not in layer.get("BACKEND", "") or int(redis.__version__.partition(".")[0]) < SILENT_CLOSE:
        return []
    found = []
    hosts = layer.get("CONFIG", {}).get("hosts") or ["redis://localhost:6379"]
    if not all(isinstance(host, dict) and host.get("socket_timeout", 5) is None for host in hosts):
        found.append(
            Error(
                "The channel layer's Redis connections have a time limit: quiet channels would be closed after five seconds.",
                hint='Write hosts as [{"address": REDIS_URL, "socket_timeout": None}].',
                id="live.E002",
            )
        )
    if isinstance(get_channel_layer(), RedisChannelLayer):
        found.append(
            Warning(
                "RedisChannelLayer forgets its groups when Redis is flushed.",
                hint="Use channels_redis.pubsub.RedisPubSubChannelLayer.",
                id="live.W002",
            )
        )
    return found


@register("live")
def origins_are_full(app_configs, **kwargs):
    """Sockets are opened by pages of our own origin only; a host without its scheme says too little."""
    own = guard.origins()
    wrong = [one for one in own if guard.parts_of(one.replace("*.", "")) is None]
    if own and not wrong:
        return []
    message = f"{wrong[0]} is not an origin (scheme, host, port)." if wrong else "No origin may open the sockets of live rooms."
    return [
        Error(message, hint="Set SITE_BASE_URL and CSRF_TRUSTED_ORIGINS, for example https://puente.example.", id="live.E003")
    ]


@register("live")
def sessions_can_end(app_configs, **kwargs):
    """Who signs out must leave the rooms; a session that lives in its cookie alone cannot be ended."""
    if settings.SESSION_ENGINE != "django.contrib.sessions.backends.signed_cookies":
        return []
    return [
        Error(
            "Web sessions live in cookies: signing out would not close the sockets.", hint="Use the db backend.", id="live.E004"
        )
    ]


def _number(text):
    return int(text) if text and text.isdecimal() else 0
