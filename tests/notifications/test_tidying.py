"""What was told stays as a log; what it said goes."""

import datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from notifications import outbox
from notifications.models import Message, Notice
from tests.factories import UserFactory


@pytest.mark.django_db
def test_old_words_go_and_the_log_stays():
    user, now = UserFactory(), timezone.now()
    for days in (10, 181, 400):
        outbox.enqueue("personal", user, str(days), {"subject": "Hola"}, calendar="BEGIN:VCALENDAR")
        Message.objects.filter(dedupe_key=str(days)).update(created_at=now - datetime.timedelta(days=days))
        Notice.objects.filter(dedupe_key=str(days)).update(created_at=now - datetime.timedelta(days=days))
    said = StringIO()
    call_command("tidy_messages", stdout=said)
    assert said.getvalue() == "2 messages emptied, 1 notices deleted\n"
    assert dict(Message.objects.values_list("dedupe_key", "calendar")) == {"10": "BEGIN:VCALENDAR", "181": "", "400": ""}
    assert Message.objects.get(dedupe_key="181").context == {} and Message.objects.get(dedupe_key="10").context
    assert set(Notice.objects.values_list("dedupe_key", flat=True)) == {"10", "181"}
    call_command("tidy_messages", stdout=said)
    assert said.getvalue().endswith("0 messages emptied, 0 notices deleted\n")
