"""What the worker does for the outbox as soon as an act is committed. Its rounds find the same rows if a task is lost."""

from django_tasks import task

from notifications import delivery


@task()
def deliver_message(message_pk):
    """Delivers one message, then a few that are due, so that each new message gives the failed ones another chance."""
    delivery.deliver(message_pk)
    if not delivery.server_rests():
        delivery.deliver_waiting(20)


@task()
def deliver_waiting():
    """Begins with what was written for many; the worker's next round goes on."""
    if not delivery.server_rests():
        delivery.deliver_waiting()
