"""Open words from the answers to the release: counted, cut off by a threshold, paid in rho and delta, checked."""

import json
import math
from collections import Counter

import numpy as np
import pytest
from studies.phrase_lists import FIRST, LIST, PEOPLE, QUESTIONNAIRE, build, plan

from analysis.counting.phrases import count_words
from analysis.noise import noise
from analysis.noise.noise import NoiseError, words_for, words_price
from analysis.opening.payload_decoder import Decoder
from analysis.releasing.run import make_release
from analysis.study.folder import StudyError
from analysis.verification.verify import verify
from crypto.canonical import canonical
from survey.authoring.plan_compiler import compile_plan
from survey.faults import AuthoringError


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return build(tmp_path_factory.mktemp("words"))


@pytest.fixture(scope="module")
def outcome(world):
    return make_release(world.request(plan()))


def written() -> Counter:
    return count_words(Decoder.of(QUESTIONNAIRE).decode(PEOPLE), plan().words)["W1"]


def test_a_release_lists_what_many_wrote_with_noise(outcome):
    """Phrases of over a hundred people are listed within 8 sigma of their number, at the price of rho and delta."""
    (listed,) = outcome.release.words
    exact = written()
    assert {phrase for phrase, number in exact.items() if number > 100} <= {one.phrase for one in listed.phrases}
    assert all(abs(one.count - exact[one.phrase]) < 8 * listed.sigma for one in listed.phrases)
    assert {"cost": 10_000_000, "spent": 10_000_000} == {
        key: value for key, value in outcome.release.budget.atto_delta.to_json().items() if key != "total"
    }
    assert 3 == listed.most


def test_the_ledger_is_charged_delta(world, outcome):
    """The entry that paid holds the delta, and the release says so."""
    with world.folder.open_ledger() as ledger:
        assert 10_000_000 == ledger.spent_delta
        assert outcome.release.ledger.entry == ledger.head


def test_an_honest_list_is_verified_and_every_edit_is_named(world, outcome):
    """Threshold, noise, margin, a phrase under the threshold and another price: each is named by its field."""
    document = json.loads(outcome.path.read_bytes())
    assert all(finding.ok for finding in verify(canonical(document), world.folder, world.box).findings)
    edits = {
        "words.W1.threshold": lambda one: one.update(threshold=one["threshold"] - 20),
        "words.W1.measurement": lambda one: one.update(measurement="{}"),
        "words.W1.margin": lambda one: one.update(margin=1.0),
        "words.W1.phrases": lambda one: one["phrases"].append({"phrase": "one person's name", "count": 1}),
        "words": lambda one: one.update(reason="another"),
    }
    for field, edit in edits.items():
        edited = json.loads(outcome.path.read_bytes())
        edit(edited["words"][0])
        unsigned = {key: value for key, value in edited.items() if key != "signature"}
        signature = world.folder.signing_key().sign(canonical(unsigned), "release").to_json()
        assert field in verify(canonical(unsigned | {"signature": signature}), world.folder, world.box).failed


def test_delta_by_our_own_tail_counts_in_every_place(world, outcome, monkeypatch):
    """Where our own tail says more than was paid, no threshold is chosen and a release's list is not verified."""
    monkeypatch.setattr(noise, "exact_atto_delta", lambda *_: 10_000_001)
    assert ("words.W1.threshold",) == verify(outcome.path.read_bytes(), world.folder, world.box).failed
    with pytest.raises(NoiseError, match="no threshold"):
        words_for(60_000_000, 10_000_000, 3)
    monkeypatch.setattr(noise, "exact_atto_delta", lambda *_: 10_000_000)
    assert () == verify(outcome.path.read_bytes(), world.folder, world.box).failed


def test_what_one_person_wrote_is_not_listed():
    """Of 2,000 phrases written once none is listed: delta 1e-11 each time (false alarm 2e-8)."""
    listed = words_for(10_000_000, 10_000_000, 3)
    assert {} == listed.add({f"phrase {number}": 1 for number in range(2000)})


def test_without_the_threshold_they_would_be():
    """Control: the same noise with a threshold of one lists hundreds of the same phrases."""
    from analysis.noise.noise import _words

    sigma = words_for(10_000_000, 10_000_000, 3).sigma
    assert len(_words(sigma, 1)({f"phrase {number}": 1 for number in range(2000)})) > 500


@pytest.mark.parametrize(
    ("rho", "delta", "most"), [(10_000_000, 10_000_000, 3), (50_000_000, 10**10, 1), (1, 10_000, 8)]
)
def test_the_price_is_kept_and_hardly_undercut(rho, delta, most):
    """OpenDP's map and exact fractions are at most the price; one less in the threshold would cost too much delta."""
    listed = words_for(rho, delta, most)
    assert listed.sigma == pytest.approx(math.sqrt(most * 1e9 / rho), rel=1e-9)
    cost = words_price(listed.sigma, listed.threshold, most)
    assert cost[0] <= rho
    assert cost[1] <= delta
    assert words_price(listed.sigma, listed.threshold - 1, most)[1] > delta


def test_changing_one_record_moves_the_numbers_by_no_more_than_is_paid_for():
    """Record-play: whatever one record is changed to, at most 2 * 3 phrases move, each by one."""
    chance = np.random.default_rng(1)
    decoder, whole = Decoder.of(QUESTIONNAIRE), plan().words
    before = count_words(decoder.decode(PEOPLE), whole)["W1"]
    for _ in range(40):
        place, other = chance.integers(0, len(PEOPLE), 2)
        record = b"" if chance.random() < 0.3 else PEOPLE[other]
        after = count_words(decoder.decode([*PEOPLE[:place], record, *PEOPLE[place + 1 :]]), whole)["W1"]
        moved = {phrase: after[phrase] - before[phrase] for phrase in {*before, *after}}
        assert all(abs(step) <= 1 for step in moved.values())
        assert sum(map(abs, moved.values())) <= 6


def test_a_list_of_another_item_is_refused_before_anything_is_opened(world):
    """Words of an item that takes none, and a plan that shares out more than it has: refused by name."""
    wrong = plan(words=[LIST | {"item": FIRST}])
    with pytest.raises(StudyError, match="no item of phrases"):
        make_release(world.request(wrong))
    with pytest.raises(StudyError, match="cost more"):
        make_release(world.request(plan(nano_rho=60_000_000)))


def test_noise_without_a_price_is_refused():
    """No list is made for nothing, neither of rho nor of delta, nor for a delta below what floating point can tell."""
    for price in ((0, 1, 1), (1, 0, 1), (1, 1, 0), (1, 1, 8)):
        with pytest.raises(NoiseError):
            words_for(*price)


AUTHORED = f"""
study: {QUESTIONNAIRE.study}
wave: 1
title: "Words"
reason: "a test"
rho: "0.04"
tables:
  - {{id: T1, dimensions: [{FIRST}], reason: "r"}}
words:
  - {{id: W1, item: WORDS, weight: 3, delta: "1e-11", reason: "r"}}
"""


def test_an_authored_list_is_priced_with_the_tables(tmp_path):
    """A weight of 3 beside a table of 1 is three quarters of rho; delta is exact."""
    (tmp_path / "plan.yaml").write_text(AUTHORED, encoding="utf-8")
    (listed,) = compile_plan(tmp_path / "plan.yaml", QUESTIONNAIRE).words
    assert (30_000_000, 10_000_000) == (listed.nano_rho, listed.atto_delta)


@pytest.mark.parametrize(
    ("old", "new"), [("item: WORDS", f"item: {FIRST}"), ('"1e-11"', '"0.1"'), ('"1e-11"', '"1e-19"'), ("W1", "T1")]
)
def test_a_faulty_list_is_refused_with_its_line(tmp_path, old, new):
    """Another item, a delta that is no power of ten or too small, an id that a table has."""
    (tmp_path / "plan.yaml").write_text(AUTHORED.replace(old, new), encoding="utf-8")
    with pytest.raises(AuthoringError):
        compile_plan(tmp_path / "plan.yaml", QUESTIONNAIRE)
