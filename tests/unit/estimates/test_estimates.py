"""
Shares, means and margins from noisy counts: analysis/estimates/estimates.py.

False-alarm chances are stated and <= 1e-6.
"""

import math

import numpy as np
import pytest

from analysis.consistency.blocks import Measured
from analysis.consistency.noisy_sums import Noisy, share_variance
from analysis.estimates.estimates import describe, estimates
from survey.plan.dimension import Dimension
from survey.release.reliability import Z95

MISSING = (97, 255)


def axis(name, codes, *, multi=False, score=False):
    return Dimension(id=name, codes=(*codes, *MISSING), multi=multi, score=score, base="answered")


TALI = axis("TALI", (1, 2, 3), score=True)
AGE = axis("AGE", (1, 2))
SEX = axis("SEX", (1, 2))
KDATA = axis("KDATA", (1, 2), multi=True)


def table(dimensions, cells, outside=None):
    """Return flat counts with `cells` by codes of each dimension, everything else 0."""
    counts = np.zeros([len(d.codes) for d in dimensions], dtype=int)
    for codes, number in cells.items():
        counts[tuple(d.codes.index(code) for d, code in zip(dimensions, codes, strict=True))] = number
    return [*counts.ravel().tolist(), *([] if outside is None else [outside])]


def by_group(dimensions, counts, sigma=1.0, size=None):
    """Return the estimates by group; the known number of records is what the counts sum to unless it is given."""
    size = sum(counts) if size is None else size
    return {estimate.group: estimate for estimate in estimates(dimensions, counts, sigma, size)}


def test_shares_are_of_the_substantive_levels_only():
    """Not asked and unreadable are in no denominator: 100, 200, 100 of 400 give a quarter, a half, a quarter."""
    counts = table([TALI], {(1,): 100, (2,): 200, (3,): 100, (97,): 500, (255,): 100})
    (all_of_them,) = estimates([TALI], counts, 1.0, 1000)
    assert [0.25, 0.5, 0.25] == [share.share for share in all_of_them.shares]
    assert (None, 400.0, None) == (all_of_them.group, all_of_them.size.number, all_of_them.abstained)
    assert 2.0 == all_of_them.mean.value


def test_a_share_of_a_noisy_total_has_the_margin_of_the_contract():
    """p(1-p)/n + sigma^2/n^2 (1 - 2p + K p^2): at p = 1/2 the careful p is 1/2 too, so it is exact."""
    noisy = Noisy(np.array([50.0, 50.0]), 9.0, 100.0, 2 * 9.0, 9.0)
    expected = 0.25 / 100 + 9 / 100**2 * (1 - 1 + 2 * 0.25)
    assert share_variance(np.array([0.5]), noisy)[0] == pytest.approx(expected)


def test_a_share_of_a_known_total_has_the_margin_of_the_contract():
    """deff p(1-p)/n + sigma^2/n^2 with a design effect of 1.5."""
    noisy = Noisy(np.array([50.0]), 9.0, 100.0, 0.0, 0.0)
    assert share_variance(np.array([0.5]), noisy, deff=1.5)[0] == pytest.approx(1.5 * 0.25 / 100 + 9 / 100**2)


def test_a_mean_has_the_margin_of_sampling_and_noise():
    """Var(s)/n + sigma^2/n^2 sum (s - mean)^2 for scores 1, 2, 3 with equal shares."""
    counts = table([TALI], {(1,): 100, (2,): 100, (3,): 100})
    (all_of_them,) = estimates([TALI], counts, 3.0, 300)
    expected = Z95 * math.sqrt((2 / 3) / 300 + 9 / 300**2 * 2)
    assert all_of_them.mean.margin == pytest.approx(expected, abs=1e-6)
    assert [] == [e for e in estimates([AGE], table([AGE], {(1,): 100}), 1.0, 100) if e.mean]


def test_groups_are_the_levels_of_the_second_dimension():
    """Everyone is the sum over the second dimension; each group has its own total and shares."""
    cells = {(1, 1): 30, (2, 1): 70, (3, 1): 0, (1, 2): 150, (2, 2): 50, (1, 97): 20, (97, 1): 9, (255, 255): 5}
    estimate_by_group = by_group([TALI, AGE], table([TALI, AGE], cells), sigma=0.1)
    assert {None, 1, 2} == set(estimate_by_group)
    assert [0.3, 0.7, 0.0] == [share.share for share in estimate_by_group[1].shares]
    assert (100.0, 200.0, 320.0) == (
        estimate_by_group[1].size.number,
        estimate_by_group[2].size.number,
        estimate_by_group[None].size.number,
    )


def test_three_dimensions_give_groups_of_pairs():
    """Everyone, each second level over the third, and each pair of second and third."""
    cells = {(1, a, s): 10 * a + s for a in (1, 2) for s in (1, 2)}
    estimate_by_group = by_group([TALI, AGE, SEX], table([TALI, AGE, SEX], cells), sigma=0.01)
    assert {None, 1, 2, (1, 1), (2, 1), (1, 2), (2, 2)} == set(estimate_by_group)
    assert (66.0, 23.0, 43.0, 21.0) == tuple(estimate_by_group[group].size.number for group in (None, 1, 2, (2, 1)))


def test_summed_cells_carry_summed_noise_less_what_the_known_count_takes_away():
    """Everyone of a table by AGE (1, 2, 97) sums three noisy cells a level, of twelve whose sum is nearly known.

    The total of three of four levels has 3 sigma^2 * 3/4 from the levels' own noise and (3/4)^2 of the sum's variance,
    which is that of twelve cells and one unreadable cell with a known sum: 12/13 sigma^2.
    """
    estimate_by_group = by_group([TALI, AGE], table([TALI, AGE], {(1, 1): 1000}), sigma=2.0)
    due = 4 * (3 * 3 / 4 + 9 / 16 * 12 / 13)
    assert estimate_by_group[None].size.margin == pytest.approx(Z95 * math.sqrt(due), abs=1e-6)
    assert estimate_by_group[1].size.margin < Z95 * math.sqrt(3 * 4)


def test_a_multi_item_is_shares_of_those_who_were_asked():
    """Asked = the known n less not asked, unreadable and outside; the shares need not add up to 1."""
    counts = table([KDATA], {(1,): 300, (2,): 600, (97,): 150, (255,): 10}, outside=40)
    (all_of_them,) = estimates([KDATA], counts, 2.0, 1000)
    assert 800.0 == all_of_them.size.number
    assert [0.375, 0.75] == [share.share for share in all_of_them.shares]
    assert all_of_them.size.margin == pytest.approx(Z95 * math.sqrt(3 * 4), abs=1e-6)


def test_groups_of_a_multi_item_are_left_out_and_everyone_is_not():
    """A multi item by AGE says what everyone chose; the table does not hold how many were asked in each group."""
    cells = {(1, 1): 100, (1, 2): 200, (97, 1): 50, (97, 97): 50, (255, 255): 100}
    estimate_by_group = by_group([KDATA, AGE], table([KDATA, AGE], cells), sigma=0.1, size=1000)
    assert {None} == set(estimate_by_group)
    assert (800.0, 0.375) == (estimate_by_group[None].size.number, estimate_by_group[None].shares[0].share)


def test_within_a_chosen_option_there_are_shares_and_for_everyone_there_are_none():
    """A single item by a multi one: one person stands in several groups, so their sum is nobody's total."""
    cells = {(1, 1): 100, (2, 1): 300, (1, 2): 50, (2, 2): 50}
    estimate_by_group = by_group([TALI, KDATA], table([TALI, KDATA], cells), sigma=0.1)
    assert {1, 2} == set(estimate_by_group)
    assert 0.25 == estimate_by_group[1].shares[0].share


@pytest.mark.parametrize(("total", "abstains"), [(50, True), (51, False)])
def test_a_group_lost_in_noise_is_not_described(total, abstains):
    """At five standard deviations of the noisy total (10 here) the estimate abstains, a record above it does not."""
    assert abstains == Noisy(np.array([30.0]), 100 / 3, total, 100.0, 100 / 3).few


def test_an_estimate_that_abstains_says_nothing_else():
    """A group of 40 under noise of 20 a cell has a noisy total and a reason, and no shares, mean, median or top."""
    (lost, *_) = by_group([TALI], table([TALI], {(1,): 20, (2,): 20, (97,): 960}), sigma=20.0).values()
    assert "too-few" == lost.abstained
    assert ((), None, None, None) == (lost.shares, lost.mean, lost.median, lost.top)


def test_a_negative_total_is_not_described():
    """Noise can make a group negative; nothing divides by it."""
    estimate_by_group = by_group([TALI], table([TALI], {(1,): -40, (97,): 140}), 1.0)
    assert "too-few" == estimate_by_group[None].abstained


def test_margins_of_a_group_near_the_threshold_are_wider():
    """From 8.5 standard deviations of the total on the margin is the plain one; at five it is five times as wide."""
    widenings = [Noisy(np.array([1.0]), 1.0, 10.0 * r, 100.0, 1.0).widening for r in (100, 8.5, 7, 5)]
    assert [1, 1] == widenings[:2]
    assert 1.5 < widenings[2] < 2
    assert 5 == widenings[3]


def test_a_median_lies_between_levels():
    """Half of 150, 100, 150 is reached at level 2; under much noise the interval is wider than the point."""
    cells = {(1,): 150, (2,): 100, (3,): 150}
    sure = by_group([TALI], table([TALI], cells), sigma=1.0)[None].median
    unsure = by_group([TALI], table([TALI], cells), sigma=30.0)[None].median
    assert (2, 2, 2) == (sure.value, sure.low, sure.high)
    assert (unsure.low, unsure.high) == (1, 3)


def test_a_median_of_scores_that_fall_is_still_a_median():
    """Levels are ordered by their score, whatever their order in the questionnaire."""
    falling = Dimension(id="F", codes=(5, 4, 3, 2, 1, 97, 255), multi=False, score=True, base="answered")
    counts = [100, 100, 50, 20, 30, 0, 0]
    (estimate,) = estimates([falling], counts, 0.1, 300)
    assert 4 == estimate.median.value
    assert ((4, 5), 2 / 3) == (estimate.top.codes, pytest.approx(estimate.top.share, abs=1e-6))


def test_the_top_box_of_few_levels_is_the_highest_alone():
    """Three levels: the share of the highest, with the same margin as among the shares."""
    (estimate,) = by_group([TALI], table([TALI], {(1,): 100, (2,): 200, (3,): 100})).values()
    assert ((3,), 0.25) == (estimate.top.codes, estimate.top.share)
    assert estimate.shares[2].margin == pytest.approx(estimate.top.margin)


def test_where_the_margin_leaves_zero_and_one_an_interval_is_inside():
    """A noisy share below its margin has a Bayesian interval from 0 on; a middling one has none."""
    cells = {(1,): 5, (2,): 300, (3,): 695}
    shares = by_group([TALI], table([TALI], cells), sigma=12.0)[None].shares
    low, high = shares[0].bayes
    assert 0 == low
    assert shares[0].share < high < 0.06
    assert shares[1].bayes is None


def test_groups_of_a_multi_item_are_told_where_another_table_tells_how_many_were_asked():
    """KDATA by AGE beside a table of AGE: of 400 aged 1, 100 were not asked, and 75 of 300 chose the first option."""
    by_age = table([KDATA, AGE], {(1, 1): 75, (2, 1): 300, (97, 1): 100, (1, 2): 60, (97, 2): 300})
    ages = table([AGE], {(1,): 400, (2,): 600})
    measured = [Measured("A", (KDATA, AGE), "", 0.01, tuple(by_age)), Measured("B", (AGE,), "", 0.01, tuple(ages))]
    estimate_by_group = {estimate.group: estimate for estimate in describe(measured, 1000)[0].estimates}
    assert {None, 1, 2} == set(estimate_by_group)
    assert (300, 0.25) == (
        pytest.approx(estimate_by_group[1].size.number, abs=0.2),
        pytest.approx(estimate_by_group[1].shares[0].share, abs=1e-3),
    )


def test_a_grid_says_what_each_row_says():
    """Two rows of one grid, by AGE: every estimate names its row, and both rows stand for the same people."""
    grid = Dimension(id="G", codes=(1, 2, 97, 255), multi=False, score=False, base="answered", rows=("G_1", "G_2"))
    cells = np.zeros((2, 4, 4), dtype=int)
    cells[0, 0, 0], cells[0, 1, 0], cells[1, 0, 0], cells[1, 1, 1], cells[0, 0, 1] = 30, 70, 100, 60, 60
    estimate_by_row = {(e.row, e.group): e for e in estimates([grid, AGE], cells.ravel().tolist(), 0.01, 160)}
    assert {(row, group) for row in ("G_1", "G_2") for group in (None, 1, 2)} == set(estimate_by_row)
    assert 0.3 == pytest.approx(estimate_by_row["G_1", 1].shares[0].share, abs=1e-3)
    assert 0.625 == pytest.approx(estimate_by_row["G_2", None].shares[0].share, abs=1e-3)


def test_drowned_and_coarse_shares_are_greyed_by_their_noisy_value():
    """Below 3 sigma, or with a standard error over 30 % of the share, a share is not reliable; others are."""
    counts = table([TALI], {(1,): 29, (2,): 40, (3,): 931})
    (noisy,) = estimates([TALI], counts, 10.0, 1000)
    assert [False, True, True] == [share.reliable for share in noisy.shares]
    few = table([TALI], {(1,): 5, (2,): 20, (3,): 75})
    (small,) = estimates([TALI], few, 0.5, 100)
    assert [False, True, True] == [share.reliable for share in small.shares]


def test_a_share_with_a_margin_widened_near_the_threshold_is_greyed():
    """A group at under six of its standard deviations: 79 % with a margin over 50 points is not reliable."""
    counts = table([SEX, AGE], {(1, 1): 26, (2, 1): 96, (1, 2): 900, (2, 2): 900})
    estimate_by_group = by_group([SEX, AGE], counts, sigma=16.0)
    weak, strong = estimate_by_group[1].shares[1], estimate_by_group[2].shares[1]
    assert weak.margin > 0.5
    assert (False, True) == (weak.reliable, strong.reliable)


def coverage(margin_of, repeats=3000):
    """Return how often a margin holds the population's share: 400 people drawn, noise added, as in a release."""
    chance = np.random.default_rng(20261122)
    truth, sigma = np.array([0.15, 0.55, 0.3]), 12.0
    held = 0
    for _ in range(repeats):
        people = chance.multinomial(400, [*(truth * 0.9), 0.07, 0.03])
        counts = np.rint(people + chance.normal(0, sigma, 5)).astype(int)
        (estimate,) = estimates([TALI], counts.tolist(), sigma, 400)
        held += abs(estimate.shares[0].share - truth[0]) <= margin_of(estimate)
    return held / repeats


@pytest.mark.slow
def test_margins_hold_the_truth_in_ninety_five_of_a_hundred_surveys():
    """Simulated coverage within 0.95 +- 0.025 (6 standard errors of 3,000 surveys; false alarm 1e-8; fixed seed)."""
    assert coverage(lambda estimate: estimate.shares[0].margin) == pytest.approx(0.95, abs=0.025)


@pytest.mark.slow
def test_margins_without_the_noise_would_not():
    """Control: the sampling margin alone covers less than 0.85 in the same simulation."""
    naive = coverage(lambda e: Z95 * math.sqrt(max(e.shares[0].share, 0) * (1 - e.shares[0].share) / e.size.number))
    assert naive < 0.85


@pytest.mark.slow
def test_a_mean_covers_too():
    """Coverage of the mean's margin within 0.95 +- 0.025 (false alarm 1e-8; fixed seed)."""
    chance = np.random.default_rng(7)
    truth, sigma, held = np.array([0.2, 0.5, 0.3]), 12.0, 0
    for _ in range(3000):
        counts = np.rint(np.array([*chance.multinomial(400, truth), 0, 0]) + chance.normal(0, sigma, 5)).astype(int)
        (estimate,) = estimates([TALI], counts.tolist(), sigma, 400)
        held += abs(estimate.mean.value - truth @ [1, 2, 3]) <= estimate.mean.margin
    assert held / 3000 == pytest.approx(0.95, abs=0.025)


def near_the_threshold(chance, repeats=60_000):
    """Return how often plain and widened margins cover the share of 80 % in groups of four standard deviations.

    Eight levels under sigma 45: the total's standard deviation is 127, the group has 509 people, and is described by
    luck alone, in one of six surveys.
    """
    truth = np.array([0.8, *[0.2 / 7] * 7])
    cells = chance.multinomial(509, truth, size=repeats) + chance.normal(0, 45.0, (repeats, 8))
    plain, wide, described = 0, 0, 0
    for noisy in (Noisy(row, 45.0**2, float(row.sum()), 8 * 45.0**2, 45.0**2) for row in cells[cells.sum(1) > 636.4]):
        share = noisy.cells[:1] / noisy.total
        error = abs(share[0] - 0.8)
        margin = Z95 * share_variance(noisy.cells / noisy.total, noisy)[0] ** 0.5
        plain, wide, described = plain + (error <= margin), wide + (error <= noisy.widening * margin), described + 1
    return plain / described, wide / described, described


def test_groups_described_by_luck_are_covered_all_the_same():
    """Of 9,000 groups over the threshold by chance 95 % are covered (0.937 at least: 5 standard errors; fixed seed)."""
    _, wide, described = near_the_threshold(np.random.default_rng(12))
    assert 8000 < described < 11_000
    assert wide > 0.937


def test_without_the_wider_margin_they_would_not():
    """Control: the plain margin covers under 80 % of the same groups."""
    assert near_the_threshold(np.random.default_rng(12))[0] < 0.8
