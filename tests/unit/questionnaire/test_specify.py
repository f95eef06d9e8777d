"""Phrases on the screen of another item, below one of its options: what is a fault of them."""

import pytest
from paths import vectors

from crypto.canonical import canonical
from survey.questionnaire.questionnaire import Questionnaire
from survey.questionnaire.rules.questionnaire_rules import faults

PLAIN = vectors("questionnaire-tools")
PLACES = {item["id"]: place for place, item in enumerate(PLAIN["items"])}
NOT_ONE = "its condition does not name one option of USE and nothing else"


def changed(name="USE_OTHER", whole=None, **members):
    items = [{**item, **(members if item["id"] == name else {})} for item in PLAIN["items"]]
    return Questionnaire.from_bytes(canonical({**PLAIN, "items": items, **(whole or {})}))


def messages(questionnaire):
    return [fault.message for fault in faults(questionnaire)]


def test_the_shared_questionnaire_is_sound():
    """The vectors' own study has no fault, and each phrase knows its option."""
    assert [] == messages(changed())
    assert [7, 3] == [changed().item(name).specified for name in ("USE_OTHER", "WHERE_OTHER")]


@pytest.mark.parametrize(
    ("name", "members", "message"),
    [
        ("USE_OTHER", {"specifies": "MOON"}, "there is no item MOON"),
        ("USE_OTHER", {"specifies": "USE_OTHER"}, "it does not stand right after USE_OTHER, on whose screen it is"),
        ("WHERE_OTHER", {"specifies": "USE"}, "it does not stand right after USE, on whose screen it is"),
        ("USE_OTHER", {"count": 2}, "only an item of one phrase can specify an option"),
        ("LIKE", {"specifies": "WHERE_OTHER"}, "only an item of one phrase can specify an option"),
        ("WHERE", {"randomise": {"epsilon": "2"}}, "WHERE has no options that could have words of their own"),
        ("USE_OTHER", {"ask_if": {"item": "USE", "has": [7, 1]}}, NOT_ONE),
        ("USE_OTHER", {"ask_if": {"item": "USE", "in": [0]}}, NOT_ONE),
        ("USE_OTHER", {"ask_if": {"not": {"item": "USE", "has": [7]}}}, NOT_ONE),
        ("USE", {"private": True}, "it is on the screen of USE, and only one of both is private"),
        ("USE_OTHER", {"private": True}, "it is on the screen of USE, and only one of both is private"),
        ("USE_OTHER", {"missing": [98, 99]}, "an empty field means 99 and nothing else"),
    ],
)
def test_what_cannot_stand_below_an_option_is_a_fault(name, members, message):
    """Each mistake is named once, at the phrase."""
    assert 1 == messages(changed(name, **members)).count(message)


def test_a_phrase_that_other_forms_ask_is_a_fault():
    """What stands on a screen is asked where the screen is."""
    forms = {"forms": [{"id": "short", "when": {"item": "USE", "in": [99]}}, {"id": "all"}]}
    items = [{**item, "forms": ["short", "all"]} for item in PLAIN["items"]]
    items[PLACES["WHERE_OTHER"]]["forms"] = ["all"]
    assert ["other forms ask it than ask WHERE"] == messages(changed(whole={**forms, "items": items}))
