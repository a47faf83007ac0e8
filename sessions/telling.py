"""People's calendars follow the meeting: who belongs now, and what each of them was told last, decide which mail is due.

`touched` is called inside the transaction of each act that changes what people see in their calendars (time, place, title, address,
state, who belongs). The mail itself is written by a task after the commit, and again every minute from the state of the rows
(`bring_calendars_up_to_date`), so that a lost task loses nobody's entry.
"""

from django.db import transaction
from django.db.models import F
from django_tasks import task

from sessions.models import Meeting


def touched(meeting, *, rises=True):
    """The entry of `meeting` changed. `rises`: its SEQUENCE goes up (RFC 5546, 2.1.4); not where only who belongs has changed."""
    if rises:
        Meeting.objects.non_polymorphic().filter(pk=meeting.pk).update(sequence=F("sequence") + 1)
        meeting.sequence += 1
    transaction.on_commit(lambda: tell.enqueue(meeting.pk), robust=True)


@task()
def tell(meeting_id):
    """Writes what is due about one meeting into the outbox."""
