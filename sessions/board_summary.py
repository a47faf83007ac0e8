"""What the boards of a meeting hold, as data: columns of ideas, what was merged folded in, countries, votes, which action answers which
challenge. People do not appear: an idea has a country, not an author.

Each board alone (`boards_of`), or all as one (`gathered`): there a note that was brought from a group to the room counts once, as it
stands on the room's board. Four queries, whatever the number of notes.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count
from django.utils.translation import gettext as _
from django_countries import countries

from curriculum.pages.findable import without_accents
from evaluations.words import in_language
from sessions.acts.board_shapes import ACTION, CHALLENGE
from sessions.models import Board, Note, NoteLink

MAIN = "main"


@dataclass
class Idea:
    """`folded` are the texts merged into it, `group` says where it comes from (""), `answers` and `answered_by` are ideas."""

    id: int
    text: str
    order: int
    codes: list = field(default_factory=list)
    votes: int = 0
    group: str = ""
    folded: list = field(default_factory=list)
    answers: list = field(default_factory=list)
    answered_by: list = field(default_factory=list)

    @property
    def countries(self):
        """Names in the active language, in the order of the alphabet."""
        return sorted((countries.name(code) for code in self.codes), key=without_accents)

    def take(self, note):
        self.votes += note.given
        if note.country.code and note.country.code not in self.codes:
            self.codes.append(note.country.code)


@dataclass
class Column:
    key: str
    title: str
    role: str
    ideas: list = field(default_factory=list)


@dataclass
class Summary:
    """`stream` is the board's, "" for all together. Ideas stand by votes, most first, then as they stood on the board."""

    stream: str
    name: str
    columns: list

    @property
    def ideas(self):
        return [idea for column in self.columns for idea in column.ideas]

    @property
    def notes(self):
        return sum(1 + len(idea.folded) for idea in self.ideas)

    @property
    def challenges(self):
        return self._of(CHALLENGE)

    @property
    def loose_actions(self):
        """Actions that answer no challenge."""
        return [idea for idea in self._of(ACTION) if not idea.answers]

    @property
    def effective(self):
        """Actions that people voted for, the most effective first."""
        return sorted((idea for idea in self._of(ACTION) if idea.votes), key=_by_votes)

    @property
    def is_linked(self):
        return any(idea.answered_by for idea in self.challenges)

    @property
    def countries(self):
        return sorted({name for idea in self.ideas for name in idea.countries}, key=without_accents)

    def _of(self, role):
        return [idea for column in self.columns if column.role == role for idea in column.ideas]


def _by_votes(idea):
    return (-idea.votes, idea.order, idea.id)


class Reading:
    """The rows of a meeting's boards, read once. `streams` limits it to those that a person may see; `None` is all."""

    def __init__(self, meeting, streams=None):
        boards = Board.objects.filter(stream__meeting_id=meeting.pk).select_related("stream")
        boards = boards if streams is None else boards.filter(stream__name__in=streams)
        self.labels = _labels(meeting)
        places = {name: number for number, name in enumerate(self.labels)}
        self.boards = sorted((one for one in boards if one.stream.name in places), key=lambda one: places[one.stream.name])
        ids = [board.pk for board in self.boards]
        self.notes = list(Note.objects.filter(board__in=ids).annotate(given=Count("votes")).order_by("order", "pk"))
        links = NoteLink.objects.filter(action__board__in=ids).order_by("pk")
        self.links = list(links.values_list("action_id", "challenge_id"))

    def boards_of(self):
        """A summary per board that holds notes: the room's first, then the groups'."""
        return [one for one in (self._summary([board], board.stream.name) for board in self.boards) if one.ideas]

    def gathered(self):
        return self._summary(self.boards, "")

    def _summary(self, boards, stream):
        inside = [note for note in self.notes if note.board_id in {board.pk for board in boards}]
        heads = _heads(inside)
        ideas = self._ideas(boards, [note for note in inside if note.pk in heads], heads)
        _link(ideas, [(heads.get(action), heads.get(challenge)) for action, challenge in self.links])
        columns = _columns(boards)
        for note in inside:
            if note.pk in ideas:
                columns[note.column].ideas.append(ideas[note.pk])
        for column in columns.values():
            column.ideas.sort(key=_by_votes)
        return Summary(stream, self.labels.get(stream, _("All together")), list(columns.values()))

    def _ideas(self, boards, notes, heads):
        """`{id of the head: Idea}`; `notes` are those that stand, with the copies of others left in and their originals out."""
        names = {board.pk: board.stream.name for board in boards}
        origin = {note.pk: names[note.board_id] for note in notes}
        copied = {note.copied_from_id for note in notes if note.copied_from_id}
        ideas = {note.pk: Idea(note.pk, note.text, note.order) for note in notes if heads[note.pk] == note.pk}
        for note in notes:
            if note.pk in copied:
                continue
            idea = ideas[heads[note.pk]]
            idea.take(note)
            if idea.id != note.pk:
                idea.folded.append(note.text)
            elif origin[note.pk] != MAIN and len(boards) > 1:
                idea.group = self.labels[origin[note.pk]]
        return ideas


def boards_of(meeting, streams=None):
    return Reading(meeting, streams).boards_of()


def gathered(meeting, streams=None):
    return Reading(meeting, streams).gathered()


def _labels(meeting):
    """`{stream: name}` in the order in which boards are listed."""
    labels = {MAIN: _("The whole meeting")}
    for group in meeting.groups.order_by("pk"):
        words = _("Group %(number)s") if group.dissolved_at is None else _("Group %(number)s (earlier)")
        labels[f"group:{group.pk}"] = group.name or words % {"number": group.number}
    return labels


def _heads(notes):
    """`{note: the note it counts with}`: a merged one with its head, one that was brought to the room with its copy there. A note whose
    copy was removed from the room's board counts nowhere."""
    known = {note.pk: note for note in notes}
    copies = {note.copied_from_id: note for note in notes if note.copied_from_id in known}
    heads = {}
    for note in notes:
        seen = note
        while seen is not None and (seen.pk in copies or seen.cluster_id in known):
            seen = copies.get(seen.pk) or known[seen.cluster_id]
        if seen.removed_at is None and note.removed_at is None:
            heads[note.pk] = seen.pk
    return heads


def _columns(boards):
    """By key, as the first board with that key names them."""
    columns = {}
    for board in boards:
        for one in board.columns:
            columns.setdefault(one["key"], Column(one["key"], in_language(one["title"]), one["role"]))
    return columns


def _link(ideas, pairs):
    seen = defaultdict(set)
    for action, challenge in pairs:
        if action in ideas and challenge in ideas and action not in seen[challenge]:
            seen[challenge].add(action)
            ideas[action].answers.append(ideas[challenge])
            ideas[challenge].answered_by.append(ideas[action])
