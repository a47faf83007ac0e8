"""What the worker does for the outbox."""

from django_tasks import task

from notifications import outbox


@task()
def deliver_message(message_pk):
    """Delivers one message, then whatever else is due, so that each new message gives the failed ones another chance."""
    outbox.deliver(message_pk)
    outbox.deliver_due(limit=20)
