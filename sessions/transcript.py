"""What was said and decided in a meeting, as one plain document. Page, PDF and JSON show this and nothing else.

Whoever may enter the room may read it; the hosts' stream is for hosts, a group's for its members and hosts. Redacted words are gone
from the rows it is read from. After `Meeting.keep_days` the words are deleted (`expire`); what came of the meeting stays.

DOCUMENT   schema (1), meeting {id, title, kind, cohort, zone, planned_at, started_at, ended_at}, expired_at, agenda, streams, questions,
           outcomes, boards, polls. Instants are ISO 8601 in UTC or `None`.
agenda     [{title, who, minutes, started_at, ended_at}]
streams    [{audience: main | hosts | group, title, messages: [{at, name, text, edited, redacted}]}]
questions  [{at, name, text, state, answer, by, votes, redacted, merged: [text]}]
outcomes   [{what, text, owner, due, done}]
boards     [{title, columns: [{title, role, notes: [{text, country, votes, answers: [text]}]}]}]
polls      [{text, kind, promise, n, rows: [{text, count, share}] | None, words: [{text, count}] | None}]
"""

from collections import defaultdict

from django.db.models import Count
from django.utils.translation import gettext as _

from evaluations.words import in_language
from sessions import polling_kinds
from sessions.models import Board, Event, GroupMember, Meeting, Note, Poll, RoomQuestion
from sessions.protocol import audience

SCHEMA = 1
SAID = ("chat.post", "chat.edit", "chat.redact")


def document_for(meeting, user):
    """The document as this person may have it. Twelve queries at most, whatever was said."""
    hosts = Meeting.objects.hosted_by(user).filter(pk=meeting.pk).exists()
    streams = _streams_for(meeting, user, hosts)
    return {
        "schema": SCHEMA,
        "meeting": _facts(meeting),
        "expired_at": _iso(meeting.transcript_expired_at),
        "agenda": _agenda(meeting),
        "streams": _talk(streams),
        "questions": _questions(meeting),
        "outcomes": _outcomes(meeting),
        "boards": _boards(streams),
        "polls": _polls(meeting, hosts),
    }


def _facts(meeting):
    return {
        "id": meeting.pk, "title": meeting.title, "kind": meeting.kind, "cohort": meeting.cohort.name if meeting.cohort_id else "",
        "zone": meeting.time_zone, "planned_at": _iso(meeting.starts_at), "started_at": _iso(meeting.started_at),
        "ended_at": _iso(meeting.ended_at),
    }  # fmt: skip


# --- streams and what was said in them -------------------------------------------------------------------------------


def _streams_for(meeting, user, hosts):
    """`[(stream, title)]`: main first, then the hosts', then groups in their order."""
    own = _groups_of(meeting, user)
    groups = {f"group:{group.pk}": group for group in meeting.groups.all()}
    found = []
    for stream in meeting.streams.all():
        part, group = audience(stream.name), groups.get(stream.name)
        if part == "main" or (part == "hosts" and hosts) or (group and (hosts or group.pk in own)):
            found.append((stream, group))
    found.sort(key=lambda pair: (pair[1] is not None, pair[0].name == "hosts", pair[1].number if pair[1] else 0))
    return [(stream, _title(stream, group)) for stream, group in found]


def _groups_of(meeting, user):
    """The ids of the groups that the person is in, or was in when the meeting was regrouped."""
    now = GroupMember.objects.filter(meeting=meeting, user=user).values_list("group_id", flat=True)
    moved = Event.objects.filter(stream__meeting=meeting, stream__name=f"user:{user.pk}", kind="you.moved")
    return {*now, *(body.get("group") for body in moved.order_by().values_list("body", flat=True))}


def _title(stream, group):
    if group:
        return group.name or _("Group %(number)s") % {"number": group.number}
    return _("Everybody") if stream.name == "main" else _("Those who run the meeting")


def _talk(streams):
    events = defaultdict(list)
    ids = [stream.pk for stream, _title_ in streams]
    for event in Event.objects.filter(stream__in=ids, kind__in=SAID).order_by("stream_id", "seq"):
        events[event.stream_id].append(event)
    talk = [
        {"audience": audience(stream.name), "title": title, "messages": _messages(events[stream.pk])} for stream, title in streams
    ]
    return [one for one in talk if one["messages"]]


def _messages(events):
    messages = {}
    for event in events:
        if event.kind == "chat.post":
            messages[event.seq] = _message(event)
            continue
        message = messages.get(event.body.get("id"))
        if message is None or message["redacted"]:
            continue
        if event.kind == "chat.edit" and not event.redacted_at:
            message.update(text=event.body.get("text", ""), edited=True)
        elif event.kind == "chat.redact":
            message.update(text="", redacted=True)
    return list(messages.values())


def _message(event):
    redacted = bool(event.redacted_at or event.body.get("redacted"))
    text = "" if redacted else event.body.get("text", "")
    return {"at": _iso(event.at), "name": event.actor_name, "text": text, "edited": False, "redacted": redacted}


# --- questions, outcomes, agenda -------------------------------------------------------------------------------------


def _questions(meeting):
    """Merged ones stand below the one that took their votes."""
    if meeting.transcript_expired_at:
        return []
    rows = list(RoomQuestion.objects.filter(meeting=meeting).select_related("answered_by").annotate(votes=Count("upvotes")))
    merged = defaultdict(list)
    for row in rows:
        if row.merged_into_id and row.text:
            merged[row.merged_into_id].append(row.text)
    return [_question(row, merged[row.pk]) for row in rows if not row.merged_into_id]


def _question(row, merged):
    by = row.answered_by
    return {
        "at": _iso(row.at), "name": row.author_name, "text": row.text, "state": row.state, "answer": row.answer,
        "by": (by.full_name or by.certificate_name) if by else "", "votes": row.votes, "redacted": not row.text, "merged": merged,
    }  # fmt: skip


def _outcomes(meeting):
    return [
        {
            "what": one.what, "text": one.text, "owner": one.owner_name, "due": one.due.isoformat() if one.due else None,
            "done": one.done_at is not None,
        }
        for one in meeting.outcomes.all()
    ]  # fmt: skip


def _agenda(meeting):
    return [
        {
            "title": one.title, "who": one.owner_name or ((one.owner.full_name or one.owner.certificate_name) if one.owner else ""),
            "minutes": one.minutes, "started_at": _iso(one.started_at), "ended_at": _iso(one.ended_at),
        }
        for one in meeting.segments.select_related("owner")
    ]  # fmt: skip


# --- boards and polls ------------------------------------------------------------------------------------------------


def _boards(streams):
    titles = {stream.pk: title for stream, title in streams}
    boards = {board.stream_id: board for board in Board.objects.filter(stream__in=titles)}
    notes = Note.objects.filter(board__in=boards.values(), removed_at__isnull=True).annotate(count=Count("votes"))
    standing = defaultdict(list)
    for note in notes.prefetch_related("challenges__challenge"):
        standing[note.board_id].append(note)
    found = [_board(boards[pk], titles[pk], standing[boards[pk].pk]) for pk in titles if pk in boards]
    return [board for board in found if any(column["notes"] for column in board["columns"])]


def _board(board, title, notes):
    columns = [
        {
            "title": in_language(column.get("title")), "role": column.get("role", ""),
            "notes": [_note(note) for note in notes if note.column == column.get("key")],
        }
        for column in board.columns
    ]  # fmt: skip
    return {"title": title, "columns": columns}


def _note(note):
    answers = [link.challenge.text for link in note.challenges.all() if link.challenge.removed_at is None]
    return {"text": note.text, "country": str(note.country), "votes": note.count, "answers": answers}


def _polls(meeting, hosts):
    """What was shown to everybody; hosts also get what was disclosed to them alone."""
    polls = list(Poll.objects.filter(meeting_id=meeting.pk).exclude(results=None))
    shown = [poll for poll in polls if poll.state == Poll.State.SHOWN or (hosts and poll.state == Poll.State.CLOSED)]
    questions = polling_kinds.questions_by_id({poll.question_id for poll in shown})
    return [_poll(poll, questions.get(poll.question_id)) for poll in shown]


def _poll(poll, question):
    rows, words = poll.results.get("rows"), poll.results.get("words")
    return {
        "text": in_language(question.text) if question else "", "kind": question.kind if question else "", "promise": poll.promise,
        "n": poll.results.get("n", 0), "words": words,
        "rows": rows and [{"text": in_language(row["text"]), "count": row["count"], "share": row["share"]} for row in rows],
    }  # fmt: skip


def _iso(instant):
    return instant.isoformat(timespec="seconds") if instant else None
