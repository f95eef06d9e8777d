"""Local randomised response: thresholds, the draw, and what it costs: survey/questionnaire/randomised_response.py.

The chi-square test fails by chance once in a million runs of a working draw; its seed is fixed besides.
"""

import math
import random
from decimal import Decimal

import opendp.prelude as dp
import pytest
from budgets import BUDGET
from hypothesis import given
from hypothesis import strategies as st
from paths import VECTORS, vectors
from scipy.stats import chi2

from crypto.canonical import canonical
from survey.document import DocumentError
from survey.questionnaire.questionnaire import Questionnaire
from survey.questionnaire.randomised_response import (
    SPACE,
    RandomiseError,
    actual_epsilon,
    item_epsilons,
    person_epsilon,
    randomised,
    threshold,
    thresholds,
    with_draws,
)
from survey.wave.manifest import build_manifest

CASES = vectors("randomise")
TYPES = Questionnaire.from_bytes((VECTORS / "questionnaire-types.json").read_bytes())
FALSE_ALARM = 1e-6
EPSILONS = st.decimals("0.1", "8", places=4).map(str)


def drawn_from(numbers):
    given_numbers = iter(numbers)
    return lambda: next(given_numbers)


@pytest.mark.parametrize("case", CASES["thresholds"], ids=lambda case: f"{case['epsilon']} of {case['k']}")
def test_thresholds_are_those_of_the_shared_vectors(case):
    """T is the floor that exact fractions give (the vectors sum the series of e^epsilon)."""
    assert case["threshold"] == threshold(case["epsilon"], case["k"])


@pytest.mark.parametrize("case", CASES["draws"], ids=lambda case: case["name"])
def test_draws_give_the_codes_of_the_shared_vectors(case):
    """Each example's numbers give its code, and none is left over."""
    numbers = iter(case["draws"])
    code = randomised(case["answer"], tuple(case["domain"]), case["threshold"], lambda: next(numbers))
    assert case["code"] == code
    assert [] == [*numbers]


def test_the_thresholds_of_a_questionnaire_stand_in_its_manifest():
    """A manifest holds the thresholds of its questionnaire, and one with another threshold is refused."""
    assert CASES["questionnaire"]["thresholds"] == thresholds(TYPES)
    manifest = build_manifest(TYPES, {}, wave=1, key=bytes(1216), signer="0" * 64, budget=BUDGET)
    assert thresholds(TYPES) == manifest.thresholds
    manifest.check(TYPES, {})
    for wrong in ({}, {"SECRET": thresholds(TYPES)["SECRET"] + 1}, {**thresholds(TYPES), "FRUIT": 5}):
        with pytest.raises(DocumentError, match="thresholds differ"):
            manifest.model_copy(update={"thresholds": wrong}).check(TYPES, {})


@pytest.mark.parametrize("wrong", [0, SPACE, -1, True, "1"])
def test_a_threshold_that_keeps_all_or_nothing_is_no_threshold(wrong):
    """A manifest cannot even hold a threshold that would send every answer as it is."""
    plain = build_manifest(TYPES, {}, wave=1, key=bytes(1216), signer="0" * 64, budget=BUDGET).to_json()
    with pytest.raises(DocumentError):
        type(build_manifest(TYPES, {}, wave=1, key=bytes(1216), signer="0" * 64, budget=BUDGET)).from_bytes(
            canonical(plain | {"thresholds": {"SECRET": wrong}})
        )


@given(EPSILONS, st.integers(2, 92))
def test_the_actual_epsilon_is_never_above_the_declared(epsilon, k):
    """Rounding T down never makes an answer tell more than the questionnaire declares, and costs almost nothing."""
    actual = actual_epsilon(threshold(epsilon, k), k)
    assert actual <= Decimal(epsilon)
    assert float(epsilon) == pytest.approx(float(actual), abs=1e-6)


@given(EPSILONS, st.integers(2, 92))
def test_the_actual_epsilon_is_that_of_opendp(epsilon, k):
    """OpenDP's randomised response over as many categories with the same probability has the same epsilon."""
    dp.enable_features("contrib")
    kept = threshold(epsilon, k)
    measurement = dp.m.make_randomized_response([*range(k)], kept / SPACE)
    assert measurement.map(1) == pytest.approx(float(actual_epsilon(kept, k)), rel=1e-9)


@pytest.mark.parametrize(("epsilon", "k"), [("1", 1), ("0", 3), ("-1", 3)])
def test_what_cannot_be_hidden_is_refused(epsilon, k):
    """One code alone, and an epsilon of nothing, are refused."""
    with pytest.raises(RandomiseError):
        threshold(epsilon, k)


@pytest.mark.parametrize("kept", [0, SPACE])
def test_certainty_has_no_epsilon(kept):
    """A threshold that always or never keeps the answer tells without bound."""
    with pytest.raises(RandomiseError):
        actual_epsilon(kept, 3)


def test_a_code_that_is_none_of_the_domain_is_refused():
    """Not asked, for instance, is never randomised."""
    with pytest.raises(RandomiseError):
        randomised(97, (1, 2, 99), 5, lambda: 0)


@pytest.mark.parametrize("k", [2, 5, 7])
def test_codes_come_out_as_often_as_they_should(k):
    """Of 200,000 draws each code comes as often as T says (chi-square, k - 1 degrees of freedom)."""
    assert chi_square(k, threshold("1.5", k)) < chi2.isf(FALSE_ALARM, k - 1)


def test_the_chi_square_test_sees_a_wrong_threshold():
    """Control: a threshold one percent off is caught by the same test."""
    assert chi_square(5, threshold("1.5", 5), drawn=round(threshold("1.5", 5) * 1.01)) > chi2.isf(FALSE_ALARM, 4)


def chi_square(k, kept, drawn=None, number=200_000):
    chance = random.Random(k)
    domain = tuple(range(k))
    counts = [0] * k
    for _ in range(number):
        counts[randomised(0, domain, drawn or kept, lambda: chance.getrandbits(32))] += 1
    share = kept / SPACE
    expected = [number * share] + [number * (1 - share) / (k - 1)] * (k - 1)
    return sum((count - mean) ** 2 / mean for count, mean in zip(counts, expected, strict=True))


def test_only_randomised_items_that_were_asked_are_drawn():
    """Every other answer stays, and what was not asked draws nothing."""
    answers = {"FRUIT": 1, "SECRET": 3, "WORDS": ("pear",)}
    lost = drawn_from([SPACE - 1, 0])
    assert {"FRUIT": 1, "SECRET": 1, "WORDS": ("pear",)} == with_draws(TYPES, answers, thresholds(TYPES), lost)
    assert {"FRUIT": 1} == with_draws(TYPES, {"FRUIT": 1}, thresholds(TYPES), drawn_from([]))
    assert answers == with_draws(TYPES, answers, thresholds(TYPES), drawn_from([0]))


def test_a_person_is_charged_for_every_item_of_the_longest_form():
    """The epsilon of a person is the largest sum over the items of one form."""
    assert {"SECRET": "2"} == item_epsilons(TYPES)
    assert "2" == person_epsilon(TYPES)
    plain = TYPES.to_json()
    more = [{**plain["items"][-1], "id": f"S{n}", "forms": [form], "randomise": {"epsilon": "1.5"}}
            for n, form in enumerate(["short", "long", "long"])]  # fmt: skip
    wider = Questionnaire.from_bytes(canonical({**plain, "items": [*plain["items"], *more]}))
    assert "5" == person_epsilon(wider)
    none = Questionnaire.from_bytes(canonical({**plain, "items": plain["items"][:-1]}))
    assert "0" == person_epsilon(none)


def test_one_answer_may_come_from_any_other():
    """A code is at most e^epsilon times as likely after the answer it names as after any other."""
    k, kept = 5, threshold("2", 5)
    kept_chance, other_chance = kept / SPACE, (1 - kept / SPACE) / (k - 1)
    assert math.log(kept_chance / other_chance) <= 2
