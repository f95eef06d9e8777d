"""
Differences, correlations and tests under noise: analysis/estimates/inference.py.

False-alarm chances are stated, <= 1e-6.
"""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2_contingency, spearmanr

from analysis.consistency.blocks import Measured
from analysis.consistency.noisy_sums import Noisy
from analysis.estimates.inference import (
    MEAN,
    AbstainedError,
    InferenceError,
    Quantity,
    ReleaseModel,
    correlation,
    group_difference,
    holm,
    independence,
    wave_difference,
)
from survey.plan.dimension import Dimension
from survey.release.reliability import Z95


def axis(name, levels, **more):
    return Dimension(id=name, codes=(*range(1, levels + 1), 97, 255), multi=False, score=True, base="answered", **more)


TRUST, AGE = axis("TRUST", 4), axis("AGE", 3)
MULTI = Dimension(id="MULTI", codes=(1, 2, 97, 255), multi=True, score=False, base="answered")
JOINT = np.array([[0.02, 0.05, 0.13], [0.05, 0.1, 0.1], [0.1, 0.1, 0.05], [0.18, 0.1, 0.02]])
"""Shares of the levels of TRUST within levels of AGE: the old trust less."""
REPEATS = 200
BAND = 0.08
"""Five standard errors of a coverage of 0.95 over 200 surveys: false alarm < 1e-6; bench/coverage.py has more."""


def table(chance, size, sigma, joint=JOINT, name="T"):
    """Return a noisy table of a sample of `size` people, all of whom answered both."""
    counts = np.zeros((6, 5))
    counts[:4, :3] = chance.multinomial(size, joint.ravel()).reshape(4, 3)
    noisy = np.rint(counts + chance.normal(0, sigma, counts.shape)).astype(int)
    return Measured(name, (TRUST, AGE), "", sigma, tuple(noisy.ravel().tolist()))


def marginal(chance, size, sigma, name="M"):
    """Return a noisy table of AGE of other people: only its shape matters to what is tested."""
    counts = np.append(chance.multinomial(size, JOINT.sum(axis=0)), [0, 0])
    return Measured(name, (AGE,), "", sigma, tuple(np.rint(counts + chance.normal(0, sigma, 5)).astype(int).tolist()))


def coverage(ask, truth, size=1500, sigma=8.0):
    """Return how often an interval holds the truth."""
    chance, held = np.random.default_rng(3), 0
    for _ in range(REPEATS):
        low, high = ask(ReleaseModel.measured([table(chance, size, sigma)], size))
        held += low <= truth <= high
    return held / REPEATS


def ends(difference):
    return difference.value - difference.margin, difference.value + difference.margin


def within(group, level):
    return JOINT[level, group] / JOINT[:, group].sum()


def mean_of(group):
    return JOINT[:, group] @ [1, 2, 3, 4] / JOINT[:, group].sum()


def test_a_difference_of_shares_between_groups_is_covered():
    """95 % margins of the share of level 4 among the young less among the old hold within 0.95 +- 0.08."""
    truth = within(0, 3) - within(2, 3)
    held = coverage(lambda numbers: ends(group_difference(numbers, "T", (1, 3), Quantity(4))), truth)
    assert held == pytest.approx(0.95, abs=BAND)


def test_a_difference_of_means_between_groups_is_covered():
    """95 % margins of the difference of mean scores hold within 0.95 +- 0.08."""
    held = coverage(lambda numbers: ends(group_difference(numbers, "T", (1, 3))), mean_of(0) - mean_of(2))
    assert held == pytest.approx(0.95, abs=BAND)


def test_a_correlation_is_covered():
    """95 % intervals of Spearman's correlation hold the population's within 0.95 +- 0.08."""
    people = np.repeat(np.arange(12), np.rint(JOINT.ravel() * 100000).astype(int))
    truth = spearmanr(people // 3, people % 3).statistic

    def interval(numbers):
        result = correlation(numbers, "T")
        return result.low, result.high

    assert coverage(interval, truth) == pytest.approx(0.95, abs=BAND)


def test_a_change_between_waves_is_covered():
    """95 % margins of a change that is not there hold within 0.95 +- 0.08, and p-values are uniform enough."""
    chance, held, small = np.random.default_rng(4), 0, 0
    for _ in range(REPEATS):
        waves = tuple(ReleaseModel.measured([table(chance, 1500, 8.0)], 1500) for _ in range(2))
        difference = wave_difference(waves, "T", of=Quantity(2))
        held += abs(difference.value) <= difference.margin
        small += difference.p < 0.05
    assert held / REPEATS == pytest.approx(0.95, abs=BAND)
    assert REPEATS == held + small


def test_without_noise_the_correlations_are_the_textbook_ones():
    """With hardly any noise Spearman and Pearson are those of SciPy and NumPy."""
    chance = np.random.default_rng(5)
    numbers = ReleaseModel.measured([table(chance, 2000, 0.01)], 2000)
    counts = numbers.tables["T"].cells[:4, :3].astype(int)
    rows, columns = (np.repeat(place.ravel(), counts.ravel()) for place in np.indices((4, 3)))
    assert correlation(numbers, "T").value == pytest.approx(spearmanr(rows, columns).statistic, abs=1e-4)
    assert correlation(numbers, "T", ranks=False).value == pytest.approx(np.corrcoef(rows, columns)[0, 1], abs=1e-4)


def independent(chance, size, sigma):
    joint = np.outer(JOINT.sum(axis=1), JOINT.sum(axis=0))
    return ReleaseModel.measured([table(chance, size, sigma, joint)], size)


def test_independence_is_rejected_as_often_as_it_says():
    """Of 100 independent tables under heavy noise 5 % have p <= 0.05, at most 22 % (false alarm 1e-8; fixed seed)."""
    chance = np.random.default_rng(6)
    rejected = sum(independence(independent(chance, 1000, 20.0), "T", draws=99) <= 0.05 for _ in range(100))
    assert rejected / 100 <= 0.22


def test_the_ordinary_test_is_fooled_by_the_noise():
    """Control: the chi-squared test of the same noisy tables rejects over half of the true nulls."""
    chance, rejected = np.random.default_rng(6), 0
    for _ in range(100):
        cells = np.maximum(independent(chance, 1000, 20.0).tables["T"].cells[:4, :3], 1)
        rejected += chi2_contingency(cells).pvalue <= 0.05
    assert rejected / 100 > 0.5


def test_a_strong_association_is_found():
    """At 10,000 people and sigma 10 trust by age is not independent, whatever the seed of the bootstrap."""
    numbers = ReleaseModel.measured([table(np.random.default_rng(7), 10_000, 10.0)], 10_000)
    assert [0.01] * 3 == [independence(numbers, "T", draws=99, seed=seed) for seed in range(3)]


def test_the_covariance_of_groups_matters_where_tables_agree():
    """A one-way table of the groups makes their noise depend on each other; the margin uses it and stays exact."""
    chance, errors, margins = np.random.default_rng(8), [], []
    for _ in range(REPEATS):
        tables = [table(chance, 1500, 12.0), marginal(chance, 1500, 2.0)]
        difference = group_difference(ReleaseModel.measured(tables, 1500), "T", (1, 3), Quantity(4))
        errors.append(difference.value - (within(0, 3) - within(2, 3)))
        margins.append(difference.margin)
    assert np.mean(np.abs(errors) <= margins) == pytest.approx(0.95, abs=BAND)


def slopes_of_noise(tables, size, ask):
    """Return the noise's variance of a number read off tables, by moving every noisy integer by one each way."""
    total = 0.0
    for index, one in enumerate(tables):
        for cell in range(len(one.counts)):
            values = []
            for step in (1, -1):
                counts = tuple(n + step * (k == cell) for k, n in enumerate(one.counts))
                together = [*tables[:index], replace(one, counts=counts), *tables[index + 1 :]]
                values.append(ask(ReleaseModel.measured(together, size)).value)
            total += (one.sigma * (values[0] - values[1]) / 2) ** 2
    return total


def careful_sampling(numbers, groups, code):
    """Return the variance that sampling gives a difference of two groups' shares: p(1 - p)/n, with Agresti's p."""
    variance = 0.0
    for group in groups:
        noisy = numbers.group("T", group)
        p = (float(noisy.cells[code - 1]) + 2) / (noisy.total + 4)
        variance += p * (1 - p) / noisy.total
    return variance


@pytest.mark.parametrize("groups", [(1, 3), (2, 1)])
def test_the_margin_of_a_difference_holds_the_noise_of_both_groups_with_its_sign(groups):
    """Where a sharp table of TRUST ties the groups' noise, the variance is sampling and what arrives of the noise."""
    chance = np.random.default_rng(13)
    counts = np.append(chance.multinomial(3000, JOINT.sum(axis=1)), [0, 0])
    sharp = Measured("S", (TRUST,), "", 0.5, tuple(counts.tolist()))
    tables = [table(chance, 3000, 12.0), sharp]
    numbers = ReleaseModel.measured(tables, 3000)
    difference = group_difference(numbers, "T", groups, Quantity(4))
    noise = slopes_of_noise(tables, 3000, lambda one: group_difference(one, "T", groups, Quantity(4)))
    due = careful_sampling(numbers, groups, 4) + noise
    assert (difference.margin / 1.959964) ** 2 == pytest.approx(due, rel=1e-3)


@pytest.mark.parametrize("of", [Quantity(4), MEAN])
def test_a_widened_margin_widens_the_covariance_of_the_noise_too(monkeypatch, of):
    """Widened by 2 both, the variance of a difference is four times the plain one, whatever the covariance's sign."""
    counts = np.append(np.random.default_rng(13).multinomial(3000, JOINT.sum(axis=1)), [0, 0])
    sharp = Measured("S", (TRUST,), "", 0.5, tuple(counts.tolist()))
    numbers = ReleaseModel.measured([table(np.random.default_rng(13), 3000, 12.0), sharp], 3000)
    margins = []
    for wider in (1.0, 2.0):
        monkeypatch.setattr(Noisy, "widening", wider)
        margins.append(group_difference(numbers, "T", (1, 3), of).margin)
    assert margins[1] == pytest.approx(2 * margins[0], rel=1e-9)


def test_two_widenings_weigh_the_covariance_by_their_product(monkeypatch):
    """The variance of w e - w' e' is w^2 Var e + w'^2 Var e' - 2 w w' Cov(e, e'), for factors that differ."""
    counts = np.append(np.random.default_rng(13).multinomial(3000, JOINT.sum(axis=1)), [0, 0])
    sharp = Measured("S", (TRUST,), "", 0.5, tuple(counts.tolist()))
    numbers = ReleaseModel.measured([table(np.random.default_rng(13), 3000, 12.0), sharp], 3000)
    first = numbers.group("T", 1).total

    def variance(one, other):
        monkeypatch.setattr(Noisy, "widening", property(lambda noisy: one if noisy.total == first else other))
        return (group_difference(numbers, "T", (1, 3), Quantity(4)).margin / Z95) ** 2

    alone, last = variance(1.0, 0.0), variance(0.0, 1.0)
    covariance = (alone + last - variance(1.0, 1.0)) / 2
    assert abs(covariance) > 0.001 * alone
    assert variance(2.0, 3.0) == pytest.approx(4 * alone + 9 * last - 12 * covariance, rel=1e-9)


def test_holm_adjusts_in_order():
    """0.01, 0.04, 0.03, 0.005 become 0.03, 0.06, 0.06, 0.02; nothing passes 1."""
    assert [pytest.approx(p) for p in (0.03, 0.06, 0.06, 0.02)] == holm([0.01, 0.04, 0.03, 0.005])
    assert [1.0, 1.0] == holm([0.9, 0.8])
    assert [] == holm([])


def test_what_is_lost_in_noise_is_not_compared():
    """A group under five standard deviations abstains, and so does a correlation of a table that is all noise."""
    chance = np.random.default_rng(9)
    numbers = ReleaseModel.measured([table(chance, 60, 30.0)], 60)
    with pytest.raises(AbstainedError):
        group_difference(numbers, "T", (1, 3))
    empty = Measured("E", (TRUST, AGE), "", 1.0, (0,) * 30)
    with pytest.raises(AbstainedError):
        correlation(ReleaseModel.measured([empty], 0), "E")


@pytest.mark.parametrize(
    "ask",
    [
        lambda numbers: group_difference(numbers, "NONE", (1, 2)),
        lambda numbers: group_difference(numbers, "T", (1, 9)),
        lambda numbers: group_difference(numbers, "T", (1, 2), Quantity(9)),
        lambda numbers: group_difference(numbers, "ONE", (1, 2)),
        lambda numbers: group_difference(numbers, "MANY", (1, 2)),
        lambda numbers: correlation(numbers, "MANY"),
        lambda numbers: correlation(numbers, "ONE"),
        lambda numbers: independence(numbers, "ONE"),
    ],
)
def test_questions_the_release_cannot_answer_are_refused(ask):
    """An unknown table, group or level, one dimension, a mean of several answers: refused by name, not guessed."""
    chance = np.random.default_rng(10)
    many = Measured("MANY", (MULTI, AGE), "", 5.0, (200,) * 20)
    numbers = ReleaseModel.measured([table(chance, 1000, 5.0), marginal(chance, 1000, 5.0, "ONE"), many], 1000)
    with pytest.raises(InferenceError):
        ask(numbers)


def test_options_of_a_multi_question_are_compared_between_groups():
    """With a table of the groups an option's share among the asked is compared, and its margin is finite."""
    chance = np.random.default_rng(11)
    many = Measured("MANY", (MULTI, AGE), "", 3.0, (200, 300, 100, 0, 0, 100, 100, 100, 0, 0, *(0,) * 10))
    numbers = ReleaseModel.measured([many, marginal(chance, 1000, 3.0, "ONE")], 1000)
    difference = group_difference(numbers, "MANY", (1, 2), Quantity(1))
    assert math.isfinite(difference.margin)
    assert -1 < difference.value < 1
