"""Whatever happens to a timed attempt, in any order: autosaved answers count, closed is closed, a score is a function of the version
that scored it and the answers, and there is one response per attempt (reliability requirement 23, invariant I5).

Hypothesis plays a person, a trainer, an editor, the worker and the clock. A small model of its own says what must stand after each
step. The control replants Moodle's MDL-43733 (autosaved answers are not used when the timer closes an attempt) and must be caught:
`test_the_machine_sees_autosaved_answers_lost`. 40 examples here; 2,000 of 30 steps under `make faults`
(tests/faults/test_attempts_long.py).
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from unittest import mock

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from curriculum.models import Completion
from curriculum.outline import freeze
from evaluations import answering, attempts, closing, regrading
from evaluations.models import Answer, AnswerVersion, ChoiceQuestion, Extension, Instrument, QuizPage, Response, ScoreChange
from evaluations.questions.reading import questions_of
from tests.evaluations.conftest import add_activity, choices, words
from tests.factories import CohortFactory, EnrollmentFactory, UserFactory, make_curriculum

KEYS = ("q1", "q2", "q3")
FIRST, SECOND = {"q1": "a", "q2": "b", "q3": "c"}, {"q1": "a", "q2": "c", "q3": "d"}
MINUTES, PASS_MARK, GRACE = 10, 60, timedelta(seconds=10)


def build():
    made = make_curriculum(modules=1, lessons=1, languages=("es",))
    first, second = _version(1, FIRST), _version(2, SECOND)
    Instrument.objects.filter(pk=second.pk).update(archived_at=timezone.now())  # so that nobody opens it
    key = add_activity(
        made,
        QuizPage,
        slug="prueba",
        instrument_key="timed",
        pass_mark=PASS_MARK,
        retry_after_hours=0,
        time_limit_minutes=MINUTES,
    )
    cohort = CohortFactory(curriculum_key=made.key)
    freeze(cohort)
    return SimpleNamespace(
        first=first, second=second, key=key, cohort=cohort, page=made.page(key), questions={q.key: q for q in questions_of(first.pk)},
        trainer=UserFactory(), people=[EnrollmentFactory(cohort=cohort) for _ in range(1)],
    )  # fmt: skip


def _version(number, right):
    instrument = Instrument.objects.create(key="timed", version=number, kind="quiz", title=words("Con tiempo"))
    for order, key in enumerate(KEYS):
        ChoiceQuestion.objects.create(
            instrument=instrument, key=key, order=order, text=words(key), construct="kpi", choices=choices(right[key])
        )
    return instrument


@dataclass
class Attempt:
    """What the model knows of one attempt."""

    pk: int
    deadline: datetime
    saved: dict = field(default_factory=dict)
    sent: list = field(default_factory=list)
    closed_at: datetime | None = None
    scored_with: int = 1
    passed: bool | None = None

    def points(self, keys):
        return sum(self.saved.get(key) == right for key, right in keys[self.scored_with].items())


class TimedAttempts(RuleBasedStateMachine):
    world = None

    def __init__(self):
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.now = timezone.now()
        self.clock = mock.patch("django.utils.timezone.now", self.tell_time)
        self.clock.start()
        self.enrollment = self.world.people[0]
        self.attempts, self.keys, self.second_locked, self.completed, self.extensions, self.regrades = [], {}, False, False, 0, 0
        self.keys = {1: dict(FIRST), 2: dict(SECOND)}

    def teardown(self):
        self.clock.stop()
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    def tell_time(self):
        return self.now

    # --- the model ---

    @property
    def last(self):
        return self.attempts[-1] if self.attempts else None

    @property
    def open(self):
        return self.last if self.last and self.last.closed_at is None else None

    def over(self, attempt):
        return self.now > attempt.deadline + GRACE

    def close(self, attempt):
        attempt.closed_at = self.now
        attempt.passed = attempt.points(self.keys) * 100 >= PASS_MARK * len(KEYS)
        self.completed = self.completed or attempt.passed

    def row(self, attempt):
        return Response.objects.get(pk=attempt.pk)

    # --- the person ---

    @initialize()
    def opens_first(self):
        self.opens()

    @rule()
    def opens(self):
        if self.open and self.over(self.open):
            self.close(self.open)
        if self.open:
            assert answering.open_response(self.enrollment, self.world.page, "es").pk == self.open.pk
        elif any(attempt.passed for attempt in self.attempts):
            with pytest.raises(answering.Refused):
                answering.open_response(self.enrollment, self.world.page, "es")
        else:
            made = answering.open_response(self.enrollment, self.world.page, "es")
            self.attempts.append(Attempt(made.pk, self.now + timedelta(minutes=MINUTES)))
            assert made.deadline_at == self.last.deadline

    @precondition(lambda self: self.attempts)
    @rule(key=st.sampled_from(KEYS), value=st.sampled_from("abcd"))
    def answers(self, key, value):
        sent, attempt = (self.world.questions[key], value, uuid.uuid4()), self.last
        if attempt.closed_at or self.over(attempt):
            with pytest.raises(answering.Closed):
                answering.save_answer(self.row(attempt), *sent)
            return
        answering.save_answer(self.row(attempt), *sent)
        attempt.saved[key] = value
        attempt.sent.append(sent)

    @precondition(lambda self: self.attempts)
    @rule(values=st.tuples(*[st.sampled_from("abcd")] * len(KEYS)))
    def answers_everything(self, values):
        for key, value in zip(KEYS, values, strict=True):
            self.answers(key, value)

    @precondition(lambda self: self.last and self.last.sent)
    @rule(place=st.integers(0, 99))
    def sends_again_what_was_acknowledged(self, place):
        answering.save_answer(self.row(self.last), *self.last.sent[place % len(self.last.sent)])

    @precondition(lambda self: self.attempts)
    @rule()
    def submits(self):
        attempt = self.last
        if not attempt.closed_at and not self.over(attempt) and len(attempt.saved) < len(KEYS):
            with pytest.raises(answering.Incomplete):
                answering.submit(self.row(attempt))
            return
        answering.submit(self.row(attempt))
        if not attempt.closed_at:
            self.close(attempt)

    @precondition(lambda self: self.open)
    @rule(where=st.sampled_from(["scoring.score", "review.remember_response", "progress.complete"]))
    def the_server_dies_while_closing(self, where):
        """Between save and submit: the transaction is gone, nothing else is."""
        with mock.patch(f"evaluations.closing.{where}", side_effect=RuntimeError("planted")):
            try:
                with transaction.atomic():
                    answering.submit(self.row(self.open))
                    raise RuntimeError("died before the commit")
            except (RuntimeError, answering.Incomplete):
                pass

    @precondition(lambda self: self.attempts)
    @rule()
    def looks(self):
        answering.attempts(self.enrollment, self.world.page)
        if self.open and self.over(self.open):
            self.close(self.open)

    # --- the clock, the worker, the trainer, the editor ---

    @rule(seconds=st.sampled_from([1, 5, 11, 60, 290, 585, 595, 600, 611, 3600]))
    def time_goes_by(self, seconds):
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.open)
    @rule()
    def the_time_ends_and_the_person_never_returns(self):
        self.now = max(self.now, self.open.deadline + GRACE + timedelta(seconds=1))
        self.the_worker_closes_what_is_over()

    @rule()
    def the_worker_closes_what_is_over(self):
        closed, failed = attempts.close_overdue()
        expected = bool(self.open and self.over(self.open))
        assert (closed, failed) == (int(expected), 0)
        if expected:
            self.close(self.open)

    @precondition(lambda self: self.attempts)
    @rule(minutes=st.sampled_from([1, 5, 240]))
    def the_trainer_extends(self, minutes):
        attempt = self.last
        if attempt.closed_at:
            with pytest.raises(answering.Refused):
                attempts.extend(self.row(attempt), self.world.trainer, minutes, "luz")
            return
        attempts.extend(self.row(attempt), self.world.trainer, minutes, "luz")
        attempt.deadline = max(attempt.deadline, self.now) + timedelta(minutes=minutes)
        self.extensions += 1

    @precondition(lambda self: not self.second_locked)
    @rule(key=st.sampled_from(KEYS), value=st.sampled_from("abcd"))
    def the_newer_version_is_edited(self, key, value):
        ChoiceQuestion.objects.filter(instrument=self.world.second, key=key).update(choices=choices(value))
        self.keys[2][key] = value

    @rule(version=st.sampled_from([1, 2]))
    def the_editor_regrades(self, version):
        target = self.world.first if version == 1 else self.world.second
        closed = [attempt for attempt in self.attempts if attempt.closed_at]
        if all(attempt.scored_with == version for attempt in closed):
            with pytest.raises(answering.Refused):
                regrading.regrade(self.world.first, target, self.world.trainer, "clave corregida")
            return
        regrading.regrade(self.world.first, target, self.world.trainer, "clave corregida")
        self.regrades += len(closed)
        self.second_locked = self.second_locked or version == 2
        for attempt in closed:
            attempt.scored_with = version
            attempt.passed = attempt.passed or attempt.points(self.keys) * 100 >= PASS_MARK * len(KEYS)
            self.completed = self.completed or attempt.passed

    # --- what must stand ---

    @invariant()
    def there_is_one_response_per_attempt(self):
        rows = list(Response.objects.filter(enrollment=self.enrollment).order_by("attempt").values_list("pk", "attempt"))
        assert rows == [(attempt.pk, number) for number, attempt in enumerate(self.attempts, start=1)]

    @invariant()
    def what_was_acknowledged_stands_and_nothing_else(self):
        for attempt in self.attempts:
            assert dict(Answer.objects.filter(response=attempt.pk).values_list("question__key", "value")) == attempt.saved
            assert AnswerVersion.objects.filter(response=attempt.pk).count() == len(attempt.sent)

    @invariant()
    def closed_is_closed_and_the_score_is_a_function_of_version_and_answers(self):
        for attempt in self.attempts:
            row = self.row(attempt)
            assert (row.submitted_at, row.deadline_at) == (attempt.closed_at, attempt.deadline)
            if attempt.closed_at:
                assert (row.score, row.max_score, row.passed) == (attempt.points(self.keys), len(KEYS), attempt.passed)
                assert row.scored_with.version == attempt.scored_with
            else:
                assert (row.score, row.passed) == (None, None)

    @invariant()
    def completed_once_passed_and_never_taken_back(self):
        assert Completion.objects.filter(enrollment=self.enrollment, activity_key=self.world.key).count() == int(self.completed)
        assert (Extension.objects.count(), ScoreChange.objects.count()) == (self.extensions, self.regrades)


def run(examples, **more):
    TimedAttempts.world = build()
    wanted = settings(
        max_examples=examples,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        **more,
    )
    run_state_machine_as_test(TimedAttempts, settings=wanted)


@pytest.mark.django_db
def test_any_order_of_events_keeps_what_was_saved():
    run(40)


@pytest.mark.django_db
def test_the_machine_sees_autosaved_answers_lost(monkeypatch):
    """MDL-43733 replanted: an attempt that the clock closes is scored as if nothing had been saved."""
    monkeypatch.setattr(closing, "values_of", lambda response: {})
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        run(200, phases=[Phase.generate])
