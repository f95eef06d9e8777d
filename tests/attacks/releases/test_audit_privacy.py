"""Distinguishing audits with certified bounds: the noise alone, and the whole way from two boxes to noisy tables.

Every audit's chance of a false alarm is 1e-7. bench/audit.py runs the same at nightly size.
"""

import math

import numpy as np
import pytest
from adversaries.release_attacks import certified_mu, claimed_mu
from studies import small_study as small

from analysis.counting.count_box import Job, SealedBox, count_box
from analysis.noise import noise as release
from analysis.noise.noise import gaussian_for
from analysis.releasing.signed_release import prepare
from crypto.canonical import canonical
from survey.plan.plan import Plan

ALARM = 1e-7
DRAWS = 120_000
HALF = 500_000_000
"""rho = 0.5: sigma = 1.41 and mu = 1 for a plain table; strong enough to see a tenth less noise in so many draws."""


def scores(noise, counts, times):
    """Return the best score of two cells, one of which lost a record to the other, in `times` releases."""
    drawn = np.array(noise.add(np.tile(np.array(counts, dtype=np.int64), times)), dtype=float).reshape(times, 2)
    return drawn[:, 1] - drawn[:, 0]


def audited(noise, times):
    return certified_mu(scores(noise, (7, 3), times), scores(noise, (6, 4), times), ALARM)


@pytest.mark.parametrize(("draws", "power"), [(20_000, 0.75), pytest.param(DRAWS, 0.85, marks=pytest.mark.long)])
def test_the_noise_of_a_table_hides_one_record_as_well_as_it_claims(draws, power):
    """The certified distance of two neighbours is not above sqrt(2 rho), and not far below it: the audit has power."""
    measured_mu = audited(gaussian_for(HALF, 2), draws)
    assert measured_mu <= claimed_mu(HALF)
    assert measured_mu > power * claimed_mu(HALF)


@pytest.mark.parametrize(("share", "draws"), [(0.75, 20_000), pytest.param(0.9, DRAWS, marks=pytest.mark.long)])
def test_too_little_noise_is_flagged(share, draws):
    """Control: noise of three quarters of sigma, or nine tenths with more draws, is certified to be over the claim.

    The chance to miss either is under 1e-6.
    """
    assert audited(gaussian_for(round(HALF / share**2), 2), draws) > claimed_mu(HALF)


CHEAP = {"population": None, "nano_rho": HALF, "reason": "a test", "hypotheses": []}
WHOLE = small.plan(
    nano_rho=2 * HALF,
    tables=[CHEAP | {"id": "T1", "dimensions": ["AGE"]}, CHEAP | {"id": "T2", "dimensions": ["USES"]}],
)
MANY = Plan.from_bytes(
    canonical(WHOLE.to_json() | {"nano_rho": HALF, "tables": [CHEAP | {"id": "T1", "dimensions": ["MANY"]}]})
)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return small.build(tmp_path_factory.mktemp("audit"), number=1)


def counted(world, contents, plan, name):
    path = world.box.with_name(name)
    small.write(path, world.manifest, contents)
    return count_box(Job(SealedBox.of(path), world.manifest, small.QUESTIONNAIRE, plan, world.seed), workers=1)


def farthest(world, plan):
    """Return exact counts of two sealed boxes whose one differing record moves the tables the farthest."""
    people = small.payloads(40, seed=3)
    singles = [counted(world, [person], plan, f"{place}.box") for place, person in enumerate([*people, b"broken"])]
    pairs = [(one, two) for one in singles for two in singles]
    best = max(pairs, key=lambda pair: sum(((pair[0][t] - pair[1][t]) ** 2).sum() for t in pair[0]))
    common = counted(world, people[:19], plan, "common.box")
    return tuple({name: common[name] + one[name] for name in common} for one in best)


def released(noises, counts, weights, times):
    """Draw all tables of a plan `times` times and return each release's likelihood-ratio score."""
    total = np.zeros(times)
    for name, noise in noises.items():
        drawn = np.array(noise.add(np.tile(counts[name], times)), dtype=float).reshape(times, -1)
        total += drawn @ weights[name]
    return total


def end_to_end(world, plan, times):
    """Return the certified distance of two boxes that differ in one respondent, through opening, counting and noise."""
    one, other = farthest(world, plan)
    noises = prepare(plan, small.QUESTIONNAIRE).tables
    weights = {name: (other[name] - one[name]) / noises[name].sigma ** 2 for name in noises}
    return certified_mu(released(noises, one, weights, times), released(noises, other, weights, times), ALARM)


def test_a_whole_release_hides_one_respondent_as_well_as_it_claims(world):
    """Two boxes that differ in one person's answers, opened and counted, through both tables' noise together."""
    measured_mu = end_to_end(world, WHOLE, 6000)
    assert measured_mu <= claimed_mu(2 * HALF)
    assert measured_mu > 0.6 * claimed_mu(2 * HALF)


def test_a_question_with_several_answers_at_the_price_of_a_plain_one_is_flagged(world, monkeypatch):
    """Control: at a plain table's noise where one person stands in ten cells, the same audit is far over the claim."""
    honest = gaussian_for
    monkeypatch.setattr("analysis.releasing.signed_release.gaussian_for", lambda nano_rho, _: honest(nano_rho, 2))
    assert end_to_end(world, MANY, 1500) > 1.5 * claimed_mu(HALF)


def test_a_price_by_the_wrong_neighbours_is_flagged(monkeypatch):
    """Control: sigma for one record added or taken away is too small by sqrt(2) where a record is changed."""
    monkeypatch.setattr(release, "sigma_for", lambda nano_rho, moved: math.sqrt(moved / 2 * 1e9 / (2 * nano_rho)))
    monkeypatch.setattr(release, "exact_nano_rho", lambda *_: 0)
    monkeypatch.setattr(release, "_nano_rho", lambda *_: 0)
    assert audited(gaussian_for(HALF, 2), 20_000) > claimed_mu(HALF)
