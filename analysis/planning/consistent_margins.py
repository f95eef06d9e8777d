"""What making all tables of a plan agree will add: its exact variances hang on prices alone, so they are known before.

Generalised least squares gives every cell a variance that no answer has any part in (ResidualPlanner, Xiao, He, Zhang
and Kifer 2023, arXiv 2305.08175): the tables of the plan are made consistent here without any counts at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.consistency.blocks import Measured, population_name
from analysis.consistency.groups import readings
from analysis.consistency.least_squares import make_consistent
from analysis.consistency.noisy_sums import Noisy
from analysis.planning.expected_margins import Expectation, Noise, expect
from survey.plan.plan import Plan, PlanTable, dimensions
from survey.questionnaire.questionnaire import Questionnaire


@dataclass(frozen=True)
class Agreed:
    """The noise of a table's first dimension once all tables agree: for everyone, and within each group that it tells.

    None and absent where the table says nothing of them.
    """

    everyone: Noise | None
    groups: Mapping[int, Noise]


# Decision 49.
def agreed(plan: Plan, questionnaire: Questionnaire, sigmas: Mapping[str, float], n: int) -> dict[str, Agreed]:
    """Return what each table's noise becomes; `sigmas`: of each table alone."""
    tables = [without_counts(table, questionnaire, sigmas[table.id]) for table in plan.tables]
    consistent = make_consistent(tables, n)
    found = {}
    for table in tables:
        told = dict(readings(consistent, table)[0].groups())
        groups = {code: typical_noise(noisy) for code, noisy in told.items() if isinstance(code, int)}
        found[table.id] = Agreed(typical_noise(told[None]) if None in told else None, groups)
    return found


def expect_agreed(alone: Expectation | None, noise: Noise | None, deff: float) -> Expectation | None:
    """Return what to expect of the same people with another noise."""
    return None if alone is None or noise is None else expect(alone.group, alone.n, noise, deff)


def without_counts(table: PlanTable, questionnaire: Questionnaire, sigma: float) -> Measured:
    """Return a table without any counts: only its shape and its noise matter here."""
    shape = dimensions(table, questionnaire)
    asked = table.population
    named = None if asked is None else asked.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return Measured(table.id, shape.dimensions, population_name(named), sigma, (0,) * shape.cells)


def typical_noise(noisy: Noisy) -> Noise:
    """Return the noise of a typical cell: they differ only where levels were joined with other tables."""
    cell, covariance = (float(np.mean(part)) for part in (noisy.cell, noisy.covariance))
    return Noise(cell, noisy.total_variance, covariance)
