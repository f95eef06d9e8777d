"""Splitting a budget: targets are met at the least price, and the rest is split as well as can be."""

import math

import numpy as np
import pytest
import small_study as small
from scipy import optimize

from analysis.planning.check import Funds, Outlook, check_plan
from analysis.planning.suggest import Asked, SuggestError, allocate, authored, read_targets, suggest
from crypto.canonical import canonical
from survey.authoring.plan_compiler import compile_plan
from survey.plan.plan import Plan

PLAN = small.plan()
OUTLOOK = Outlook(5000)


def split(targets=(), nano_rho=40_000_000, outlook=OUTLOOK, plan=PLAN):
    return suggest(plan, small.QUESTIONNAIRE, outlook, read_targets(targets), nano_rho)


def checked(prices, outlook=OUTLOOK):
    tables = [table | {"nano_rho": prices[table["id"]]} for table in PLAN.to_json()["tables"]]
    plan = Plan.from_bytes(canonical(PLAN.to_json() | {"tables": tables, "nano_rho": sum(prices.values())}))
    return {t.id: t for t in check_plan(plan, small.QUESTIONNAIRE, outlook, Funds(10**9)).tables}


def test_the_whole_budget_is_split_and_not_a_billionth_more():
    """Prices are whole billionths, none is zero, and they add up to the budget less at most one for each table."""
    prices = split()
    assert [table.id for table in PLAN.tables] == [*prices]
    assert all(type(price) is int and price > 0 for price in prices.values())
    assert 0 <= 40_000_000 - sum(prices.values()) <= len(prices)


def test_targets_are_met_and_no_target_gets_more_than_it_needs():
    """A margin for everyone and one for the smallest group come out as asked, to a hundredth of a point."""
    prices = split(["T1=1.6", "T2.groups=6"], 30_000_000)
    tables = checked(prices)
    worst = max(group.total for group in tables["T2"].groups)
    assert tables["T1"].everyone.total == pytest.approx(0.016, abs=1e-4)
    assert worst <= 0.06 + 1e-4


def test_without_targets_no_other_split_has_a_smaller_sum_of_variances():
    """Moving rho between any two tables makes the weighted sum larger (first-order condition, to a thousandth)."""
    wishes = [Asked(name, coarse, 0.0, 1.0) for name, coarse in (("A", 1e-6), ("B", 4e-6), ("C", 9e-6))]
    best = allocate(wishes, 0.06)
    assert [0.01, 0.02, 0.03] == pytest.approx([*best.values()])


@pytest.mark.parametrize("seed", range(5))
def test_with_bounds_the_split_is_that_of_a_general_solver(seed):
    """SciPy's SLSQP on the same problem finds the same minimum, and not a smaller one (to one in ten thousand)."""
    chance = np.random.default_rng(seed)
    coarse, weight = chance.uniform(1e-6, 1e-4, 6), chance.uniform(0.5, 4, 6)
    least = np.where(chance.random(6) < 0.4, chance.uniform(0.002, 0.02, 6), 0.0)
    wishes = [Asked(str(i), coarse[i], least[i], weight[i]) for i in range(6)]
    ours = np.array([*allocate(wishes, 0.1).values()])
    found = optimize.minimize(
        lambda rho: 1e4 * (weight * coarse / rho).sum(),
        np.maximum(least, 1e-4) + (0.1 - np.maximum(least, 1e-4).sum()) / 6,
        jac=lambda rho: -1e4 * weight * coarse / rho**2,
        bounds=[(max(low, 1e-5), 0.1) for low in least],
        constraints=[{"type": "eq", "fun": lambda rho: rho.sum() - 0.1, "jac": np.ones_like}],
        options={"maxiter": 500, "ftol": 1e-12},
    )
    assert ours.sum() == pytest.approx(0.1)
    assert (ours >= least - 1e-12).all()
    assert 1e4 * (weight * coarse / ours).sum() <= found.fun * (1 + 1e-4)


def test_a_table_that_the_plan_weighs_more_gets_more():
    """Twice the price in the plan is sqrt(2) times the price in the split, among tables alike."""
    tables = PLAN.to_json()["tables"][:1]
    tables = [tables[0] | {"nano_rho": 2_000_000}, tables[0] | {"id": "T9", "dimensions": ["TB"]}]
    plan = Plan.from_bytes(canonical(PLAN.to_json() | {"tables": tables}))
    prices = split(plan=plan, nano_rho=10_000_000)
    noise = [
        len([code for code in levels if code < 90]) for levels in ((1, 2, 3), small.QUESTIONNAIRE.item("TB").codes)
    ]
    assert prices["T1"] / prices["T9"] == pytest.approx(math.sqrt(2 * noise[0] / noise[1]), rel=0.01)


@pytest.mark.parametrize(
    ("targets", "told"),
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
def test_what_no_budget_reaches_is_refused_with_the_reason(targets, told):
    """Margins below sampling, budgets that do not suffice, unknown tables and numbers that are none."""
    with pytest.raises(SuggestError, match=told):
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
