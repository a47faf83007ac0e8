"""What of the answers may be read, decided by `protect`, judged by `audit`, and the audit judged by counting every answer sheet there is."""

import time
from collections import Counter
from fractions import Fraction
from itertools import combinations, product
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluations.moore.answer_tables import exact, mean_decimals, reachable_views
from evaluations.moore.audit import Reader
from evaluations.moore.isolation import isolated
from evaluations.moore.merging import coarser, finest
from evaluations.moore.suppression import ALL, Leak, Segment, Shown, Table, audit, protect, protect_groups
from tests.evaluations.random_cohorts import SHAPES, cohort, people_in, primary_only, shares_shown
from tests.evaluations.row_space import recoverable

FIVE = (1.0, 2.0, 3.0, 4.0, 5.0)
AR, BR, CL, MX = (("country", code) for code in ("AR", "BR", "CL", "MX"))


def by_country(**answers):
    return Table({(code, "medicine"): counts for code, counts in answers.items()}, FIVE)


def parts(it):
    return [(part.first, part.last, part.count) for part in it.segments]


# By hand.


def test_eleven_mentors_in_three_countries_are_shown_as_eleven_only():
    table = by_country(AR=(0, 0, 1, 1, 2), BR=(0, 1, 0, 2, 1), CL=(0, 0, 0, 1, 2))
    shown = protect(table)
    assert {view: shown[view].hidden for view in (AR, BR, CL)} == dict.fromkeys((AR, BR, CL), "small_group")
    assert [shown[view].n for view in (AR, BR, CL)] == [4, 4, 3]
    assert (shown[ALL].n, shown[ALL].hidden, parts(shown[ALL])) == (11, None, [(0, 3, 6), (4, 4, 5)])
    assert audit(table, shown) == []


def test_one_hidden_country_forces_a_second():
    sizes = {("AR", ""): 22, ("BR", ""): 30, ("CL", ""): 3, ("MX", ""): 9}
    assert protect_groups(sizes) == {
        ALL: None,
        AR: None,
        BR: None,
        CL: "small_group",
        MX: "complementary",
        ("profession", ""): None,
    }


def test_two_hidden_countries_that_are_few_together_force_a_third():
    sizes = {("AR", ""): 22, ("BR", ""): 2, ("CL", ""): 2, ("MX", ""): 9}
    assert [protect_groups(sizes)[view] for view in (AR, BR, CL, MX)] == [None, "small_group", "small_group", "complementary"]


def test_two_hidden_countries_that_are_enough_together_force_nobody():
    sizes = {("AR", ""): 22, ("BR", ""): 3, ("CL", ""): 3, ("MX", ""): 9}
    assert [protect_groups(sizes)[view] for view in (AR, BR, CL, MX)] == [None, "small_group", "small_group", None]


def test_a_country_nested_in_a_profession_must_not_single_out_the_rest():
    """Every Mexican is a nurse, and two nurses are not Mexican: nursing − MX is those two."""
    sizes = {("MX", "nursing"): 12, ("BR", "nursing"): 2, ("BR", "medicine"): 20}
    reasons = protect_groups(sizes)
    assert "complementary" in reasons.values()
    open_views = [view for view, reason in reasons.items() if reason is None]
    assert isolated(sizes, open_views, 5) == []
    assert isolated(sizes, list(reasons), 5)[0].people == (("BR", "nursing"),)


def test_a_country_and_a_profession_of_the_same_people_are_both_shown():
    sizes = {("MX", "nursing"): 12, ("BR", "medicine"): 20}
    assert set(protect_groups(sizes).values()) == {None}


@pytest.mark.parametrize("minimum", [5, 10])
def test_the_minimum_is_the_callers(minimum):
    sizes = {("AR", ""): 7, ("BR", ""): 40, ("MX", ""): 40}
    assert protect_groups(sizes, minimum)[AR] == (None if minimum == 5 else "small_group")


def test_nobody_and_an_empty_table():
    assert protect(Table({}, FIVE)) == {ALL: Shown(0, "small_group")}
    table = Table({("MX", "nursing"): (0, 0, 0, 0, 0)}, FIVE)
    assert {it.hidden for it in protect(table).values()} == {"small_group"}
    assert audit(table, protect(table)) == []


def test_everybody_in_one_class_is_never_said():
    shown = protect(by_country(MX=(0, 0, 0, 0, 30)))[ALL]
    assert (parts(shown), shown.mean) == ([(0, 4, 30)], None)
    assert (shown.bound, shown.bound_classes) == (">=80", (3, 4))


def test_nobody_agrees_is_a_bound_too():
    shown = protect(Table({("MX", ""): (30, 0)}, (0.0, 1.0)))[ALL]
    assert (shown.bound, shown.bound_classes, shown.mean) == ("<=20", (1,), None)


def test_a_bound_from_few_would_say_who_the_exceptions_are_not():
    """80 % of 12 people leave at most two exceptions: not three wide."""
    assert protect(by_country(MX=(0, 0, 0, 0, 12)))[ALL] == Shown(12, None, (Segment(0, 4, 12),))


def test_four_exceptions_and_none_look_alike():
    first, second = (protect(Table({("MX", ""): counts}, (0.0, 1.0)))[ALL] for counts in ((4, 26), (0, 30)))
    assert first == second


def test_a_mean_that_gives_a_merged_class_away_is_not_shown():
    """All but two answered 5: a mean of 4.9 would say that at most one of the 20 answered 1 to 3."""
    assert protect(by_country(MX=(0, 0, 0, 2, 18)))[ALL].mean is None
    assert protect(by_country(MX=(10, 10, 10, 10, 10)))[ALL].mean == 3.0


def test_unordered_classes_merge_into_other():
    shown = protect(Table({("MX", ""): (9, 1, 12, 2, 3)}, None))[ALL]
    assert [(part.classes, part.count) for part in shown.segments] == [((0,), 9), ((2,), 12), ((1, 3, 4), 6)]
    assert (shown.mean, shown.bound) == (None, "")


def test_identified_answers_protect_small_groups_only():
    counts = {("AR", ""): (0, 0, 0, 0, 9), ("BR", ""): (1, 0, 0, 4, 5), ("CL", ""): (0, 1, 1, 1, 0), ("MX", ""): (0, 3, 3, 3, 3)}
    table = Table(counts, FIVE, protect_classes=False)
    shown = protect(table)
    assert [shown[view].hidden for view in (AR, BR, CL, MX)] == ["complementary", None, "small_group", None]
    assert parts(shown[BR]) == [(0, 0, 1), (1, 1, 0), (2, 2, 0), (3, 3, 4), (4, 4, 5)]
    assert (shown[MX].mean, shown[AR].segments, shown[AR].mean) == (3.5, (), None)
    assert audit(table, shown) == []


@pytest.mark.parametrize("atoms", [{("MX", ""): (1, 2)}, {("MX", ""): (1, 2, 3, 4, -1)}])
def test_a_ragged_or_negative_table_is_refused(atoms):
    with pytest.raises(ValueError, match=r"count"):
        Table(atoms, FIVE)


def test_the_same_table_gives_the_same_report_whatever_the_order_of_its_rows():
    table = cohort(2, people=60)
    turned = Table(dict(reversed(table.atoms.items())), table.values)
    assert protect(table) == protect(turned)


# The audit sees what is planted.


def kinds(table, shown):
    return {leak.kind for leak in audit(table, shown)}


def test_the_audit_refuses_a_report_of_other_answers():
    table = by_country(MX=(5, 5, 5, 5, 5))
    with pytest.raises(ValueError, match="does not describe"):
        audit(table, {**protect(by_country(MX=(6, 5, 5, 5, 4)))})


def test_the_audit_sees_a_small_group_and_a_small_count_that_are_shown():
    table = by_country(MX=(0, 0, 2, 10, 10), BR=(0, 0, 0, 1, 2))
    shown = {view: Shown(sum(table.counts(view)), None) for view in reachable_views(table.atoms)}
    assert "shown" in kinds(table, shown)
    shown = {view: Shown(it.n, "small_group") for view, it in shown.items()}
    shown[ALL] = Shown(25, None, (Segment(0, 2, 2), Segment(3, 4, 23)))
    assert Leak("shown", ALL, 0, 2, 2) in audit(table, shown)


def test_the_audit_sees_a_difference_of_two_groups():
    """All and Mexico by themselves are harmless: together they tell what the three others answered."""
    table = by_country(MX=(6, 0, 0, 0, 9), BR=(0, 0, 0, 0, 3))
    shown = {view: Shown(sum(table.counts(view)), None, mean=None) for view in reachable_views(table.atoms)}
    for view in (ALL, MX):
        counts = table.counts(view)
        shown[view] = Shown(sum(counts), None, (Segment(0, 3, sum(counts[:4])), Segment(4, 4, counts[4])))
    shown[BR] = Shown(3, "small_group")
    shown["profession", "medicine"] = Shown(18, None)
    leaks = audit(table, shown)
    assert any(leak.kind == "isolated" and leak.people == (("BR", "medicine"),) for leak in leaks)
    assert Leak("recoverable", BR, 0, 0, 0, (ALL, MX)) in [
        Leak(leak.kind, leak.group, leak.class_index, leak.low, leak.high, tuple(sorted(leak.because))) for leak in leaks
    ]


# The audit against every answer sheet there is, on tables small enough to count them.

tiny = st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=1, max_size=3)


@st.composite
def tiny_reports(draw):
    places = draw(st.permutations([("MX", "a"), ("MX", "b"), ("BR", "a"), ("BR", "b")]))
    rows = draw(tiny)
    table = Table(dict(zip(places, map(tuple, rows), strict=False)), (1.0, 2.0, 3.0))
    return table, {view: draw_view(draw, table, view) for view in reachable_views(table.atoms)}


def draw_view(draw, table, view):
    counts, blocks = table.counts(view), draw(st.sampled_from([((0, 1, 2),), ((0,), (1, 2)), ((0, 1), (2,)), ((0,), (1,), (2,))]))
    n = sum(counts)
    if not n or draw(st.booleans()):
        return Shown(n, "small_group")
    return report_of(counts, blocks, draw(st.booleans()), draw(st.booleans()))


def report_of(counts, blocks, with_mean=False, with_bound=False):
    """What would be printed for these counts, written without a line of the code under test."""
    n = sum(counts)
    share = Fraction(counts[2], n)
    bound = ">=80" if share >= Fraction(8, 10) else "<=20" if share <= Fraction(2, 10) else ""
    mean = float(round(Fraction(counts[0] + 2 * counts[1] + 3 * counts[2], n), 1)) if with_mean else None
    segments = tuple(Segment(block[0], block[-1], sum(counts[i] for i in block)) for block in blocks)
    return Shown(n, None, segments, mean, bound if with_bound else "", (2,) if with_bound and bound else ())


def every_sheet(table):
    rows = [[c for c in product(range(sum(counts) + 1), repeat=3) if sum(c) == sum(counts)] for counts in table.atoms.values()]
    for sheet in product(*rows):
        yield dict(zip(table.atoms, sheet, strict=True))


def agrees(it, counts):
    """Would a reader who sees `it` believe these counts? A mean stands for every value that rounds to it, ends included."""
    if it.hidden:
        return True
    if any(sum(counts[i] for i in part.classes) != part.count for part in it.segments):
        return False
    share, n = Fraction(counts[2], it.n), it.n
    if (it.bound == ">=80" and share < Fraction(8, 10)) or (it.bound == "<=20" and share > Fraction(2, 10)):
        return False
    return it.mean is None or abs(Fraction(counts[0] + 2 * counts[1] + 3 * counts[2], n) - Fraction(str(it.mean))) <= Fraction(
        1, 20
    )


def counted_leaks(table, shown, minimum, width):
    atoms = [atom for atom in table.atoms if sum(table.atoms[atom])]
    groups = {view: people_in(view, table) for view in reachable_views(atoms)} | {atom: [atom] for atom in atoms}
    sheets = [
        sheet
        for sheet in every_sheet(table)
        if all(
            agrees(it, [sum(sheet[atom][k] for atom in people_in(view, table)) for k in range(3)]) for view, it in shown.items()
        )
    ]
    found = set()
    for (group, people), index in product(groups.items(), range(3)):
        sizes = [sum(sheet[atom][index] for atom in people) for sheet in sheets]
        n, true = sum(sum(table.atoms[atom]) for atom in people), sum(table.atoms[atom][index] for atom in people)
        if true < minimum and max(sizes) - min(sizes) < min(width, n):
            found.add((group, index, max(sizes) == min(sizes)))
    return found


@settings(max_examples=80, deadline=None)
@given(tiny_reports(), st.integers(2, 5), st.integers(1, 4))
def test_the_audit_finds_exactly_what_counting_every_sheet_finds(report, minimum, width):
    table, shown = report
    found = Counter((leak.group, leak.class_index) for leak in Reader(table, shown, minimum, width).leaks())
    counted = counted_leaks(table, shown, minimum, width)
    assert set(found) == {(group, index) for group, index, _ in counted}
    exactly_known = {
        (leak.group, leak.class_index) for leak in Reader(table, shown, minimum, width).leaks() if leak.kind == "recoverable"
    }
    assert exactly_known <= {(group, index) for group, index, known in counted if known}


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.tuples(st.sampled_from("ABC"), st.sampled_from("xyz")), st.integers(0, 6), max_size=7), st.data())
def test_isolated_sets_are_those_that_rank_finds(sizes, data):
    """Every set of fewer than five people whose indicator adds nothing to the rank of the shown groups' indicators."""
    views = [view for view in reachable_views(sizes) if data.draw(st.booleans())]
    atoms = [atom for atom in sizes if sizes[atom]]
    rows = [[int(atom in people_in(view, Table(dict.fromkeys(atoms, (1,)), None))) for atom in atoms] for view in views]
    wanted = set()
    for count in range(1, 5):
        for chosen in combinations(atoms, count):
            row = [int(atom in chosen) for atom in atoms]
            if sum(sizes[atom] for atom in chosen) < 5 and rank([*rows, row]) == rank(rows):
                wanted.add(frozenset(chosen))
    assert {frozenset(found.people) for found in isolated(sizes, views, 5)} == wanted


def rank(rows):
    """By elimination in fractions."""
    rows, done = [[Fraction(entry) for entry in row] for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        lead = next((i for i in range(done, len(rows)) if rows[i][column]), None)
        if lead is not None:
            rows[done], rows[lead] = rows[lead], rows[done]
            for i in range(done + 1, len(rows)):
                share = rows[i][column] / rows[done][column]
                rows[i] = [a - share * b if b else a for a, b in zip(rows[i], rows[done], strict=True)] if share else rows[i]
            done += 1
    return done


# Properties.

cells = st.lists(st.integers(0, 9), min_size=3, max_size=3).map(tuple)
tables = st.builds(
    Table,
    st.dictionaries(st.tuples(st.sampled_from(["MX", "BR", "CL"]), st.sampled_from("abc")), cells, min_size=1, max_size=9),
    st.sampled_from([(1.0, 2.0, 3.0), (0.0, 0.5, 1.0), None]),
)


@settings(max_examples=120, deadline=None)
@given(tables)
def test_whatever_the_answers_the_report_is_safe_and_true(table):
    shown = protect(table)
    assert audit(table, shown) == []
    for view, it in shown.items():
        counts = table.counts(view)
        assert it.n == sum(counts)
        assert (it.hidden == "small_group") == (it.n < 5)
        if it.hidden:
            assert (it.segments, it.mean, it.bound) == ((), None, "")
            continue
        assert sorted(index for part in it.segments for index in part.classes) == list(range(table.classes))
        assert all(part.count == sum(counts[index] for index in part.classes) >= 5 for part in it.segments)
        if it.mean is not None:
            true = sum(value * count for value, count in zip(exact(table.values), counts, strict=True)) / it.n
            assert abs(true - Fraction(str(it.mean))) <= Fraction(1, 2 * 10 ** mean_decimals(table.values))


@given(st.lists(st.integers(0, 20), min_size=1, max_size=9).map(tuple), st.booleans(), st.data())
def test_merging_keeps_every_class_and_never_leaves_a_small_block(counts, ordered, data):
    blocks = finest(counts, 5, ordered)
    while True:
        assert sorted(index for block in blocks for index in block) == list(range(len(counts)))
        assert len(blocks) == 1 or all(sum(counts[index] for index in block) >= 5 for block in blocks)
        assert not ordered or all(list(block) == list(range(block[0], block[-1] + 1)) for block in blocks)
        if len(blocks) == 1:
            return
        coarse = coarser(blocks, data.draw(st.integers(0, len(counts) - 1)), counts, ordered)
        assert len(coarse) == len(blocks) - 1
        blocks = coarse


# Many cohorts. A thousand of them: tests/faults/test_suppression_audit.py.

MANY = range(100)


def test_random_cohorts_leak_nothing():
    leaks = Counter()
    for seed in MANY:
        table = cohort(seed)
        shown = protect(table)
        leaks.update(leak.kind for leak in audit(table, shown))
        leaks["in the row space"] += len(recoverable(table, shown))
    assert not +leaks


def test_the_control_primary_suppression_alone_is_seen_to_leak():
    tables = [cohort(seed) for seed in MANY]
    leaking = sum(next(Reader(table, primary_only(table)).leaks(), None) is not None for table in tables)
    assert leaking > 0.8 * len(MANY)
    assert sum(bool(recoverable(table, primary_only(table))) for table in tables) > 0.25 * len(MANY)


@pytest.mark.parametrize("shape", SHAPES)
def test_of_a_survey_of_200_most_is_shown(shape):
    shares = [shares_shown(table, protect(table)) for table in (cohort(seed, 200, shape) for seed in (0, 2, 8, 10))]
    in_parts, counts, _ = (sum(column) / len(column) for column in zip(*shares, strict=True))
    assert in_parts >= 0.6
    assert counts >= 0.4
    if shape in (SHAPES[0], SHAPES[1]):
        assert counts >= 0.6


def test_a_report_of_60_people_is_decided_quickly():
    """Forty items make a report. About 50 ms on a quiet core; the limit leaves room for a busy one."""
    spent = []
    for seed in range(100, 115):
        table, start = cohort(seed, 60, SHAPES[1]), time.process_time()
        protect(table)
        spent.append(time.process_time() - start)
    assert median(spent) < 0.2
