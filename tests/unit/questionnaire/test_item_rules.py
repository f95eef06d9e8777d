"""Types, groups and randomised items of a document that no compiler wrote: each fault is named where it stands."""

import json
from copy import deepcopy

import pytest
from paths import vectors

from crypto.canonical import canonical
from survey.questionnaire.questionnaire import Derived, Questionnaire
from survey.questionnaire.rules.indicator_rules import derived_faults
from survey.questionnaire.rules.questionnaire_rules import faults
from survey.questionnaire.rules.sum_bounds import sum_bounds

PLAIN = vectors("questionnaire-types")


def changed(name, **members):
    """Return the types study with members of one item replaced; None takes one away."""
    plain = deepcopy(PLAIN)
    item = next(item for item in plain["items"] if item["id"] == name)
    item |= members
    for key in [key for key, value in members.items() if value is None]:
        del item[key]
    return plain


def messages(plain):
    questionnaire = Questionnaire.from_bytes(canonical(plain))
    return [f"{'.'.join(map(str, fault.where))}: {fault.message}" for fault in faults(questionnaire)]


def test_the_types_study_is_sound():
    """Neither its items nor its indicators have a fault: what follows is about the changes."""
    questionnaire = Questionnaire.from_bytes(canonical(PLAIN))
    assert [] == [*faults(questionnaire), *derived_faults(questionnaire)]


BANDS = [{"code": 1, "from": 0, "to": 9}, {"code": 2, "from": 10, "to": 19}]


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (changed("YEARS", options=[BANDS[0], {"code": 2}, {"code": 3}]), "YEARS.options.2: a band needs `from`"),
        (changed("YEARS", options=[BANDS[1], BANDS[0], {"code": 3, "from": 20, "to": 30}]),
         "YEARS.options.1: it does not begin where the band before it ends (19)"),
        (changed("BORN", options=[{"code": 1, "from": 1, "to": 2}]), "BORN.options.1: its bounds are no dates"),
        (changed("MOVED", options=[{"code": 2, "from": 202013, "to": 202101}]),
         "MOVED.options.2: its bounds are no dates"),
        (changed("WORRY", treatment=[3, 4]), "WORRY.options: the codes are not those of its lines and arms"),
        (changed("WORRY", treatment=None), "WORRY.options: the codes are not those of its lines and arms"),
        (changed("WORDS", length=None), "WORDS.length: `length` is missing or too large"),
        (changed("WORDS", count=10, length=60), "WORDS: 2401 bytes in every envelope"),
        (changed("SECRET", randomise={"epsilon": "0.05"}), "SECRET.randomise: this epsilon hides nothing"),
        (changed("SECRET", options=[{"code": 1}], missing=[]), "SECRET.randomise: there is only one answer"),
        (changed("WORRY", randomise={"epsilon": "2"}), "WORRY.randomise: only an item of one code, alone"),
        (changed("BUYS", randomise={"epsilon": "2"}), "BUYS.randomise: only an item of one code, alone"),
        (changed("G1_1", randomise={"epsilon": "2"}), "G1_1.randomise: only an item of one code, alone"),
        (changed("G1_2", missing=[99]), "groups.G1: its items are not single items that are asked alike"),
        (changed("R1_2", ask_if=None), "groups.R1: its items are not single items that are asked alike"),
        ({**PLAIN, "groups": [{**PLAIN["groups"][0], "items": ["G1_1", "G1_3"]}]}, "G1: its items are not neigh"),
        ({**PLAIN, "groups": [{**PLAIN["groups"][0], "items": ["G1_1", "G9"]}]}, "G1: it names items"),
        ({**PLAIN, "groups": [{**PLAIN["groups"][0], "id": "FRUIT"}]}, "groups.FRUIT: FRUIT stands here 2 times"),
        ({**PLAIN, "pairs": [["G1_3", "R1_1"]]}, "groups.G1: an item of a group stands in a pair"),
        (changed("MOVED", ask_if={"item": "BUYS", "chosen": [4, 9]}), "nobody chooses 4 to 9 options of BUYS"),
        (changed("MOVED", ask_if={"item": "HELLO", "in": [97]}), "HELLO is a note, which decides nothing"),
        (changed("MOVED", ask_if={"count": [{"item": "SIZE", "in": [9]}], "range": [0, 1]}), "SIZE never has"),
        (changed("MOVED", ask_if={"count": [{"item": "SIZE", "in": [1]}], "range": [1, 0]}), "1 to 0 of 1 conditions"),
        (changed("MOVED", ask_if={"all": [{"item": "BUYS", "has": [9]}, {"item": "BUYS", "chosen": [2, 3]}]}),
         "MOVED.ask_if: nobody can ever reach this item"),
        (changed("BUYS", options=[{"code": 1, "end": "no-consent"}, {"code": 2}], cap=2), "cannot end the interview"),
    ],
)  # fmt: skip
def test_what_no_phone_could_ask_or_seal_is_named(plain, expected):
    """Each change gives a fault that says what is wrong, at the item, option or group where it stands."""
    assert any(expected in message for message in messages(plain)), messages(plain)


PRIVATE = {"item": "FRUIT", "in": [1]}


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (changed("YEARS", private=True, options=[{"code": 1, "from": 0, "to": 9, "end": "no-consent"}, BANDS[1]]),
         "YEARS.options: the ending of a private item tells its answer to the assistant"),
        (changed("FRUIT", private=True),
         "forms.short.when: what is asked afterwards tells an assistant the answer to FRUIT"),
    ],
)  # fmt: skip
def test_what_would_tell_an_assistant_a_private_answer_is_named(plain, expected):
    """An ending and the form that is asked would show an assistant what was answered in private."""
    assert any(expected in message for message in messages(plain)), messages(plain)


@pytest.mark.parametrize(("private", "refused"), [(None, True), (True, False)])
def test_what_is_asked_because_of_a_private_answer_is_private_too(private, refused):
    """An item that is asked because of a private one is a fault unless it is private itself."""
    plain = changed("MOVED", ask_if=PRIVATE, private=private)
    next(item for item in plain["items"] if item["id"] == "FRUIT")["private"] = True
    message = "items.MOVED.ask_if: that it is asked tells an assistant the answer to FRUIT, which is private"
    assert refused == (message in messages(plain))


def test_a_band_may_follow_december():
    """The month after December is January of the next year."""
    following = [{"code": 1, "from": 202001, "to": 202012}, {"code": 2, "from": 202101, "to": 202101}]
    assert [] == messages(changed("MOVED", options=following))


def test_what_stands_alone_adds_to_nothing_else():
    """The bounds of a count know that an exclusive option is chosen alone: never above the cap of the others."""
    questionnaire = Questionnaire.from_bytes(canonical(PLAIN))
    terms = [{"count": "BUYS", "of": [1, 2, 9]}, {"when": {"item": "BUYS", "has": [9]}, "add": 5}]
    counted = Derived.model_validate_json(json.dumps({"id": "NEW", "levels": [0], "sum": terms}))
    assert (0, 6) == sum_bounds(counted, questionnaire)


@pytest.mark.parametrize("name", ["SECRET", "WORDS", "HELLO"])
def test_indicators_look_at_no_answer_that_is_not_the_respondents_own(name):
    """A term over a randomised item, a phrase or a note is a fault that names it."""
    plain = deepcopy(PLAIN)
    plain["derived"] = [{"id": "NEW", "levels": [*range(4)], "sum": [{"value_of": name}]}]
    faults = [*derived_faults(Questionnaire.from_bytes(canonical(plain)))]
    assert any(name in fault.message for fault in faults)
