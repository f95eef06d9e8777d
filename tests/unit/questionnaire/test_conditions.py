"""The condition language: shared vectors, three-valued truth, and what is refused."""

import json

import pytest
from paths import vectors
from pydantic import TypeAdapter, ValidationError

from survey.questionnaire.conditions import Condition, holds, items_named, truth

VECTORS = vectors("routing")
CONDITION = TypeAdapter(Condition)


def condition(plain):
    return CONDITION.validate_json(json.dumps(plain))


def values(plain):
    return {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}


@pytest.mark.parametrize("case", VECTORS["conditions"], ids=lambda case: case["name"])
def test_conditions_hold_as_the_shared_vectors_say(case):
    """Every shared example holds, or does not, as it says."""
    assert case["holds"] == holds(condition(case["condition"]), values(case["values"]))


@pytest.mark.parametrize("case", VECTORS["conditions"], ids=lambda case: case["name"])
def test_truth_of_what_is_wholly_known_is_what_holds(case):
    """Where every item is known, the three-valued truth is the two-valued one."""
    parsed = condition(case["condition"])
    known = dict.fromkeys(items_named(parsed), 97) | values(case["values"])
    assert case["holds"] == truth(parsed, known)


def test_truth_is_open_only_while_it_matters():
    """What is not known leaves a condition open unless the known parts decide it alone."""
    a, b = {"item": "A", "in": [1]}, {"item": "B", "in": [1]}
    assert truth(condition({"all": [a, b]}), {"A": 1}) is None
    assert truth(condition({"all": [a, b]}), {"A": 2}) is False
    assert truth(condition({"any": [a, b]}), {"A": 1}) is True
    assert truth(condition({"any": [a, b]}), {"A": 2}) is None
    assert truth(condition({"not": b}), {"A": 2}) is None


def test_every_item_looked_at_is_named():
    """The names are those of all leaves, however deep."""
    nested = {
        "not": {"any": [{"item": "A", "in": [1]}, {"all": [{"item": "B", "has": [1]}, {"item": "C", "range": [0, 1]}]}]}
    }
    assert {"A", "B", "C"} == items_named(condition(nested))
    assert frozenset() == items_named(None)


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"item": "A"},
        {"item": "A", "in": []},
        {"item": "A", "in": ["1"]},
        {"item": "A", "in": [1], "has": [1]},
        {"item": "A", "in": [True]},
        {"item": "A", "range": [1]},
        {"all": {"item": "A", "in": [1]}},
        {"not": [{"item": "A", "in": [1]}]},
        {"all": [], "any": []},
        "A",
        [],
    ],
)
def test_what_is_no_condition_is_refused(plain):
    """Unknown, missing or doubled keys and loose types are refused, not repaired."""
    with pytest.raises(ValidationError):
        condition(plain)


def test_a_condition_is_written_as_it_was_read():
    """Reading and writing a condition changes nothing."""
    plain = {"all": [{"not": {"item": "A", "in": [1, 2]}}, {"any": [{"item": "B", "has": [3]}]}]}
    assert plain == condition(plain).model_dump(mode="json", by_alias=True, exclude_unset=True)
