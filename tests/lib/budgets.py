"""The lifetime budget of the studies of tests, where none says otherwise."""

from analysis.budget.price import DEFAULT_TOTAL, DEFAULT_TOTAL_DELTA
from survey.wave.manifest import LifetimeBudget

BUDGET = LifetimeBudget(nano_rho=DEFAULT_TOTAL, atto_delta=DEFAULT_TOTAL_DELTA)
