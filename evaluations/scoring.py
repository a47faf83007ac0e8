"""Points. A score is a function of the instrument's version and the answers, at any later time the same."""

from dataclasses import dataclass

from evaluations import branching


@dataclass(frozen=True)
class Line:
    """What one construct brought: `right` questions of `total`, those with full points being right."""

    construct: str
    right: int
    total: int


@dataclass(frozen=True)
class Result:
    """`score` and `max_score` are points, `None` where nothing of the instrument is right or wrong."""

    score: float | None
    max_score: float | None
    lines: tuple[Line, ...]

    @property
    def percent(self):
        return percent(self.score, self.max_score)


def percent(score, max_score):
    return 100 * score / max_score if max_score else None


def score(questions, values):
    """`values` maps a question's primary key to its stored value; what is missing earns nothing, what is not asked counts nowhere."""
    scored = [question for question in branching.asked(questions, values) if question.max_score is not None]
    if not scored:
        return Result(None, None, ())
    points = {question.pk: question.score(values.get(question.pk)) or 0.0 for question in scored}
    by_construct = {}
    for question in scored:
        right, total = by_construct.get(question.construct, (0, 0))
        by_construct[question.construct] = (right + (points[question.pk] == question.max_score), total + 1)
    lines = tuple(Line(construct, right, total) for construct, (right, total) in by_construct.items())
    return Result(sum(points.values()), sum(question.max_score for question in scored), lines)


def passes(result, pass_mark):
    """Whether the points reach `pass_mark` percent; `None` where there is nothing to pass."""
    if pass_mark is None or result.max_score is None:
        return None
    return result.score * 100 >= pass_mark * result.max_score
