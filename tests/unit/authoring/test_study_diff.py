"""A comparison of two questionnaires says each change once, as what it is to people, codes and routes."""

import functools

import pytest
from click.testing import CliRunner
from paths import STUDIES

from survey.authoring.compiler import compile_with_media
from survey.authoring.editing.study_diff import study_changes, verdict
from survey.commands.main import main

HOUSE = 'missing: [98, 99]\n    text: {en: "For how'
TEXT = (STUDIES / "showcase/questionnaire.yaml").read_text(encoding="utf-8")


@functools.cache
def showcase():
    """Return the showcase as it is."""
    return compile_with_media(STUDIES / "showcase/questionnaire.yaml")


def changes(folder, *edits):
    """Return what changed from the showcase to the showcase with changed lines."""
    text = TEXT
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / "questionnaire.yaml"
    path.write_text(text, encoding="utf-8")
    one, other = showcase(), compile_with_media(path, media_folder=STUDIES / "showcase")
    return study_changes(one.questionnaire, other.questionnaire, one.texts, other.texts)


@pytest.mark.parametrize(
    ("old", "new", "kind", "where", "said"),
    [
        ("How old are you?", "What is your age?", "wording", "items.AGE.text", "What is your age?"),
        ("I do not agree", "No", "wording", "consent.decline", "in en"),
        ("    cap: 3\n", "    cap: 2\n", "codes", "GOODS", "`cap`"),
        ("from: 18, to: 29}", "from: 18, to: 30}", "codes", "AGE", "18–29 became 18–30"),
        ("ask_if: buys", "ask_if: keen", "routing", "LATEST", "who is asked: "),
        ("to: 17, end: too-young}", "to: 17, end: no-consent}", "routing", "AGE", "the ending of answer 0"),
        (HOUSE, HOUSE.replace("98, ", ""), "codes", "HOUSE", "`missing`"),
        ("    missing: [90, 99]\n    shuffle: true", "    missing: [90, 99]", "asking", "STALL", "`shuffle`"),
        ("drafts: {days: 7}", "drafts: {days: 9}", "asking", "drafts", "7"),
    ],
)  # fmt: skip
def test_each_change_is_said_as_what_it_is(tmp_path, old, new, kind, where, said):  # noqa: PLR0917 - a case of the table
    """One edit gives changes of its own kind alone, with the place and what stood there."""
    edits = [(old, new)]
    if "too-young}" in old:
        edits.append(("  too-young: {", "  # too-young: {"))
    if "to: 29}" in old:
        edits.append(("from: 30, to: 49}", "from: 31, to: 49}"))
    found = changes(tmp_path, *edits)
    first = next(change for change in found if change.kind == kind)
    assert (first.where, said in first.words) == (where, True)
    assert {change.kind for change in found} - {"wording"} <= {kind}


def test_the_same_is_the_same_and_wording_alone_is_said(tmp_path):
    """Nothing is found between equal files; where words alone differ the first line says so."""
    assert verdict(changes(tmp_path)) == "nothing changed that anybody is asked or reads"
    assert verdict(changes(tmp_path, ("How old are you?", "What is your age?"))).startswith("wording only")


def test_a_routing_change_is_in_words_and_not_in_codes(tmp_path):
    """Who is asked is said by questions and answers."""
    (change,) = [one for one in changes(tmp_path, ("ask_if: buys", "ask_if: keen")) if one.kind == "routing"]
    assert "{" not in change.words


def test_the_command_prints_the_kinds_and_json():
    """Two equal files end with 0 and say so."""
    path = str(STUDIES / "showcase/questionnaire.yaml")
    result = CliRunner().invoke(main, ["study", "diff", path, path, "--json"])
    assert (result.exit_code, '"changes": []' in result.output) == (0, True)
