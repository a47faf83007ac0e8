"""A thousand random cohorts: nothing small can be worked out from a report. And the same run sees primary suppression alone leak.

Two judges: the audit itself, and for what is exactly recoverable a row space in fractions that shares no line with it.
"""

import time
from collections import Counter
from statistics import mean, median

import pytest

from evaluations.moore.audit import Reader
from evaluations.moore.suppression import audit, protect
from tests.evaluations.random_cohorts import cohort, primary_only, shares_shown
from tests.evaluations.row_space import recoverable

COHORTS = range(1000)


@pytest.mark.timeout(3600)
def test_a_thousand_random_cohorts_leak_nothing():
    leaks, spent, shares = Counter(), [], []
    for seed in COHORTS:
        table, start = cohort(seed), time.perf_counter()
        shown = protect(table)
        spent.append(time.perf_counter() - start)
        leaks.update(leak.kind for leak in audit(table, shown))
        leaks["in the row space"] += len(recoverable(table, shown))
        if sum(map(sum, table.atoms.values())) >= 180:
            shares.append(shares_shown(table, shown))
    columns = list(zip(*shares, strict=True))
    print(f"\n{len(COHORTS)} cohorts: {dict(leaks)}; protect: median {1000 * median(spent):.0f} ms, worst {1000 * max(spent):.0f} ms; "
          f"180 people and more: {mean(columns[0]):.0%} of cells in a part, {mean(columns[1]):.0%} counts printed")  # fmt: skip
    assert not +leaks


@pytest.mark.timeout(3600)
def test_the_same_cohorts_with_primary_suppression_alone_leak():
    audited = sum(next(Reader(table, primary_only(table)).leaks(), None) is not None for table in map(cohort, COHORTS))
    exact = sum(bool(recoverable(table, primary_only(table))) for table in map(cohort, COHORTS))
    print(f"\ncontrol: {audited} of {len(COHORTS)} leak, {exact} of them exact counts")
    assert audited > 0.8 * len(COHORTS)
    assert exact > 0.25 * len(COHORTS)
