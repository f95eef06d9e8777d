"""What the counts of a release mean: shares, means, medians and top boxes with margins that hold sampling and noise.

Nothing here sees an exact count, so nothing here costs anything: it may be run again by anybody from a release alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from analysis.consistency.blocks import EVERYONE, Measured
from analysis.consistency.debias import Arms, list_difference
from analysis.consistency.groups import Group, GroupAnswers, readings
from analysis.consistency.least_squares import Consistent, make_consistent
from analysis.consistency.noisy_sums import Noisy, mean_and_variance, share_variance
from analysis.estimates.rounding import rounded
from analysis.estimates.small_cells import share_interval
from analysis.estimates.weights import weighted
from survey.plan.dimension import Dimension
from survey.plan.margins import Margin
from survey.plan.plan import Plan
from survey.questionnaire.bases import BASES, OF_SCORES, Base, base_of_level
from survey.release.estimate import (
    Estimate,
    Mean,
    Median,
    Share,
    Size,
    Sizes,
    Top,
    Weighted,
)
from survey.release.note_codes import DEBIASED, TOO_FEW, Debiased
from survey.release.reliability import Z95, coarse, lost_in_noise

Array = NDArray[np.float64]

BROAD = 5
"""From so many levels on the top box is the two highest levels, below it the highest alone."""


@dataclass(frozen=True)
class Described:
    """A table of a release: its consistent cells and their variances beside the noisy integers, and what it says."""

    cells: tuple[float, ...]
    variances: tuple[float, ...]
    notes: tuple[Debiased, ...]
    estimates: tuple[Estimate, ...]
    weighted: Weighted | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the members of a release's table that follow from the noisy integers."""
        cells = {"consistent": list(self.cells), "variances": list(self.variances), "notes": list(self.notes)}
        weighted = {} if self.weighted is None else {"weighted": self.weighted.to_json()}
        return cells | {"estimates": [estimate.to_json() for estimate in self.estimates]} | weighted


@dataclass(frozen=True)
class Weighting:
    """What a plan asks to be weighted: table id -> the dimensions, and the public margins of those."""

    by: Mapping[str, tuple[str, ...]]
    margins: tuple[Margin, ...]

    @classmethod
    def of(cls, plan: Plan) -> Self:
        """Read it off a plan."""
        return cls({table.id: table.weight_by for table in plan.tables if table.weight_by}, plan.margins or ())


def describe(tables: Sequence[Measured], size: int, weighting: Weighting | None = None) -> list[Described]:
    """Make the tables of one release consistent and describe each; `size` is the declared number of records."""
    consistent = make_consistent(tables, size)
    weights = weighting or Weighting({}, ())
    return [_described(consistent, table, weights) for table in tables]


def estimates(dimensions: Sequence[Dimension], counts: Sequence[int], sigma: float, size: int) -> tuple[Estimate, ...]:
    """Describe one table alone: the first dimension for everyone and within each level of the others.

    What the table cannot answer is left out: everyone, where another dimension is multi (one record stands in several
    of its levels); and, for a first dimension that is multi, groups of which no plain table says how large they are.
    """
    inner = int(np.prod([axis.cells for axis in dimensions]))
    population = EVERYONE if len(counts) == inner else "population"
    alone = Measured("T", tuple(dimensions), population, sigma, tuple(counts))
    return describe([alone], size)[0].estimates


def _described(consistent: Consistent, table: Measured, weighting: Weighting) -> Described:
    cells, variances = consistent.counts(table)
    notes = (DEBIASED,) if any(axis.threshold is not None for axis in table.dimensions) else ()
    by, margins = weighting.by.get(table.id), {margin.dimension: margin for margin in weighting.margins}
    size = consistent.totals.size
    shares = by and weighted(readings(consistent, table)[0], by, margins, size)
    return Described(
        _rounded_all(cells), _rounded_all(variances), notes, tuple(_estimates(consistent, table)), shares or None
    )


def _estimates(consistent: Consistent, table: Measured) -> Iterator[Estimate]:
    for reading in readings(consistent, table):
        row = {} if reading.row is None else {"row": reading.row}
        for group, answers in reading.groups():
            yield _estimate(table.dimensions[0], group, answers, row)


def _estimate(axis: Dimension, group: Group, answers: GroupAnswers, row: dict[str, Any]) -> Estimate:
    few = answers.on(axis.base).few
    values: dict[str, Any] = {"mean": None, "shares": ()} if few else _values(axis, answers)
    sizes = {base: _size(answers.on(base)) for base in BASES}
    about = {"group": group, "base": axis.base, "sizes": Sizes(**sizes), "abstained": TOO_FEW if few else None}
    return Estimate.model_validate(about | row | values)


def _size(noisy: Noisy) -> Size:
    return Size(number=rounded(noisy.total), margin=rounded(Z95 * noisy.doubt))


def _values(axis: Dimension, answers: GroupAnswers) -> dict[str, Any]:
    """Return everything that a group which is not lost in noise says."""
    shares = tuple(share for base in _bases_of(axis) for share in _on_base(axis, answers, base))
    if axis.list:
        return {"mean": None, "shares": shares, **_difference(axis, answers)}
    noisy = answers.on(OF_SCORES)
    if not axis.score or noisy.few:
        return {"mean": None, "shares": shares}
    scores = np.array(axis.levels(OF_SCORES), dtype=np.float64)
    scored = {"mean": mean_of(scores, noisy), "median": median_of(scores, noisy), "top": top_of(scores, noisy)}
    return scored | {"shares": shares}


def _bases_of(axis: Dimension) -> tuple[Base, ...]:
    """Return what the levels of a dimension have shares of: the declared base first, then wider ones."""
    needed = {base_of_level(code, axis.base) for code in axis.asked}
    return tuple(base for base in reversed(BASES) if base in needed)


def _on_base(axis: Dimension, answers: GroupAnswers, base: Base) -> Iterator[Share]:
    """Yield the shares of a base: of its levels those that are of no other; none where the base is lost in noise."""
    noisy, levels = answers.on(base), axis.levels(base)
    if noisy.few:
        return
    if axis.list and base == axis.base:
        yield from _arms(axis, noisy)
        return
    yield from (share for share in _shares(levels, noisy, base) if base_of_level(share.code, axis.base) == base)


def mean_of(scores: Array, noisy: Noisy, deff: float = 1.0) -> Mean:
    """Return the mean score with its 95 % margin."""
    mean, variance = mean_and_variance(scores, noisy, deff)
    return Mean(value=rounded(mean), margin=rounded(noisy.widening * Z95 * variance**0.5))


def median_of(scores: Array, noisy: Noisy) -> Median:
    """Return the smallest level that half of the group reaches, and the levels it lies between with 95 % confidence.

    A level stays in the interval while the margin of the share at or below it does not exclude one half: inversion of
    the noisy distribution function, conservative for few levels (Woodruff 1952, JASA 47, for the idea).
    """
    order = np.argsort(scores)
    below = (scores[None, :] <= scores[order][:, None]).astype(np.float64)[:-1]
    steps = noisy.mapped(below)
    reached = steps.cells / noisy.total
    margins = noisy.widening * Z95 * np.sqrt(share_variance(reached, steps))
    places = (_first(part >= 0.5) for part in (reached, reached + margins, reached - margins))  # noqa: PLR2004 - half
    value, low, high = (int(scores[order][index]) for index in places)
    return Median(value=value, low=min(low, value), high=max(high, value))


def top_of(scores: Array, noisy: Noisy) -> Top:
    """Return the share of the highest level together with the next, where there are five or more; else of it alone."""
    many = 2 if len(scores) >= BROAD else 1
    places = np.argsort(scores)[-many:]
    rows = np.zeros((1, len(scores)))
    rows[0, places] = 1.0
    together = noisy.mapped(rows)
    (share,) = together.cells / noisy.total
    margin = noisy.widening * Z95 * float(share_variance(np.array([share]), together)[0]) ** 0.5
    return Top(codes=tuple(int(scores[place]) for place in places), share=rounded(share), margin=rounded(margin))


def _arms(axis: Dimension, noisy: Noisy) -> Iterator[Share]:
    """Yield the shares of a list experiment within each arm; an arm that is lost in noise has none."""
    codes = np.array(axis.options)
    for places in Arms.of(axis.options).places:
        arm = noisy.part(places)
        if not arm.few:
            yield from _shares([int(code) for code in codes[places]], arm, axis.base)


def _difference(axis: Dimension, answers: GroupAnswers) -> dict[str, Mean]:
    noisy = answers.on(axis.base).part(np.arange(len(axis.options)))
    difference = list_difference(axis.options, noisy)
    if difference is None:
        return {}
    value, variance = difference
    return {"difference": Mean(value=rounded(value), margin=rounded(noisy.widening * Z95 * variance**0.5))}


def _shares(codes: Sequence[int], noisy: Noisy, base: Base) -> tuple[Share, ...]:
    """Return the shares of all levels of a group whose total is that of `base`."""
    shares = noisy.cells / noisy.total
    errors = np.sqrt(share_variance(shares, noisy))
    margins = noisy.widening * Z95 * errors
    deviations = np.sqrt(np.broadcast_to(noisy.cell, shares.shape))
    return tuple(
        Share(
            code=code,
            base=base,
            share=rounded(shares[index]),
            margin=rounded(margins[index]),
            # By the margin that is shown, widened near the threshold: 79 points +- 87 is not reliable.
            reliable=not bool(
                lost_in_noise(noisy.cells[index], deviations[index]) or coarse(shares[index], margins[index])
            ),
            **_bayes(noisy, index, shares[index], margins[index]),
        )
        for index, code in enumerate(codes)
    )


def _bayes(noisy: Noisy, index: int, share: float, margin: float) -> dict[str, tuple[float, float]]:
    """Return an interval within 0 and 1 where the margin leaves them; it is never shorter than what of that is inside.

    Debiased answers have none: their sampling is not binomial.
    """
    low, high = share - margin, share + margin
    if noisy.spread is not None or (low >= 0 and high <= 1):
        return {}
    own, joint = (float(np.broadcast_to(part, noisy.cells.shape)[index]) for part in (noisy.cell, noisy.covariance))
    parts = own, joint, noisy.total_variance
    lower, upper = share_interval(float(noisy.cells[index]), noisy.total, parts, noisy.widening)
    if high > 0 and low < 1:
        lower, upper = min(lower, max(low, 0.0)), max(upper, min(high, 1.0))
    return {"bayes": (rounded(lower), rounded(upper))}


def _first(flags: NDArray[np.bool_]) -> int:
    """Return the place of the first level that holds; the last level where none of those before it does."""
    places = np.flatnonzero(flags)
    return int(places[0]) if places.size else len(flags)


def _rounded_all(values: Array) -> tuple[float, ...]:
    return tuple(rounded(value) for value in values)
