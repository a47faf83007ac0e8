import uuid
import zoneinfo

from django.db import migrations


def give(apps, schema_editor):
    """Meetings that were planned before have a UID of their own now, and know the wall clock they were planned by."""
    for meeting in apps.get_model("live", "Meeting").objects.filter(uid=None).iterator():
        local = meeting.starts_at.astimezone(zoneinfo.ZoneInfo(meeting.time_zone))
        meeting.uid, meeting.wall_start = uuid.uuid4(), local.strftime("%Y-%m-%dT%H:%M")
        meeting.save(update_fields=["uid", "wall_start"])


class Migration(migrations.Migration):
    dependencies = [("live", "0002_planning")]
    operations = [migrations.RunPython(give, migrations.RunPython.noop, elidable=True)]
