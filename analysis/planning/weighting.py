"""The expected effect of weighting on a planned table: which classes are joined, and whether one is lost in noise."""

from dataclasses import dataclass

import numpy as np

from analysis.consistency.blocks import EVERYONE, Measured
from analysis.consistency.groups import readings
from analysis.consistency.least_squares import make_consistent
from analysis.estimates.weights import weighted
from analysis.planning.expected_shares import Shares
from survey.plan.dimension import Dimension
from survey.plan.plan import Plan, PlanTable

Codes = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class WeightsCheck:
    """The weighting that a plan asks for, run on the expected answers.

    `classes`: by dimension which codes are joined. `lost`: the estimate will abstain. `margin`: the widest 95 %
    half-width of a weighted share, `design_effect` that of weights and noise together on it; both None where it
    abstains, and the second where classes are joined, whose margin holds more than people's number can mend.
    `covers_population`: whether that margin will hold what joined classes and cut weights leave out.
    """

    by: tuple[str, ...]
    classes: tuple[Codes, ...]
    lost: bool
    margin: float | None
    design_effect: float | None
    covers_population: bool

    @property
    def joined(self) -> tuple[str, ...]:
        """The classes that are joined, such as "EDU 1+2"."""
        pairs = zip(self.by, self.classes, strict=True)
        return tuple(f"{name} {'+'.join(map(str, one))}" for name, codes in pairs for one in codes if len(one) > 1)


def check_weights(
    plan: Plan, table: PlanTable, axes: tuple[Dimension, ...], sigma: float, expected: tuple[Shares, int]
) -> WeightsCheck | None:
    """Weight the expected counts of a table as the release will; None where the plan does not weight it.

    `expected`: the cells' shares of all people, and how many people.
    """
    if not table.weight_by:
        return None
    shares, n = expected
    cells = np.rint(shares.ravel() * n).astype(int).tolist()
    measured = Measured(table.id, axes, EVERYONE, sigma, tuple(cells))
    margins = {margin.dimension: margin for margin in plan.margins or ()}
    reading = readings(make_consistent([measured], n), measured)[0]
    estimate = weighted(reading, table.weight_by, margins, n)
    widest = max((share.margin for share in estimate.shares), default=None)
    effect = estimate.design_effect(dict(reading.groups())[None].on(estimate.base).total)
    lost, covers = estimate.abstained is not None, estimate.covers_population
    return WeightsCheck(estimate.by, estimate.classes, lost, widest, effect, covers)
