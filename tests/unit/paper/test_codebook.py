"""The codebook and the labels of releases: every type of item in words."""

import pytest
from paths import STUDIES
from studies.household import checked
from studies.places import cascade
from studies.tools import tools

from survey.authoring.compiler import compile_study
from survey.paper.codebook import codebook, condition_text
from survey.plan.plan_labels import labels
from survey.questionnaire.levels import levels_of

SOURCE = STUDIES / "showcase" / "questionnaire.yaml"


@pytest.fixture(scope="module")
def study():
    return compile_study(SOURCE)


@pytest.mark.parametrize("locale", ["en", "zh-Hans", "zh-Hant"])
def test_every_item_group_and_text_stands_in_the_codebook(study, locale):
    """No item, group, hint, option, line or end is left out in any language."""
    questionnaire, texts = study[0], study[1][locale]
    book = codebook(questionnaire, texts)
    names = (*questionnaire.by_id, *questionnaire.groups_by_id, *questionnaire.derived_by_id)
    assert [] == [name for name in names if f"\n{name}  " not in book]
    words = [item.text for item in texts.items.values()] + [*texts.groups.values(), *texts.hints.values()]
    words += [option for item in texts.items.values() for option in item.options.values()]
    words += [part for item in texts.items.values() for part in (*(item.lines or ()), *(item.ends or ()))]
    assert [] == [word for word in words if word not in book]


def test_what_a_code_stands_for_is_said(study):
    """Bounds, arms, exclusive options, endings, private and randomised items are named beside their codes."""
    book = codebook(study[0], study[1]["en"])
    for sentence in (
        "0–17  [0 to 17]  -> ends: too-young", "Nothing, I only look  (alone)", " 44  4  (of 4 lines)",
        "4. Tasted something and did not buy it  (only in the longer list)", "from Not at all to Very much",
        "private; randomised on the phone, epsilon 2", "up to 3 of at most 3 words and 20 letters", "for 7 days",
        "VIEWS  (grid of VIEWS_1, VIEWS_2, VIEWS_3, KIND; their order is drawn on the phone)",
    ):  # fmt: skip
        assert sentence in book


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"item": "A", "chosen": [1, 3]}, "1 to 3 options of A are chosen"),
        ({"count": [{"item": "A", "in": [1]}, {"not": {"item": "B", "has": [2, 3]}}], "range": [1, 1]},
         "1 to 1 of these hold: (A is 1), (not (B has any of 2 or 3))"),
        ({"any": [{"item": "D", "range": [0, 2]}, {"all": [{"item": "A", "in": [1, 2]}]}]},
         "(D is 0 to 2) or ((A is 1 or 2))"),
    ],
)  # fmt: skip
def test_conditions_are_said_in_words(condition, words):
    """Every kind of condition has its words, within others too."""
    assert words == condition_text(condition)


def test_what_is_no_condition_has_no_words():
    """Anything else is refused instead of left out."""
    with pytest.raises(ValueError, match="not a condition"):
        condition_text({"item": "A", "equals": 1})


@pytest.mark.parametrize("locale", ["en", "zh-Hans", "zh-Hant"])
def test_every_level_of_every_dimension_has_a_label(study, locale):
    """Every substantive level of items, groups, indicators and the header is named; 97 and 255 are named elsewhere."""
    questionnaire, texts = study[0], study[1][locale]
    coded = [item.id for item in questionnaire.items if item.coded or item.multi]
    names = [*coded, *questionnaire.groups_by_id, *questionnaire.derived_by_id, "@locale", "@mode", "@form", "@quality"]
    labels_by_name = labels(names, questionnaire, texts)
    assert {*names} == {*labels_by_name}
    for name in names:
        levels = [level for level in levels_of(questionnaire, name) if level not in (97, 255)]
        assert {str(level) for level in levels} == {*labels_by_name[name]["levels"]}


def test_a_grid_brings_its_rows_and_a_list_its_arms(study):
    """The rows of a grid are labelled with it, counts say of how many lines, and a pipe is no answer."""
    labels_by_name = labels(["VIEWS", "WORRY", "LIKE"], *(study[0], study[1]["en"]))
    assert ["VIEWS", "VIEWS_1", "VIEWS_2", "VIEWS_3", "KIND", "WORRY", "LIKE"] == [*labels_by_name]
    assert ("2 / 3", "2 / 4") == (labels_by_name["WORRY"]["levels"]["12"], labels_by_name["WORRY"]["levels"]["42"])
    assert labels_by_name["LIKE"]["text"].startswith("You go to this stall first: [STALL].")


def test_a_filtered_option_names_the_answers_it_is_for():
    """The codebook gives the item and the codes, and nothing at an option that is for all answers."""
    whole, _ = cascade()
    book = codebook(whole.questionnaire, whole.texts["en"])
    assert " 12  Bb  (after PROVINCE 1, 3)\n" in book
    assert " 30  Elsewhere\n" in book


def test_words_of_an_option_are_named_with_their_question_and_option():
    """The codebook names the option, and a release says above which words the list stands."""
    whole, _ = tools()
    book = codebook(whole.questionnaire, whole.texts["en"])
    assert "below option 7 of USE" in book
    named = labels(["USE_OTHER", "WHERE_OTHER"], whole.questionnaire, whole.texts["en"])
    assert "Which tools do you use? · Another tool · Which other tool?" == named["USE_OTHER"]["text"]
    assert "Where do you use them? · Elsewhere · Where else?" == named["WHERE_OTHER"]["text"]


def test_a_check_stands_in_the_codebook_with_what_must_hold():
    """The condition and the message; an item without checks has no such line."""
    whole, _ = checked()
    book = codebook(whole.questionnaire, whole.texts["en"])
    assert "holds (ALONE is 2) or (PEOPLE is 0 or 99); else: You said that somebody lives with you." in book
    assert 4 == book.count("    holds ")
