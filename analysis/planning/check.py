"""Prices a plan before anything is spent: sigma, cost, the margins to expect and what to mend; it cannot reach data."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from analysis.budget.price import DEFAULT_TOTAL_DELTA, LOUD_TOTAL
from analysis.counting.contingency_tables import TableError
from analysis.noise.noise import epsilons
from analysis.planning.advice import Advice, Situation, advise
from analysis.planning.consistent_margins import Agreed, agreed, expect_agreed
from analysis.planning.expected_margins import Expectation, ExpectedNoise, ExpectedRow, expect, row, smallest_group
from analysis.planning.expected_shares import Shares, Weights, described, equal_shares, groups, rows
from analysis.planning.phrase_lists import WordsCheck, check_words
from analysis.planning.table_check import TableCheck, WeightingEffect
from analysis.planning.weighting import check_weights
from analysis.study.least_sigma import plan_sigma
from analysis.study.registered_plans import Commitments
from analysis.study.registration import check_plan as refuse_faults
from survey.plan.dimension import ShapeError, dimension
from survey.plan.noise_price import sigma_for
from survey.plan.plan import Plan, PlanTable, Shape, dimensions, rho_text
from survey.plan.privacy_units import NANO_RHO
from survey.questionnaire.questionnaire import Questionnaire
from survey.release.budget import Delta
from survey.release.reliability import Z95

ROUNDED = 0.005
"""By how much shares of a population may miss 1 because they were rounded."""


@dataclass(frozen=True)
class Outlook:
    """Expectations of the fieldwork: readable records, design effect of sampling, groups' shares.

    `groups` are shares of the sample by dimension and code (equal where not given), `population` those of the people
    that it is weighted to, `priors` the cells' shares of each table as invented answers give them.
    """

    n: int
    deff: float = 1.0
    groups: Weights | None = None
    population: Weights | None = None
    priors: Mapping[str, Shares] | None = None

    def shares(self, table: PlanTable, shape: Shape) -> Shares:
        """Return the expected shares of a table's cells: those of the priors, else equal ones within given groups."""
        given = (self.priors or {}).get(table.id)
        return equal_shares(shape, self.groups or {}) if given is None else given


@dataclass(frozen=True)
class Funds:
    """A study's lifetime budget and what is spent of it, in nano-rho and atto-delta; `sigma`: the least so far.

    `committed`: the other registered plans that are to be paid and are not paid yet.
    """

    total: int
    spent: int = 0
    total_delta: int = DEFAULT_TOTAL_DELTA
    spent_delta: int = 0
    sigma: float | None = None
    committed: Commitments = field(default_factory=Commitments)

    @property
    def left(self) -> int:
        """Nano-rho that is neither spent nor needed by another registered plan; below 0 where they need too much."""
        return self.total - self.spent - self.committed.nano_rho

    @property
    def left_delta(self) -> int:
        """The same of atto-delta."""
        return self.total_delta - self.spent_delta - self.committed.atto_delta

    @property
    def least_sigma(self) -> float:
        """A lower bound on the sigma of everything paid for; by default that of one table for the whole amount."""
        if self.sigma is None:
            return math.sqrt(NANO_RHO / self.spent) if self.spent else math.inf
        return self.sigma


@dataclass(frozen=True)
class PlanCheck:
    """A whole plan: every table, the total against what is left, and epsilon of all that will be spent.

    `left` and `left_delta` are without what other registered plans need, which is `committed` nano-rho. `curve`: by
    the noise's own privacy curve; `epsilon`: by OpenDP's conversion.
    """

    n: int
    deff: float
    cost: int
    left: int
    total: int
    curve: dict[Delta, float]
    epsilon: dict[Delta, float]
    tables: tuple[TableCheck, ...]
    advice: tuple[Advice, ...]
    words: tuple[WordsCheck, ...] = ()
    atto_delta: int = 0
    left_delta: int = DEFAULT_TOTAL_DELTA
    committed: int = 0

    @property
    def affordable(self) -> bool:
        return self.cost <= self.left and self.atto_delta <= self.left_delta

    @property
    def has_large_budget(self) -> bool:
        """Whether the study's lifetime budget is above rho = 0.5."""
        return self.total > LOUD_TOTAL

    def to_json(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        words = {"rho": rho_text(self.cost), "affordable": self.affordable, "loud": self.has_large_budget}
        return asdict(self) | words


def check_plan(plan: Plan, questionnaire: Questionnaire, outlook: Outlook, funds: Funds) -> PlanCheck:
    """Price `plan` for the expected fieldwork; raise StudyError naming what the questionnaire cannot answer.

    `epsilon` is of all that will be spent then; where delta does not reach so far, of what is spent and of rho alone.
    """
    refuse_faults(plan, questionnaire)
    tables = check_tables(plan, questionnaire, outlook)
    words = check_words(plan, questionnaire, outlook.n)
    left, left_delta = max(funds.left, 0), max(funds.left_delta, 0)
    costs = plan.nano_rho, left, plan.atto_delta, left_delta
    situation = Situation(outlook.n, *costs, outlook.deff, priors=outlook.priors is not None)
    least = min(plan_sigma(plan, questionnaire), funds.least_sigma)
    deltas = min(funds.spent_delta + plan.atto_delta, funds.total_delta)
    epsilon = epsilons(funds.spent + plan.nano_rho, deltas, least_sigma=least)
    advice = (*advise(tables, words, situation, plan.expects or ()), *_uncompared(plan, outlook))
    public = outlook.n, outlook.deff, plan.nano_rho, left, funds.total
    needed = funds.committed.nano_rho
    return PlanCheck(*public, *epsilon, tables, advice, words, plan.atto_delta, left_delta, needed)


def _uncompared(plan: Plan, outlook: Outlook) -> Iterator[Advice]:
    """Say that a plan's own lists are not compared where no priors say who is asked and what is rare."""
    lists = " and ".join(f"`{name}`" for name in ("expects", "answers") if getattr(plan, name))
    if outlook.priors is None and lists:
        message = (
            f"{lists} of the plan not compared: without --priors all options are taken as equally frequent and "
            "everybody as asked"
        )
        yield Advice("suggestion", "no-priors", None, message)


def check_tables(plan: Plan, questionnaire: Questionnaire, outlook: Outlook) -> tuple[TableCheck, ...]:
    """Return what each table of a faultless plan will say, alone and once all of them agree."""
    alone = [check_table(table, questionnaire, outlook) for table in plan.tables]
    together = agreed(plan, questionnaire, {table.id: table.sigma for table in alone}, outlook.n)
    return tuple(_whole(plan, questionnaire, one, together[one.id], outlook) for one in alone)


def _whole(plan: Plan, questionnaire: Questionnaire, alone: TableCheck, noise: Agreed, outlook: Outlook) -> TableCheck:
    """Return the check of a table with its margins after consistency with the other tables, and weighted."""
    table = next(one for one in plan.tables if one.id == alone.id)
    shape = dimensions(table, questionnaire)
    expected = outlook.shares(table, shape), outlook.n
    inside = (expect_agreed(group, noise.groups.get(group.group or 0), outlook.deff) for group in alone.groups)
    rows = _rows(shape, noise.everyone, *expected, outlook.deff) if noise.everyone else alone.rows
    return replace(
        alone,
        rows=rows,
        agreed=expect_agreed(alone.everyone, noise.everyone, outlook.deff),
        agreed_groups=tuple(group for group in inside if group is not None),
        weights=check_weights(plan, table, shape.dimensions, alone.sigma, expected),
    )


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
    for name, shares in weights.items():
        if sum(shares.values()) > 1 + 1e-9:
            raise TableError(f"the shares of {name} are more than everyone: they add up to {sum(shares.values()):.3f}")
    return weights


def require_whole_population(population: Weights, plan: Plan, questionnaire: Questionnaire) -> None:
    """Raise TableError unless the shares to weight to are of all levels of dimensions that `plan` groups a table by.

    With a level left out, or a dimension that groups no table, nothing would be weighted and no warning given.
    """
    grouped = dict.fromkeys(table.dimensions[1] for table in plan.tables if len(table.dimensions) > 1)
    for name, shares in population.items():
        missing = [f"{name}.{code}" for code in _levels(questionnaire, name) if code not in shares]
        if missing:
            raise TableError(
                f"--population gives no share of {', '.join(missing)}: give every level of {name}, adding up to 1"
            )
        if abs(sum(shares.values()) - 1) > ROUNDED:
            raise TableError(f"the shares of {name} add up to {sum(shares.values()):.3f}: correct --population to 1")
        if name not in grouped:
            raise TableError(
                f"no table has {name} as its second dimension, so --population weights nothing by it: give shares of "
                f"{', '.join(grouped) or 'none, the plan has no groups'}"
            )


def _levels(questionnaire: Questionnaire, name: str) -> tuple[int, ...]:
    try:
        return dimension(name, questionnaire).substantive
    except ShapeError:
        return ()


def check_table(table: PlanTable, questionnaire: Questionnaire, outlook: Outlook) -> TableCheck:
    """Price one table; groups are the substantive levels of its second dimension."""
    shape = dimensions(table, questionnaire)
    sigma = sigma_for(table.nano_rho, shape.sensitivity_squared)
    shares = outlook.shares(table, shape)
    everyone = everyone_of(shape, sigma, shares, outlook)
    inside = groups_of(shape, sigma, shares, outlook)
    return TableCheck(
        table.id,
        table.dimensions,
        table.population is not None,
        shape.cells,
        shape.sensitivity_squared,
        table.nano_rho,
        sigma,
        everyone,
        inside,
        _rows(shape, everyone_noise(shape, sigma), shares, outlook.n, outlook.deff),
        smallest_group(group_noise(shape, sigma).of_share(0.5), outlook.deff),
        _weighted(shape, everyone, inside, outlook),
    )


def everyone_noise(shape: Shape, sigma: float) -> ExpectedNoise | None:
    """Return the noise of the first dimension for everyone; None where a person may stand in several of its sums."""
    first, *others = shape.dimensions
    if any(axis.multi for axis in others):
        return None
    variance = sigma**2 * math.prod(len(axis.codes) - 1 for axis in others)
    levels = len(first.levels(first.base))
    if (
        first.multi
    ):  # the total is the known n less not asked, unreadable, outside, and who is asked but not in the base
        return ExpectedNoise(variance, (1 + len(first.asked) - levels) * variance + 2 * sigma**2, 0.0)
    return ExpectedNoise.of_sum(variance, levels)


def group_noise(shape: Shape, sigma: float) -> ExpectedNoise:
    """Return the noise of the first dimension within one level of the second."""
    first, *others = shape.dimensions
    summed = math.prod(len(axis.codes) - 1 for axis in others[1:])
    return ExpectedNoise.of_sum(sigma**2 * summed, len(first.levels(first.base)))


def everyone_of(shape: Shape, sigma: float, shares: Shares, outlook: Outlook) -> Expectation | None:
    """Return the expected margins of the first dimension for everyone."""
    noise = everyone_noise(shape, sigma)
    return None if noise is None else expect(None, outlook.n * described(shape, shares), noise, outlook.deff)


def groups_of(shape: Shape, sigma: float, shares: Shares, outlook: Outlook) -> tuple[Expectation, ...]:
    """Return the expected margins within each level of the second dimension; empty where they are not estimated."""
    first, *others = shape.dimensions
    if first.multi or not others or any(axis.multi for axis in others[1:]):
        return ()
    noise, share_by_code = group_noise(shape, sigma), groups(shape, shares)
    return tuple(expect(code, outlook.n * share, noise, outlook.deff) for code, share in share_by_code.items())


def _rows(
    shape: Shape, noise: ExpectedNoise | None, shares: Shares, number: int, deff: float
) -> tuple[ExpectedRow, ...]:
    everyone = described(shape, shares)
    if noise is None or everyone <= 0:
        return ()
    n = number * everyone
    return tuple(row(code, share / everyone, n, noise, deff) for code, share in rows(shape, shares).items())


def _weighted(
    shape: Shape, everyone: Expectation | None, inside: tuple[Expectation, ...], outlook: Outlook
) -> WeightingEffect | None:
    """Post-stratify the groups to the population: the variance is `sum W^2 var` (Lin et al. 2024)."""
    targets = (outlook.population or {}).get(shape.dimensions[1].id, {}) if len(shape.dimensions) > 1 else {}
    if everyone is None or not inside or any(group.group not in targets for group in inside):
        return None
    total, n = sum(targets.values()), sum(group.n for group in inside)
    pairs = [(targets[group.group or 0] / total, group) for group in inside]
    variance = sum((share * group.total / Z95) ** 2 for share, group in pairs)
    weights = {group.group or 0: share / (group.n / n) for share, group in pairs}
    heaviest = max(weights, key=lambda code: weights[code])
    margin = Z95 * math.sqrt(variance)
    return WeightingEffect(margin, margin / everyone.total, weights[heaviest], heaviest)
