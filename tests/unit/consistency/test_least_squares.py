"""
Tables that agree: analysis/consistency/least_squares.py against dense least squares.

False-alarm chances are stated, <= 1e-6.
"""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from analysis.consistency.blocks import BlockError, Measured
from analysis.consistency.least_squares import make_consistent, rebuild, split
from survey.plan.dimension import Dimension

SIZE = 2000


def axis(name, size, *, multi=False, rows=None):
    """Return a dimension of `size` readable levels and the unreadable one."""
    codes = (*range(1, size + 1), 255)
    return Dimension(
        id=name, codes=codes, multi=multi, score=False, base="answered", **({"rows": rows} if rows else {})
    )


A, B, C, M = axis("A", 2), axis("B", 3), axis("C", 4), axis("M", 3, multi=True)
N = axis("N", 3, multi=True)
GRID = axis("G", 3, rows=("B", "H"))


def people(chance, size=SIZE):
    """Return answers as level indexes, and who is unreadable."""
    columns = {"A": chance.integers(0, 2, size), "B": chance.choice(3, size, p=[0.6, 0.3, 0.1])}
    columns["C"] = (columns["B"] + chance.integers(0, 2, size)) % 4
    columns["H"] = chance.integers(0, 3, size)
    columns["M"] = chance.random((size, 2)) < [0.3, 0.7]
    columns["N"] = chance.random((size, 2)) < [0.5, 0.2]
    return columns, chance.random(size) < 0.05


def exact(columns, lost, dimensions, inside=None):
    """Count people into a table as a release does: unreadable in one cell, outside in the last."""
    shape = [n for d in dimensions for n in (*([len(d.rows)] if d.rows else []), len(d.codes))]
    counts, outside = np.zeros(shape), 0
    for person in range(len(lost)):
        if inside is not None and not inside[person] and not lost[person]:
            outside += 1
            continue
        for cell in cells_of(columns, person, dimensions, unreadable=lost[person]):
            counts[cell] += 1
    return [*counts.ravel().tolist(), *([] if inside is None else [outside])]


def cells_of(columns, person, dimensions, *, unreadable):
    """Return every cell that one person stands in."""
    cells = [()]
    for d in dimensions:
        if unreadable:
            places = [(row, -1) for row in range(len(d.rows))] if d.rows else [(-1,)]
        elif d.rows:
            places = [(row, columns[item][person]) for row, item in enumerate(d.rows)]
        elif d.multi:
            places = [(option,) for option in np.flatnonzero(columns[d.id][person])] or [(2,)]
        else:
            places = [(columns[d.id][person],)]
        cells = [(*cell, *place) for cell in cells for place in places]
    return cells


def measured(name, dimensions, counts, sigma=5.0, population=""):
    return Measured(name, dimensions, population, sigma, tuple(int(count) for count in counts))


def noisy(chance, name, dimensions, truth, sigma, population=""):  # noqa: PLR0917 - a table has so many parts
    return measured(name, dimensions, np.rint(truth + chance.normal(0, sigma, len(truth))), sigma, population)


@pytest.fixture
def world():
    """Exact tables of the same people of every kind: plain, filtered, with one or two multi questions, grids."""
    columns, lost = people(np.random.default_rng(4))
    inside = columns["A"] == 0
    return {
        "AB": ((A, B), exact(columns, lost, (A, B)), ""),
        "BC": ((C, B), exact(columns, lost, (C, B)), ""),
        "AM": ((A, M), exact(columns, lost, (A, M)), ""),
        "M": ((M,), exact(columns, lost, (M,)), ""),
        "C1": ((C,), exact(columns, lost, (C,), inside), "A1"),
        "BC1": ((B, C), exact(columns, lost, (B, C), inside), "A1"),
        "G": ((GRID, A), exact(columns, lost, (GRID, A)), ""),
        "NAM": ((N, A, M), exact(columns, lost, (N, A, M)), ""),
        "GN": ((N, GRID), exact(columns, lost, (N, GRID)), ""),
    }


def as_array(cells, dimensions):
    return np.array(cells[: np.prod([d.cells for d in dimensions])]).reshape([len(d.codes) for d in dimensions])


def test_tables_that_agree_already_stay_as_they_are(world):
    """Exact tables are consistent: nothing is moved, whatever their kind."""
    tables = [measured(name, *world[name][:2], population=world[name][2]) for name in world]
    consistent = make_consistent(tables, SIZE)
    for table in tables:
        assert np.allclose(table.counts, consistent.counts(table)[0], atol=1e-8)


def test_tables_that_disagree_are_made_to_agree(world):
    """After noise every shared sum is the same to 1e-8, and every plain table sums to the known count."""
    chance = np.random.default_rng(5)
    tables = {
        name: noisy(chance, name, dimensions, truth, 10.0, population)
        for name, (dimensions, truth, population) in world.items()
    }
    consistent = make_consistent(list(tables.values()), SIZE)
    cells = {name: consistent.counts(table)[0] for name, table in tables.items()}
    by_b = as_array(cells["AB"], (A, B)).sum(axis=0), as_array(cells["BC"], (C, B)).sum(axis=0)
    assert np.allclose(*by_b, atol=1e-8)
    assert np.allclose(as_array(cells["AM"], (A, M)).sum(axis=0), cells["M"], atol=1e-8)
    assert np.allclose(as_array(cells["BC1"], (B, C)).sum(axis=0), cells["C1"][:5], atol=1e-8)
    assert np.allclose(cells["C1"][-1], cells["BC1"][-1], atol=1e-8)
    rows = cells["G"].reshape(2, 4, 3)
    assert np.allclose(rows[0].sum(axis=1), by_b[0], atol=1e-8)
    assert np.allclose(rows.sum(axis=(1, 2)), SIZE, atol=1e-8)
    assert [SIZE] * 4 == [pytest.approx(cells[name].sum()) for name in ("AB", "BC", "C1", "BC1")]
    assert len({round(float(cells[name][-1]), 6) for name in ("AB", "BC", "AM", "M")}) == 1


def test_sums_that_do_not_hold_are_not_forced(world):
    """Control: options of a multi question are not made to sum to the count, and noise alone does not agree."""
    chance = np.random.default_rng(6)
    tables = [noisy(chance, name, *world[name][:2], 10.0) for name in ("M", "AB", "BC")]
    consistent = make_consistent(tables, SIZE)
    assert abs(consistent.counts(tables[0])[0].sum() - SIZE) > 50
    raw = [as_array(table.counts, table.dimensions) for table in tables[1:]]
    assert not np.allclose(raw[0].sum(axis=0), raw[1].sum(axis=0))


def dense(tables, size):
    """Solve the same least squares over everybody's full cross-classification A x B x C and unreadable, densely."""
    names, sizes = ("A", "B", "C"), (2, 3, 4)
    rows, measures, weights = [], [], []
    for table in tables:
        kept = [names.index(d.id) for d in table.dimensions]
        cells = np.array(table.counts).reshape([len(d.codes) for d in table.dimensions])
        for cell in np.ndindex(*[sizes[place] for place in kept]):
            row = np.zeros((*sizes,))
            row[tuple(cell[kept.index(p)] if p in kept else slice(None) for p in range(3))] = 1
            rows.append([*row.ravel(), 0.0])
            measures.append(cells[cell])
            weights.append(1 / table.sigma)
        rows.append([*np.zeros(24), 1.0])
        measures.append(cells[(-1,) * cells.ndim])
        weights.append(1 / table.sigma)
    rows.append(np.ones(25).tolist())
    measures.append(size)
    weights.append(1e5)
    design = np.array(rows) * np.array(weights)[:, None]
    inverse = np.linalg.pinv(design)
    return inverse @ (np.array(measures) * np.array(weights)), inverse @ inverse.T


def test_the_closed_form_is_the_dense_least_squares_with_its_variances():
    """Cells and variances equal those of one big weighted least-squares problem, with a different sigma a table."""
    columns, lost = people(np.random.default_rng(7), 500)
    chance = np.random.default_rng(8)
    shapes = {(A, B): 3.0, (C, B): 8.0, (A,): 15.0, (C, A): 5.0}
    tables = [noisy(chance, f"T{n}", d, exact(columns, lost, d), s) for n, (d, s) in enumerate(shapes.items())]
    consistent, (solution, covariance) = make_consistent(tables, 500), dense(tables, 500)
    for table in tables[:2]:
        kept = ["ABC".index(d.id) for d in table.dimensions]
        cells, variances = (part.reshape([len(d.codes) for d in table.dimensions]) for part in consistent.counts(table))
        for cell in np.ndindex(*[len(d.codes) - 1 for d in table.dimensions]):
            row = np.zeros((2, 3, 4))
            row[tuple(cell[kept.index(p)] if p in kept else slice(None) for p in range(3))] = 1
            weights = np.append(row.ravel(), 0)
            assert cells[cell] == pytest.approx(weights @ solution, abs=1e-3)
            assert variances[cell] == pytest.approx(weights @ covariance @ weights, rel=1e-3)
        assert cells[-1, -1] == pytest.approx(solution[-1], abs=1e-3)
        assert (0, 0) == (cells[-1, 0], variances[-1, 0])


def test_covariances_of_sums_are_those_of_the_dense_problem():
    """A difference of two groups in one table, and a sum of another table: variance and covariance agree."""
    columns, lost = people(np.random.default_rng(9), 500)
    chance = np.random.default_rng(10)
    tables = [noisy(chance, f"T{n}", d, exact(columns, lost, d), 4.0 + n) for n, d in enumerate([(A, B), (C, B)])]
    field, (_, covariance) = make_consistent(tables, 500).fields["", ()], dense(tables, 500)
    ours, theirs = np.zeros((1, 2, 3)), np.zeros((1, 4, 3))
    ours[0, 0, 1], ours[0, 1, 1], theirs[0, 2, :2] = 1, -1, 1
    big = [np.append(np.repeat(ours[0][:, :, None], 4, axis=2), 0), np.append(np.zeros((2, 3, 4)), 0)]
    big[1][:-1].reshape(2, 3, 4)[:, :2, 2] = 1
    assert field.covariance(("A", "B"), ours)[0, 0] == pytest.approx(big[0] @ covariance @ big[0], rel=1e-3)
    crossed = field.covariance(("A", "B"), ours, ("C", "B"), theirs)[0, 0]
    assert crossed == pytest.approx(big[0] @ covariance @ big[1], rel=1e-3, abs=1e-6)


def test_the_stated_variance_is_the_variance():
    """z-scores over 200 noisy releases have mean 0 +- 0.09 and sd 1 +- 0.07 (false alarm < 1e-6; fixed seed)."""
    chance = np.random.default_rng(11)
    columns, lost = people(chance, 500)
    shapes = [(A, B), (C, B), (A, C)]
    truths = [exact(columns, lost, d) for d in shapes]
    scores = []
    for _ in range(200):
        tables = [noisy(chance, f"T{n}", d, t, 6.0) for n, (d, t) in enumerate(zip(shapes, truths, strict=True))]
        consistent = make_consistent(tables, 500)
        cells, variances = consistent.counts(tables[1])
        alive = variances > 0
        scores.append(((cells - truths[1])[alive] / np.sqrt(variances[alive])).tolist())
    assert np.mean(scores) == pytest.approx(0, abs=0.09)
    assert np.std(scores) == pytest.approx(1, abs=0.07)


def noise_through(tables, place):
    """Return the variances of a table's consistent cells by moving every noisy integer by one and looking."""
    total = np.zeros(len(tables[place].counts))
    before, _ = make_consistent(tables, SIZE).counts(tables[place])
    for index, table in enumerate(tables):
        for cell in range(len(table.counts)):
            moved = replace(table, counts=tuple(n + (k == cell) for k, n in enumerate(table.counts)))
            together = [*tables[:index], moved, *tables[index + 1 :]]
            after, _ = make_consistent(together, SIZE).counts(together[place])
            total += (table.sigma * (after - before)) ** 2
    return total


@pytest.mark.parametrize("name", ["AB", "M", "C1", "BC1"])
def test_every_cells_variance_is_what_reaches_it_of_the_noise(world, name):
    """Of plain, multi and filtered tables, outside and unreadable cells included: each sigma squared by its slope."""
    names = ("AB", "BC", "M", "C1", "BC1")
    sigmas = {"AB": 3.0, "BC": 8.0, "M": 5.0, "C1": 6.0, "BC1": 4.0}
    chance = np.random.default_rng(12)
    tables = [noisy(chance, key, *world[key][:2], sigmas[key], world[key][2]) for key in names]
    place = names.index(name)
    _, variances = make_consistent(tables, SIZE).counts(tables[place])
    assert variances == pytest.approx(noise_through(tables, place), rel=1e-6, abs=1e-6)


def test_many_pairs_are_better_together_than_alone():
    """All 15 pairs of 6 items: the error of cells that can hold people falls by a sixth at least (it falls by 20 %)."""
    chance = np.random.default_rng(12)
    axes = [axis(f"Q{number}", 3 + number % 3) for number in range(6)]
    columns = {d.id: chance.integers(0, len(d.codes) - 1, 3000) for d in axes}
    lost = np.zeros(3000, dtype=bool)
    truths = {pair: np.array(exact(columns, lost, pair)) for pair in combinations(axes, 2)}
    tables = [noisy(chance, f"T{n}", pair, truth, 20.0) for n, (pair, truth) in enumerate(truths.items())]
    consistent, alone, together = make_consistent(tables, 3000), [], []
    for table, truth in zip(tables, truths.values(), strict=True):
        cells, variances = consistent.counts(table)
        alive = variances > 0
        alone.append(np.abs(np.array(table.counts) - truth)[alive].mean())
        together.append(np.abs(cells - truth)[alive].mean())
    assert np.mean(together) < 5 / 6 * np.mean(alone)


def test_splitting_and_rebuilding_lose_nothing():
    """A table is the sum of its residuals, with a stack's axis left alone."""
    cells = np.random.default_rng(13).normal(size=(2, 3, 4, 5))
    assert np.allclose(cells, rebuild(split(cells, ("A", "B", "C")), (2, 3, 4)))


@pytest.mark.parametrize(
    ("dimensions", "counts"),
    [
        ((Dimension(id="A", codes=(1, 2), multi=False, score=False, base="answered"),), [1, 2]),
        ((A,), [1, 2]),
    ],
)
def test_what_cannot_be_taken_apart_is_refused_by_name(dimensions, counts):
    """A dimension without an unreadable level and a wrong number of cells are refused."""
    with pytest.raises(BlockError, match="T9"):
        make_consistent([measured("T9", dimensions, counts)], 10)
