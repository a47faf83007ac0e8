"""At most one message about the same thing in seven days. Counted from the last one, not by weeks of a calendar: Sunday and Monday
belong to two weeks and are one day apart.

The row of the reader is held while it is looked at and written, so whoever comes second sees what the first has written.
"""

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.utils import timezone

from notifications.models import Message

SPAN = timedelta(days=7)


def hold(user):
    """Inside a transaction: others who would write to this person about something `spaced` wait until it ends."""
    return get_user_model().objects.select_for_update(no_key=True).get(pk=user.pk)


def is_too_soon(user, topic):
    """Whether the person was written to about it within SPAN. Holds their row until the transaction ends."""
    hold(user)
    return bool(told_lately(topic__in=[topic], user=user))


def told_lately(**which):
    """`{topic: instant}` of what was written within SPAN and not taken back; `which` narrows the messages. One query."""
    recent = Message.objects.filter(created_at__gt=timezone.now() - SPAN, channel=Message.Channel.MAIL, **which)
    recent = recent.exclude(settled_as=Message.Settled.WITHDRAWN).exclude(topic="").order_by("created_at")
    return dict(recent.values_list("topic", "created_at"))
