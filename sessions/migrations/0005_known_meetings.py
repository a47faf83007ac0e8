import datetime

from django.conf import settings
from django.db import migrations
from django.db.models import Q
from django.utils import timezone

OPEN_STATES, MEMBER_STATES = ("scheduled", "live", "paused"), ("enrolled", "paused", "certified")
TEACHING, INVITED = ("trainer", "lead"), ("trainee", "trainer", "lead")
LONGEST = datetime.timedelta(hours=12)


def mark(apps, schema_editor):
    """People know of the meetings that were planned before calendars were sent: they count as told. Without this the first round of the
    worker would write to everybody about every meeting to come. What changes from now on is told, and so is whoever comes later."""
    Meeting = apps.get_model("live", "Meeting")
    coming = Meeting.objects.filter(state__in=OPEN_STATES, starts_at__gt=timezone.now() - LONGEST)
    for meeting in coming.only("pk", "cohort_id", "for_cohort", "sequence").iterator():
        _mark(apps, meeting)


def _mark(apps, meeting):
    Invitee = apps.get_model("live", "Invitee")
    rows = [Invitee(meeting_id=meeting.pk, user_id=pk, told_sequence=meeting.sequence) for pk in _expected(apps, meeting)]
    Invitee.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def _expected(apps, meeting):
    """Ids of the users who belong (sessions/belonging.py), as the rule was on that day."""
    named = apps.get_model("live", "MeetingPerson").objects.filter(meeting_id=meeting.pk)
    members = apps.get_model("curriculum", "Enrollment").objects.filter(
        cohort_id=meeting.cohort_id, cohort_id__isnull=False, status__in=MEMBER_STATES,
        role__in=INVITED if meeting.for_cohort else TEACHING,
    )  # fmt: skip
    asked = named.exclude(part="removed").values("user_id")
    wanted = Q(pk__in=asked) | Q(pk__in=members.values("user_id"))
    users = apps.get_model("lms", "User").objects.filter(wanted, is_active=True)
    return users.exclude(pk__in=named.filter(part="removed").values("user_id")).values_list("pk", flat=True)


class Migration(migrations.Migration):
    dependencies = [
        ("live", "0004_meeting_uid_unique"),
        ("curriculum", "0004_evaluator_role"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [migrations.RunPython(mark, migrations.RunPython.noop, elidable=True)]
