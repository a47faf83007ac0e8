"""The log of a room: numbered events per stream. The row of the stream is the lock under which they are numbered."""

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone

from sessions.models.meeting import Meeting


def new_epoch():
    return secrets.token_hex(4)


class Stream(models.Model):
    """One audience of one room: `main`, `hosts`, `group:<id>` or `user:<id>`. `epoch` changes when the log was restored."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="streams")
    name = models.CharField(max_length=40)
    epoch = models.CharField(max_length=8, default=new_epoch)
    last_seq = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "name"], name="one_stream_per_audience")]


class Event(models.Model):
    """A fact. `cid` is the id the person's device made; the same device sending it twice changes nothing.

    `actor_name` is the name at that moment: people who leave keep their name in the log. Rows change only by redaction, which
    empties what was said and leaves that it was said.
    """

    stream = models.ForeignKey(Stream, models.CASCADE, related_name="events")
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    actor_name = models.CharField(max_length=150, blank=True)
    cid = models.CharField(max_length=36)
    kind = models.CharField(max_length=40)
    body = models.JSONField(default=dict)
    redacted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["stream", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["stream", "seq"], name="one_event_per_number"),
            models.UniqueConstraint(fields=["stream", "actor", "cid"], name="one_event_per_act"),
        ]


class Snapshot(models.Model):
    """The folded state of a stream after event `seq`; every 200 events, so that a late joiner reads little."""

    stream = models.ForeignKey(Stream, models.CASCADE, related_name="snapshots")
    seq = models.PositiveBigIntegerField()
    state = models.JSONField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="one_snapshot_per_number")]
