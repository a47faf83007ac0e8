"""What is kept, and for how long: the log of what was told stays, what it said does not."""

from datetime import timedelta

from django.utils import timezone

from notifications.models import Message, Notice

WORDS_KEPT = timedelta(days=180)
NOTICES_KEPT = timedelta(days=365)
AT_ONCE = 1000


def tidy(now=None):
    """Empties contexts and calendar texts of old messages, deletes old notices. Returns (messages emptied, notices deleted)."""
    now = now or timezone.now()
    old = Message.objects.filter(created_at__lt=now - WORDS_KEPT).exclude(context={}, calendar="")
    emptied = 0
    while portion := list(old.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        emptied += Message.objects.filter(pk__in=portion).update(context={}, calendar="")
    deleted, _rows = Notice.objects.filter(created_at__lt=now - NOTICES_KEPT).delete()
    return emptied, deleted
