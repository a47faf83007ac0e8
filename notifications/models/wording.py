from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Wording(models.Model):
    """A programme's own words for one message in one language, instead of the shipped ones. Plain text with `{names}` of that message."""

    what = models.CharField(max_length=60)
    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    subject = models.CharField(_("subject"), max_length=150)
    body = models.TextField(_("text"), max_length=4000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["what", "language"], name="one_wording_per_language")]
