"""Every indicator of the Sesame study, worked by hand for one person at a time: each level's edge, and why none.

The definitions are those of the method's section 2.6; tests/vectors/derived-sesame.json has whole people, which the
tables' own arithmetic (analysis/counting/indicators.py) runs too.
"""

import pytest
from paths import VECTORS

from survey.questionnaire.indicators import derive
from survey.questionnaire.questionnaire import Questionnaire

SESAME = Questionnaire.from_bytes((VECTORS / "questionnaire-sesame.json").read_bytes())
NOT_ASKED, UNSURE, REFUSED = UNDEFINED = (97, 98, 99)
METHOD = {
    "USEGRP", "USE4", "KSCORE", "KBAND", "NEVERSEEN", "OVERCONF", "NONFIN", "FOLKIDX", "TRUSTGAP", "LOWBANK",
    "APPYESBANKNO", "LOCKIN", "LOCKINS", "CCA", "RESIGN", "NRBAND", "URB2", "HARD2", "MIG2", "MODE2",
}  # fmt: skip

QUIZ = {"USE": 1, "KDATA": 98, "KRANGE": 98, "KWHO": 98, "KPBOC": 98, "KOFF": 98, "KRIGHT": 98}
"""A user who knows that they do not know: no point, and no refusal."""
RIGHT = {"USE": 1, "KDATA": (1, 2, 3, 4, 5), "KRANGE": 2, "KWHO": 1, "KPBOC": 2, "KOFF": 1, "KRIGHT": 1}
"""All ten points: 350 to 950, Ant Group, another report, can be turned off, has a right to ask."""
LOCKED = {"USE": 2, "LIFE": 3, "ALT": 2, "KOFF": 2, "TURNOFF": 4, "BANKUSE": 5}
"""3 + 2 + 1 + 2 + 2: every part of the lock-in."""
ALLOWING = {"SOCIAL": 5, "FRIENDS": 3, "ALLOW": (1,), "WECHAT": 5}
"""2 + 1 + 3 + 2: every part of the concern about context."""

WORKED = [
    *(
        ("USEGRP", {"USE": use}, group)
        for use, group in zip((1, 2, 3, 4, 5, 6, 98, 99), (1, 2, 3, 4, 5, 6, 6, 6), strict=True)
    ),
    *(
        ("USE4", {"USE": use}, group)
        for use, group in zip((1, 2, 3, 4, 5, 6, 98, 99), (1, 1, 2, 3, 4, 4, 4, 4), strict=True)
    ),
    ("KSCORE", QUIZ, 0),
    ("KSCORE", RIGHT, 10),
    ("KSCORE", RIGHT | {"KDATA": (1, 2, 3, 4, 5, 6, 7, 8)}, 7),  # ticking everything earns 5 - 3 = 2, and 5 more
    ("KSCORE", RIGHT | {"KDATA": (6, 7)}, 5),  # foils alone: not under nought
    ("KSCORE", RIGHT | {"KOFF": 2, "KPBOC": 1}, 8),
    ("KSCORE", RIGHT | {"USE": 6}, NOT_ASKED),  # has not heard of it
    *(("KSCORE", RIGHT | {item: 99}, REFUSED) for item in ("KDATA", "KRANGE", "KWHO", "KPBOC", "KOFF", "KRIGHT")),
    ("KBAND", QUIZ | {"KDATA": (1, 2)}, 1),
    ("KBAND", QUIZ | {"KDATA": (1, 2, 3)}, 2),
    ("KBAND", QUIZ | {"KDATA": (1, 2, 3), "KRANGE": 2}, 2),
    ("KBAND", QUIZ | {"KDATA": (1, 2, 3, 4, 5)}, 3),
    ("KBAND", RIGHT | {"KDATA": (1,)}, 3),
    ("KBAND", RIGHT | {"KDATA": (1, 2)}, 4),
    ("KBAND", RIGHT | {"KDATA": (1, 2, 3)}, 4),
    ("KBAND", RIGHT | {"KDATA": (1, 2, 3, 4)}, 5),
    ("KBAND", RIGHT | {"KWHO": 99}, REFUSED),
    *(("NEVERSEEN", {"SEEN": seen}, value) for seen, value in ((1, 0), (2, 0), (3, 1), (4, 1))),
    *(("NEVERSEEN", {"SEEN": seen}, why) for seen, why in ((98, UNSURE), (99, REFUSED))),
    ("NEVERSEEN", {}, NOT_ASKED),
    ("OVERCONF", QUIZ | {"SELF": 2}, 1),
    ("OVERCONF", QUIZ | {"SELF": 1}, 0),
    ("OVERCONF", QUIZ | {"KDATA": (1, 2, 3), "KRANGE": 2, "SELF": 3}, 1),  # four points
    ("OVERCONF", QUIZ | {"KDATA": (1, 2, 3, 4), "KRANGE": 2, "SELF": 3}, 0),  # five
    ("OVERCONF", QUIZ | {"SELF": 99}, REFUSED),
    ("OVERCONF", QUIZ | {"SELF": 3, "KOFF": 99}, REFUSED),
    ("NONFIN", QUIZ | {"KDATA": (1, 3, 6)}, 0),
    ("NONFIN", QUIZ | {"KDATA": (1, 2, 3, 5)}, 2),
    ("NONFIN", QUIZ | {"KDATA": (2, 4, 5)}, 3),
    ("NONFIN", QUIZ, 0),
    ("NONFIN", QUIZ | {"KDATA": 99}, REFUSED),
    ("FOLKIDX", {"USE": 4, "FOLK": 90, "SOURCE": 1}, 0),
    ("FOLKIDX", {"USE": 4, "FOLK": (1, 2, 3, 4), "SOURCE": 3}, 5),
    ("FOLKIDX", {"USE": 4, "FOLK": (2, 4), "SOURCE": 99}, 2),
    ("FOLKIDX", {"USE": 4, "FOLK": 98, "SOURCE": 6}, 1),
    ("FOLKIDX", {"USE": 4, "FOLK": 99, "SOURCE": 6}, REFUSED),
    ("FOLKIDX", {"USE": 6}, NOT_ASKED),
    ("TRUSTGAP", {"TBANK": 3, "TALI": 0}, 3),
    ("TRUSTGAP", {"TBANK": 0, "TALI": 3}, -3),
    ("TRUSTGAP", {"TBANK": 2, "TALI": 2}, 0),
    ("TRUSTGAP", {"TBANK": 98, "TALI": 2}, UNSURE),
    ("TRUSTGAP", {"TBANK": 2, "TALI": 99}, REFUSED),
    *(("LOWBANK", {"BANKUSE": use}, value) for use, value in ((1, 0), (2, 0), (3, 1), (4, 1), (5, 1))),
    ("LOWBANK", {"BANKUSE": 99}, REFUSED),
    ("APPYESBANKNO", {"LOAN": 3}, 1),
    *(("APPYESBANKNO", {"LOAN": loan}, 0) for loan in (2, 4, 5, 6)),
    *(("APPYESBANKNO", {"LOAN": loan}, why) for loan, why in ((1, NOT_ASKED), (99, REFUSED))),
    ("APPYESBANKNO", {"CONSENT2": 2}, NOT_ASKED),
    ("LOCKIN", LOCKED, 10),
    ("LOCKIN", {"USE": 1, "LIFE": 0, "ALT": 0, "KOFF": 1, "TURNOFF": 1, "BANKUSE": 1}, 0),
    ("LOCKIN", {"USE": 1, "LIFE": 2, "ALT": 98, "KOFF": 98, "TURNOFF": 2, "BANKUSE": 3}, 6),  # 2 + 1 + 1 + 1 + 1
    ("LOCKIN", LOCKED | {"LIFE": 98}, UNSURE),
    ("LOCKIN", LOCKED | {"LIFE": 99}, REFUSED),
    ("LOCKIN", LOCKED | {"USE": 3}, NOT_ASKED),  # of those who use it now
    ("LOCKINS", {"USE": 2, "LIFE": 3, "KOFF": 2, "TURNOFF": 3}, 6),  # the core form: 3 + 1 + 2
    ("LOCKIN", {"USE": 2, "LIFE": 3, "KOFF": 2, "TURNOFF": 3}, NOT_ASKED),
    ("LOCKIN", {"USE": 2, "LIFE": 98, "KOFF": 2, "TURNOFF": 3}, NOT_ASKED),
    ("LOCKINS", {"USE": 2, "LIFE": 99, "KOFF": 2, "TURNOFF": 3}, REFUSED),
    ("CCA", ALLOWING, 8),
    ("CCA", {"SOCIAL": 1, "FRIENDS": 1, "ALLOW": (6, 7, 8), "WECHAT": 1}, 0),
    ("CCA", {"SOCIAL": 4, "FRIENDS": 2, "ALLOW": (1, 6), "WECHAT": 4}, 4),  # 1 + 0 + 2 + 1
    ("CCA", {"SOCIAL": 98, "ALLOW": 90, "WECHAT": 99}, 3),  # no to all of it; the short form has no FRIENDS
    *(("CCA", ALLOWING | {"ALLOW": code}, code) for code in (UNSURE, REFUSED)),
    ("RESIGN", {"USE": 1, "CONTROL": 0, "VOICE": 2}, 1),
    ("RESIGN", {"USE": 1, "CONTROL": 1, "VOICE": 2}, 1),
    ("RESIGN", {"USE": 1, "CONTROL": 2, "VOICE": 2}, 0),
    ("RESIGN", {"USE": 1, "CONTROL": 0, "VOICE": 3}, 0),
    ("RESIGN", {"USE": 1, "CONTROL": 99, "VOICE": 2}, 0),
    ("RESIGN", {"USE": 6, "CONTROL": 0}, NOT_ASKED),
    ("NRBAND", {"USE": 1, "SEX": 1}, 0),
    ("NRBAND", {"USE": 1, "SEX": 99}, 1),
    ("NRBAND", {"USE": 99, "SEX": 99}, 1),
    ("NRBAND", {"USE": 99, "SEX": 99, "KDATA": 99}, 2),
    *(("URB2", {"PLACE": place}, value) for place, value in ((1, 1), (2, 1), (3, 2), (99, REFUSED))),
    *(("HARD2", {"HARD": hard}, value) for hard, value in ((1, 1), (2, 1), (3, 2), (4, 2), (99, REFUSED))),
    *(("MIG2", {"HUKOU": hukou}, value) for hukou, value in ((1, 1), (2, 2), (3, 2), (98, UNSURE))),
    *(("MODE2", {"MODE": mode}, value) for mode, value in ((1, 1), (2, 1), (3, 2), (4, 2))),
]
NEVER_UNDEFINED = {"USEGRP", "USE4", "NRBAND", "MODE2"}


@pytest.mark.parametrize(("name", "answers", "value"), WORKED, ids=str)
def test_an_indicator_is_what_the_method_defines(name, answers, value):
    """One person's answers, worked by hand; whoever has no other USE is a user."""
    assert value == derive(SESAME, {"USE": 1} | answers)[name]


def test_every_indicator_of_the_method_is_worked_defined_and_undefined():
    """Each of section 2.6 has examples of at least two values, and one that is undefined unless it never is."""
    worked = {name: {value for other, _, value in WORKED if other == name} for name in METHOD}
    assert METHOD == {name for name, _, _ in WORKED}
    assert {name for name, values in worked.items() if values.isdisjoint(UNDEFINED)} == NEVER_UNDEFINED
    assert all(len(values.difference(UNDEFINED)) > 1 or name == "LOCKINS" for name, values in worked.items())


def test_a_guesser_who_ticks_everything_earns_two_of_five():
    """Random knowledge does not pay: all eight boxes give 5 - 3 points."""
    assert 2 == derive(SESAME, QUIZ | {"KDATA": tuple(range(1, 9))})["KSCORE"]
