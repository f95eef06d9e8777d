"""Prices a plan before anything is spent: sigma, cost and the margins to expect; it touches no data and cannot."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from analysis.estimate import Z95, Noisy, share_variance
from analysis.price import LOUD_TOTAL, sigma_for
from analysis.release import epsilons
from analysis.table import TableError, layouts
from survey.plan import Dimension, Plan, PlanTable, Shape, dimensions, rho_text
from survey.questionnaire import RESERVED, Questionnaire, levels_of

USEFUL = 0.10
"""A margin of ten points: a group too small for it is not worth a table."""

Weights = Mapping[str, Mapping[int, float]]


@dataclass(frozen=True)
class Expectation:
    """What a share of one half will look like in a group of `n`: 95 % half-widths as shares of 1.

    `design_effect` is the variance with privacy over the variance without; `effective_n` the n of a survey without
    privacy noise that is as good.
    """

    group: int | None
    n: float
    sampling: float
    total: float
    design_effect: float
    effective_n: float


@dataclass(frozen=True)
class TableCheck:
    """One table's price and promise; `smallest_group` is the least n whose margin is under ten points."""

    id: str
    dimensions: tuple[str, ...]
    cells: int
    l2_squared: int
    nano_rho: int
    sigma: float
    everyone: Expectation | None
    groups: tuple[Expectation, ...]
    smallest_group: int


@dataclass(frozen=True)
class PlanCheck:
    """A whole plan: every table, the total against what is left, and epsilon of all that will be spent."""

    n: int
    cost: int
    left: int
    total: int
    epsilon: dict[str, float]
    tables: tuple[TableCheck, ...]

    @property
    def affordable(self) -> bool:
        return self.cost <= self.left

    @property
    def loud(self) -> bool:
        """Whether the study's lifetime budget is above rho = 0.5."""
        return self.total > LOUD_TOTAL

    def to_json(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        words = {"rho": rho_text(self.cost), "affordable": self.affordable, "loud": self.loud}
        return asdict(self) | words


def check_plan(
    plan: Plan, questionnaire: Questionnaire, *, n: int, total: int, spent: int, weights: Weights | None = None
) -> PlanCheck:
    """Price `plan` for a wave of `n` readable records; `weights`: group shares by dimension and code (else equal)."""
    layouts(plan, questionnaire)  # refuses what cannot be counted
    tables = tuple(check_table(table, questionnaire, n, weights or {}) for table in plan.tables)
    return PlanCheck(n, plan.nano_rho, total - spent, total, epsilons(spent + plan.nano_rho), tables)


def read_weights(written: Sequence[str], questionnaire: Questionnaire) -> dict[str, dict[int, float]]:
    """Return group shares from texts such as "EDU.1=0.035"; raise TableError naming one that is not of that form."""
    weights: dict[str, dict[int, float]] = {}
    for text in written:
        match = re.fullmatch(r"([A-Z][A-Z0-9_]*)\.(-?[0-9]+)=(0?\.[0-9]+|1(?:\.0*)?)", text)
        if match is None or int(match[2]) not in _levels(questionnaire, match[1]):
            raise TableError(
                f"{text} is not a group's share: write a dimension, one of its codes and a share, EDU.1=0.2"
            )
        weights.setdefault(match[1], {})[int(match[2])] = float(match[3])
    return weights


def _levels(questionnaire: Questionnaire, name: str) -> tuple[int, ...]:
    try:
        return levels_of(questionnaire, name)
    except KeyError:
        return ()


def check_table(table: PlanTable, questionnaire: Questionnaire, n: int, weights: Weights) -> TableCheck:
    """Price one table; groups are the substantive levels of its second dimension."""
    shape = dimensions(table, questionnaire)
    sigma = sigma_for(table.nano_rho, shape.l2_squared)
    first, *others = shape.dimensions
    summed_in_group = math.prod(len(axis.levels) - 1 for axis in others[1:])
    widest = _terms(first, sigma, summed_in_group)
    return TableCheck(
        table.id,
        table.dimensions,
        shape.cells,
        shape.l2_squared,
        table.nano_rho,
        sigma,
        _everyone(shape, sigma, n),
        _groups(shape, sigma, summed_in_group, n, weights),
        smallest_group(widest),
    )


def expect(group: int | None, n: float, levels: int, variance: float, *, known: float | None = None) -> Expectation:
    """Return what to expect of a share of one half among `n`, each cell with noise of `variance`.

    The total is the sum of `levels` noisy cells; or, where `known` is given, independent of them with that variance.
    """
    total_variance, covariance = (levels * variance, variance) if known is None else (known, 0.0)
    half = np.array([n / 2])
    noisy = Noisy(half, variance, n, total_variance, covariance)
    sampling = 0.25 / n
    total = float(share_variance(half / n, noisy)[0])
    effect = total / sampling
    return Expectation(group, n, Z95 * math.sqrt(sampling), Z95 * math.sqrt(total), effect, n / effect)


def smallest_group(noise: float) -> int:
    """Return the least n with `Z95 * sqrt(0.25/n + noise/n^2)` under ten points; `noise` in records squared."""
    bound, half = USEFUL**2, Z95**2 * 0.25
    return math.ceil((half + math.sqrt(half**2 + 4 * bound * Z95**2 * noise)) / (2 * bound))


def _terms(first: Dimension, sigma: float, summed: int) -> float:
    """Return the noise of a share of one half, times n^2: sigma^2 (1 - 2p + K p^2) for each cell that is summed."""
    return sigma**2 * summed * (len(_substantive(first)) / 4)


def _everyone(shape: Shape, sigma: float, n: int) -> Expectation | None:
    first, *others = shape.dimensions
    if any(axis.multi for axis in others):
        return None
    variance = sigma**2 * math.prod(len(axis.levels) - 1 for axis in others)
    known = variance + 2 * sigma**2 if first.multi else None
    return expect(None, n, len(_substantive(first)), variance, known=known)


def _groups(shape: Shape, sigma: float, summed: int, n: int, weights: Weights) -> tuple[Expectation, ...]:
    first, *others = shape.dimensions
    if first.multi or not others or any(axis.multi for axis in others[1:]):
        return ()
    codes = _substantive(others[0])
    given = weights.get(others[0].id, {})
    return tuple(
        expect(code, n * given.get(code, 1 / len(codes)), len(_substantive(first)), sigma**2 * summed) for code in codes
    )


def _substantive(axis: Dimension) -> tuple[int, ...]:
    return tuple(level for level in axis.levels if level not in RESERVED)
