from django.db import models
from django.utils import timezone


class Shipped(models.Model):
    """What the loader last wrote for one file and language, so that an authored change is recognised and left alone.

    `digest` is the SHA-256 of the file's meaning; `revision_id` the page revision the loader made.
    """

    item = models.CharField(max_length=200)
    language = models.CharField(max_length=10, blank=True)
    digest = models.CharField(max_length=64)
    object_id = models.CharField(max_length=64)
    revision_id = models.BigIntegerField(null=True, blank=True)
    loaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "language"], name="one_shipped_item_per_language")]
