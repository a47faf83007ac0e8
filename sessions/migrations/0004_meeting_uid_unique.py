import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("live", "0003_meeting_uids")]
    operations = [
        migrations.AlterField(
            model_name="meeting", name="uid", field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
        )
    ]
