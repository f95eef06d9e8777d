"""What the questionnaire's logic decides by itself: bounds of sums, ways to items, and faults of documents."""

import json

import pytest
from paths import VECTORS, vectors
from pydantic import TypeAdapter

from crypto.canonical import canonical
from survey.questionnaire.conditions import Condition
from survey.questionnaire.questionnaire import Derived, Questionnaire
from survey.questionnaire.rules.indicator_rules import derived_faults
from survey.questionnaire.rules.questionnaire_rules import faults
from survey.questionnaire.rules.reachability import Reachability
from survey.questionnaire.rules.sum_bounds import BoundsError, sum_bounds

PLAIN = vectors("questionnaire-small")
SMALL = Questionnaire.from_bytes(canonical(PLAIN))


def condition(plain):
    return TypeAdapter(Condition).validate_json(json.dumps(plain))


def derived(**members):
    return Derived.model_validate_json(json.dumps({"id": "NEW", "levels": [0], **members}))


def changed(index, **members):
    items = [{**item, **(members if place == index else {})} for place, item in enumerate(PLAIN["items"])]
    return Questionnaire.from_bytes(canonical({**PLAIN, "items": items}))


@pytest.mark.parametrize("name", ["questionnaire-small.json", "questionnaire-sesame.json"])
def test_the_shared_questionnaires_are_sound(name):
    """Neither items nor indicators of the shared questionnaires have a fault."""
    questionnaire = Questionnaire.from_bytes((VECTORS / name).read_bytes())
    assert [] == [*faults(questionnaire), *derived_faults(questionnaire)]


def test_items_that_repeat_are_named_once_and_stop_nothing_else():
    """A repeated item is one fault, and the search for ways through the questionnaire still ends."""
    twice = Questionnaire.from_bytes(canonical({**PLAIN, "items": [*PLAIN["items"], PLAIN["items"][0]]}))
    assert ["HOW stands here 2 times"] == [fault.message for fault in faults(twice)]


def test_a_way_through_very_many_items_is_left_undecided():
    """A chain of items too long to search counts as reachable."""
    first = {**PLAIN["items"][0], "id": "Q0", "forms": ["long"]}
    chain = [{**first, "id": f"Q{n}", "ask_if": {"item": f"Q{n - 1}", "in": [1]}} for n in range(1, 150)]
    members = {"items": [first, *chain], "forms": [{"id": "long"}], "pairs": [], "derived": []}
    assert [] == list(faults(Questionnaire.from_bytes(canonical({**PLAIN, **members}))))


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        ({"item": "WHY", "in": [1]}, True),
        ({"all": [{"item": "HOW", "in": [3]}, {"item": "WHY", "in": [1]}]}, False),
        ({"all": [{"item": "HOW", "in": [3]}, {"item": "WHY", "in": [97]}]}, True),
        ({"all": [{"item": "USES", "has": [1]}, {"item": "USES", "has": [2]}]}, True),
        ({"all": [{"item": "USES", "has": [1]}, {"item": "USES", "has": [2]}, {"item": "USES", "has": [3]}]}, False),
        ({"all": [{"item": "USES", "has": [1]}, {"item": "USES", "in": [90]}]}, False),
        (
            {
                "all": [
                    {"item": "USES", "has": [2]},
                    {"not": {"item": "USES", "has": [1, 3]}},
                    {"item": "WHY", "in": [1]},
                ]
            },
            False,
        ),
        ({"all": [{"item": "GAP", "range": [3, 3]}, {"item": "TA", "in": [3]}]}, True),
        ({"all": [{"item": "GAP", "range": [3, 3]}, {"item": "TA", "in": [2]}]}, False),
        ({"all": [{"item": "BAND", "range": [2, 2]}, {"item": "AGE", "in": [99]}]}, False),
        ({"any": []}, False),
    ],
)
def test_whether_a_condition_can_hold_is_judged_from_routing_caps_and_forms(plain, expected):
    """Forms, routing, caps and indicators are followed exactly, without any answers."""
    assert expected is Reachability(SMALL).allows(condition(plain))


def test_what_cannot_be_decided_is_left_alone():
    """An indicator that looks at every item is too wide to search, and counts as possible."""
    assert Reachability(SMALL).allows(condition({"item": "REFUSED", "range": [8, 8]}))


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"sum": [{"value_of": "TA"}, {"value_of": "TB", "times": -1}]}, (-3, 3)),
        ({"sum": [{"value_of": "AGE"}]}, (0, 3)),
        ({"sum": [{"value_of": "AGE"}], "undefined_if": {"item": "AGE", "in": [99]}}, (1, 3)),
        ({"sum": [{"value_of": "AGE"}], "population": {"item": "AGE", "in": [2]}}, (2, 2)),
        ({"sum": [{"value_of": "TA"}, {"value_of": "TA", "times": -1}]}, (0, 0)),
        ({"sum": [{"count": "USES", "of": [1, 2], "minus": [3]}]}, (-1, 2)),
        ({"sum": [{"count": "MANY", "of": [1, 2, 3], "minus": [4]}]}, (-1, 3)),
        ({"sum": [{"count": "USES", "minus": [1, 2, 3]}, {"when": {"item": "USES", "in": [0, 90]}, "add": 2}]}, (0, 2)),
        ({"sum": [{"when": {"all": [{"item": "TA", "in": [1]}, {"item": "TB", "in": [1]}]}, "add": -2}]}, (-2, 0)),
        ({"sum": [{"answers": 98}]}, (0, 4)),
        ({"sum": [{"value_of": "GAP", "times": 2}]}, (-6, 6)),
        ({"sum": [{"value_of": "WHY", "map": {"97": 5}}]}, (0, 5)),
    ],
)
def test_sums_stay_within_their_bounds(members, expected):
    """Bounds take the terms of one item together and leave out what is undefined anyway."""
    assert expected == sum_bounds(derived(**members), SMALL)


def test_bounds_of_too_many_options_are_refused():
    """A sum that names more options of one item than can be tried is refused, not guessed."""
    options = [{"code": code} for code in range(1, 15)]
    wide = changed(2, options=options, cap=14)
    with pytest.raises(BoundsError):
        sum_bounds(derived(sum=[{"count": "USES", "of": list(range(1, 15))}]), wide)


@pytest.mark.parametrize(
    ("index", "members", "message"),
    [
        (2, {"cap": 4}, "the cap is out of range"),
        (2, {"cap": 0}, "the cap is out of range"),
        (1, {"options": [{"code": 0, "end": "too-young"}]}, "no option can be an answer"),
        (2, {"options": [{"code": 1, "end": "out"}, {"code": 2}, {"code": 3}]}, "cannot end the interview"),
        (3, {"options": [{"code": 1, "last": True}, {"code": 2}]}, "`last` is for the last options"),
        (4, {"options": [{"code": 1}, {"code": 2, "last": True}]}, "`last` is for the last options"),
        (2, {"options": [{"code": code} for code in range(65)], "cap": 65}, "more than 64 options"),
        (4, {"missing": [98, 98]}, "98 stands here 2 times"),
        (0, {"ask_if": {"item": "AGE", "in": [1]}}, "AGE is not known yet"),
        (3, {"ask_if": {"item": "AGE", "in": [0]}}, "AGE never has the code 0"),
        (3, {"ask_if": {"item": "AGE", "has": [1]}}, "AGE is a single item"),
        (3, {"ask_if": {"item": "AGE", "range": [1, 2]}}, "AGE is an item"),
        (3, {"ask_if": {"item": "GAP", "range": [1, 2]}}, "GAP is not known yet"),
        (5, {"ask_if": {"item": "TA", "in": [1]}}, "their order cannot be drawn"),
        (0, {"forms": ["long"]}, "does not stand before the items that only some forms ask"),
    ],
)
def test_faults_of_items_are_found_in_documents_too(index, members, message):
    """The compiled document is checked by the same rules as the authored file."""
    assert [message] == [message for fault in faults(changed(index, **members)) if message in fault.message][:1]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"levels": [0, 0], "sum": [{"answers": 90}]}, "level 0 stands here 2 times"),
        ({"levels": [0, 255], "sum": [{"answers": 90}]}, "level 255 is reserved"),
        ({"levels": [], "cases": []}, "too few or too many levels"),
        ({"levels": [*range(65)], "cases": []}, "too few or too many levels"),
        ({"levels": [0], "sum": [{"answers": 90}], "else": 0}, "`else` belongs to `cases`"),
        ({"levels": [0], "sum": [{"answers": 90}], "cases": []}, "either a `sum` or `cases`"),
        ({"levels": [0], "cases": [], "else": 5}, "5 is not one of the levels"),
        ({"levels": [0], "sum": [{"value_of": "NOWHERE"}]}, "there is no item or earlier indicator NOWHERE"),
        ({"levels": [0], "sum": [{"when": {"item": "NEW", "range": [0, 0]}, "add": 0}]}, "NEW is not known yet"),
        ({"levels": [0], "cases": [{"when": {"item": "GAP", "in": [0]}, "value": 0}]}, "GAP is a derived indicator"),
    ],
)
def test_faults_of_indicators_are_found_in_documents_too(members, message):
    """Levels, cases and terms of a compiled document are checked by the same rules as the authored file."""
    new = {"id": "NEW", **members}
    questionnaire = Questionnaire.from_bytes(canonical({**PLAIN, "derived": [*PLAIN["derived"], new]}))
    assert [message] == [message for fault in derived_faults(questionnaire) if message in fault.message][:1]


def test_the_terms_of_too_many_options_are_a_fault_too():
    """A sum whose bounds cannot be tried is reported with the way out."""
    options = [{"code": code} for code in range(1, 15)]
    new = {"id": "NEW", "levels": [0], "sum": [{"count": "USES", "of": list(range(1, 15))}]}
    wide = json.loads(changed(2, options=options, cap=14).to_bytes())
    questionnaire = Questionnaire.from_bytes(canonical({**wide, "derived": [new]}))
    assert ["one sum names too many options of one item"] == [fault.message for fault in derived_faults(questionnaire)]


@pytest.mark.parametrize(
    ("forms", "message"),
    [
        ([], "there is no form"),
        ([{"id": "short"}, {"id": "long"}], "only the last form has no `when`"),
        ([{"id": "long", "when": {"item": "HOW", "in": [1]}}], "the last form needs no `when`"),
    ],
)
def test_faults_of_forms_are_found(forms, message):
    """Everybody must fit exactly one form."""
    questionnaire = Questionnaire.from_bytes(canonical({**PLAIN, "forms": forms}))
    assert message in {fault.message for fault in faults(questionnaire)}


def listed(number):
    """Return so many options with codes that are not reserved."""
    return [{"code": code} for code in range(1, number + 11) if not 90 <= code <= 99][:number]


@pytest.mark.parametrize(("number", "expected"), [(200, []), (201, ["more than 200 options"])])
def test_a_question_of_one_answer_may_have_two_hundred_options(number, expected):
    """A list of two hundred is sound, and one more is a fault."""
    assert expected == [fault.message for fault in faults(changed(0, options=listed(number)))]


def test_rows_of_a_grid_keep_sixty_four_options():
    """Options that each row of a grid shows again stay few: both rows are named."""
    whole = changed(4, options=listed(65)).to_json()
    whole["items"][5]["options"] = listed(65)
    grid = {"id": "G1", "kind": "grid", "items": ["TA", "TB"], "shuffle": False}
    grouped = Questionnaire.from_bytes(canonical({**whole, "groups": [grid], "pairs": []}))
    found = [(fault.where[1], fault.message) for fault in faults(grouped) if "options" in fault.message]
    assert [("TA", "more than 64 options"), ("TB", "more than 64 options")] == found


def test_a_list_is_long_with_thirteen_options_that_stand_alone():
    """Twelve options, rows of a grid and questions of several answers are no long list."""
    assert [] == [item.id for item in changed(0, options=listed(12)).long_lists]
    assert ["HOW"] == [item.id for item in changed(0, options=listed(13)).long_lists]
    assert () == changed(2, options=listed(13)).long_lists
