"""What live meetings contribute to `curriculum.attention`: invitations without an answer, questions and reports that were left."""

from datetime import timedelta

from django.db.models import Count, F, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from curriculum.attention import Item
from notifications.readers import written_date
from sessions.local_times import clock, zone_of
from sessions.models import ImportedStay, Invitee, Meeting, RoomQuestion

SOON = timedelta(days=7)
FORGOTTEN = timedelta(days=60)  # what nobody has looked at for so long, nobody will


def items(user, cohorts):
    """A provider of `settings.ATTENTION`. Three queries."""
    mine = {cohort.pk: cohort for cohort in cohorts}
    return [*_without_answer(user, mine), *_open_questions(mine), *_unmatched(mine)]


# --- before ----------------------------------------------------------------------------------------------------------


def _without_answer(user, cohorts):
    """Who was invited to a meeting of the next seven days and has not said whether they come."""
    now = timezone.now()
    rows = Invitee.objects.filter(
        meeting__cohort__in=cohorts, meeting__state=Meeting.State.SCHEDULED, meeting__starts_at__gt=now,
        meeting__starts_at__lte=now + SOON, answer=Invitee.Answer.NONE, told_off=False, user__is_active=True,
    )  # fmt: skip
    facts = {name: F(f"meeting__{name}") for name in ("title", "starts_at", "cohort_id", "created_at")}
    return [_about(one, user, cohorts) for one in rows.exclude(user=user).select_related("user").annotate(**facts)]


def _about(invitee, user, cohorts):
    """`invitee` carries title, starts_at, cohort_id and created_at of its meeting."""
    text = _("“%(title)s” on %(day)s, %(hour)s: no answer to the invitation.") % _when(invitee, user)
    return Item(
        "answers", _("Invitations to meetings"), cohorts[invitee.cohort_id], text, invitee.created_at,
        reverse("live:people", args=[invitee.meeting_id]), f"meeting:{invitee.meeting_id}", invitee.user, _reminder(invitee),
    )  # fmt: skip


def _reminder(invitee):
    def words():
        text = _("Say whether you take part in “%(title)s” on %(day)s, %(hour)s.") % _when(invitee, invitee.user)
        return text, reverse("live:meeting", args=[invitee.meeting_id])

    return words


def _when(invitee, reader):
    local = invitee.starts_at.astimezone(zone_of(reader))
    return {"title": invitee.title, "day": written_date(local.date()), "hour": clock(local)}


# --- afterwards ------------------------------------------------------------------------------------------------------


def _ended(cohorts):
    since = timezone.now() - FORGOTTEN
    return {"meeting__cohort__in": cohorts, "meeting__state": Meeting.State.ENDED, "meeting__ended_at__gte": since}


def _by_meeting(rows):
    return rows.order_by().values("meeting_id", "meeting__title", "meeting__cohort_id").annotate(n=Count("pk"), since=Min("at"))


def _open_questions(cohorts):
    rows = RoomQuestion.objects.filter(**_ended(cohorts), state=RoomQuestion.State.OPEN)
    return [
        _of_meeting(
            row, cohorts, "questions", _("Questions from meetings"), "live:transcript",
            ngettext("“%(title)s”: %(n)s question was left without an answer.",
                     "“%(title)s”: %(n)s questions were left without an answer.", row["n"]),
        )
        for row in _by_meeting(rows)
    ]  # fmt: skip


def _unmatched(cohorts):
    rows = ImportedStay.objects.filter(**_ended(cohorts), user=None)
    return [
        _of_meeting(
            row, cohorts, "attendance", _("Attendance"), "live:attendance",
            ngettext("“%(title)s”: %(n)s line of the imported report belongs to nobody yet.",
                     "“%(title)s”: %(n)s lines of the imported report belong to nobody yet.", row["n"]),
        )
        for row in _by_meeting(rows)
    ]  # fmt: skip


def _of_meeting(row, cohorts, kind, subject, view, text):
    words = text % {"title": row["meeting__title"], "n": row["n"]}
    url = reverse(view, args=[row["meeting_id"]])
    return Item(kind, subject, cohorts[row["meeting__cohort_id"]], words, row["since"], url, f"{kind}:{row['meeting_id']}")
