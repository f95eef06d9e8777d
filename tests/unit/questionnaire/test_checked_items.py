"""Checks of an answer against those before it: what they may look at, and which of them help nobody."""

import pytest
from paths import vectors

from crypto.canonical import canonical
from survey.questionnaire.questionnaire import Questionnaire
from survey.questionnaire.rules.questionnaire_rules import faults

PLAIN = vectors("questionnaire-household")
ALONE, PEOPLE, CHILDREN, HELP = range(4)
KEPT = {"any": [{"item": "ALONE", "in": [1]}, {"item": "CHILDREN", "in": [0]}]}


def changed(index=CHILDREN, whole=None, **members):
    items = [{**item, **(members if place == index else {})} for place, item in enumerate(PLAIN["items"])]
    return Questionnaire.from_bytes(canonical({**PLAIN, "items": items, **(whole or {})}))


def found(*args, **kwargs):
    return [fault.message for fault in faults(changed(*args, **kwargs))]


def test_the_shared_questionnaire_is_sound():
    """The vectors' own study has no fault."""
    assert [] == found()


@pytest.mark.parametrize(
    ("answers", "place"),
    [
        ({"ALONE": 2, "PEOPLE": 1, "CHILDREN": 2}, 0),
        ({"ALONE": 1, "PEOPLE": 97, "CHILDREN": 1}, 1),
        ({"ALONE": 1, "PEOPLE": 97, "CHILDREN": 99}, None),
        ({"PEOPLE": 1, "CHILDREN": 3}, 0),
        ({"ALONE": 2, "CHILDREN": 3}, None),
        ({"ALONE": 2, "PEOPLE": 1}, None),
    ],
)
def test_the_first_check_that_is_certainly_broken_is_given(answers, place):
    """A missing code breaks none, and neither does an answer whose check depends on one that is not known yet."""
    assert place == changed().item("CHILDREN").broken_check(answers)


@pytest.mark.parametrize(
    ("index", "members", "message"),
    [
        (CHILDREN, {"checks": [{"item": "ALONE", "in": [1]}]}, "it does not look at the answer to CHILDREN"),
        (CHILDREN, {"checks": [{"any": [KEPT, {"item": "HELP", "has": [1]}]}]}, "HELP is not known yet at this place"),
        (CHILDREN, {"checks": [{"any": [KEPT, {"item": "MOON", "in": [1]}]}]}, "there is no item MOON"),
        (CHILDREN, {"checks": [{"item": "CHILDREN", "in": [9]}]}, "CHILDREN never has the code 9"),
        (CHILDREN, {"checks": [{"item": "CHILDREN", "in": [0, 1, 2, 3]}]}, "every answer keeps it"),
        (CHILDREN, {"checks": [{"item": "CHILDREN", "in": [1]}, {"item": "CHILDREN", "in": [2]}]}, "nobody can give"),
        (CHILDREN, {"checks": [{"all": [KEPT, {"item": "ALONE", "in": [1]}]}], "missing": []}, "no answer keeps them"),
        (CHILDREN, {"randomise": {"epsilon": "2"}, "checks": [KEPT]}, "that stands alone and is not randomised"),
        (CHILDREN, {"type": "list", "lines": 3, "treatment": [1], "checks": [KEPT]}, "that stands alone and is not"),
        (ALONE, {"private": True}, "tells an assistant of the answer to ALONE, which is private"),
        (ALONE, {"randomise": {"epsilon": "2"}}, "ALONE is randomised on the phone"),
    ],
)  # fmt: skip
def test_a_check_that_cannot_be_made_or_helps_nobody_is_a_fault(index, members, message):
    """Each mistake is named at its item."""
    assert any(message in one for one in found(index, **members))


def test_a_check_that_leaves_somebody_no_answer_is_sound_where_it_may_be_passed_by():
    """The same check with a missing code has no fault; people press it."""
    checks = [{"all": [KEPT, {"item": "ALONE", "in": [1]}]}]
    assert [] == found(checks=checks)


def test_who_has_no_answer_left_is_told_by_the_checks_before():
    """An answer that an earlier check refuses does not count as a way to a question without an answer."""
    nobody = [{"any": [{"item": "HELP", "has": [1]}, {"not": {"item": "CHILDREN", "in": [3]}}]},
              {"not": {"all": [{"item": "CHILDREN", "in": [3]}, {"item": "HELP", "has": [1]}]}}]  # fmt: skip
    only = [{"item": "CHILDREN", "in": [0, 1]}]
    with_threes = {"checks": nobody, "missing": []}
    assert any("no answer keeps them" in one for one in found(HELP, **with_threes))
    items = [{**item} for item in changed(HELP, **with_threes).to_json()["items"]]
    items[CHILDREN] = {**items[CHILDREN], "checks": only}
    left = found(whole={"items": items})
    assert not any("no answer keeps them" in one for one in left)


def test_a_drawn_order_cannot_put_an_item_before_what_it_is_checked_against():
    """A pair of the two is a fault of the check."""
    alike = {"pairs": [["PEOPLE", "CHILDREN"]]}
    assert "CHILDREN is checked against PEOPLE, so their order cannot be drawn" in found(whole=alike)
