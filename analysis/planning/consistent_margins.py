"""The gain of making all tables of a plan consistent: exact variances, which depend on prices only.

With generalised least squares no cell's variance depends on the answers (ResidualPlanner, Xiao, He, Zhang and
Kifer 2023, arXiv 2305.08175): the tables of the plan are made consistent here without any counts at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.consistency.blocks import Measured, population_name
from analysis.consistency.groups import readings
from analysis.consistency.least_squares import make_consistent
from analysis.consistency.noisy_sums import Noisy
from analysis.planning.expected_margins import Expectation, ExpectedNoise, expect
from survey.plan.plan import Plan, PlanTable, dimensions
from survey.questionnaire.questionnaire import Questionnaire


@dataclass(frozen=True)
class Agreed:
    """The noise of a table's first dimension once all tables are consistent: for everyone, and within each group.

    None or absent where the table has no estimate.
    """

    everyone: ExpectedNoise | None
    groups: Mapping[int, ExpectedNoise]


# Decision 49.
def agreed(plan: Plan, questionnaire: Questionnaire, sigmas: Mapping[str, float], n: int) -> dict[str, Agreed]:
    """Return each table's noise after consistency; `sigmas`: of each table alone."""
    tables = [without_counts(table, questionnaire, sigmas[table.id]) for table in plan.tables]
    consistent = make_consistent(tables, n)
    noise_by_table = {}
    for table in tables:
        base = table.dimensions[0].base
        noises = {group: typical_noise(answers.on(base)) for group, answers in readings(consistent, table)[0].groups()}
        groups = {group: noise for group, noise in noises.items() if isinstance(group, int)}
        noise_by_table[table.id] = Agreed(noises.get(None), groups)
    return noise_by_table


def expect_agreed(alone: Expectation | None, noise: ExpectedNoise | None, deff: float) -> Expectation | None:
    """Return the expected margin of the same group with another noise."""
    return None if alone is None or noise is None else expect(alone.group, alone.n, noise, deff)


def without_counts(table: PlanTable, questionnaire: Questionnaire, sigma: float) -> Measured:
    """Return a table with zero counts, of which only shape and noise are used."""
    shape = dimensions(table, questionnaire)
    population = table.population
    population_json = (
        None if population is None else population.model_dump(mode="json", by_alias=True, exclude_unset=True)
    )
    return Measured(table.id, shape.dimensions, population_name(population_json), sigma, (0,) * shape.cells)


def typical_noise(noisy: Noisy) -> ExpectedNoise:
    """Return the mean noise of the cells, which differ only where levels were combined with other tables."""
    cell, covariance = (float(np.mean(part)) for part in (noisy.cell, noisy.covariance))
    return ExpectedNoise(cell, noisy.total_variance, covariance)
