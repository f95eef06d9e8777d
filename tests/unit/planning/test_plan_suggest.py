"""Splitting a budget: targets are met at the least price, and the rest is split as well as can be."""

import math
import re
from itertools import permutations

import numpy as np
import pytest
from paths import ROOT, VECTORS
from scipy import optimize
from studies import small_study as small

from analysis.planning.agreed_variances import Variances, agreement, cell_weights, share_weights
from analysis.planning.check import Funds, Outlook, check_plan
from analysis.planning.consistent_margins import agreed
from analysis.planning.split import SplitError, SplitProblem, best_split, cheapest_split
from analysis.planning.suggest import SuggestError, authored, read_targets, split_problem, suggest
from crypto.canonical import canonical
from survey.authoring.plan_compiler import compile_plan
from survey.plan.plan import Plan, dimensions
from survey.questionnaire.questionnaire import Questionnaire
from survey.release.reliability import Z95

PLAN = small.plan()
OUTLOOK = Outlook(5000)
STUDIES = ROOT / "survey" / "studies"
SESAME = Questionnaire.from_bytes((VECTORS / "questionnaire-sesame.json").read_bytes())


def split(targets=(), nano_rho=40_000_000, outlook=OUTLOOK, plan=PLAN):
    return suggest(plan, small.QUESTIONNAIRE, outlook, read_targets(targets), nano_rho)


def checked(prices, outlook=OUTLOOK):
    written = PLAN.to_json()["tables"]
    tables = [table | {"nano_rho": prices[table["id"]]} for table in written if table["id"] in prices]
    plan = Plan.from_bytes(canonical(PLAN.to_json() | {"tables": tables, "nano_rho": sum(prices.values())}))
    return {t.id: t for t in check_plan(plan, small.QUESTIONNAIRE, outlook, Funds(10**9)).tables}


def test_the_whole_budget_is_split_and_not_a_billionth_more():
    """Prices are whole billionths, none is zero, and they add up to the budget less at most one for each table."""
    prices = split()
    assert [table.id for table in PLAN.tables] == [*prices]
    assert all(type(price) is int and price > 0 for price in prices.values())
    assert 0 <= 40_000_000 - sum(prices.values()) <= len(prices)


def test_targets_are_met_and_no_target_gets_more_than_it_needs():
    """A margin for everyone and one for the smallest group come out as asked once tables agree, to a thousandth."""
    prices = split(["T1=1.42", "T2.groups=2.75"], 30_000_000)
    tables = checked(prices)
    worst = max(group.total for group in tables["T2"].agreed_groups)
    assert tables["T1"].agreed.total == pytest.approx(0.0142, abs=1e-5)
    assert worst == pytest.approx(0.0275, abs=1e-5)


def test_the_rho_that_targets_need_is_enough_and_a_hundredth_less_is_not():
    """The refusal names a rho: with it the targets are met, with a hundredth less they are refused."""
    targets = ["T1=1.5", "T2.groups=4"]
    with pytest.raises(SuggestError) as refused:
        split(targets, 1_000_000)
    needed = 1e9 * float(re.search(r"need rho = ([0-9.]+)", str(refused.value))[1])
    tables = checked(split(targets, round(needed)))
    assert tables["T1"].agreed.total <= 0.015 + 1e-6
    assert max(group.total for group in tables["T2"].agreed_groups) <= 0.04 + 1e-6
    with pytest.raises(SuggestError):
        split(targets, round(0.97 * needed))


@pytest.mark.parametrize("targets", [[], ["T1=1.42", "T2.groups=2.75"]])
def test_a_solver_that_does_not_end_well_suggests_nothing(monkeypatch, targets):
    """Where SLSQP stops at its limit of iterations there is a refusal with a remedy, no split of wherever it stood."""
    monkeypatch.setattr("analysis.planning.split.ITERATIONS", 1)
    with pytest.raises(SplitError, match=r"Iteration limit.*widen a margin"):
        split(targets)


@pytest.mark.parametrize("room", [1.0, 1.000001, 1.3])
def test_random_limits_hold_at_what_they_cost_at_least_and_above(room):
    """Every limit of random problems is met at their least price, where the solver may end beside some, and above."""
    chance = np.random.default_rng(7)
    whole = split_problem(PLAN, small.QUESTIONNAIRE, OUTLOOK, [])
    size = len(whole.objective)
    for _ in range(6):
        limits = np.zeros((3, size))
        limits[range(3), chance.choice(np.flatnonzero(whole.objective), 3)] = np.exp(chance.normal(0, 3, 3))
        problem = SplitProblem(whole.variances, whole.objective * np.exp(chance.normal(0, 2, size)), limits)
        least = float(cheapest_split(problem).sum())
        assert problem.precision(limits, best_split(problem, room * least)).min() >= 1 - 2e-6


def spread(prices, outlook=OUTLOOK):
    """Return the sum of the tables' variances of a share of one half, as a check of the plan expects the release."""
    tables, total = checked(prices, outlook), 0.0
    for table in (table for table in PLAN.tables if table.id in prices):
        one, weight = tables[table.id], table.nano_rho / PLAN.nano_rho
        groups = one.agreed_groups
        place = one.agreed or (min(groups, key=lambda group: group.n) if groups else None)
        if place is not None:
            total += weight * ((place.total / Z95) ** 2 - 0.25 / place.n)
    return total


def test_no_rho_moved_between_two_tables_makes_the_sum_of_variances_smaller():
    """First-order condition on what the check of a plan expects of the release, for every pair of tables."""
    plan = PLAN.model_copy(update={"tables": tuple(t for t in PLAN.tables if t.id != "T6")})
    prices = split(nano_rho=40_000_000, plan=plan)
    least = 0.011 * 40_000_000 / len(plan.tables)
    best = spread(prices)
    for one, other in permutations([table.id for table in plan.tables], 2):
        moved = {**prices, one: prices[one] - 100_000, other: prices[other] + 100_000}
        if moved[one] > least:
            assert spread(moved) > best * (1 - 1e-6)


def test_by_single_tables_the_sum_is_larger():
    """Control: equal rho for all tables, and rho by each table's noise alone, have a larger sum."""
    prices = split(nano_rho=42_000_000)
    even = dict.fromkeys(prices, 6_000_000)
    assert spread(prices) < 0.97 * spread(even)


def optimality_gap(problem: SplitProblem, rho: np.ndarray) -> float:
    """Return by what part the objective is at most above its best at the same sum of rho, without limits.

    The objective is convex and inversely proportional to rho, so the slope bounds it: Frank & Wolfe's (1956) gap.
    """
    slopes = -(problem.objective @ problem.variances.slopes(rho))
    return float(slopes.max() * rho.sum() / (slopes @ rho) - 1)


@pytest.mark.parametrize(
    "name",
    ["plan-500", "plan-2000", *(pytest.param(name, marks=pytest.mark.slow) for name in ("plan-60", "plan-100000"))],
)
def test_a_shipped_plan_is_split_within_a_hundredth_of_the_best(name):
    """The slope at the suggested split proves that no other has a sum of variances smaller by one in a hundred."""
    plan = compile_plan(STUDIES / "sesame_credit" / f"{name}.yaml", SESAME)
    outlook = Outlook(int(name.removeprefix("plan-")) if name != "plan-60" else 10_000)
    prices = suggest(plan, SESAME, outlook, [], plan.nano_rho)
    rho = np.array([prices[table.id] for table in plan.tables]) / 1e9
    assert 0 <= optimality_gap(split_problem(plan, SESAME, outlook, []), rho) < 0.01
    assert min(prices.values()) >= 0.0099 * plan.nano_rho / len(plan.tables)


@pytest.mark.parametrize("seed", range(3))
def test_variances_as_functions_of_rho_are_those_of_the_least_squares(seed):
    """At random prices every noise of a share, everyone's and each group's, is what making the tables agree gives."""
    chance = np.random.default_rng(seed)
    made = agreement(PLAN, small.QUESTIONNAIRE, 5000)
    rho = chance.uniform(1e-4, 1e-2, len(PLAN.tables))
    shapes = [dimensions(table, small.QUESTIONNAIRE) for table in PLAN.tables]
    sigmas = [math.sqrt(shape.sensitivity_squared / 2 / part) for shape, part in zip(shapes, rho, strict=True)]
    noises = agreed(PLAN, small.QUESTIONNAIRE, dict(zip([t.id for t in PLAN.tables], sigmas, strict=True)), 5000)
    compared = 0
    for name, noise in noises.items():
        for group, due in {None: noise.everyone, **noise.groups}.items():
            weights = share_weights(made, name, group)
            assert (due is None) == (weights is None)
            if due is not None:
                assert weights @ made.variances.at(rho) == pytest.approx(due.of_share(0.5))
                compared += 1
    assert compared > len(PLAN.tables)


def test_the_variance_of_a_cell_is_that_of_the_release():
    """Weights of a typical cell give the variance that consistent cells are released with."""
    made = agreement(PLAN, small.QUESTIONNAIRE, 5000)
    for table in made.tables:
        _, variances = made.consistent.counts(table)
        assert cell_weights(made, table.id) @ made.variances.at(np.ones(len(made.tables))) == pytest.approx(
            variances[0]
        )


def test_slopes_are_those_of_the_variances():
    """Central differences at random prices agree with every derivative."""
    made = agreement(PLAN, small.QUESTIONNAIRE, 5000)
    rho = np.random.default_rng(1).uniform(1e-3, 1e-2, len(PLAN.tables))
    for place in range(len(rho)):
        step = np.zeros(len(rho))
        step[place] = 1e-6 * rho[place]
        measured = (made.variances.at(rho + step) - made.variances.at(rho - step)) / (2 * step[place])
        assert made.variances.slopes(rho)[:, place] == pytest.approx(measured, rel=1e-4, abs=1e-6 * abs(measured).max())


@pytest.mark.parametrize("seed", range(5))
def test_with_bounds_the_split_is_that_of_a_general_solver(seed):
    """SciPy's trust-region method on tables that share nothing finds no smaller sum (to one in ten thousand)."""
    chance = np.random.default_rng(seed)
    coarse, weight = chance.uniform(1e-6, 1e-4, 6), chance.uniform(0.5, 4, 6)
    least = np.where(chance.random(6) < 0.4, chance.uniform(0.002, 0.02, 6), 0.0)
    alone = Variances(np.eye(6), np.ones((6, 1, 1)), np.ones((1, 1)))
    limits = np.array([np.append(row, 0) for row in np.diag(least)[least > 0]]).reshape(-1, 7)
    ours = best_split(SplitProblem(alone, np.append(weight * coarse, 0), limits), 0.1)
    solution = optimize.minimize(
        lambda rho: 1e4 * (weight * coarse / rho).sum(),
        np.maximum(least, 1e-3) + (0.1 - np.maximum(least, 1e-3).sum()) / 6,
        jac=lambda rho: -1e4 * weight * coarse / rho**2,
        hess=lambda rho: np.diag(2e4 * weight * coarse / rho**3),
        bounds=[(max(low, 2e-4), 0.1) for low in least],
        constraints=[optimize.LinearConstraint(np.ones(6), 0.1, 0.1)],
        method="trust-constr",
        options={"maxiter": 3000, "xtol": 1e-12, "gtol": 1e-10},
    )
    assert ours.sum() == pytest.approx(0.1)
    assert (ours >= least * (1 - 1e-9)).all()
    assert 1e4 * (weight * coarse / ours).sum() <= solution.fun * (1 + 1e-4)


def test_a_table_that_the_plan_weighs_more_gets_more():
    """Of two tables alike, the one with four times the price in the plan has twice the price in the split."""
    tables = PLAN.to_json()["tables"][:1]
    tables = [tables[0] | {"nano_rho": 4_000_000, "dimensions": ["TA"]}, tables[0] | {"id": "T9", "dimensions": ["TB"]}]
    plan = Plan.from_bytes(canonical(PLAN.to_json() | {"tables": tables}))
    prices = split(plan=plan, nano_rho=10_000_000)
    assert prices["T1"] / prices["T9"] == pytest.approx(2, rel=0.03)


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (["T1=0.1"], "sampling alone misses"),
        (["T1=1.5", "T2=1.5"], "need rho"),
        (["T99=5"], "no table T99"),
        (["T4.groups=9"], "tells nothing of groups"),
        (["T6=9"], "tells nothing of everyone"),
        (["T1=nan"], "is not a target"),
        (["T1=-5"], "is not a target"),
        (["T1=0"], "is not a target"),
        (["T1"], "is not a target"),
    ],
)
def test_what_no_budget_reaches_is_refused_with_the_reason(targets, message):
    """Margins below sampling, budgets that do not suffice, unknown tables and numbers that are none."""
    with pytest.raises(SuggestError, match=message):
        split(targets, 1_000_000)


def test_the_suggestion_is_a_plan_to_use(tmp_path):
    """Written as YAML it compiles to exactly the suggested prices, with every table's words as they were."""
    prices = split(["T2.groups=6"], 30_000_000)
    unweighted = tuple(table.model_copy(update={"weight_by": None}) for table in PLAN.tables)
    plain = PLAN.model_copy(update={"margins": None, "tables": unweighted})
    compiled = tmp_path / "plan.json"
    compiled.write_bytes(plain.to_bytes())
    path = tmp_path / "plan.yaml"
    for source in (compiled, path):
        path.write_text(authored(source, plain, prices), encoding="utf-8")
        plan = compile_plan(path, small.QUESTIONNAIRE)
        assert prices == {table.id: table.nano_rho for table in plan.tables}
        assert sum(prices.values()) == plan.nano_rho
        bare = [table.model_copy(update={"nano_rho": 1}) for table in plan.tables]
        assert bare == [table.model_copy(update={"nano_rho": 1}) for table in plain.tables]
    with pytest.raises(SuggestError, match="the YAML file"):
        authored(compiled, PLAN, prices)
