"""Texts that depend on a number have a form for each plural of their language, and direction keeps what it is told."""

import pytest
from studies.four_scripts import four_scripts

from survey.authoring.compiler import compile_with_media
from survey.faults import AuthoringError
from survey.wording.bidi import END, LEFT_TO_RIGHT, RIGHT_TO_LEFT, runs_backwards, set_apart
from survey.wording.catalogues import Wording, within
from survey.wording.phone_catalogue import read_interface

KEY = "choose-up-to"
PLACES = "its {placeholders} are not those of the English"
CATEGORIES = {"ar": {"zero", "one", "two", "few"}, "fa": set(), "bo": set(), "th": set()}
"""Of the words of the tests: Arabic's `many` says what `other` says, and needs no text of its own."""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return four_scripts(tmp_path_factory.mktemp("scripts"))


@pytest.mark.parametrize("locale", CATEGORIES)
def test_each_plural_of_a_language_reaches_the_phone_under_its_name(study, locale):
    """The six forms of an Arabic PO file become what CLDR calls them, and a language without plurals has one text."""
    texts = compile_with_media(study).texts[locale].interface
    assert {key.partition(".")[2] for key in texts if key.startswith(f"{KEY}.")} == CATEGORIES[locale]
    if locale == "ar":
        assert ("إجابة واحدة" in texts[f"{KEY}.one"], "إجابتين" in texts[f"{KEY}.two"]) == (True, True)
        assert texts[f"{KEY}.few"].replace("إجابات", "إجابة") == texts[KEY]


def test_english_says_one_and_several_otherwise():
    """One second is no seconds, and what is the same for every number has no second text."""
    texts = read_interface(["en"]).texts["en"]
    assert (texts["idle-left.one"], texts["idle-left"]) == ("{n} second left", "{n} seconds left")
    assert f"{KEY}.one" not in texts


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('msgstr[2] "يمكنك اختيار إجابتين على الأكثر."', 'msgstr[2] ""', "this text is empty or marked fuzzy"),
        ('msgstr[3] "يمكنك اختيار {n}', 'msgstr[3] "يمكنك اختيار {m}', PLACES),
        ('msgstr[5] "يمكنك اختيار {n}', 'msgstr[5] "يمكنك اختيار', PLACES),
    ],
)  # fmt: skip
def test_a_plural_that_is_missing_or_lost_its_number_is_named(tmp_path, before, after, said):
    """One of six forms that is empty, or has another place than the English, is a problem with its key."""
    path = four_scripts(tmp_path)
    po = tmp_path / "interface/ar/phone.po"
    text = po.read_text(encoding="utf-8")
    assert before in text
    po.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(AuthoringError) as caught:
        compile_with_media(path)
    assert [(one.where, one.message) for one in caught.value.problems] == [(KEY, said)]


@pytest.mark.parametrize(
    ("text", "backwards", "apart"),
    [
        ("tea", False, "tea"),
        ("شاي", True, f"{RIGHT_TO_LEFT}شاي{END}"),
        ("50 أو أكثر", True, f"{RIGHT_TO_LEFT}50 أو أكثر{END}"),
        ("M-Pesa أو نقدا", False, f"{LEFT_TO_RIGHT}M-Pesa أو نقدا{END}"),
        ("", False, ""),
    ],
)
def test_a_text_is_set_apart_by_its_first_letter_with_a_direction(text, backwards, apart):
    """What would be put in another order in a line of English is set apart, once, and nothing else."""
    assert (runs_backwards(text), set_apart(text), set_apart(set_apart(text))) == (backwards, apart, apart)


def test_english_in_a_page_from_right_to_left_keeps_its_full_stop():
    """A sentence of ours stands apart there with its full stop, and so does an Arabic name that is put into it."""
    words = within(Wording("en", {"a": "Nothing of {name} is kept."}), "rtl")
    said = f"{LEFT_TO_RIGHT}Nothing of {RIGHT_TO_LEFT}سوق{END} is kept.{END}"
    assert words("a", name="سوق") == said
    assert within(Wording("en", {"a": "Nothing of {name} is kept."}), "ltr")("a", name="M") == "Nothing of M is kept."
