from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LiveConfig(AppConfig):
    """What happens live. The label differs from the folder because django.contrib.sessions owns the label `sessions`."""

    name = "sessions"
    label = "live"
    verbose_name = _("Live sessions")
