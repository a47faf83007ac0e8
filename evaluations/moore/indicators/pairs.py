"""What lines of paired answers have in common: labels of constructs, the weaker promise, who could have made a pair."""

from evaluations.constructs import NAMES
from evaluations.models import Wave
from evaluations.moore.indicators.base import Gathered
from evaluations.moore.levels import in_all_languages


def construct_labels(pair, level=None):
    """`{construct: {language: text}}` in the order of asking; all of them, or those of one Moore level."""
    asked = [question for counted in pair.waves for question in pair.questions[counted.wave.pk]]
    return {question.construct: construct_words(question) for question in asked if level in (None, question.moore)}


def construct_words(question):
    """The construct's name; of a question without one its own words."""
    if not question.construct:
        return question.text
    name = NAMES.get(question.construct) or question.construct.replace("-", " ").capitalize()
    return in_all_languages(name)


def weaker_promise(waves):
    """Identified only where all are."""
    promises = {counted.wave.promise for counted in waves}
    return Wave.Promise.IDENTIFIED if promises == {Wave.Promise.IDENTIFIED} else Wave.Promise.CONFIDENTIAL


def gathered_pairs(scope, pair, items):
    """One line; without items where a side is still open or nobody made a pair yet."""
    people = max((_sizes(item.atoms) for item in items), key=lambda sizes: sum(sizes.values()), default={})
    waiting = [counted for counted in pair.waves if not counted.counts and counted.answered]
    days = [counted.as_of for counted in pair.waves if counted.as_of]
    return [
        Gathered(
            items=items, promise=str(weaker_promise(pair.waves)), waves=pair.waves, people=people, asked=scope.members,
            as_of=max(days, default=None), open_n=waiting[-1].answered if waiting and not items else None,
        )
    ]  # fmt: skip


def _sizes(atoms):
    return {atom: sum(table.values()) for atom, table in atoms.items()}
