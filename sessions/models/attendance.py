"""Attendance that can be defended: intervals of several sources, one mark per person, and every change of it."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sessions.models.meeting import Meeting


class CheckIn(models.Model):
    """In the hall: by the code, by the QR sign, or by hand. Counts from then to the end of the meeting, or to `left_at`."""

    class Way(models.TextChoices):
        CODE = "code", _("code")
        QR = "qr", _("QR sign")
        HAND = "hand", _("by hand")

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="check_ins")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    way = models.CharField(max_length=5, choices=Way)
    at = models.DateTimeField(default=timezone.now)
    left_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "user"], name="one_check_in_per_person")]


class ImportedStay(models.Model):
    """A line of a Zoom or Teams report. `digest` (SHA-256 of meeting, name, e-mail, instants as written) counts once."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="imported_stays")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=254, blank=True)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField()
    source = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "digest"], name="one_stay_per_line")]


class Attendance(models.Model):
    """The mark. `seconds` is the merged time of all sources, whatever the mark; `by` and `reason` are set by hand only."""

    class Status(models.TextChoices):
        PRESENT = "present", _("present")
        PARTLY = "partly", _("partly present")
        RECORDING = "recording", _("watched the recording")
        EXCUSED = "excused", _("excused")
        ABSENT = "absent", _("absent")

    class Source(models.TextChoices):
        ROOM = "room", _("joined through the page")
        CODE = "code", _("code or QR sign")
        IMPORT = "import", _("imported")
        RECORDING = "recording", _("recording")
        HAND = "hand", _("by hand")

    ATTENDED = ("present", "recording")

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendance")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="attendance")
    status = models.CharField(_("attendance"), max_length=10, choices=Status, default=Status.ABSENT)
    source = models.CharField(_("source"), max_length=10, choices=Source, default=Source.ROOM)
    seconds = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendance")
        constraints = [models.UniqueConstraint(fields=["meeting", "user"], name="one_attendance_per_person")]


class AttendanceChange(models.Model):
    """Who changed whose mark from what to what, when and why. Rows are only ever added. `by` is empty for the clock."""

    attendance = models.ForeignKey(Attendance, models.CASCADE, related_name="changes")
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(max_length=10)
    source = models.CharField(max_length=10)
    seconds = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
