from django.db import models
from django.utils import timezone

from curriculum.models import Enrollment
from evaluations.questions import Question


class ReviewItemQuerySet(models.QuerySet):
    def accessible_to(self, user):
        """One's own."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(enrollment__user=user)


class ReviewItem(models.Model):
    """A question that comes back to a person; `streak` counts right answers in a row, two retire it."""

    enrollment = models.ForeignKey(Enrollment, models.CASCADE, related_name="review_items")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    streak = models.PositiveSmallIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = ReviewItemQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["enrollment", "question"], name="one_review_item_per_question")]


class ReviewAnswer(models.Model):
    """One answer in a review, once under the id that the form was given. Rows are only ever added."""

    item = models.ForeignKey(ReviewItem, models.CASCADE, related_name="answers")
    client_id = models.UUIDField()
    value = models.JSONField(null=True)
    right = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["item", "client_id"], name="one_review_answer_per_id")]
