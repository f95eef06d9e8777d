"""Words that nobody can see or tell apart are named with their place, and words that only look odd are let pass."""

import shutil

import pytest
import yaml
from paths import STUDIES

from survey.authoring.compiler import compile_study
from survey.authoring.wording_checks import folded, letter_faults
from survey.faults import AuthoringError


def flag(region):
    """Return the flag of a region of a country, which is written in tags."""
    return "\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in region) + "\U000e007f"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("\u200b", "shows nothing"),
        ("\u2800\u2800", "shows nothing"),
        ("\u3164", "U+3164"),
        ("\u00ad\u2060", "shows nothing"),
        ("\u0301", "shows nothing"),
        ("no\u202eyes", "turns the direction"),
        *((f"a{sign}b", f"(U+{ord(sign):04X}) turns the direction") for sign in "\u2066\u2067\u2068\u2069"),
        ("\u2067a\u2068b\u2069", "(U+2067) turns the direction"),
        ("fine\U000e0041", "hidden tag (U+E0041)"),
        (flag("gbsct") + "\U000e0067", "hidden tag (U+E0067)"),
        (flag("gbxxx"), "hidden tag"),
        (flag("gbsct")[:-1], "hidden tag"),
    ],
)
def test_letters_that_hide_something_are_named(words, named):
    """What shows nothing, turns what follows or hides a tag is refused with the sign's number."""
    assert [True] == [named in message for message, _ in letter_faults(words)]


@pytest.mark.parametrize(
    "words",
    [
        *("", " ", "1", "?", "\u2026", "\u6ca1\u6709", "e\u0301", "\U0001f468\u200d\U0001f469"),
        *("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u200f\u0645", "a\u2067\u0645\u2069b"),
        *(flag(region) for region in ("gbeng", "gbsct", "gbwls")),
    ],
    ids=ascii,
)
def test_letters_that_a_language_needs_are_let_pass(words):
    """Persian's joiner, marks on letters, closed isolates, emoji, flags and lone signs are words like others."""
    assert [] == [*letter_faults(words)]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Yes", "yes.", True),
        ("\uff11\uff10\uff05", "10%", True),
        ("\u662f\u3002", " \u662f", True),
        ("1-5", "15", False),
        ("+1", "-1", False),
        ("\u2026", "?", False),
        ("Yes", "Yes, often", False),
        ("\U0001f600", "\U0001f622", False),
    ],
)
def test_words_are_compared_as_a_reader_does(one, other, same):
    """Case, width, spaces and full stops make no other answer; numbers, signs and pictures do."""
    assert same == (folded(one) == folded(other))


def problems(folder, change) -> list[str]:
    """Return what the compiler says of the showcase after `change`, which gets its items by id and all of it."""
    shutil.copytree(STUDIES / "showcase", folder, dirs_exist_ok=True)
    path = folder / "questionnaire.yaml"
    study = yaml.safe_load(path.read_text(encoding="utf-8"))
    change({item["id"]: item for item in study["items"]}, study)
    path.write_text(yaml.safe_dump(study, allow_unicode=True, sort_keys=False), encoding="utf-8")
    try:
        compile_study(path)
    except AuthoringError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_each_likeness_is_found_in_one_pass_and_nothing_in_the_sound_file(tmp_path):
    """Two answers, two rows, an answer like a missing one and hidden signs: each with its place, all at once."""
    assert [] == problems(tmp_path / "sound", lambda *_: None)

    def change(items, study):
        items["READER"]["options"][1]["text"]["en"] = items["READER"]["options"][0]["text"]["en"].upper() + "!"
        items["VIEWS"]["rows"][1]["text"]["zh-Hans"] = items["VIEWS"]["rows"][0]["text"]["zh-Hans"]
        items["GOODS"]["options"][2]["text"]["zh-Hant"] = study["missing"][98]["zh-Hant"]
        items["AGE"]["text"]["en"] = "\u3164"
        items["QUEUE"]["text"]["en"] += "\u202e"

    found = problems(tmp_path / "broken", change)
    wanted = [
        ("READER", "answer 1 and answer 2 have the same words in en"),
        ("VIEWS", "row 1 and row 2 have the same words in zh-Hans"),
        ("GOODS", "says in zh-Hant what the missing answer 98 says"),
        ("AGE", "in en the text shows nothing on a screen (U+3164)"),
        ("QUEUE", "a hidden sign (U+202E) turns the direction"),
    ]
    assert len(wanted) == len(found)
    for item, message in wanted:
        assert [problem for problem in found if item in problem and message in problem], (item, found)


def test_an_answer_like_a_missing_one_that_is_not_offered_is_let_pass(tmp_path):
    """The control: where the item offers no such missing answer, nothing is counted apart."""

    def change(items, study):
        items["READER"]["options"][1]["text"]["zh-Hant"] = study["missing"][98]["zh-Hant"]

    assert [] == problems(tmp_path, change)
