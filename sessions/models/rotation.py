"""Who leads which quarterly meeting: groups of mentors, the rota, and the duties of the group whose turn it is."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sessions.models.meeting import RegionalMeeting

QUARTER = RegexValidator(r"^20\d\d-Q[1-4]$", _("Write the quarter as 2027-Q1."))


class LeadGroup(models.Model):
    """Two to four mentors who lead a meeting together."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    left_at = models.DateTimeField(null=True, blank=True)
    left_reason = models.CharField(_("why the group leaves"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("lead group")
        verbose_name_plural = _("lead groups")
        ordering = ["name"]

    def __str__(self):
        return self.name


class LeadGroupMember(models.Model):
    """A mentor is in one group at a time; who was in it before stays known."""

    group = models.ForeignKey(LeadGroup, models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="lead_groups")
    since = models.DateTimeField(default=timezone.now)
    left_at = models.DateTimeField(null=True, blank=True)
    left_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["since", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(left_at=None), name="a_mentor_is_in_one_lead_group"),
        ]


class QuarterSlot(models.Model):
    """A quarter of the rota. `why` is how the group came to it, as data (sessions/rotation.py puts it in words):
    `{"rule": "never_led"|"longest_since"|"assigned"|"swap"|"replaces"|"override", "since": "2026-Q1"|"", "countries": ["MX"],
    "other_country": true, "former": "name of the group it replaces"|"", "reason": "…"}`.

    `questions` are those of the joint exercise, as the board of the room takes them: `[{"key", "role", "title": {language: text}}]`.
    """

    class State(models.TextChoices):
        EMPTY = "empty", _("without a group")
        PROPOSED = "proposed", _("proposed")
        ACCEPTED = "accepted", _("accepted by the group")

    quarter = models.CharField(_("quarter"), max_length=7, unique=True, validators=[QUARTER])
    group = models.ForeignKey(LeadGroup, models.PROTECT, null=True, blank=True, related_name="slots")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.EMPTY)
    why = models.JSONField(default=dict, blank=True)
    meeting = models.OneToOneField(RegionalMeeting, models.SET_NULL, null=True, blank=True, related_name="slot")
    planned_on = models.DateField(_("planned day"), null=True, blank=True)
    topic = models.CharField(_("topic"), max_length=200, blank=True)
    leader = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    co_leader = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    note_taker = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    questions = models.JSONField(default=list, blank=True)
    hand_over = models.TextField(_("note for the next group"), max_length=2000, blank=True)

    class Meta:
        ordering = ["quarter"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="empty", group=None) | (~Q(state="empty") & Q(group__isnull=False)),
                name="a_slot_with_a_group_has_a_state",
            )
        ]


class SlotChange(models.Model):
    """Who gave which quarter to whom, and why. Rows are only ever added."""

    slot = models.ForeignKey(QuarterSlot, models.CASCADE, related_name="changes")
    what = models.CharField(max_length=12)  # proposed, accepted, declined, swapped, assigned, override, dropped_out
    from_group = models.ForeignKey(LeadGroup, models.SET_NULL, null=True, related_name="+")
    to_group = models.ForeignKey(LeadGroup, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]


class DutyTick(models.Model):
    """A step of the hand-over checklist that the group has done. What is due when follows from the day of the meeting (sessions/duties.py).

    The row of a tick that was taken back stays, so that an older tick that arrives late does not bring it back.
    """

    slot = models.ForeignKey(QuarterSlot, models.CASCADE, related_name="ticks")
    step = models.SlugField(max_length=30)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slot", "step"], name="a_step_is_ticked_once")]
