"""Invented rows that look like a release's tables: to teach and to test code with, never to infer anything from.

Sampled from a Chow-Liu tree of tables that are public already, so they cost nothing and tell nothing more about anyone.
What the tree leaves out (every association of three, most of two) is not in the rows: see `fidelity`. Grids and
questions of several answers (rankings too) are drawn beside the tree, each alone: synthetic_groups.py. Filtered tables
are left out and named: synthetic_omissions.py.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from analysis.consistency.blocks import EVERYONE
from analysis.consistency.debias import unbiased
from analysis.consistency.least_squares import Field
from analysis.estimates.inference import ReleaseModel
from analysis.estimates.simplex_projection import on_simplex
from analysis.estimates.synthetic_groups import drawn_columns, group_shares, largest_difference
from analysis.estimates.synthetic_omissions import Omission, omissions
from analysis.study.release_file import ReleaseError
from survey.plan.dimension import Dimension
from survey.questionnaire.codes import UNREADABLE
from survey.release.release import Release

Array = NDArray[np.float64]

STAMP = "synthetic: not for inference"
"""Stands in every row of every file."""


class SyntheticError(ReleaseError):
    """A release from which no rows can be drawn; the message says why."""


@dataclass(frozen=True)
class Fit:
    """How far the rows are from the released tables: total variation distance, 0 alike to 1 disjoint.

    Of a question of several answers it is the worst option's difference of shares.
    """

    dimensions: tuple[str, ...]
    distance: float
    in_tree: bool


@dataclass(frozen=True)
class Synthetic:
    """Invented rows: a column of codes for each dimension, and the tree they were drawn from (parent, child).

    A grid has a column a row, a question of several answers or a ranking one an option, `ID=CODE`, which holds 1, 0, or
    the code of why nothing was answered.
    """

    columns: dict[str, NDArray[np.int64]]
    tree: tuple[tuple[str, str], ...]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def csv(self) -> str:
        """Return the rows as CSV (RFC 4180), each with the stamp."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([*self.columns, "note"])
        writer.writerows([*(int(code) for code in row), STAMP] for row in zip(*self.columns.values(), strict=True))
        return text.getvalue()


@dataclass(frozen=True)
class Marginals:
    """The tables of one release as shares without negative cells: of one dimension, and of two."""

    axes: dict[str, Dimension]
    field: Field

    @classmethod
    def of(cls, release: Release) -> "Marginals":
        """Read the plain dimensions of the tables of everyone; there may be none."""
        numbers = ReleaseModel.of(release)
        field = numbers.consistent.fields.get((EVERYONE, ()))
        axes = {axis.id: axis for table in numbers.tables.values() for axis in table.dimensions}
        plain = {name: axis for name, axis in axes.items() if field is not None and name in field.sizes}
        return cls(plain, Field({}, {}, {}) if field is None else field)

    def shares(self, *names: str) -> Array:
        """Return the shares of one or two dimensions' readable levels, debiased, nearest without negative cells."""
        cells = self.field.table(names)
        for position, name in enumerate(names):
            cells = np.moveaxis(np.tensordot(unbiased(self.axes[name]), cells, axes=(1, position)), 0, position)
        projected = on_simplex(cells)
        if projected.sum() <= 0:
            raise SyntheticError(f"the total of {' x '.join(names)} is lost in noise")
        shares: Array = projected / projected.sum()
        return shares

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield every pair of dimensions that some table holds together."""
        return (pair for pair in combinations(sorted(self.axes), 2) if self.field.has_table(pair))

    def codes(self, name: str) -> NDArray[np.int64]:
        """Return the readable codes of a dimension, in the order of its shares."""
        return np.array([code for code in self.axes[name].codes if code != UNREADABLE], dtype=np.int64)


def synthesise(release: Release, *, rows: int | None = None, seed: int = 1) -> Synthetic:
    """Return invented rows, by default as many as the box has records, with every dimension of tables of everyone.

    Chow & Liu 1968 (IEEE Trans. Inf. Theory 14): the tree of pairs with the most mutual information, of those pairs
    that the release holds; dimensions that it holds with no other are drawn alone. Raises SyntheticError.
    """
    marginals, groups = Marginals.of(release), group_shares(release)
    if not marginals.axes and not groups:
        left_out = "; ".join(map(str, omissions(release)))
        raise SyntheticError(
            f"the release has no table of everyone: there is nothing to draw from. Left out: {left_out}. "
            "Release a table without a filter"
        )
    tree = _tree(marginals)
    chance = np.random.default_rng(seed)  # noqa: TID251 - draws from a release, and says its seed
    number = release.box.count if rows is None else rows
    places: dict[str, NDArray[np.intp]] = {}
    for parent, child in tree:
        if parent is None:
            places[child] = chance.choice(len(marginals.codes(child)), size=number, p=marginals.shares(child))
        else:
            places[child] = _drawn(chance, marginals.shares(parent, child), places[parent])
    columns = {name: marginals.codes(name)[places[name]] for name in marginals.axes}
    for shares in groups:
        columns |= drawn_columns(shares, chance, number)
    return Synthetic(columns, tuple((parent, child) for parent, child in tree if parent is not None))


def fidelity(release: Release, synthetic: Synthetic) -> list[Fit]:
    """Return how far the rows are from every released table that they may be compared with, the worst first.

    `omissions` names the others.
    """
    marginals = Marginals.of(release)
    edges = {frozenset(edge) for edge in synthetic.tree}
    tables: list[tuple[str, ...]] = [*((name,) for name in marginals.axes), *marginals.pairs()]
    fits = [
        Fit(names, _distance(marginals, synthetic, names), len(names) == 1 or frozenset(names) in edges)
        for names in tables
    ]
    fits += [
        Fit((one.name,), largest_difference(one, synthetic.columns), in_tree=True) for one in group_shares(release)
    ]
    return sorted(fits, key=lambda fit: -fit.distance)


def fidelity_csv(fits: Iterable[Fit], left_out: Iterable[Omission]) -> str:
    """Return how far invented rows are from each table as CSV (RFC 4180), with the stamp in every row.

    Tables that are left out stand below, without a distance, each with the reason.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["dimensions", "total_variation", "drawn_from_it", "table", "left_out", "note"])
    for fit in fits:
        writer.writerow([" x ".join(fit.dimensions), f"{fit.distance:.6f}", str(fit.in_tree).lower(), "", "", STAMP])
    for one in left_out:
        writer.writerow([" x ".join(one.dimensions), "", "false", one.table, one.reason, STAMP])
    return text.getvalue()


def _distance(marginals: Marginals, synthetic: Synthetic, names: tuple[str, ...]) -> float:
    codes = [marginals.codes(name) for name in names]
    counts = np.zeros([len(levels) for levels in codes])
    places = tuple(
        np.argsort(levels)[np.searchsorted(np.sort(levels), synthetic.columns[name])]
        for name, levels in zip(names, codes, strict=True)
    )
    np.add.at(counts, places, 1.0)
    return 0.5 * float(np.abs(counts / max(counts.sum(), 1.0) - marginals.shares(*names)).sum())


def _tree(marginals: Marginals) -> list[tuple[str | None, str]]:
    """Return edges in an order in which every parent comes first; a root has no parent (Prim's algorithm)."""
    information: dict[frozenset[str], float] = {
        frozenset(pair): _information(marginals.shares(*pair)) for pair in marginals.pairs()
    }
    edges: list[tuple[str | None, str]] = []
    left = sorted(marginals.axes)
    while left:
        beside = [
            (information[frozenset((parent, child))], parent, child)
            for _, parent in edges
            for child in left
            if frozenset((parent, child)) in information
        ]
        _, parent, child = max(beside, key=lambda edge: edge[0]) if beside else (0.0, None, left[0])
        edges.append((parent, child))
        left.remove(child)
    return edges


def _information(shares: Array) -> float:
    """Return the mutual information of a pair, in nats."""
    apart = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    there = shares > 0
    return float((shares[there] * np.log(shares[there] / apart[there])).sum())


def _drawn(
    chance: np.random.Generator,  # noqa: TID251 - a type
    shares: Array,
    parents: NDArray[np.intp],
) -> NDArray[np.intp]:
    """Draw each row's child given its parent; a parent that the table gives no child is drawn from the whole table."""
    sums = shares.sum(axis=1, keepdims=True)
    conditional = np.where(sums > 0, shares / np.where(sums > 0, sums, 1.0), shares.sum(axis=0))
    reached = np.cumsum(conditional, axis=1)
    uniform = chance.random(len(parents))[:, None] * reached[parents, -1:]
    drawn: NDArray[np.intp] = (reached[parents] <= uniform).sum(axis=1).clip(max=shares.shape[1] - 1)
    return drawn
