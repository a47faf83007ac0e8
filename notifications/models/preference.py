import datetime

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Preference(models.Model):
    """What a person chose for one kind of message (notifications/kinds.py). No row: the default of the kind."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="message_preferences")
    kind = models.SlugField(max_length=30)
    mail = models.BooleanField(_("by e-mail"))
    text = models.BooleanField(_("by text message"), default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_preference_per_kind")]


class Habit(models.Model):
    """When a person wants to be written to. Hours are those of their own zone; without a row 21:00 to 07:00 are quiet and nothing is gathered."""

    class Digest(models.TextChoices):
        OFF = "off", _("each message by itself")
        DAILY = "daily", _("one message a day")
        WEEKLY = "weekly", _("one message a week, on Monday")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="message_habit")
    quiet_from = models.TimeField(_("quiet from"), default=datetime.time(21))
    quiet_until = models.TimeField(_("quiet until"), default=datetime.time(7))
    digest = models.CharField(_("gathered"), max_length=6, choices=Digest, default=Digest.OFF)


class TextNumber(models.Model):
    """A telephone that its owner confirmed by a code, for a channel that sends texts. One per person and channel."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="text_numbers")
    channel = models.CharField(max_length=8, choices=[("sms", _("text message")), ("whatsapp", "WhatsApp")])
    number = models.CharField(_("telephone"), max_length=16, validators=[RegexValidator(r"^\+[1-9]\d{6,14}$")])  # E.164
    code_hash = models.CharField(max_length=64, blank=True)
    code_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "channel"], name="one_number_per_channel")]
