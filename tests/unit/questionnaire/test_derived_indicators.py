"""Derived indicators of one person: worked examples, terms by themselves, and levels that hold."""

import json

import pytest
from paths import VECTORS, vectors
from pydantic import TypeAdapter

from survey.questionnaire.indicators import DerivedError, derive, term_value, value_of
from survey.questionnaire.questionnaire import Derived, Questionnaire, Term

FILES = [vectors(name) for name in ("derived", "derived-sesame", "derived-types")]
CASES = [(file["questionnaire"], case) for file in FILES for case in file["cases"]]
QUESTIONNAIRES = {
    file["questionnaire"]: Questionnaire.from_bytes((VECTORS / file["questionnaire"]).read_bytes()) for file in FILES
}
SMALL = QUESTIONNAIRES["questionnaire-small.json"]


def answers_of(plain):
    return {name: tuple(v) if isinstance(v, list) else v for name, v in plain.items()}


@pytest.mark.parametrize(("file", "case"), CASES, ids=[case["name"] for _, case in CASES])
def test_worked_examples_come_out_as_worked_by_hand(file, case):
    """Every indicator of every example has the value it was worked to."""
    assert case["derived"] == derive(QUESTIONNAIRES[file], answers_of(case["answers"]))


def test_the_worked_examples_define_every_indicator_of_the_study():
    """No indicator is undefined in all examples, so each is really exercised."""
    examples = [case["derived"] for file, case in CASES if file == "questionnaire-sesame.json"]
    names = {derived.id for derived in QUESTIONNAIRES["questionnaire-sesame.json"].derived}
    assert names == {name for example in examples for name, value in example.items() if value != 97}


@pytest.mark.parametrize(
    ("term", "answers", "value"),
    [
        ({"value_of": "TA"}, {"TA": 3}, 3),
        ({"value_of": "TA"}, {"TA": 98}, 0),
        ({"value_of": "TA"}, {}, 0),
        ({"value_of": "TA", "times": -2}, {"TA": 3}, -6),
        ({"value_of": "TA", "map": {"98": 1}}, {"TA": 98}, 1),
        ({"value_of": "TA", "map": {"98": 1}}, {"TA": 2}, 2),
        ({"value_of": "TA", "map": {"98": 1}}, {"TA": 99}, 0),
        ({"value_of": "TA", "map": {"3": 5}, "else": 7}, {"TA": 2}, 7),
        ({"value_of": "TA", "map": {"3": 5}, "else": 7}, {"TA": 99}, 7),
        ({"value_of": "TA", "map": {"97": 4}, "times": 3}, {}, 12),
        ({"value_of": "GAP"}, {"GAP": -3}, -3),
        ({"value_of": "GAP", "map": {"-3": 9}}, {"GAP": -3}, 9),
        ({"when": {"item": "TA", "in": [1]}, "add": -4}, {"TA": 1}, -4),
        ({"when": {"item": "TA", "in": [1]}, "add": -4}, {"TA": 2}, 0),
        ({"count": "USES", "of": [1, 2]}, {"USES": (1, 2, 3)}, 2),
        ({"count": "USES", "of": [1], "minus": [2, 3]}, {"USES": (1, 2, 3)}, -1),
        ({"count": "USES", "of": [1], "minus": [2, 3], "floor": 0}, {"USES": (1, 2, 3)}, 0),
        ({"count": "USES", "of": [1], "floor": 2}, {"USES": 98}, 2),
        ({"answers": 99}, {"HOW": 1, "TA": 99, "USES": 99, "LAST": 98}, 2),
        ({"answers": 97}, {"HOW": 1, "TA": 99}, 6),
    ],
)
def test_a_term_adds_what_the_contract_says(term, answers, value):
    """Mapped, otherwise, missing and plain codes, additions, counts and numbers of answers."""
    assert value == term_value(TypeAdapter(Term).validate_json(json.dumps(term)), answers, SMALL)


def test_a_value_outside_the_levels_is_an_error_that_shows_no_value():
    """Should a faulty questionnaire come this far, the indicator is named and the answer is not."""
    faulty = Derived.model_validate_json('{"id": "FAULTY", "levels": [0], "sum": [{"value_of": "TA"}]}')
    with pytest.raises(DerivedError, match=r"^FAULTY is outside its levels$"):
        value_of(faulty, {"TA": 3}, SMALL)
