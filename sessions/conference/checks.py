"""What the operator's settings for sound and picture must be, said at start rather than in a meeting."""

from django.conf import settings
from django.core.checks import Error, Warning, register


@register()
def conference_settings(app_configs, **kwargs):
    found = []
    if any(url.startswith("turn") for url in settings.TURN_URLS) and not settings.TURN_SECRET:
        found.append(
            Error(
                "TURN_URLS names a relay but TURN_SECRET is empty.",
                hint="coturn's static-auth-secret goes there.",
                id="live.E021",
            )
        )
    if any(not url.startswith(("stun:", "stuns:", "turn:", "turns:")) for url in settings.TURN_URLS):
        found.append(Error("TURN_URLS takes stun:, stuns:, turn: and turns: addresses.", id="live.E022"))
    if settings.JANUS_URL and not settings.JANUS_URL.startswith(("/", "ws://127.0.0.1", "ws://localhost", "ws://[::1]")):
        words = "Janus's interface is reached over a network: whoever reads it there owns the rooms."
        found.append(Warning(words, hint="A unix socket, or 127.0.0.1.", id="live.W023"))
    if any("/" in host or "*" in host for host in settings.CONFERENCE_HOSTS):
        found.append(Error("CONFERENCE_HOSTS takes host names; a leading dot allows what is below.", id="live.E024"))
    return found
