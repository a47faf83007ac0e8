"""What was said is deleted `keep_days` after the end; attendance, counts, decisions, the board and the results of polls stay."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from sessions.instants import milliseconds
from sessions.models import Event, Meeting, Note, RoomQuestion, Snapshot, Stream
from sessions.models.stream import new_epoch


def due(now=None):
    """The ids of meetings whose words are to go. Meetings that nobody ended count from their planned end; none that is under way."""
    now = now or timezone.now()
    rows = Meeting.objects.non_polymorphic().filter(transcript_expired_at=None, starts_at__lt=now)
    rows = rows.exclude(state__in=(Meeting.State.LIVE, Meeting.State.PAUSED))
    return [row.pk for row in rows.iterator() if (row.ended_at or row.ends_at) + timedelta(days=row.keep_days) <= now]


def expire(meeting_id, now=None):
    """Deletes the words of one meeting; again it does nothing. Says whether it did."""
    now = now or timezone.now()
    with transaction.atomic():
        meeting = Meeting.objects.non_polymorphic().select_for_update().get(pk=meeting_id)
        if meeting.transcript_expired_at or meeting.is_under_way:
            return False
        streams = list(Stream.objects.select_for_update().filter(meeting_id=meeting_id))
        Snapshot.objects.filter(stream__in=streams).delete()
        Event.objects.filter(stream__in=streams).delete()
        for stream in streams:
            _begin_anew(stream, meeting)
        RoomQuestion.objects.filter(meeting_id=meeting_id).update(
            text="", answer="", author=None, author_name="", answered_by=None
        )
        Note.objects.filter(board__stream__in=streams).update(author=None, author_name="")
        Meeting.objects.non_polymorphic().filter(pk=meeting_id).update(transcript_expired_at=now)
    return True


def _begin_anew(stream, meeting):
    """Numbers go on, so that no device takes an old one for a new one; the epoch says that the log before is gone."""
    Stream.objects.filter(pk=stream.pk).update(epoch=new_epoch())
    if stream.name == "main" and stream.last_seq:
        over = {"state": "ended", "started_at": milliseconds(meeting.started_at), "ended_at": milliseconds(meeting.ended_at)}
        Snapshot.objects.create(stream=stream, seq=stream.last_seq, state={"session": over})
