"""Prices and expected margins, before anything is spent: analysis/planning/check.py."""

import math
import subprocess
import sys

import pytest
from paths import STUDIES, VECTORS
from studies import small_study as small

from analysis.counting.contingency_tables import TableError
from analysis.noise.noise import gaussian_for
from analysis.planning.check import Funds, Outlook, check_plan, read_weights, require_whole_population
from analysis.planning.expected_margins import smallest_group
from analysis.planning.expected_shares import equal_shares
from survey.plan.plan import Expected, dimensions
from survey.release.reliability import Z95

PLAN = small.plan()


def checked(n=1000, weights=None, deff=1.0, **changes):
    wishes = {"total": 100_000_000} | changes
    return check_plan(PLAN, small.QUESTIONNAIRE, Outlook(n, deff, groups=weights), Funds(**wishes))


def of(name, **changes):
    return next(table for table in checked(**changes).tables if table.id == name)


def test_sigma_is_the_sigma_of_the_release():
    """The promised noise is what the release then uses, a multi table's for what one record can move."""
    for table in checked().tables:
        assert table.sigma == pytest.approx(gaussian_for(table.nano_rho, table.sensitivity_squared).sigma, rel=1e-9)
    assert of("T4").sigma == pytest.approx(math.sqrt(3 / 2) * of("T1").sigma)


def test_the_margin_of_everyone_is_sampling_and_noise():
    """AGE has three levels: 1.96 sqrt(1/4n + sigma^2/n^2 (1 - 1 + 3/4)) at p = 1/2."""
    everyone = of("T1", n=2000).everyone
    sigma = math.sqrt(1000)
    assert everyone.sampling == pytest.approx(Z95 * math.sqrt(0.25 / 2000))
    assert everyone.total == pytest.approx(Z95 * math.sqrt(0.25 / 2000 + sigma**2 / 2000**2 * 0.75))
    assert everyone.design_effect == pytest.approx((everyone.total / everyone.sampling) ** 2)
    assert everyone.effective_n == pytest.approx(2000 / everyone.design_effect)


def test_groups_are_equal_unless_given():
    """TA by AGE has three groups of a third of n; a given share moves its group alone."""
    assert [1000 / 3] * 3 == pytest.approx([group.n for group in of("T2").groups])
    weights = read_weights(["AGE.1=0.1"], small.QUESTIONNAIRE)
    assert [100, 1000 / 3, 1000 / 3] == pytest.approx([group.n for group in of("T2", weights=weights).groups])
    assert of("T2", weights=weights).groups[0].total > of("T2").groups[0].total


@pytest.mark.parametrize("text", ["AGE=0.1", "NOWHERE.1=0.1", "AGE.7=0.1", "AGE.1=1.5", "AGE.1=-0.1"])
def test_a_group_that_is_none_is_refused(text):
    """A wrong form, an unknown dimension or code, a share over one or under nought."""
    with pytest.raises(TableError):
        read_weights([text], small.QUESTIONNAIRE)


@pytest.mark.parametrize("noise", [0.0, 75.0, 300.0, 5000.0])
def test_the_smallest_group_is_the_least_under_ten_points(noise):
    """Its margin is at most ten points, and that of one respondent less is over."""
    n = smallest_group(noise)
    assert Z95 * math.sqrt(0.25 / n + noise / n**2) <= 0.1 < Z95 * math.sqrt(0.25 / (n - 1) + noise / (n - 1) ** 2)


def test_what_a_table_cannot_tell_is_not_promised():
    """No groups for a multi item or beside a third multi dimension, no everyone beside a multi dimension."""
    assert () == of("T4").groups == of("T5").groups
    assert of("T6").everyone is None
    assert 4 == len(of("T6").groups)
    assert 3 == len(of("T7").groups)


def test_the_total_is_held_against_what_is_left():
    """7 of 100 thousandths fit; with 94 spent they do not; above rho 0.5 the budget is loud."""
    assert checked().affordable
    assert not checked(spent=94_000_000).affordable
    assert (False, True) == (checked().has_large_budget, checked(total=500_000_001).has_large_budget)
    assert checked(spent=93_000_000).epsilon["1e-6"] > checked().epsilon["1e-6"]


def test_a_plan_check_cannot_reach_data():
    """A fresh interpreter that imports the check has neither the opener nor the box."""
    opening = "{'crypto.opening', 'crypto.seed', 'analysis.opening.answers'}"
    code = f"import sys, analysis.planning.check; print(*{opening} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "" == done.stdout.strip()


def kinds(checked, table=None):
    return {advice.code for advice in checked.advice if advice.table == table}


def test_a_group_that_the_release_would_not_describe_is_hopeless():
    """A group at five deviations of its noisy total abstains, one person more does not; the advice names the groups."""
    answered = len({*small.QUESTIONNAIRE.item("TA").domain} - {99})
    group = 5 * math.sqrt(1000 * answered)
    few, enough = (of("T2", weights={"AGE": {1: (group + more) / 10_000}}, n=10_000).groups[0] for more in (-1, 1))
    assert (True, False) == (few.abstains, enough.abstains)
    lost = checked(n=10_000, weights={"AGE": {1: 0.001}})
    assert any("groups 1 will be too few" in advice.message for advice in lost.advice if advice.table == "T2")


def test_rows_that_drown_are_named():
    """A level of 1 % among 1,000 people is under three sigma of noise; with 100 times the people it is not."""
    for n, drowned in ((1000, True), (100_000, False)):
        table = next(t for t in checked(n, weights={"AGE": {1: 0.01, 2: 0.5, 3: 0.49}}).tables if t.id == "T1")
        assert [drowned, False, False] == [row.hopeless for row in table.rows]


def test_the_design_effect_of_sampling_widens_both_parts_rightly():
    """deff 1.5 makes the sampling variance half as large again and leaves the noise as it is."""
    plain, clustered = of("T1").everyone, of("T1", deff=1.5).everyone
    assert clustered.sampling == pytest.approx(plain.sampling * math.sqrt(1.5))
    noise = [one.total**2 - one.sampling**2 for one in (plain, clustered)]
    assert noise[0] == pytest.approx(noise[1])


@pytest.mark.parametrize(("n", "code"), [(299, "below-ladder"), (300, "too-many-tables"), (20_000, None)])
def test_a_plan_far_above_its_answers_is_warned_of(n, code):
    """Under 300 nothing is released; above, more tables than the budget carries are too many; then none are."""
    codes = kinds(checked(n)) & {"below-ladder", "too-many-tables"}
    assert ({code} if code else set()) == codes


def test_most_tables_is_where_the_margin_meets_ten_points():
    """That many equal tables tell a half to ten points, one more does not; none where sampling alone does not."""
    from analysis.planning.expected_margins import ExpectedNoise, expect, most_tables

    for n, rho in ((250, 50_000_000), (1000, 100_000_000)):
        most = most_tables(n, rho)
        margins = [expect(None, n, ExpectedNoise.of_sum(tables / (rho / 1e9), 2)).total for tables in (most, most + 1)]
        assert margins[0] <= 0.1 < margins[1]
    assert 0 == most_tables(96, 10**9)


def test_what_a_table_shares_with_a_larger_one_comes_free():
    """T1 (AGE) stands in T2 (TA x AGE): told; T2 itself is in none, and a table with a population is no part."""
    assert "free" in kinds(checked(), "T1")
    assert "free" not in kinds(checked(), "T2") | kinds(checked(), "T3")


def test_what_costs_more_than_is_left_and_what_is_dear_is_told():
    """An unaffordable plan, and a multi item of ten options, each with its remedy."""
    assert "unaffordable" in kinds(checked(spent=94_000_000))
    assert ("dear" in kinds(checked(), "T5"), "dear" in kinds(checked(), "T4")) == (True, False)


def weighted(groups, population):
    outlook = Outlook(20_000, groups={"AGE": groups}, population={"AGE": population})
    return check_plan(PLAN, small.QUESTIONNAIRE, outlook, Funds(100_000_000))


def test_weighting_that_blows_noise_up_is_warned_of():
    """Weighting a sample to itself changes nothing; a class of 5 % for 40 % is heavy, and a lost one is lost."""
    even = {1: 0.3, 2: 0.3, 3: 0.4}
    same = next(table for table in weighted(even, even).tables if table.id == "T2").weighted
    assert same.largest == pytest.approx(1)
    assert same.factor < 1.5
    heavy = weighted({1: 0.05, 2: 0.45, 3: 0.5}, {1: 0.4, 2: 0.3, 3: 0.3})
    weighted_check = next(table for table in heavy.tables if table.id == "T2").weighted
    assert (1, pytest.approx(8)) == (weighted_check.group, weighted_check.largest)
    assert "weight-heavy" in kinds(heavy, "T2")
    assert "weight-lost" in kinds(weighted({1: 0.001, 2: 0.499, 3: 0.5}, even), "T2")
    assert None is next(table for table in heavy.tables if table.id == "T1").weighted


def test_group_shares_above_everyone_are_refused():
    """Shares of one dimension that add up to more than one are no shares."""
    with pytest.raises(TableError, match="more than everyone"):
        read_weights(["AGE.1=0.6", "AGE.2=0.6"], small.QUESTIONNAIRE)


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ({"AGE": {1: 0.3, 2: 0.7}}, r"no share of AGE\.3: give every level"),
        ({"AGE": {1: 0.3, 2: 0.3, 3: 0.3}}, r"the shares of AGE add up to 0\.900"),
        ({"WHY": {1: 0.3, 2: 0.3, 3: 0.4}}, "no table has WHY as its second dimension"),
    ],
)
def test_a_population_that_would_weight_nothing_is_refused(shares, message):
    """A level left out, a sum that is not 1, a dimension that groups no table: each did nothing, without a word."""
    with pytest.raises(TableError, match=message):
        require_whole_population(shares, PLAN, small.QUESTIONNAIRE)
    require_whole_population({"AGE": {1: 0.3, 2: 0.3, 3: 0.4}}, PLAN, small.QUESTIONNAIRE)


@pytest.mark.slow
def test_priors_give_the_shares_that_invented_answers_have():
    """Expected rows and groups of the real study are those counted among its invented respondents; not asked is out."""
    from collections import Counter
    from itertools import islice

    from analysis.planning.expected_shares import PEOPLE, SEED, prior_shares
    from survey.authoring.plan_compiler import compile_plan
    from survey.questionnaire.questionnaire import Questionnaire
    from survey.simulation.respondents import Priors, respondents

    folder = STUDIES / "sesame_credit"
    sesame = Questionnaire.from_bytes((VECTORS / "questionnaire-sesame.json").read_bytes())
    plan = compile_plan(folder / "plan.yaml", sesame)
    priors = folder / "priors.yaml"
    outlook = Outlook(PEOPLE, priors=prior_shares(priors, plan, sesame))
    table = next(t for t in check_plan(plan, sesame, outlook, Funds(10**8)).tables if t.dimensions[0] == "TURNOFF")
    people = islice(respondents(sesame, Priors.read(priors), SEED), PEOPLE)
    counted = Counter(person.answers.get("TURNOFF", 97) for person in people)
    codes = sesame.item("TURNOFF").codes
    assert [counted[code] for code in codes] == pytest.approx([row.n for row in table.rows])
    assert sum(counted[code] for code in codes) == pytest.approx(table.everyone.n)


def advised(*expects, priors=True):
    """Return the advice for a plan with one small group that expects some levels to drown."""
    plan = PLAN.model_copy(update={"expects": tuple(expects) or None})
    groups = {"AGE": {1: 0.03}}
    invented = {one.id: equal_shares(dimensions(one, small.QUESTIONNAIRE), groups) for one in plan.tables}
    outlook = Outlook(6000, groups=groups, priors=invented if priors else None)
    check = check_plan(plan, small.QUESTIONNAIRE, outlook, Funds(100_000_000))
    return [(one.kind, one.code, one.table, one.message) for one in check.advice]


def test_an_expected_loss_is_no_warning_and_any_other_still_is():
    """A group that a plan expects to lose is shown with its reason and tables; without, it is warned of by table."""
    warned = [(code, table) for kind, code, table, message in advised() if kind == "warning" and "groups 1" in message]
    assert warned
    expected = advised(Expected(dimension="AGE", codes=(1,), reason="few are so young"))
    assert [] == [message for kind, *_, message in expected if kind == "warning" and "groups 1" in message]
    (message,) = [message for kind, *_, message in expected if kind == "expected"]
    assert message.startswith("AGE 1 (")
    assert message.endswith("): few are so young")
    assert [True] * len(warned) == [str(table) in message for _, table in warned]


def test_an_expectation_of_some_tables_leaves_the_others_warned():
    """With `tables` only these are quiet."""
    warned = {table for kind, _, table, message in advised() if kind == "warning" and "groups 1" in message}
    quiet = min(warned)
    left = advised(Expected(dimension="AGE", codes=(1,), tables=(quiet,), reason="few"))
    assert warned - {quiet} == {
        table for kind, _, table, message in left if kind == "warning" and "groups 1" in message
    }


def test_an_expectation_that_does_not_come_true_is_said():
    """A level that no table loses is named, so that no plan goes on expecting what was mended."""
    advice = advised(Expected(dimension="AGE", codes=(2,), reason="few"))
    idle = [message for _, code, _, message in advice if code == "expects-nothing"]
    assert ["AGE 2: expected to drown, and no table loses it: leave it out there"] == idle


def test_without_priors_an_expectation_is_not_judged():
    """Nothing shows then which levels are rare: one line says so, and only of a plan that lists something."""
    advice = advised(Expected(dimension="AGE", codes=(2,), reason="few"), priors=False)
    assert [] == [message for _, code, _, message in advice if code == "expects-nothing"]
    (message,) = [message for _, code, _, message in advice if code == "no-priors"]
    assert message.startswith("`expects` of the plan not compared: without --priors")
    assert [] == [message for _, code, _, message in advised(priors=False) if code == "no-priors"]
