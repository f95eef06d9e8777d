"""Phrases: one spelling, the shared vectors, and what may stand in a payload."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import vectors

from survey.questionnaire.phrases import fits, normalised, ordered

VECTORS = vectors("phrases")


@pytest.mark.parametrize("case", VECTORS["normalised"], ids=lambda case: case["why"])
def test_phrases_are_normalised_as_the_shared_vectors_say(case):
    """Every shared example has the spelling it names."""
    assert case["phrase"] == normalised(case["text"])


@pytest.mark.parametrize(
    "case", VECTORS["fits"], ids=lambda case: f"{case['phrases']} {case['words']} {case['length']}"
)
def test_phrases_fit_as_the_shared_vectors_say(case):
    """Every shared example may stand in a payload, or may not, as it says."""
    limits = {name: case[name] for name in ("count", "words", "length")}
    assert case["fits"] == fits(case["phrases"], **limits)


@pytest.mark.parametrize("case", VECTORS["ordered"], ids=lambda case: "".join(case["phrases"]))
def test_phrases_stand_in_the_order_of_their_bytes(case):
    """The order is that of UTF-8, not that of UTF-16 units."""
    assert tuple(case["ordered"]) == ordered(case["phrases"])


@pytest.mark.slow
@given(st.text())
def test_a_spelling_is_its_own_spelling(text):
    """Normalising twice changes nothing, so that what a phone sends is never refused for its spelling."""
    assert normalised(text) == normalised(normalised(text))


@given(st.text())
def test_nothing_but_words_and_their_signs_stays(text):
    """A spelling holds letters, marks, numbers, single spaces and three signs, in NFKC."""
    phrase = normalised(text)
    kinds = {unicodedata.category(character)[0] for character in phrase if character not in " -'\xb7"}
    unknown = {character for character in phrase if unicodedata.category(character) == "Cn"}
    assert kinds <= ({"L", "M", "N", "C"} if unknown else {"L", "M", "N"})
    assert "  " not in phrase
    assert phrase == phrase.strip()
    assert phrase == unicodedata.normalize("NFKC", phrase)
