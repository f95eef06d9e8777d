"""Bad input of plans: what is wrong is said with its remedy before anything is registered, opened or spent."""

import pytest
from studies import small_study as small

from crypto.canonical import CanonicalError, canonical
from survey.document import DocumentError
from survey.plan.plan import Plan
from survey.plan.plan_rules import fault_text, plan_faults

PLAN = small.plan().to_json()
AGE = PLAN["margins"][0]
OF_OTHERS = AGE | {"dimension": "WHY", "of": "readers"}
WORDS = {"id": "W1", "item": "AGE", "nano_rho": 1_000, "atto_delta": 10**7, "reason": "r", "hypotheses": []}


def faults(**changes):
    plan = Plan.from_bytes(canonical(PLAN | changes))
    return [fault_text(fault) for fault in plan_faults(plan, small.QUESTIONNAIRE)]


def table(**changes):
    return {"tables": [PLAN["tables"][0] | changes]}


def margin(**changes):
    return {"margins": [AGE, AGE | changes]}


def words(**changes):
    return {"nano_rho": 8_000_000, "words": [WORDS | changes]}


def test_a_sound_plan_has_no_faults():
    """Control: the plan that every other test breaks in one place is quiet, and so are two margins of one people."""
    assert [] == faults()
    both = table(dimensions=["GAP", "AGE", "WHY"], weight_by=["AGE", "WHY"])
    assert [] == faults(**both, margins=[AGE, OF_OTHERS | {"of": AGE["of"]}])


@pytest.mark.parametrize(
    ("change", "message", "remedy"),
    [
        ({"study": "other"}, "the plan is of another study: it is for other", "give the plan of this study"),
        ({"nano_rho": 6_999_999}, "cost more than the plan says", "compile it again"),
        ({"tables": PLAN["tables"][:1] * 2}, "table T1: it stands in the plan 2 times", "its own name"),
        (
            {"tables": [PLAN["tables"][0], PLAN["tables"][0] | {"id": "T9"}]},
            "table T9: it asks what table T1 asks",
            "keep one",
        ),
        (table(dimensions=["NOWHERE"]), "no item, indicator or group NOWHERE", "correct the name"),
        (table(dimensions=["AGE", "AGE"]), "table T1: AGE stands here 2 times", "once"),
        (table(population={"item": "NOWHERE", "in": [1]}), "its population: there is no item NOWHERE", "correct"),
        (
            table(population={"all": [{"item": "HOW", "in": [3]}, {"item": "WHY", "in": [1]}]}),
            "table T1: its population: nobody can ever belong to this population",
            "contradict the questionnaire's routing",
        ),
        (table(population={"item": "POINTS", "range": [7, 9]}), "no level of POINTS lies in this range", ""),
        (table(population={"item": "USES", "has": [77]}), "its population", ""),
        (table(weight_by=["AGE"]), "table T1: AGE is not a later dimension of this table", "after the first dimension"),
        (table(dimensions=["HOW", "AGE"], weight_by=["AGE", "AGE"]), "table T1: a table is weighted by 1 to 2", "list"),
        (table(dimensions=["AGE", "HOW"], weight_by=["HOW"]), "table T1: there is no margin of HOW", "name the file"),
        (
            table(dimensions=["USES", "AGE"], weight_by=["AGE"]),
            "table T1: only tables of one plain answer",
            "leave out",
        ),
        (
            table(dimensions=["GAP", "AGE", "WHY"], weight_by=["AGE", "WHY"]) | {"margins": [AGE, OF_OTHERS]},
            "table T1: its margins are of different people: all; readers",
            "margins of one population",
        ),
        (words(), "list W1: AGE is no item of phrases", "an item of type phrase"),
        (words(id="T1"), "list T1: it stands in the plan 2 times", "its own name"),
        (margin(dimension="NOWHERE"), "no item, indicator or group NOWHERE", "correct the name"),
        (margin(dimension="USES"), "in USES a person stands in several cells", "items of one answer"),
        ({"margins": [AGE, AGE]}, "AGE stands here twice", "keep one of them"),
    ],
)
def test_each_fault_is_named_with_its_table_and_its_remedy(change, message, remedy):
    """Every single thing that is wrong is told, where it is, and what to do."""
    messages = faults(**change)
    assert message in messages[0]
    assert remedy in messages[0]


@pytest.mark.parametrize("number", [0, -1, 1.5, float("nan"), float("inf"), "1", True, None])
def test_a_price_is_a_positive_whole_number_of_billionths(number):
    """Zero, negative, fractional and non-finite prices are no plan at all."""
    for change in ({"nano_rho": number}, table(nano_rho=number)):
        with pytest.raises((DocumentError, CanonicalError)):
            Plan.from_bytes(canonical(PLAN | change))


@pytest.mark.parametrize("written", [b'{"nano_rho":NaN}', b'{"nano_rho":1e999}', b'{"nano_rho":-Infinity}'])
def test_numbers_that_are_none_are_refused_as_bytes_too(written):
    """A file with NaN or an infinity in it is not canonical JSON."""
    with pytest.raises(DocumentError):
        Plan.from_bytes(written)


LOST = {"dimension": "AGE", "codes": [1], "reason": "few"}


@pytest.mark.parametrize(
    ("expects", "message"),
    [
        ([LOST | {"dimension": "GONE"}], "no table of the plan has GONE"),
        ([LOST | {"tables": ["T9"]}], "the plan has no table T9 of AGE"),
        ([LOST | {"codes": [1, 9]}], "AGE has no level 9"),
        ([LOST | {"codes": [1, 1]}], "a level of AGE stands here twice"),
        ([LOST, LOST | {"tables": ["T1"]}], "a level of AGE stands here twice"),
    ],
)
def test_what_cannot_be_expected_to_drown_is_said(expects, message):
    """A dimension or table that is not there, a level that is none, and the same level twice; a sound one is quiet."""
    assert [message in fault for fault in faults(expects=expects)] == [True]
    assert [] == faults(expects=[LOST, LOST | {"codes": [2]}])
