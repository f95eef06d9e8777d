"""The plans that ship with the study, for 500 to 100,000 answers: complete, affordable, priced as documented."""

import math
import re
from dataclasses import replace
from functools import cache

import pytest
from adversaries.release_attacks import gaussian_limit
from paths import ROOT, STUDIES, VECTORS

from analysis.budget.price import DEFAULT_TOTAL
from analysis.noise.noise import epsilons
from analysis.planning.check import Funds, Outlook, check_plan
from analysis.planning.expected_margins import most_tables
from analysis.planning.expected_shares import prior_shares
from analysis.planning.findings_check import check_findings
from survey.authoring.findings_compiler import compile_findings
from survey.authoring.plan_compiler import compile_plan
from survey.plan.noise_price import sigma_for
from survey.plan.plan import rho_text
from survey.questionnaire.questionnaire import Questionnaire

pytestmark = pytest.mark.slow

FOLDER = STUDIES / "sesame_credit"
SESAME = Questionnaire.from_bytes((VECTORS / "questionnaire-sesame.json").read_bytes())
RUNGS = {"plan-500": 500, "plan-2000": 2000, "plan": 2000, "plan-60": 10_000, "plan-100000": 100_000}
TIERS = {4: 12, 2: 30, 1: 18}
"""Weights of the method's three tiers, and how many tables each has."""


@cache
def plan(name):
    return compile_plan(FOLDER / f"{name}.yaml", SESAME)


@cache
def outlook(name):
    return Outlook(RUNGS[name], priors=prior_shares(FOLDER / "priors.yaml", plan(name), SESAME))


@cache
def checked(name):
    return check_plan(plan(name), SESAME, outlook(name), Funds(DEFAULT_TOTAL))


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNGS)
def test_every_plan_is_affordable_and_says_why(name):
    """Each compiles, stays within a default lifetime, and gives every table its reason and hypotheses."""
    assert checked(name).affordable
    assert all(table.reason and table.hypotheses for table in plan(name).tables)


def test_the_sixty_tables_are_those_of_the_method():
    """T01 to T60 in order, 12, 30 and 18 by tier at prices of 4 : 2 : 1, and no hypothesis without a table."""
    tables = plan("plan-60").tables
    assert [f"T{number:02}" for number in range(1, 61)] == [table.id for table in tables]
    unit = min(table.nano_rho for table in tables)
    counted = [round(table.nano_rho / unit) for table in tables]
    assert TIERS == {weight: counted.count(weight) for weight in TIERS}
    named = {name for table in tables for name in table.hypotheses}
    assert {f"H{number:02}" for number in range(1, 32)} == named


@pytest.mark.slow
def test_a_table_of_several_answers_pays_for_what_one_person_can_move():
    """KDATA and ALLOW (8 of 8 options) and MISSED (4 of 4) alone, PERKS (7) in groups; a plain table has 2."""
    several = {t.dimensions[0]: t.sensitivity_squared for t in checked("plan-60").tables if t.sensitivity_squared > 2}
    assert {"KDATA": 9, "ALLOW": 9, "PERKS": 14, "MISSED": 5} == several


def test_the_noise_of_a_question_of_several_answers_alone_is_that_of_its_sensitivity():
    """At the price that a plain table of the same price has, sigma is sqrt(9/2) and sqrt(5/2) times as large."""
    tables = {table.id: table for table in checked("plan-60").tables}
    for name, times in (("T18", 4.5), ("T51", 4.5), ("T40", 2.5)):
        plain = next(t for t in tables.values() if t.nano_rho == tables[name].nano_rho and t.sensitivity_squared == 2)
        assert times * plain.sigma**2 == pytest.approx(tables[name].sigma ** 2)


def test_the_largest_plan_holds_the_sixty_and_goes_deeper():
    """Its first sixty tables are those of plan-60, and the others have three dimensions or the region."""
    sixty = [(table.id, table.dimensions) for table in plan("plan-60").tables]
    deeper = plan("plan-100000").tables[60:]
    assert sixty == [(table.id, table.dimensions) for table in plan("plan-100000").tables[:60]]
    assert all(len(table.dimensions) == 3 or {"REGION", "EDU"} & {*table.dimensions} for table in deeper)


@pytest.mark.slow
def test_five_hundred_answers_carry_yes_or_no_and_three_rows_only():
    """Twelve tables of two or three rows, one of them in two groups, each but one to ten points for everyone."""
    tables = checked("plan-500").tables
    rows = [len(table.rows) for table in tables]
    assert (12, {2, 3}) == (len(tables), {*rows})
    assert [2] == [len(table.groups) for table in tables if table.groups]
    assert 11 <= sum(table.everyone.total <= 0.10 for table in tables)


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNGS)
def test_each_plan_says_on_its_first_lines_what_it_answers(name):
    """`answers` is what `plan check --findings` finds answered; the comment above it names every other hypothesis."""
    findings = compile_findings(FOLDER / "findings.yaml", SESAME)
    compared = check_findings(findings, plan(name), SESAME, outlook(name))
    head, rest = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8").split("\nanswers: [")
    assert head.count("\n") < 12
    assert plan(name).answers == compared.answered == tuple(re.findall(r"H\d\d", rest.split("]")[0]))
    assert {*compared.open} == set(re.findall(r"H\d\d", head))
    assert ((), ()) == (compared.broken, compared.unlisted)


def test_from_two_thousand_answers_on_a_plan_answers_all_thirty_one():
    """Without more rho than its first tier cost, the plan for 2,000 lists every hypothesis, as the larger ones do."""
    every = tuple(f"H{number:02}" for number in range(1, 32))
    assert [every] * 3 == [plan(name).answers for name in ("plan-2000", "plan-60", "plan-100000")]
    assert 60_000_000 == plan("plan-2000").nano_rho


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNGS)
def test_a_shipped_plan_has_no_warning_and_expects_nothing_in_vain(name):
    """No weight ruins a number; each level that noise drowns is one that the plan expects, and no other is."""
    codes = [(advice.kind, advice.code, advice.table) for advice in checked(name).advice]
    assert [] == [one for one in codes if one[0] == "warning"]
    assert [] == [one for one in codes if one[1] in {"weight-heavy", "weight-lost", "expects-nothing"}]
    assert len(plan(name).expects) == sum(kind == "expected" for kind, *_ in codes)


@pytest.mark.slow
def test_without_its_expectations_the_shipped_plan_is_warned():
    """Control: the same plan without `expects` and with more weights is warned, of the weights at half of its size."""
    bare = {"expects": None, "tables": tuple(_weighted(table) for table in plan("plan").tables)}
    changed = plan("plan").model_copy(update=bare)
    full, half = outlook("plan"), replace(outlook("plan"), n=RUNGS["plan"] // 2)
    advices_by_outlook = [check_plan(changed, SESAME, one, Funds(DEFAULT_TOTAL)).advice for one in (full, half)]
    warned = [{advice.code for advice in advices if advice.kind == "warning"} for advices in advices_by_outlook]
    assert {"hopeless-rows", "wide-groups"} <= warned[0]
    assert {"weight-heavy", "weight-lost"} & warned[1]


def _weighted(table):
    return table.model_copy(update={"weight_by": ("EDU3",)} if table.id in {"T17", "T20"} else {})


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNGS)
def test_no_plan_has_a_table_that_tells_nothing_at_its_size(name):
    """At the answers a plan is for, every table describes somebody: everyone, or at least one group."""
    assert [] == [advice.table for advice in checked(name).advice if advice.code == "hopeless-table"]


def both(*epsilons):
    """Return epsilon by the curve, and by the conversion in brackets, with three decimals and never rounded down."""
    own, converted = (math.ceil(1000 * epsilon) / 1000 for epsilon in epsilons)
    return f"{own:.3f} ({converted:.3f})"


def plan_rows():
    """Yield the lines of the table of plans in docs/numbers.md."""
    for name, n in RUNGS.items():
        check = checked(name)
        sigmas = [table.sigma for table in check.tables]
        margins = sorted(100 * table.everyone.total for table in check.tables)
        middle = margins[len(margins) // 2]
        rho, epsilon = rho_text(check.cost), both(check.curve["1e-6"], check.epsilon["1e-6"])
        noise = f"{min(sigmas):.1f}–{max(sigmas):.1f}"
        reached = f"{margins[0]:.1f} / {middle:.1f} / {margins[-1]:.1f}"
        yield f"| `{name}.yaml` | {n:,} | {len(sigmas)} | {rho} | {epsilon} | {noise} | {reached} |"


def ladder_rows():
    """Yield the lines of the ladder in docs/numbers.md."""
    for n in (300, 500, 1000, 2000, 10_000):
        most = [most_tables(n * share, DEFAULT_TOTAL) for share in (1, 1 / 2, 1 / 5)]
        yield f"| {n:,} | " + " | ".join(f"{number:,}" for number in most) + " |"


def price_rows():
    """Yield the lines of the table of prices in docs/numbers.md."""
    for nano in (1_000_000, 3_333_333, 10_000_000, 40_000_000, DEFAULT_TOTAL):
        sigmas = [f"{sigma_for(nano, moved):.1f}" for moved in (2, 9, 16)]
        own, converted = epsilons(nano)
        epsilon_cells = " | ".join(both(own[delta], converted[delta]) for delta in ("1e-5", "1e-6", "1e-9"))
        yield f"| {rho_text(nano)} | {' | '.join(sigmas)} | {epsilon_cells} |"


def practice_rows():
    """Yield the lines of the table of lifetimes in docs/numbers.md, for tables whose sigma is twelve or more."""
    for nano in (DEFAULT_TOTAL, 300_000_000, 500_000_000, 2_630_000_000):
        epsilon = both(*(by_delta["1e-6"] for by_delta in epsilons(nano, least_sigma=12.0)))
        guess, noise = 100 * gaussian_limit(nano), math.sqrt(DEFAULT_TOTAL / nano)
        yield f"| {rho_text(nano)} | {epsilon} | {guess:.0f} % | {noise:.2f} |"


@pytest.mark.parametrize("lines", [plan_rows, ladder_rows, price_rows, practice_rows], ids=lambda lines: lines.__name__)
def test_the_figures_in_the_documentation_are_computed(lines):
    """Every line of prices, plans and the ladder in docs/numbers.md is what the code computes."""
    text = (ROOT / "docs" / "numbers.md").read_text(encoding="utf-8")
    assert [] == [line for line in lines() if line not in text]
