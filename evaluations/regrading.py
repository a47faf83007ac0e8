"""Scoring sent answers again with the key of a newer version: an explicit act with a reason, previewed first, kept for ever.

A score is a function of the version that scored it (`Response.scored_with`) and the answers. Nothing but this act changes it, so
the version that scores is locked by it. Questions are matched by their key; what only one of the versions asks counts for nothing.
Nothing is taken away: who had passed keeps the pass, and what was completed stays so.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curriculum import plaintext
from evaluations import closing, review, scoring
from evaluations.models import Answer, Instrument, Question, Regrade, Response, ScoreChange
from evaluations.pages import page_of
from evaluations.questions.reading import questions_of
from evaluations.refusals import Refused

LONGEST_REASON = 500
BATCH = 500
# The fields of the kinds that say which values an answer can have; their rows are told apart by `key` or `value`.
ROWS = ("choices", "items", "pairs", "distractors", "scale")


class NoReason(Refused):
    code, status = "no_reason", 422


@dataclass(frozen=True)
class Change:
    """What the act does to one response."""

    response: Response
    result: scoring.Result
    passed: bool | None
    below: bool  # keeps its pass although the new points do not reach the mark
    scored_with_id: int

    @property
    def differs(self):
        response = self.response
        return (response.score, response.max_score, response.passed) != (self.result.score, self.result.max_score, self.passed)

    @property
    def newly_passed(self):
        return self.passed is True and self.response.passed is not True

    @property
    def is_new(self):
        """Whether the key is another one than the one that scored it last."""
        return self.differs or (self.response.scored_with_id or self.response.instrument_id) != self.scored_with_id


@dataclass(frozen=True)
class Plan:
    """What the act would do. `pairs` are (question as asked, question with the key)."""

    instrument: Instrument
    scored_with: Instrument
    pairs: tuple[tuple[Question, Question], ...]
    dropped: tuple[Question, ...]
    added: tuple[Question, ...]
    changes: tuple[Change, ...]

    @property
    def changing(self):
        return sum(change.differs for change in self.changes)

    @property
    def newly_passed(self):
        return sum(change.newly_passed for change in self.changes)

    @property
    def below(self):
        return sum(change.below for change in self.changes)

    @property
    def has_work(self):
        return any(change.is_new for change in self.changes)

    @cached_property
    def reworded(self):
        """Questions whose words differ between the versions: somebody has to see that the choices still mean the same."""
        return [old for old, new in self.pairs if old.text != new.text or _words(old) != _words(new)]


# --- the key that scored a response ----------------------------------------------------------------------------------


def key_questions(response, questions):
    """`{question id: the question whose key scored it}`; a question that its version does not ask is left out."""
    if response.scored_with_id in (None, response.instrument_id):
        return {question.pk: question for question in questions}
    newer = {question.key: question for question in questions_of(response.scored_with_id)}
    return {question.pk: newer[question.key] for question in questions if question.key in newer}


def result_of(response, questions, values):
    """The `scoring.Result` of a response by the version that scored it, whatever has been regraded since it was sent."""
    return _result(key_questions(response, questions), values)


def _result(keys, values):
    return scoring.score(list(keys.values()), {keys[pk].pk: value for pk, value in values.items() if pk in keys})


# --- the preview -----------------------------------------------------------------------------------------------------


def versions_for(instrument):
    """The versions whose key may score it: newer ones, and its own once another one has scored it."""
    versions = Instrument.objects.filter(key=instrument.key, version__gte=instrument.version).order_by("version")
    return versions if Regrade.objects.filter(instrument=instrument).exists() else versions.exclude(pk=instrument.pk)


def plan(instrument, scored_with):
    """What the act would do, without doing it. Raises `Refused` where the versions do not fit, naming the question."""
    pairs, dropped, added = _match(instrument, scored_with)
    keys = {old.pk: new for old, new in pairs}
    values, marks = _values(instrument), {}
    sent = Response.objects.filter(instrument=instrument, submitted_at__isnull=False).select_related("enrollment__cohort")
    changes = [
        _change(response, scored_with, _result(keys, values.get(response.pk, {})), marks) for response in sent.order_by("pk")
    ]
    return Plan(instrument, scored_with, pairs, dropped, added, tuple(changes))


def _match(instrument, scored_with):
    if scored_with.key != instrument.key or scored_with.version < instrument.version:
        raise Refused(_("Only a newer version of the same instrument can score it."))
    asked, keyed = questions_of(instrument.pk), {question.key: question for question in questions_of(scored_with.pk)}
    pairs = tuple((old, keyed[old.key]) for old in asked if old.key in keyed)
    for old, new in pairs:
        _require_fit(old, new)
    if not any(new.max_score is not None for _old, new in pairs):
        raise Refused(_("Nothing in this version is right or wrong, so there is nothing to score with."))
    known = {question.key for question in asked}
    dropped = tuple(old for old in asked if old.key not in keyed and old.max_score is not None)
    added = tuple(new for key, new in keyed.items() if key not in known and new.max_score is not None)
    return pairs, dropped, added


def _require_fit(old, new):
    if old.kind != new.kind:
        raise Refused(
            _("Question “%(key)s” is of another kind in the other version, so its answers cannot be scored.") % {"key": old.key}
        )
    if _values_possible(old) != _values_possible(new):
        raise Refused(
            _("Question “%(key)s” has other choices in the other version, so its answers cannot be scored.") % {"key": old.key}
        )
    if (old.show_if or {}) != (new.show_if or {}):
        raise Refused(_("Question “%(key)s” is asked under another condition in the other version.") % {"key": old.key})


def _values_possible(question):
    return [sorted(str(row.get("key", row.get("value"))) for row in getattr(question, name, None) or []) for name in ROWS]


def _words(question):
    """The words of a question's rows by their key: their order, their reasons and what is right may change."""
    words = {}
    for name in ROWS:
        for row in getattr(question, name, None) or []:
            words[name, str(row.get("key", row.get("value")))] = [row.get(part) for part in ("text", "left", "right")]
    return words


def _values(instrument):
    """`{response id: {question id: value}}` of what was sent."""
    found = defaultdict(dict)
    rows = Answer.objects.filter(response__instrument=instrument, response__submitted_at__isnull=False).order_by()
    for response_id, question_id, value in rows.values_list("response_id", "question_id", "value").iterator():
        found[response_id][question_id] = value
    return found


def _change(response, scored_with, result, marks):
    if response.activity_key not in marks:
        page = page_of(response.activity_key)
        marks[response.activity_key] = page.pass_mark if page else None
    reached = scoring.passes(result, marks[response.activity_key])
    passed = response.passed if response.passed or reached is None else reached
    return Change(response, result, passed, response.passed is True and reached is False, scored_with.pk)


# --- the act ---------------------------------------------------------------------------------------------------------


def regrade(instrument, scored_with, by, reason):
    """Scores all sent responses to `instrument` with the key of `scored_with`; returns the `Regrade` with its `changes`.

    Raises `NoReason`, and `Refused` where the versions do not fit or everything is scored so already: pressing twice is once.
    """
    reason = _reason(reason)
    with transaction.atomic():
        held = Instrument.objects.select_for_update().in_bulk(sorted({instrument.pk, scored_with.pk}))
        instrument, scored_with = held[instrument.pk], held[scored_with.pk]
        list(Response.objects.select_for_update().filter(instrument=instrument, submitted_at__isnull=False).values_list("pk"))
        planned = plan(instrument, scored_with)
        if not planned.has_work:
            raise Refused(_("Everything that was sent is scored with this version already."))
        Instrument.objects.filter(pk=scored_with.pk, locked_at__isnull=True).update(locked_at=timezone.now())
        act = Regrade.objects.create(instrument=instrument, scored_with=scored_with, by=by, reason=reason)
        _record(act, planned)
        _measure_again(planned)
        review.move_to({old.pk: new.pk for old, new in planned.pairs if new.pk != old.pk})
        _complete_what_passed(planned)
        return act


def _record(act, planned):
    rows, responses = [], []
    for change in planned.changes:
        response = change.response
        rows.append(
            ScoreChange(
                regrade=act, response=response, old_score=response.score, new_score=change.result.score,
                old_passed=response.passed, new_passed=change.passed,
            )
        )  # fmt: skip
        changed = Response(pk=response.pk, score=change.result.score, max_score=change.result.max_score, passed=change.passed)
        changed.scored_with = act.scored_with
        responses.append(changed)
    ScoreChange.objects.bulk_create(rows, batch_size=BATCH)
    Response.objects.bulk_update(responses, ["score", "max_score", "passed", "scored_with"], batch_size=BATCH)


def _measure_again(planned):
    """Figures read points from the answers, so these follow the key too."""
    for old, new in planned.pairs:
        if new.max_score is None:
            continue
        by_measure = defaultdict(list)
        sent = Answer.objects.filter(question=old, response__in=[change.response.pk for change in planned.changes])
        for answer in sent.order_by().only("pk", "value", "measure"):
            measure = new.measure(answer.value)
            if measure != answer.measure:
                by_measure[measure].append(answer.pk)
        for measure, pks in by_measure.items():
            for start in range(0, len(pks), BATCH):
                Answer.objects.filter(pk__in=pks[start : start + BATCH]).update(measure=measure)


def _complete_what_passed(planned):
    for change in planned.changes:
        if change.newly_passed:
            response = change.response
            response.score, response.max_score, response.passed = change.result.score, change.result.max_score, True
            closing.complete_if_possible(response)


def _reason(raw):
    try:
        reason = plaintext.clean(raw, LONGEST_REASON)
    except ValidationError as error:
        raise NoReason(" ".join(error.messages)) from error
    if not reason:
        raise NoReason(_("Write why the answers are scored again: people read it beside their result."))
    return reason
