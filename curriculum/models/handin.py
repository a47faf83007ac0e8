from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from curriculum.models.cohort import Cohort, Enrollment


class HandInQuerySet(models.QuerySet):
    def accessible_to(self, user):
        """One's own, and those of the cohorts one trains or leads."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(models.Q(enrollment__user=user) | models.Q(enrollment__cohort__in=Cohort.objects.run_by(user)))

    def waiting(self):
        """Sent by somebody who is still in the cohort, and not judged yet."""
        return self.filter(state=HandIn.State.SENT, enrollment__status__in=Enrollment.MEMBER_STATES)


class HandIn(models.Model):
    """One text that a person handed in for an assignment: the first, or one more after it was returned.

    The text is plain, stored as written and never changed; `activity_key` is the page's translation key. `client_id` comes with
    the form, so that a form that is sent twice counts once.
    """

    class State(models.TextChoices):
        SENT = "sent", _("waiting for a trainer")
        ACCEPTED = "accepted", _("accepted")
        RETURNED = "returned", _("returned to be revised")

    enrollment = models.ForeignKey(Enrollment, models.CASCADE, related_name="hand_ins")
    activity_key = models.UUIDField()
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    client_id = models.UUIDField()
    sent_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State, default=State.SENT)
    judged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    judged_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(blank=True)

    objects = HandInQuerySet.as_manager()

    class Meta:
        ordering = ["sent_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["enrollment", "activity_key", "number"], name="one_hand_in_per_number"),
            models.UniqueConstraint(fields=["enrollment", "client_id"], name="one_hand_in_per_form"),
            # Neither while one waits nor after one was accepted.
            models.UniqueConstraint(
                fields=["enrollment", "activity_key"],
                condition=models.Q(state__in=["sent", "accepted"]),
                name="one_standing_hand_in_per_activity",
            ),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="hand_ins_count_from_one"),
            models.CheckConstraint(
                condition=models.Q(state="sent", judged_at__isnull=True)
                | models.Q(state__in=["accepted", "returned"], judged_at__isnull=False),
                name="judged_hand_ins_say_when",
            ),
            models.CheckConstraint(condition=~models.Q(state="returned", comment=""), name="returned_hand_ins_say_why"),
        ]
        indexes = [models.Index(fields=["state", "enrollment"], name="hand_ins_by_state")]

    def __str__(self):
        return f"{self.enrollment} · {self.number}"
