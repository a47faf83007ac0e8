from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from notifications.kinds import BY_KEY

NAMED_PROMISES = ("identified", "confidential")  # of a wave: who has answered is no secret there
# What a lead sees of mentors who are in none of the lead's cohorts: the network's meetings, never their study.
OF_THE_NETWORK = ("meetings", "reminder_day", "reminder_soon", "summaries", "duties")


def people_led(user, *, mentors=False):
    """settings.PEOPLE_LED: users whom the person leads; `mentors` adds those whom every lead meets with."""
    return import_string(settings.PEOPLE_LED)(user, mentors=mentors)


def shown():
    """Messages of which others may know at all. What a reminder promised is forgotten with its words: then it stays hidden."""
    private = models.Q(what__startswith="account") | models.Q(what="wave_nudge")
    open_ = ~private | models.Q(what="wave_nudge", context__promise__in=NAMED_PROMISES)
    lines = Message.objects.filter(open_, digest=models.OuterRef("pk"))
    return open_ & (~models.Q(what="digest") | models.Exists(lines))


class MessageQuerySet(models.QuerySet):
    def accessible_to(self, user):
        """Messages to the people one leads, for the message centre. Nobody's sign-in codes: when somebody signs in is theirs alone.

        An automatic reminder of an anonymous wave would tell who has not answered, so it is shown to nobody, and neither is a digest in
        which nothing else stands.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        network = [what for kind in OF_THE_NETWORK for what in BY_KEY[kind].whats]
        mine = models.Q(user__in=people_led(user)) | models.Q(user__in=people_led(user, mentors=True), what__in=network)
        return self.filter(mine).filter(shown())


class BounceQuerySet(models.QuerySet):
    def accessible_to(self, user):
        if not user.is_authenticated or not user.is_active:
            return self.none()
        passing = models.Q(kind=Bounce.Kind.TEMPORARY)
        # It would tell of a message that is not shown. What stops mail has to be seen all the same.
        secret = models.Q(message__isnull=False) & ~models.Q(message__in=Message.objects.filter(shown()).values("pk"))
        return self.filter(user__in=people_led(user, mentors=True)).exclude(passing & secret)


class Message(models.Model):
    """One message to one person about one thing, written in the same transaction as the act it tells of.

    `dedupe_key` makes a repeated act tell once. A message that is neither sent nor settled is due from `due_at` on; the worker delivers it.
    `settled_as` says why it will not leave. `handed_at` is written just before the mail server is asked to accept: a message that was
    cut off before that instant has certainly not left (notifications/outbox.py).
    """

    class Channel(models.TextChoices):
        MAIL = "mail", _("e-mail")
        SMS = "sms", _("text message")
        WHATSAPP = "whatsapp", "WhatsApp"

    class Settled(models.TextChoices):
        NOT = "", pgettext_lazy("state of a message", "under way")
        EXPIRED = "expired", _("too late to be of use")
        UNWANTED = "unwanted", _("the person does not want it")
        BOUNCED = "bounced", _("the address refuses mail")
        DIGEST = "digest", _("part of a digest")
        WITHDRAWN = "withdrawn", _("taken back before it left")

    what = models.CharField(max_length=60)
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.MAIL)
    to = models.EmailField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="messages")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    language = models.CharField(max_length=10)
    context = models.JSONField(default=dict)
    calendar = models.TextField(
        blank=True
    )  # an iCalendar object (RFC 5545) with its METHOD, for mails that move a calendar entry
    dedupe_key = models.CharField(max_length=200, unique=True)
    topic = models.CharField(max_length=200, blank=True, default="")  # of several about the same, only the newest leaves
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    in_digest = models.BooleanField(default=False)  # waits for the person's digest
    digest = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="lines")
    sent_at = models.DateTimeField(null=True, blank=True)
    handed_at = models.DateTimeField(null=True, blank=True)
    settled_as = models.CharField(max_length=10, choices=Settled, default=Settled.NOT, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(sent_at=None, settled_as=""), name="messages_under_way"),
            models.Index(fields=["-created_at"], name="messages_by_time"),
            models.Index(fields=["sent_at"], condition=models.Q(last_error="sending"), name="messages_held"),
            models.Index(fields=["topic"], name="messages_by_topic"),
        ]


class Bounce(models.Model):
    """A mail server said no, or a report came back (RFC 3464). A permanent one stops mail to that address until somebody clears it."""

    class Kind(models.TextChoices):
        PERMANENT = "permanent", _("the address does not exist or refuses mail")
        TEMPORARY = "temporary", _("delayed or mailbox full")

    message = models.ForeignKey(Message, models.SET_NULL, null=True, blank=True, related_name="bounces")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    to = models.EmailField(db_index=True)
    kind = models.CharField(max_length=10, choices=Kind)
    status = models.CharField(max_length=20, blank=True)  # enhanced status code, RFC 3463: "5.1.1"
    said = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)
    cleared_at = models.DateTimeField(null=True, blank=True)
    cleared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = BounceQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
