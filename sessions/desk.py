"""What a meeting still lacks, in words, for those who prepare it."""

from collections import defaultdict

from django.db.models import Count, Exists, OuterRef, Sum
from django.utils.translation import gettext as _

from sessions import conference, polling_kinds, selection
from sessions.models import Meeting, MeetingPerson, Poll, SlideDeck
from sessions.polling_questions import FEWEST_CHOICES

Part = MeetingPerson.Part
BEFORE = (Meeting.State.DRAFT, Meeting.State.SCHEDULED)


def missing_in(meetings):
    """`{meeting id: [sentences]}` of those that have not begun, and of those that left a selection undone.

    Four queries whatever the number of meetings, two more where candidates are selected.
    """
    waiting = [meeting for meeting in meetings if meeting.state in BEFORE]
    facts, polls, engines = _facts(waiting), _polls_without_choices(waiting), conference.engines()
    found = {one.pk: list(_missing(one, facts[one.pk], polls[one.pk], engines.get(one.engine))) for one in waiting}
    standing = [one for one in meetings if one.kind == "preparatory" and one.state != Meeting.State.CANCELLED]
    for pk, words in selection.missing_in(standing).items():
        found[pk] = words + found.get(pk, [])
    return found


def _missing(meeting, facts, polls, engine):
    if not facts["segments"]:
        yield _("no run of show")
    elif facts["planned"] > meeting.minutes:
        yield _("the run of show is %(minutes)s min too long") % {"minutes": facts["planned"] - meeting.minutes}
    if not facts["slides"] and meeting.kind != "preparatory":
        yield _("no slides")
    if engine and engine.needs_address and not meeting.conference_url:
        yield _("no address of the video meeting")
    if meeting.mode != Meeting.Mode.LIVE and not meeting.place:
        yield _("no place")
    yield from _missing_of_kind(meeting, facts)
    if polls:
        yield _("a poll without choices")


def _missing_of_kind(meeting, facts):
    if meeting.kind == "in_person_day" and not meeting.place_url:
        yield _("no map")
    if meeting.kind == "regional" and not meeting.topic:
        yield _("no topic")
    if meeting.kind in ("regional", "national") and not facts["others"]:
        yield _("nobody named to take part")


def _facts(meetings):
    readable = SlideDeck.objects.filter(meeting=OuterRef("pk"), page_count__gt=0)
    rows = Meeting.objects.non_polymorphic().filter(pk__in=[meeting.pk for meeting in meetings])
    others = MeetingPerson.objects.filter(meeting=OuterRef("pk")).exclude(part__in=(Part.HOST, Part.REMOVED))
    rows = rows.annotate(
        count=Count("segments"), planned=Sum("segments__minutes"), slides=Exists(readable), others=Exists(others)
    )
    return {
        row.pk: {"segments": row.count, "planned": row.planned or 0, "slides": row.slides, "others": row.others} for row in rows
    }


def _polls_without_choices(meetings):
    found = defaultdict(int)
    polls = list(Poll.objects.filter(meeting__in=[meeting.pk for meeting in meetings]).values_list("meeting_id", "question_id"))
    questions = polling_kinds.questions_by_id({question for _meeting, question in polls})
    for meeting_id, question_id in polls:
        question = questions.get(question_id)
        name, options = polling_kinds.options_of(question) if question else ("", [])
        found[meeting_id] += question is None or (bool(name) and len(options) < FEWEST_CHOICES)
    return found
