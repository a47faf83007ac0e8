"""The states of an enrolment and the ways between them, as data. Only curriculum/cohorts.py walks them."""

from dataclasses import dataclass
from types import MappingProxyType

from curriculum.models import Enrollment

Status, Role = Enrollment.Status, Enrollment.Role


class Refused(Exception):
    """An act that may not happen; `text` says why and what helps, `field` names the form field it is about, if any."""

    def __init__(self, text, field=None):
        super().__init__(text)
        self.text, self.field = text, field


@dataclass(frozen=True)
class Step:
    """One allowed change of state. `door` names the act that makes it; a person's decision is the usual one."""

    door: str = "decision"
    reason: bool = False


CHOICE, REASONED = Step(), Step(reason=True)
INVITED, MOVED, CERTIFIED = Step("invitation"), Step("transfer"), Step("certification")

TRANSITIONS = MappingProxyType(
    {
        Status.CANDIDATE: {Status.SELECTED: CHOICE, Status.NOT_SELECTED: REASONED, Status.WITHDRAWN: REASONED},
        Status.NOT_SELECTED: {Status.CANDIDATE: REASONED, Status.SELECTED: REASONED},
        # By accepting the invitation (no reason asked), or at once by a lead who says why.
        Status.SELECTED: {Status.ENROLLED: REASONED, Status.DECLINED: INVITED, Status.WITHDRAWN: REASONED},
        Status.DECLINED: {Status.SELECTED: REASONED},
        Status.ENROLLED: {
            Status.PAUSED: REASONED,
            Status.WITHDRAWN: REASONED,
            Status.TRANSFERRED: MOVED,
            Status.CERTIFIED: CERTIFIED,
        },
        Status.PAUSED: {Status.ENROLLED: CHOICE, Status.WITHDRAWN: REASONED, Status.TRANSFERRED: MOVED},
        Status.CERTIFIED: {Status.ENROLLED: CERTIFIED},  # a revoked certificate
        Status.WITHDRAWN: {Status.SELECTED: REASONED},
        Status.TRANSFERRED: {},
    }
)
TAKES_A_PLACE = frozenset({Status.SELECTED, Status.ENROLLED, Status.PAUSED, Status.CERTIFIED})


def choices_for(enrollment):
    """The states a lead may choose now, each with whether a reason is asked."""
    return {to: step.reason for to, step in TRANSITIONS[enrollment.status].items() if step.door == "decision"}
