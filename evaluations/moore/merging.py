"""Fewer, larger classes: the finest grouping of classes in which every count is the minimum or more, and how to make it coarser."""

from evaluations.moore.answer_tables import upper_half

Blocks = tuple[tuple[int, ...], ...]  # class indexes that are shown as one count


def finest(counts: tuple[int, ...], minimum: int, ordered: bool) -> Blocks:
    """The most blocks of at least `minimum` people each; no block is left at 0, since a shown 0 says something of every single person.

    Ordered classes merge with their neighbours; of equally many blocks those with a cut at the upper half, then the most even ones.
    Unordered ones merge into one "other". With fewer people than the minimum: one block.
    """
    if sum(counts) < minimum:
        return (tuple(range(len(counts))),)
    return _neighbours(counts, minimum) if ordered else _other_last(counts, minimum)


def _neighbours(counts, minimum):
    """best[end] = the best grouping of the first `end` classes, its worth adding up over blocks."""
    cut, best = len(counts) - len(upper_half(len(counts))), {0: ((0, 0, 0), ())}
    for end in range(1, len(counts) + 1):
        options = []
        for start in range(end):
            people = sum(counts[start:end])
            if start in best and people >= minimum:
                (blocks, cuts, evenness), chosen = best[start]
                worth = (blocks + 1, cuts + (start == cut), evenness - people * people)
                options.append((worth, (*chosen, tuple(range(start, end)))))
        if options:
            best[end] = max(options)
    return best[len(counts)][1]


def _other_last(counts, minimum):
    by_size = sorted(range(len(counts)), key=lambda index: (counts[index], index))
    other = []
    while by_size and (counts[by_size[0]] < minimum or 0 < sum(counts[i] for i in other) < minimum or _only_empty(other, counts)):
        other.append(by_size.pop(0))
    singles = tuple((index,) for index in sorted(by_size))
    return (*singles, tuple(sorted(other))) if other else singles


def _only_empty(other, counts):
    return bool(other) and not any(counts[index] for index in other)


def coarser(blocks: Blocks, index: int, counts: tuple[int, ...], ordered: bool) -> Blocks:
    """The block that holds the class `index`, merged with its smaller neighbour (unordered: with "other"). The same if it is the only one."""
    if len(blocks) == 1:
        return blocks
    here = next(number for number, block in enumerate(blocks) if index in block)
    partner = _neighbour_of(here, blocks, counts) if ordered else _partner_of(here, blocks, counts)
    first, last = sorted((here, partner))
    merged = tuple(sorted(blocks[first] + blocks[last]))
    rest = [block for number, block in enumerate(blocks) if number not in (first, last)]
    return (*rest[:first], merged, *rest[first:]) if ordered else (*rest, merged)


def _neighbour_of(here, blocks, counts):
    beside = [number for number in (here - 1, here + 1) if 0 <= number < len(blocks)]
    return min(beside, key=lambda number: sum(counts[index] for index in blocks[number]))


def _partner_of(here, blocks, counts):
    other = next((number for number, block in enumerate(blocks) if len(block) > 1), None)
    if other is not None and other != here:
        return other
    rest = [number for number in range(len(blocks)) if number != here]
    return min(rest, key=lambda number: sum(counts[index] for index in blocks[number]))
