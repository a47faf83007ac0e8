"""PLANTED: a channel layer without `socket_timeout=None`. Its quiet channels end after five seconds (sessions/checks.py refuses it)."""

from lms.settings import *  # noqa: F403 -- settings of another face
from lms.settings import REDIS_URL

CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}}
