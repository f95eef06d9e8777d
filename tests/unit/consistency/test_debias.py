"""
Randomised answers and list experiments set right: analysis/consistency/debias.py.

False-alarm chances are stated, <= 1e-6.
"""

import numpy as np
import pytest

from analysis.consistency.blocks import Measured
from analysis.consistency.debias import Arms, DebiasError, list_difference, unbiased
from analysis.consistency.noisy_sums import Noisy
from analysis.estimates.estimates import describe, estimates
from survey.plan.dimension import Dimension
from survey.questionnaire.randomised_response import SPACE, threshold

CODES = (1, 2, 3, 99, 97, 255)
KEPT = threshold("1.5", 4)
LOAN = Dimension(id="LOAN", codes=CODES, multi=False, score=False, base="answered", threshold=KEPT)
HONEST = Dimension(id="LOAN", codes=CODES, multi=False, score=False, base="answered")
SEX = Dimension(id="SEX", codes=(1, 2, 97, 255), multi=False, score=False, base="answered")
LIST = Dimension(
    id="LIST",
    codes=(*range(10, 15), *range(40, 46), 99, 97, 255),
    multi=False,
    score=False,
    base="substantive",
    list=True,
)
TRUTH = np.array([[0.25, 0.05], [0.1, 0.2], [0.1, 0.2], [0.05, 0.05]])
"""Shares of LOAN's codes 1, 2, 3, 99 within SEX."""
REPEATS = 400
BAND = 0.06
"""Over five standard errors of a coverage of 0.95 over 400 surveys: false alarm < 1e-6, and seeds are fixed."""


def sent(chance, size, sigma):
    """Return the noisy table of LOAN by SEX where every phone randomised LOAN."""
    true = chance.multinomial(size, TRUTH.ravel()).reshape(4, 2)
    counts = np.zeros((6, 4))
    kept = KEPT / SPACE
    for sex in range(2):
        for code in range(4):
            moved = [(1 - kept) / 3] * 4
            moved[code] = kept
            counts[:4, sex] += chance.multinomial(true[code, sex], moved)
    return np.rint(counts + chance.normal(0, sigma, counts.shape)).astype(int).ravel().tolist()


def test_the_matrix_undoes_what_the_phone_does():
    """Expected counts of what is sent, turned back, are what was answered; not asked stays; sums stay."""
    kept = KEPT / SPACE
    forward = np.eye(5)
    forward[:4, :4] = kept * np.eye(4) + (1 - kept) / 3 * (1 - np.eye(4))
    assert np.allclose(np.eye(5), unbiased(LOAN) @ forward)
    assert np.allclose(1, unbiased(LOAN).sum(axis=0))
    assert np.allclose(np.eye(5), unbiased(HONEST))


def test_a_threshold_that_keeps_nothing_is_refused():
    """At 1/k what is sent says nothing about the answer, and no matrix turns it back."""
    flat = Dimension(id="FLAT", codes=(1, 2, 97, 255), multi=False, score=False, base="answered", threshold=SPACE // 2)
    with pytest.raises(DebiasError, match="FLAT"):
        unbiased(flat)


@pytest.fixture(scope="module")
def surveys():
    """Return the estimates of many surveys of 3,000 people under noise of 10."""
    chance = np.random.default_rng(1)
    return [estimates([LOAN, SEX], sent(chance, 3000, 10.0), 10.0, 3000) for _ in range(REPEATS)]


@pytest.mark.slow
def test_debiased_shares_are_unbiased_and_covered(surveys):
    """Everyone's and women's share of code 1: mean error within 5 standard errors, coverage 0.95 +- 0.06."""
    for group, column in ((None, TRUTH.sum(axis=1)), (2, TRUTH[:, 1])):
        truth = column[0] / column[:3].sum()
        shares = [next(e for e in one if e.group == group).shares[0] for one in surveys]
        errors = np.array([share.share - truth for share in shares])
        assert abs(errors.mean()) < 5 * errors.std() / REPEATS**0.5 + 0.002
        assert np.mean([abs(s.share - truth) <= s.margin for s in shares]) == pytest.approx(0.95, abs=BAND)


@pytest.mark.slow
def test_groups_by_a_randomised_item_are_debiased_too():
    """SEX within LOAN = 1 is 25 : 5, though of those who sent 1 it is not."""
    chance, shares, held = np.random.default_rng(2), [], 0
    for _ in range(REPEATS):
        turned = np.array(sent(chance, 5000, 10.0)).reshape(6, 4).T.ravel().tolist()
        group = next(e for e in estimates([SEX, LOAN], turned, 10.0, 5000) if e.group == 1)
        shares.append(group.shares[0].share)
        held += abs(group.shares[0].share - 5 / 6) <= group.shares[0].margin
    assert np.mean(shares) == pytest.approx(5 / 6, abs=0.01)
    assert held / REPEATS == pytest.approx(0.95, abs=BAND)


def test_without_the_matrix_the_shares_are_wrong():
    """Control: read as if they were answers, the share of code 1 among men misses 25 : 20 by ten points."""
    chance = np.random.default_rng(3)
    (_, naive, *_) = estimates([HONEST, SEX], sent(chance, 30_000, 1.0), 1.0, 30_000)
    assert 1 == naive.group
    assert naive.shares[0].share < 0.25 / 0.45 - 0.1


def test_margins_of_randomised_answers_are_wider_and_the_table_says_debiased():
    """The same noisy integers with and without the threshold: wider margins, a note, the same consistent cells."""
    counts = tuple(sent(np.random.default_rng(4), 3000, 5.0))
    drawn, plain = (describe([Measured("T", (axis, SEX), "", 5.0, counts)], 3000)[0] for axis in (LOAN, HONEST))
    assert (("debiased",), ()) == (drawn.notes, plain.notes)
    assert drawn.cells == plain.cells
    assert drawn.estimates[0].shares[0].margin > 1.5 * plain.estimates[0].shares[0].margin


def listed(chance, size, share):
    """Return counts of a list experiment: four harmless lines, and one more that holds for `share`."""
    counts = np.zeros(14)
    arms = chance.integers(0, 2, size)
    counted = chance.binomial(4, 0.4, size)
    for arm, count, holds in zip(arms, counted, chance.random(size) < share, strict=True):
        counts[count if arm == 0 else 5 + count + holds] += 1
    return counts


@pytest.mark.slow
def test_the_difference_of_a_list_experiment_is_covered():
    """A line that holds for 30 %: the difference of 400 experiments with 1,200 people is 0.3, coverage 0.95 +- 0.06."""
    chance, values, held = np.random.default_rng(5), [], 0
    for _ in range(REPEATS):
        counts = np.rint(listed(chance, 1200, 0.3) + chance.normal(0, 8.0, 14)).astype(int)
        (estimate,) = estimates([LIST], counts.tolist(), 8.0, 1200)
        values.append(estimate.difference.value)
        held += abs(estimate.difference.value - 0.3) <= estimate.difference.margin
    assert np.mean(values) == pytest.approx(0.3, abs=0.03)
    assert held / REPEATS == pytest.approx(0.95, abs=BAND)


def test_shares_of_a_list_experiment_are_within_each_arm():
    """Shares of arm 0's codes sum to one, and so do those of arm 1."""
    counts = np.rint(listed(np.random.default_rng(6), 2000, 0.2)).astype(int)
    (estimate,) = estimates([LIST], counts.tolist(), 0.1, 2000)
    by_arm = [sum(s.share for s in estimate.shares if (s.code >= 40) == second) for second in (False, True)]
    assert [pytest.approx(1, abs=1e-4)] * 2 == by_arm
    assert estimate.mean is None


def test_an_arm_that_is_lost_in_noise_says_nothing():
    """With one empty arm there is no difference, and the codes say whose they are."""
    cells = np.array([100.0] * 5 + [0.0] * 6)
    assert list_difference(LIST.substantive, Noisy(cells, 4.0, 500.0, 44.0, 4.0)) is None
    assert [[0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 5]] == [part.tolist() for part in Arms.of(LIST.substantive).counts]
