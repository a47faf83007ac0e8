from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LiveConfig(AppConfig):
    """What happens live. The label differs from the folder because django.contrib.sessions owns the label `sessions`."""

    name = "sessions"
    label = "live"
    verbose_name = _("Live sessions")

    def ready(self):
        from sessions import checks, guard  # noqa: F401, PLC0415 -- checks and receivers, once the models are there
        from sessions.conference import checks as conference_checks  # noqa: F401, PLC0415 -- the same
