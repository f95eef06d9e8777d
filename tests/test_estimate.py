"""Shares, means and margins from noisy counts: analysis/estimate.py. False-alarm chances are stated and <= 1e-6."""

import math

import numpy as np
import pytest

from analysis.estimate import Z95, Noisy, estimates, share_variance
from survey.results import Dimension

MISSING = (97, 255)


def axis(name, codes, *, multi=False, score=False):
    return Dimension(id=name, codes=(*codes, *MISSING), multi=multi, score=score)


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


def by_group(dimensions, counts, sigma=1.0, size=1000):
    return {estimate.group: estimate for estimate in estimates(dimensions, counts, sigma, size)}


def test_shares_are_of_the_substantive_levels_only():
    """Not asked and unreadable are in no denominator: 100, 200, 100 of 400 give a quarter, a half, a quarter."""
    counts = table([TALI], {(1,): 100, (2,): 200, (3,): 100, (97,): 500, (255,): 100})
    (all_of_them,) = estimates([TALI], counts, 1.0, 1000)
    assert [0.25, 0.5, 0.25] == [share.share for share in all_of_them.shares]
    assert (None, 400.0, None) == (all_of_them.group, all_of_them.total, all_of_them.abstained)
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
    found = by_group([TALI, AGE], table([TALI, AGE], cells), sigma=0.1)
    assert {None, 1, 2} == set(found)
    assert [0.3, 0.7, 0.0] == [share.share for share in found[1].shares]
    assert (100.0, 200.0, 320.0) == (found[1].total, found[2].total, found[None].total)


def test_three_dimensions_give_groups_of_pairs():
    """Everyone, each second level over the third, and each pair of second and third."""
    cells = {(1, a, s): 10 * a + s for a in (1, 2) for s in (1, 2)}
    found = by_group([TALI, AGE, SEX], table([TALI, AGE, SEX], cells), sigma=0.01)
    assert {None, 1, 2, (1, 1), (2, 1), (1, 2), (2, 2)} == set(found)
    assert (66.0, 23.0, 43.0, 21.0) == tuple(found[group].total for group in (None, 1, 2, (2, 1)))


def test_summed_cells_carry_summed_noise_without_the_empty_unreadable_level():
    """Everyone of a table by AGE (1, 2, 97, 255) sums three noisy cells a level: total variance 3 * 3 sigma^2."""
    found = by_group([TALI, AGE], table([TALI, AGE], {(1, 1): 1000}), sigma=2.0)
    assert found[None].total_margin == pytest.approx(Z95 * math.sqrt(3 * 3 * 4), abs=1e-6)
    assert found[1].total_margin == pytest.approx(Z95 * math.sqrt(3 * 4), abs=1e-6)


def test_a_multi_item_is_shares_of_those_who_were_asked():
    """Asked = the known n less not asked, unreadable and outside; the shares need not add up to 1."""
    counts = table([KDATA], {(1,): 300, (2,): 600, (97,): 150, (255,): 10}, outside=40)
    (all_of_them,) = estimates([KDATA], counts, 2.0, 1000)
    assert 800.0 == all_of_them.total
    assert [0.375, 0.75] == [share.share for share in all_of_them.shares]
    assert all_of_them.total_margin == pytest.approx(Z95 * math.sqrt(3 * 4), abs=1e-6)


def test_groups_of_a_multi_item_are_left_out_and_everyone_is_not():
    """A multi item by AGE says what everyone chose; the table does not hold how many were asked in each group."""
    cells = {(1, 1): 100, (1, 2): 200, (97, 1): 50, (97, 97): 50, (255, 255): 100}
    found = by_group([KDATA, AGE], table([KDATA, AGE], cells), sigma=0.1)
    assert {None} == set(found)
    assert (800.0, 0.375) == (found[None].total, found[None].shares[0].share)


def test_within_a_chosen_option_there_are_shares_and_for_everyone_there_are_none():
    """A single item by a multi one: one person stands in several groups, so their sum is nobody's total."""
    cells = {(1, 1): 100, (2, 1): 300, (1, 2): 50, (2, 2): 50}
    found = by_group([TALI, KDATA], table([TALI, KDATA], cells), sigma=0.1)
    assert {1, 2} == set(found)
    assert 0.25 == found[1].shares[0].share


@pytest.mark.parametrize(("total", "abstains"), [(50, True), (51, False)])
def test_a_group_lost_in_noise_is_not_described(total, abstains):
    """Under five standard deviations of the noisy total (10 here) the estimate abstains: no shares, no mean."""
    sigma = 10 / math.sqrt(3)
    (all_of_them,) = estimates([TALI], table([TALI], {(1,): total}), sigma, 1000)
    assert ("too-few" if abstains else None) == all_of_them.abstained
    assert abstains == (all_of_them.shares == () and all_of_them.mean is None)


def test_a_negative_total_is_not_described():
    """Noise can make a group negative; nothing divides by it."""
    (all_of_them,) = estimates([TALI], table([TALI], {(1,): -40}), 1.0, 100)
    assert "too-few" == all_of_them.abstained


def test_drowned_and_coarse_shares_are_greyed_by_their_noisy_value():
    """Below 3 sigma, or with a standard error over 30 % of the share, a share is not reliable; others are."""
    counts = table([TALI], {(1,): 29, (2,): 40, (3,): 931})
    (noisy,) = estimates([TALI], counts, 10.0, 1000)
    assert [False, True, True] == [share.reliable for share in noisy.shares]
    few = table([TALI], {(1,): 5, (2,): 20, (3,): 75})
    (small,) = estimates([TALI], few, 0.5, 100)
    assert [False, True, True] == [share.reliable for share in small.shares]


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


def test_margins_hold_the_truth_in_ninety_five_of_a_hundred_surveys():
    """Simulated coverage within 0.95 +- 0.025 (6 standard errors of 3,000 surveys; false alarm 1e-8; fixed seed)."""
    assert coverage(lambda estimate: estimate.shares[0].margin) == pytest.approx(0.95, abs=0.025)


def test_margins_without_the_noise_would_not():
    """Control: the sampling margin alone covers less than 0.85 in the same simulation."""
    naive = coverage(lambda e: Z95 * math.sqrt(max(e.shares[0].share, 0) * (1 - e.shares[0].share) / e.total))
    assert naive < 0.85


def test_a_mean_covers_too():
    """Coverage of the mean's margin within 0.95 +- 0.025 (false alarm 1e-8; fixed seed)."""
    chance = np.random.default_rng(7)
    truth, sigma, held = np.array([0.2, 0.5, 0.3]), 12.0, 0
    for _ in range(3000):
        counts = np.rint(np.array([*chance.multinomial(400, truth), 0, 0]) + chance.normal(0, sigma, 5)).astype(int)
        (estimate,) = estimates([TALI], counts.tolist(), sigma, 400)
        held += abs(estimate.mean.value - truth @ [1, 2, 3]) <= estimate.mean.margin
    assert held / 3000 == pytest.approx(0.95, abs=0.025)
