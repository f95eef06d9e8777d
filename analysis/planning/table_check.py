"""The check of one table of a plan: its price, its expected margins, the effect of weighting."""

from dataclasses import dataclass

from analysis.planning.expected_margins import Expectation, ExpectedRow
from analysis.planning.weighting import WeightsCheck


@dataclass(frozen=True)
class WeightingEffect:
    """The effect of weighting a table's groups to the population on the margin for everyone.

    `factor` is the weighted margin over the unweighted one, `largest` the largest weight and `group` whose it is.
    """

    margin: float
    factor: float
    largest: float
    group: int


@dataclass(frozen=True)
class TableCheck:
    """One table's price and promise; `smallest_group` is the least n whose margin is under ten points.

    `everyone` and `groups` are of the table alone, `agreed`, `agreed_groups` and `rows` of the release, its tables made
    to agree. `weighted`: to the population that was given; `weights`: as the plan itself asks for it.
    """

    id: str
    dimensions: tuple[str, ...]
    population: bool
    cells: int
    sensitivity_squared: int
    nano_rho: int
    sigma: float
    everyone: Expectation | None
    groups: tuple[Expectation, ...]
    rows: tuple[ExpectedRow, ...]
    smallest_group: int
    weighted: WeightingEffect | None
    agreed: Expectation | None = None
    agreed_groups: tuple[Expectation, ...] = ()
    weights: WeightsCheck | None = None
