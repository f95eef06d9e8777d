"""Options that are offered after some answers to an earlier item alone: which, and what is a fault of them."""

import pytest
from paths import vectors

from crypto.canonical import canonical
from survey.questionnaire.questionnaire import Questionnaire
from survey.questionnaire.rules.questionnaire_rules import faults

PLAIN = vectors("questionnaire-places")
HOME, PROVINCE, TOWN, SIGHTS = range(4)
NOBODY, LEFT = "no option is `for` some of its answers", "no option is for the answer 2 to PROVINCE"


def changed(index=TOWN, whole=None, **members):
    items = [{**item, **(members if place == index else {})} for place, item in enumerate(PLAIN["items"])]
    return Questionnaire.from_bytes(canonical({**PLAIN, "items": items, **(whole or {})}))


def options(*pairs):
    return [{"code": code, **({"for": after} if after else {})} for code, after in pairs]


def test_the_shared_questionnaire_is_sound():
    """The vectors' own study has no fault."""
    assert [] == [*faults(changed())]


@pytest.mark.parametrize(
    ("answer", "codes"),
    [(1, (11, 12, 30)), (2, (21, 30)), (3, (12, 30)), (98, (11, 12, 21, 30)), (97, (11, 12, 21, 30))],
)
def test_options_for_an_answer_and_for_all_are_offered(answer, codes):
    """Where no option is for an answer, as for a missing code, all of them are."""
    assert codes == tuple(option.code for option in changed().item("TOWN").offered(answer))


@pytest.mark.parametrize(
    ("index", "members", "message"),
    [
        (TOWN, {"choice_filter": None}, "`for` names answers, and the item does not say of which item"),
        (TOWN, {"choice_filter": "MOON"}, "there is no item MOON"),
        (TOWN, {"choice_filter": "TOWN"}, "TOWN is not known yet at this place"),
        (PROVINCE, {"choice_filter": "SIGHTS", "options": options((1, [11]), (2, None))}, "SIGHTS is not known yet"),
        (SIGHTS, {"type": "scale", "cap": None}, "only a single or multi item that stands alone and is not randomised"),
        (TOWN, {"randomise": {"epsilon": "2"}}, "only a single or multi item that stands alone and is not randomised"),
        (PROVINCE, {"randomise": {"epsilon": "2"}}, "PROVINCE has no codes that are known"),
        (TOWN, {"options": options((11, None), (12, None), (21, None), (30, None))}, NOBODY),
        (TOWN, {"options": options((11, [1]), (12, [3]), (21, [2, 7]), (30, None))}, "PROVINCE never has the code 7"),
        (TOWN, {"options": options((11, [1]), (12, [3]), (21, [1]), (30, None))}, LEFT),
        (PROVINCE, {"private": True}, "tells an assistant the answer to PROVINCE, which is private"),
    ],
)  # fmt: skip
def test_what_cannot_be_filtered_is_a_fault(index, members, message):
    """Each mistake is named at its item, whatever else hangs on it."""
    members = {key: value for key, value in members.items() if value is not None}
    whole = changed(index, **members).to_json()
    if message.startswith("`for`"):
        del whole["items"][index]["choice_filter"]
    found = [fault.message for fault in faults(Questionnaire.from_bytes(canonical(whole)))]
    assert [message] == [message for one in found if message in one][:1]


def test_an_answer_after_which_nobody_is_asked_needs_no_option():
    """Where routing leaves an answer out, no option must be for it."""
    asked = {"ask_if": {"item": "PROVINCE", "in": [1, 3, 97, 98]}}
    some = options((11, [1]), (12, [3]), (21, [1]), (30, None))
    assert [] == [
        fault for fault in faults(changed(TOWN, options=some, **asked)) if "no option is for" in fault.message
    ]


@pytest.mark.parametrize(("codes", "nobody"), [([1, 3], {"options.21"}), ([1, 2, 3], set()), ([1, 3, 98], set())])
def test_an_answer_that_nobody_is_offered_is_named(codes, nobody):
    """The town of a province after which its question is not asked; a missing code offers all, and so does asking."""
    found = faults(changed(TOWN, ask_if={"item": "PROVINCE", "in": codes}))
    never = {".".join(fault.where[2:]) for fault in found if "nobody is ever offered this answer" in fault.message}
    assert never == nobody


def test_a_drawn_order_cannot_put_an_item_before_its_filter():
    """A pair of the two is a fault of the filter."""
    alike = {"pairs": [["PROVINCE", "TOWN"]]}
    assert any("so their order cannot be drawn" in fault.message for fault in faults(changed(whole=alike)))


TOOLS = vectors("questionnaire-tools")
EVERY = (1, 2, 3, 7, 9)


def with_most(**members):
    items = [{**item, **(members if item["id"] == "MOST" else {})} for item in TOOLS["items"]]
    return Questionnaire.from_bytes(canonical({**TOOLS, "items": items}))


@pytest.mark.parametrize(
    ("chosen", "codes"), [((1, 3), (1, 3, 9)), ((7,), (7, 9)), ((8,), EVERY), (99, EVERY), (97, EVERY)]
)
def test_what_was_chosen_of_several_answers_is_carried_forward(chosen, codes):
    """Each option is for its own code, one is for all; where none is for what was chosen, all are offered."""
    assert codes == tuple(option.code for option in with_most().item("MOST").offered(chosen))


@pytest.mark.parametrize(
    ("members", "messages"),
    [
        ({}, []),
        ({"ask_if": {"not": {"item": "USE", "in": [99]}}}, ["8"]),
        ({"ask_if": {"item": "USE", "chosen": [2, 5]}}, []),
        ({"options": options((1, [1]), (2, [2]), (9, None)), "ask_if": {"item": "USE", "chosen": [2, 5]}}, ["3", "7"]),
        ({"options": options((1, [1]), (2, [2]), (9, None)), "ask_if": {"item": "USE", "has": [1, 2]}}, []),
    ],
)
def test_who_chose_nothing_that_can_be_carried_forward_must_not_be_asked(members, messages):
    """A code that no option is for is named where somebody may be asked who chose it and nothing with one."""
    expected = [f"no option is for the answer {code} to USE, so that all of them would be offered" for code in messages]
    assert expected == [fault.message for fault in faults(with_most(**members))]


def test_a_missing_code_of_several_answers_carries_nothing():
    """`for` names options of the earlier item alone."""
    wrong = with_most(options=options((1, [1]), (2, [2, 99]), (3, [3]), (7, [7])))
    assert ["USE never has the code 99"] == [fault.message for fault in faults(wrong)]
