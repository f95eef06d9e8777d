"""
Weighted estimates after the noise: analysis/estimates/weights.py, analysis/estimates/raking.py.

False-alarm chances are stated.
"""

import math

import numpy as np
import pytest
from hosts.collection import compiled
from paths import STUDIES

from analysis.consistency.blocks import Measured
from analysis.consistency.groups import readings
from analysis.consistency.least_squares import make_consistent
from analysis.estimates.raking import HEAVIEST, RakingError, UnmetMarginsError, class_weights, collapsed
from analysis.estimates.weight_classes import WeightError
from analysis.estimates.weights import normals, weighted, weighted_shares
from survey.authoring.margins_compiler import compile_margins
from survey.faults import AuthoringError
from survey.plan.dimension import Dimension
from survey.plan.margins import Margin

STUDY = STUDIES / "sesame_credit"
KNOW = Dimension(id="KNOW", codes=(1, 2, 3, 97, 255), multi=False, score=True, base="answered")
EDU = Dimension(id="EDU", codes=(1, 2, 3, 97, 255), multi=False, score=False, base="answered")
SEX = Dimension(id="SEX", codes=(1, 2, 3, 97, 255), multi=False, score=False, base="answered")
MULTI = Dimension(id="MULTI", codes=(1, 2, 97, 255), multi=True, score=False, base="answered")
MARGINS = {
    "EDU": Margin(
        dimension="EDU", shares={"1": 30000, "2": 40000, "3": 30000}, without=(), of="all", source="s", status="derived"
    ),
    "SEX": Margin(
        dimension="SEX", shares={"1": 51000, "2": 49000}, without=(3,), of="all", source="s", status="verified"
    ),
}
WITHIN = np.array([[0.6, 0.4, 0.1], [0.3, 0.4, 0.3], [0.1, 0.2, 0.6]])
"""Shares of KNOW within EDU: who went to school longer knows more."""
CAME = np.array([0.1, 0.3, 0.6])
"""Who answers: a web sample with too many graduates."""
TRUTH = WITHIN @ [0.3, 0.4, 0.3]


def read(tables, size):
    return readings(make_consistent(tables, size), tables[0])[0]


def sample(chance, size, sigma, came=CAME):
    """Return the reading of KNOW by EDU of a sample of `size`."""
    counts = np.zeros((5, 5))
    counts[:3, :3] = chance.multinomial(size, (WITHIN * came).ravel()).reshape(3, 3)
    noisy = np.rint(counts + chance.normal(0, sigma, counts.shape)).astype(int)
    return read([Measured("T", (KNOW, EDU), "", sigma, tuple(noisy.ravel().tolist()))], size)


UNSURE = Dimension(id="KNOW", codes=(1, 2, 3, 98, 99, 97, 255), multi=False, score=True, base="answered")


@pytest.mark.parametrize("knowing", [1.0, 0.0])
def test_who_does_not_know_is_weighted_into_shares_and_out_of_the_mean(knowing):
    """Shares are of those who answered, "don't know" too; the mean has their weights, and is silent where none know."""
    counts = np.zeros((7, 5))
    counts[:3, :3] = knowing * 1000 * np.array([[6, 4, 2], [3, 4, 6], [1, 2, 12]])
    counts[3, :3], counts[4, :3] = (2000, 5000, 10_000), (500, 500, 500)
    table = Measured("T", (UNSURE, EDU), "", 0.5, tuple(counts.astype(int).ravel().tolist()))
    result = weighted(read([table], int(counts.sum())), ["EDU"], MARGINS, int(counts.sum()))
    answered = counts[:4, :3]
    weights = np.array([0.3, 0.4, 0.3]) / answered.sum(axis=0)
    due = answered @ weights
    assert ("answered", [1, 2, 3, 98]) == (result.base, [one.code for one in result.shares])
    assert due.tolist() == pytest.approx([one.share for one in result.shares], abs=1e-4)
    if knowing:
        assert due[:3] @ [1, 2, 3] / due[:3].sum() == pytest.approx(result.mean.value, abs=1e-3)
    else:
        assert result.mean is None


def test_post_stratification_is_the_weighted_mean_of_the_classes():
    """Without noise the shares are sum_g W_g y_gk / y_g, the weights W_g / s_g, and Kish's effect is their spread."""
    result = weighted(sample(np.random.default_rng(1), 100_000, 0.1), ["EDU"], MARGINS, 100_000)
    assert [pytest.approx(share, abs=0.01) for share in TRUTH] == [one.share for one in result.shares]
    assert ("post-stratified", (((1,), (2,), (3,)),), False) == (result.method, result.classes, result.trimmed)
    assert result.kish == pytest.approx(sum(np.array([0.3, 0.4, 0.3]) ** 2 / CAME), abs=0.05)
    assert result.mean.value == pytest.approx(TRUTH @ [1, 2, 3], abs=0.01)


@pytest.mark.slow
def test_weighted_margins_hold_the_population_and_unweighted_shares_do_not():
    """Of 150 web samples 95 % (0.95 +- 0.09, five standard errors; fixed seed) hold the truth, weighted; else none."""
    chance, held, naive = np.random.default_rng(2), 0, 0
    for _ in range(150):
        reading = sample(chance, 5000, 15.0)
        share = weighted(reading, ["EDU"], MARGINS, 5000).shares[0]
        held += abs(share.share - TRUTH[0]) <= share.margin
        plain = dict(reading.groups())[None].on("answered")
        naive += abs(plain.cells[0] / plain.total - TRUTH[0]) <= share.margin
    assert held / 150 == pytest.approx(0.95, abs=0.09)
    assert naive / 150 < 0.2


def test_a_weighted_margin_is_1_96_times_the_spread_of_tables_drawn_anew():
    """20,000 tables drawn here, weighted here: the margin is theirs to 7 % (its own 500 fixed draws: 3 % each way)."""
    chance = np.random.default_rng(14)
    reading = sample(chance, 5000, 15.0)
    result = weighted(reading, ["EDU"], MARGINS, 5000)
    sums = reading.sums({axis.id: axis.options for axis in reading.axes}, {})
    covariance = sums.noise + np.diag(np.maximum(sums.values.ravel(), 0.0))
    drawn = chance.multivariate_normal(sums.values.ravel(), covariance, size=20_000).reshape(-1, 3, 3)
    shares = np.einsum("nke,e->nk", drawn / drawn.sum(axis=1, keepdims=True), [0.3, 0.4, 0.3])
    assert [one.margin for one in result.shares] == pytest.approx(1.96 * shares.std(axis=0), rel=0.07)
    assert result.mean.margin == pytest.approx(1.96 * (shares @ [1, 2, 3]).std(), rel=0.07)


def test_two_margins_are_raked():
    """A table by EDU and SEX is raked to both margins: the weighted sizes have them exactly."""
    chance = np.random.default_rng(3)
    joint = np.einsum("ke,e,s->kes", WITHIN, CAME, [0.3, 0.65, 0.05])
    counts = np.zeros((5, 5, 5))
    counts[:3, :3, :3] = chance.multinomial(50_000, joint.ravel()).reshape(3, 3, 3)
    noisy = np.rint(counts + chance.normal(0, 5.0, counts.shape)).astype(int)
    table = Measured("T", (KNOW, EDU, SEX), "", 5.0, tuple(noisy.ravel().tolist()))
    result = weighted(read([table], 50_000), ["EDU", "SEX"], MARGINS, 50_000)
    assert ("raked", None) == (result.method, result.abstained)
    assert [pytest.approx(share, abs=0.02) for share in TRUTH] == [one.share for one in result.shares]
    turned = weighted(read([table], 50_000), ["SEX", "EDU"], MARGINS, 50_000)
    assert [pytest.approx(one.share, abs=1e-4) for one in result.shares] == [one.share for one in turned.shares]


def test_raking_meets_its_margins():
    """Iterative proportional fitting: both margins are met to 1e-9 where nothing is trimmed."""
    seed = np.array([[30.0, 20.0], [10.0, 40.0]])
    values = class_weights(seed, [np.array([0.6, 0.4]), np.array([0.45, 0.55])]).values * seed / 100
    assert np.allclose(values.sum(axis=1), [0.6, 0.4], atol=1e-9)
    assert np.allclose(values.sum(axis=0), [0.45, 0.55], atol=1e-9)


def test_no_weight_is_over_four():
    """A class of 2 % that should be 30 % counts four times, the others more than before, the mean weight is one."""
    seed = np.array([2.0, 98.0])
    result = class_weights(seed, [np.array([0.3, 0.7])])
    assert result.trimmed
    assert HEAVIEST == result.values[0]
    assert (result.values * seed / 100).sum() == pytest.approx(1)
    assert result.kish(seed) < class_weights(np.array([20.0, 80.0]), [np.array([0.9, 0.1])]).kish(
        np.array([20.0, 80.0])
    )


def test_several_weighted_levels_have_the_margin_of_their_own_spread():
    """Two levels of 20,000 tables drawn here spread by their joint margin to 7 %; the sum of their two is a third more.

    Levels of one answer move against each other, so that a sum is never the margin.
    """
    reading = sample(np.random.default_rng(15), 5000, 15.0)
    result = weighted_shares(reading, ["EDU"], MARGINS, 5000)
    sums = reading.sums({axis.id: axis.options for axis in reading.axes}, {})
    covariance = sums.noise + np.diag(np.maximum(sums.values.ravel(), 0.0))
    drawn = np.random.default_rng(16).multivariate_normal(sums.values.ravel(), covariance, size=20_000)
    cells = drawn.reshape(-1, 3, 3)
    shares = np.einsum("nke,e->nk", cells / cells.sum(axis=1, keepdims=True), [0.3, 0.4, 0.3])
    joint, alone = result.together((1, 2)), [result.together((code,)).margin for code in (1, 2)]
    assert joint.margin == pytest.approx(1.96 * shares[:, :2].sum(axis=1).std(), rel=0.07)
    assert sum(alone) > 1.3 * joint.margin


SCHOOLING = np.array([0.35, 0.5, 0.15])
"""The population's levels of EDU where the third is so small at 1,000 answers that it is joined with the second."""
JOINED = {"EDU": MARGINS["EDU"].model_copy(update={"shares": {"1": 35000, "2": 50000, "3": 15000}})}


@pytest.mark.slow
def test_the_margin_of_joined_classes_covers_the_population():
    """Of 160 surveys (n = 1,000, sigma 10) 95 % hold the population's mean and share, where classes are joined.

    At 95 % fewer than 138 hold with a chance of 2e-5 (the seed is fixed). The control is the margin that leaves out
    what joining does: it holds the mean in about 82 %.
    """
    chance, held = np.random.default_rng(7), {"mean": 0, "share": 0, "without": 0}
    truth = WITHIN @ SCHOOLING
    scores = np.array([1.0, 2.0, 3.0])
    for _ in range(160):
        reading = sample(chance, 1000, 10.0, np.array([0.2, 0.54, 0.26]))
        result = weighted_shares(reading, ["EDU"], JOINED, 1000)
        assert ((((0,), (1, 2)),), True) == (result.classed.classes, result.covers_population)
        mean, share = result.mean(), result.together((1,))
        held["mean"] += abs(mean.value - truth @ scores) <= mean.margin
        held["share"] += abs(share.share - truth[0]) <= share.margin
        alone = result.coarse.margin(lambda shares: shares @ scores)
        held["without"] += abs(mean.value - truth @ scores) <= alone
    assert min(held["mean"], held["share"]) >= 138
    assert held["without"] < 138


def test_weights_that_were_cut_or_a_level_that_is_lost_are_not_the_population():
    """A class of 2 % that should be 30 % is cut; a joined level of nobody is lost: neither margin covers all."""
    cut = weighted(sample(np.random.default_rng(8), 8000, 3.0, np.array([0.03, 0.37, 0.6])), ["EDU"], MARGINS, 8000)
    lost = weighted(sample(np.random.default_rng(9), 1000, 10.0, np.array([0.4, 0.59, 0.01])), ["EDU"], JOINED, 1000)
    assert (True, False, False) == (cut.trimmed, cut.joined, cut.covers_population)
    assert (False, True, False) == (lost.trimmed, lost.joined, lost.covers_population)
    whole = weighted(sample(np.random.default_rng(8), 8000, 3.0), ["EDU"], MARGINS, 8000)
    assert (False, False, True) == (whole.trimmed, whole.joined, whole.covers_population)


def test_raking_that_does_not_meet_its_margins_gives_no_weights():
    """Where an empty cell contradicts both margins nothing is weighted as if they were met: it is said by how much."""
    targets = [np.array([0.9, 0.1]), np.array([0.9, 0.1])]
    with pytest.raises(UnmetMarginsError, match="does not meet the margins within 1000 rounds: one is off by 0"):
        class_weights(np.array([[0.0, 10.0], [10.0, 10.0]]), targets)
    assert not class_weights(np.array([[10.0, 10.0], [10.0, 10.0]]), targets).trimmed


def test_margins_that_the_answers_contradict_abstain_with_their_reason():
    """All women and no man finished school in a sample: no weights make 30 % finish and 51 % women; it is said so."""
    counts = np.zeros((5, 5, 5))
    counts[:3, 0, 0] = counts[:3, 1, 1] = counts[:3, 2, 1] = 1000
    table = Measured("T", (KNOW, EDU, SEX), "", 0.01, tuple(counts.astype(int).ravel().tolist()))
    result = weighted(read([table], 9000), ["EDU", "SEX"], MARGINS, 9000)
    assert ("margins-unmet", ()) == (result.abstained, result.shares)


def test_an_empty_class_is_not_divided_by():
    """A share of the population that nobody in the seed has cannot be raked to."""
    with pytest.raises(RakingError):
        class_weights(np.array([0.0, 10.0]), [np.array([0.5, 0.5])])


@pytest.mark.parametrize(
    ("expected", "classes"),
    [
        (10_000, ((0,), (1,), (2,), (3,), (4,))),
        (2000, ((0, 1), (2,), (3,), (4,))),
        (600, ((0, 1), (2,), (3, 4))),
        (200, ((0, 1, 2, 3, 4),)),
    ],
)
def test_classes_are_joined_by_what_is_expected_alone(expected, classes):
    """Schooling in the census at fewer and fewer answers: neighbours are joined until each class expects 150."""
    assert classes == collapsed([3500, 21800, 39000, 16200, 19500], expected, 150)


@pytest.mark.parametrize(("times", "joined"), [(0.98, True), (1.02, False)])
def test_a_level_stands_alone_from_its_own_noise_on(times, joined):
    """The rule is 8.5 standard deviations of one level's noise over the table, against all declared records."""
    reading = sample(np.random.default_rng(4), 4000, 10.0)
    axis, margin = next(axis for axis in reading.axes if axis.id == "EDU"), MARGINS["EDU"]
    noise = 10.0 * math.sqrt(reading.block.readable.size / (len(axis.codes) - 1))
    smallest = min(margin.shares.values()) / sum(margin.shares.values())
    result = weighted(reading, ["EDU"], MARGINS, round(times * 8.5 * noise / smallest))
    assert joined == result.joined


def test_a_class_that_is_lost_in_noise_stops_the_weighting():
    """A class that the census has and the sample hardly abstains with its reason, however large the rest is."""
    result = weighted(
        sample(np.random.default_rng(4), 4000, 10.0, np.array([0.004, 0.396, 0.6])), ["EDU"], MARGINS, 4000
    )
    assert ("class-lost", (), None, None) == (result.abstained, result.shares, result.kish, result.mean)


def test_few_answers_leave_no_classes_to_weight_by():
    """At 150 answers under sigma 20 all classes are joined, and the estimate says so by abstaining."""
    result = weighted(sample(np.random.default_rng(5), 150, 20.0), ["EDU"], MARGINS, 150)
    assert ("class-lost", (((1, 2, 3),),)) == (result.abstained, result.classes)


def test_the_bootstrap_is_the_same_for_everybody():
    """The draws are fixed: the first three deviates are these, and two readers get the same margins."""
    assert (500, 9) == normals(500, 9).shape
    assert [0.0] == [pytest.approx(normals(500, 40).mean(), abs=0.05)]
    one, two = (weighted(sample(np.random.default_rng(6), 3000, 8.0), ["EDU"], MARGINS, 3000) for _ in range(2))
    assert one == two


@pytest.mark.parametrize(
    ("dimensions", "by", "margins"),
    [
        ((KNOW, EDU), ["SEX"], MARGINS),
        ((KNOW, EDU), ["KNOW"], MARGINS),
        ((KNOW, EDU), ["EDU"], {}),
        ((MULTI, EDU), ["EDU"], MARGINS),
        ((KNOW, EDU), ["EDU"], {"EDU": MARGINS["SEX"].model_copy(update={"without": ()})}),
    ],
)
def test_margins_that_do_not_fit_are_refused(dimensions, by, margins):
    """A dimension the table lacks, the outcome itself, no margin, several answers, other levels: named and refused."""
    cells = int(np.prod([axis.cells for axis in dimensions]))
    table = Measured("T", dimensions, "", 1.0, (100,) * cells)
    with pytest.raises(WeightError):
        weighted(read([table], 1000), by, margins, 1000)


def test_the_census_margins_of_the_study_compile():
    """Every row has a source and a status and sums to 100,000 parts; the bands are sums of the finer rows."""
    margins = {one.dimension: one for one in compile_margins(STUDY / "margins.yaml", compiled()[0])}
    assert {"SEX", "AGE", "AGE3", "EDU", "EDU3", "URB2", "REGION", "MIG2"} == set(margins)
    assert [100_000] * 8 == [sum(one.shares.values()) for one in margins.values()]
    assert {"verified", "derived"} == {one.status for one in margins.values()}
    edu, age = margins["EDU"].shares, margins["AGE"].shares
    assert [edu["1"] + edu["2"], edu["3"], edu["4"] + edu["5"]] == [*margins["EDU3"].shares.values()]
    assert [sum(list(age.values())[place : place + 2]) for place in (0, 2, 4)] == [*margins["AGE3"].shares.values()]


WRONG = {
    "sum to": ("50.8", "55.8"),
    "no percentage": ('"50.8"', '"50,8"'),
    "has no level": ('{1: "50.8"', '{7: "50.8"'),
    "has no percentage": ("without: [3]", "without: []"),
    "stands here 2 times": ("without: [3]", "without: [3, 3]"),
    "stands here twice": ("dimension: AGE3", "dimension: AGE"),
    "no item": ("dimension: SEX", "dimension: SEXX"),
    "status": ("status: derived", "status: guessed"),
    "several cells": ("dimension: SEX", "dimension: KDATA"),
}


@pytest.mark.parametrize("message", WRONG)
def test_margins_that_do_not_sum_or_match_are_refused_with_their_line(tmp_path, message):
    """Each fault of a margins file is refused with its line and a remedy."""
    text = (STUDY / "margins.yaml").read_text(encoding="utf-8")
    old, new = WRONG[message]
    assert old in text
    (tmp_path / "margins.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(AuthoringError, match=message):
        compile_margins(tmp_path / "margins.yaml", compiled()[0])
