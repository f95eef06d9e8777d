"""What a plan promises beyond single tables: agreement, weights, open words, delta; before anything is spent."""

import math

import numpy as np
import pytest
from paths import STUDIES
from studies import small_study as small

from analysis.consistency.blocks import Measured, population_name
from analysis.estimates.inference import ReleaseModel
from analysis.noise.noise import NoiseError, epsilons, words_for
from analysis.planning.check import Funds, Outlook, check_plan
from analysis.planning.consistent_margins import agreed
from crypto.canonical import canonical
from survey.authoring.compiler import compile_study
from survey.plan.noise_price import sigma_for
from survey.plan.plan import Plan, dimensions

PLAN = small.plan()
SHOWCASE = compile_study(STUDIES / "showcase" / "questionnaire.yaml")[0]
LIST = {"id": "W1", "item": "WORDS", "nano_rho": 60_000_000, "atto_delta": 10_000_000, "reason": "r", "hypotheses": []}


# Each table for everyone but T6, which is of a part of the people; and the groups of those with a second dimension.
EVERYONE, GROUPED = ("T1", "T2", "T3", "T4", "T5", "T7"), ("T2", "T3", "T6", "T7")
FORETOLD = {
    *((name, None) for name in EVERYONE),
    *((name, group) for name in GROUPED for group in (1, 2, 3)),
    ("T6", 90),
}


def worded(**changes) -> Plan:
    table = {"id": "T1", "dimensions": ["READER"], "population": None, "nano_rho": 1_000_000}
    document = {
        "format": "sotto-plan-2", "study": SHOWCASE.study, "wave": 1, "parent": None, "title": "t", "reason": "r",
        "nano_rho": 61_000_000, "tables": [table | {"reason": "r", "hypotheses": []}], "words": [LIST | changes],
    }  # fmt: skip
    return Plan.from_bytes(canonical(document))


def checked(plan, questionnaire, n=5000, **funds):
    return check_plan(plan, questionnaire, Outlook(n), Funds(**({"total": 100_000_000} | funds)))


def kinds(check):
    return {(advice.table, advice.code) for advice in check.advice}


def test_what_agreement_promises_is_what_a_release_of_any_counts_has():
    """The noise that the check foretells is that of a release over random counts, to a billionth."""
    chance = np.random.default_rng(1)
    tables, sigmas = [], {}
    for table in PLAN.tables:
        shape = dimensions(table, small.QUESTIONNAIRE)
        sigma = sigmas[table.id] = sigma_for(table.nano_rho, shape.sensitivity_squared)
        asked = table.population
        named = population_name(asked and asked.model_dump(mode="json", by_alias=True, exclude_unset=True))
        counts = tuple(chance.integers(0, 500, shape.cells).tolist())
        tables.append(Measured(table.id, shape.dimensions, named, sigma, counts))
    numbers = ReleaseModel.measured(tables, 4000)
    foretold = {
        (name, group): noise
        for name, table in agreed(PLAN, small.QUESTIONNAIRE, sigmas, 4000).items()
        for group, noise in [(None, table.everyone), *table.groups.items()]
        if noise is not None
    }
    released = {
        (table.id, group): answers.on(table.dimensions[0].base)
        for table in tables
        for group, answers in numbers.reading(table.id).groups()
    }
    assert FORETOLD == foretold.keys()
    for place, noise in foretold.items():
        assert float(np.mean(released[place].cell)) == pytest.approx(noise.cell, rel=1e-9)
        assert released[place].total_variance == pytest.approx(noise.total, rel=1e-9)


def test_agreement_never_makes_a_margin_wider_and_makes_some_narrower():
    """T1 (AGE) stands in T2, T5 and T7 too: its margin for everyone falls; none rises."""
    check_by_table = {table.id: table for table in checked(PLAN, small.QUESTIONNAIRE).tables}
    pairs = [
        (table.agreed.total, table.everyone.total)
        for table in check_by_table.values()
        if table.agreed and table.everyone
    ]
    assert all(together <= alone * (1 + 1e-9) for together, alone in pairs)
    assert check_by_table["T1"].agreed.total < 0.999 * check_by_table["T1"].everyone.total


def test_a_list_of_words_has_its_price_and_its_threshold():
    """Sigma and threshold are the release's; what is surely listed stands 1.64 sigma above."""
    (one,) = checked(worded(), SHOWCASE).words
    noise = words_for(60_000_000, 10_000_000, 3)
    assert (noise.sigma, noise.threshold, 3) == (one.sigma, one.threshold, one.most)
    assert math.ceil(noise.threshold + 1.6448536 * noise.sigma) == one.sure
    assert one.sure / 5000 == one.share


@pytest.mark.parametrize(("n", "code"), [(20, "hopeless-words"), (150, "rare-words"), (5000, None)])
def test_a_list_that_will_be_empty_or_nearly_is_warned_of(n, code):
    """More writers needed than people expected; than every fifth; and enough."""
    codes = {kind for table, kind in kinds(checked(worded(), SHOWCASE, n)) if table == "W1"}
    assert ({code} if code else set()) == codes


def test_delta_is_held_against_what_is_left_of_it():
    """A list that asks for more delta than is left is unaffordable, whatever rho is left."""
    plan = worded()
    assert checked(plan, SHOWCASE).affordable
    short = checked(plan, SHOWCASE, spent_delta=95_000_000)
    assert not short.affordable
    assert (None, "unaffordable-delta") in kinds(short)
    assert (10_000_000, 5_000_000) == (short.atto_delta, short.left_delta)


def test_epsilon_counts_the_delta_that_words_have_spent():
    """At delta 1e-9 with a tenth of it spent epsilon is that of 9e-10; without, it is as before; none left: refused."""
    import opendp.prelude as dp

    profile = dp.c.make_zCDP_to_approxDP(
        dp.m.make_gaussian(dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64"), scale=1.0)
    ).map(math.sqrt(2 * 0.1))
    _, converted = epsilons(100_000_000, 100_000_000)
    assert profile.epsilon(9e-10) <= converted["1e-9"] < profile.epsilon(9e-10) + 2e-4
    assert converted["1e-9"] > epsilons(100_000_000)[1]["1e-9"]
    assert epsilons(100_000_000, 0) == epsilons(100_000_000)
    with pytest.raises(NoiseError, match="undefined"):
        epsilons(100_000_000, 10**9)


def test_a_check_shows_epsilon_with_the_delta_that_will_be_spent():
    """The plan's own delta and that of earlier plans both count."""
    check = checked(worded(), SHOWCASE, spent_delta=50_000_000)
    assert epsilons(61_000_000, 60_000_000)[1] == check.epsilon


def weighted(n, groups=None):
    check = check_plan(PLAN, small.QUESTIONNAIRE, Outlook(n, groups=groups), Funds(100_000_000))
    return next(table for table in check.tables if table.id == "T2"), kinds(check)


def test_the_weights_of_a_plan_are_tried_on_the_expected_answers():
    """T2 is weighted by AGE: with many people by every class, with few by joined ones, with fewer not at all."""
    many, _ = weighted(50_000)
    assert (((1,), (2,), (3,)),) == many.weights.classes
    assert (False, ()) == (many.weights.lost, many.weights.joined)
    assert 0 < many.weights.margin < 0.05
    few, warned = weighted(2000)
    assert few.weights.lost or few.weights.joined
    assert {("T2", "weight-lost"), ("T2", "weight-joined"), ("T2", "weight-heavy")} & warned
    least, warned = weighted(300)
    assert least.weights.lost
    assert ("T2", "weight-lost") in warned


def test_a_class_that_the_sample_will_not_reach_is_lost_before_it_is_paid_for():
    """With 50,000 people and nearly nobody of AGE 1 the weighted estimate will abstain, and the check says so."""
    table, warned = weighted(50_000, {"AGE": {1: 0.0005, 2: 0.4995, 3: 0.5}})
    assert table.weights.lost
    assert ("T2", "weight-lost") in warned
    assert None is next(one for one in checked(PLAN, small.QUESTIONNAIRE).tables if one.id == "T1").weights
