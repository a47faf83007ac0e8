"""The state machine of timed attempts at length: 2,000 runs of 30 steps (tests/evaluations/test_attempts_state_machine.py)."""

import pytest

from tests.evaluations import test_attempts_state_machine as machine


@pytest.mark.django_db
@pytest.mark.timeout(3600)
def test_two_thousand_lives_of_timed_attempts():
    machine.run(2000)
