"""
Every kind of dimension from counting to estimates.

What analysis/counting/contingency_tables.py counts, consistency and estimates read.
"""

import numpy as np
import pytest
from studies.typed_tables import BROKEN, PEOPLE, QUESTIONNAIRE, TABLES, counts_of

from analysis.consistency.blocks import Measured, population_name
from analysis.consistency.least_squares import make_consistent
from analysis.estimates.estimates import describe

ANSWERS = [*PEOPLE, *BROKEN]


def measured(counts, sigma):
    """Return every table as a release holds it."""
    measured_tables = []
    for table in TABLES:
        population = table.population and table.population.model_dump(mode="json", by_alias=True, exclude_unset=True)
        shape = table.shape.dimensions
        cells = tuple(int(cell) for cell in counts[table.id])
        measured_tables.append(Measured(table.id, shape, population_name(population), sigma, cells))
    return measured_tables


@pytest.fixture(scope="module")
def exact():
    return measured(counts_of(ANSWERS), 0.5)


def test_exact_counts_of_every_kind_are_consistent_already(exact):
    """Grids, rankings, two multi dimensions, header and filters: least squares moves no cell that was counted."""
    consistent = make_consistent(exact, len(ANSWERS))
    for table in exact:
        cells, variances = consistent.counts(table)
        assert np.allclose(table.counts, cells, atol=1e-6), table.id
        assert not np.array(table.counts)[variances == 0].any(), table.id
    assert consistent.unreadable[0] == pytest.approx(len(BROKEN))


def test_a_miscount_is_not_consistent(exact):
    """Control: with one more person in one cell of a grid something is moved."""
    grid = exact[0]
    wrong = Measured(grid.id, grid.dimensions, grid.population, grid.sigma, (grid.counts[0] + 1, *grid.counts[1:]))
    cells = make_consistent([wrong, *exact[1:]], len(ANSWERS)).counts(wrong)[0]
    assert not np.allclose(wrong.counts, cells, atol=1e-3)


def test_every_kind_of_table_is_described(exact):
    """Each says what it can: rows of the grid, options of the ranking, the list's difference, debiased answers."""
    described = dict(zip((table.id for table in exact), describe(exact, len(ANSWERS)), strict=True))
    grid = QUESTIONNAIRE.groups_by_id["G1"].items
    assert set(grid) == {estimate.row for estimate in described["T01"].estimates}
    assert {None, *exact[3].dimensions[1].substantive} >= {e.group for e in described["T04"].estimates}
    assert described["T10"].estimates[0].difference is not None
    assert ("debiased",) == described["T11"].notes
    (ranking,) = [e for e in described["T02"].estimates if e.group is None]
    assert 0.999 < sum(share.share for share in ranking.shares if share.base == ranking.base) <= 2.001
    for one in described.values():
        assert all(np.isfinite([e.size.number, e.size.margin]).all() for e in one.estimates)


def test_groups_of_a_ranking_are_told_where_another_table_says_how_large_they_are(exact):
    """R1 by G1 and FRUIT: T01 holds the rows of G1 alone, so groups by them are told; pairs with FRUIT are not."""
    estimates = describe(exact, len(ANSWERS))[4].estimates
    grid = QUESTIONNAIRE.groups_by_id["G1"]
    assert set(grid.items) == {estimate.row for estimate in estimates}
    assert {None, *exact[4].dimensions[1].substantive} == {estimate.group for estimate in estimates}
