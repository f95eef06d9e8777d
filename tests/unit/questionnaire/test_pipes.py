"""One grammar of pipes, on the phone, on paper and in a plan's labels."""

import re

import pytest
from paths import ROOT

from survey.questionnaire.pipes import PIPE, unpiped

PHONE = ROOT / "survey" / "browser" / "answers" / "piping.ts"
TEXTS = {
    "When did {AGE|you} begin?": "When did you begin?",
    "{AGE|your age} and {G_A|}": "your age and ",
    "{AGE}": "{AGE}",
    "{AGE|one|two}": "{AGE|one|two}",
    "{AGE|a {G_A|b}}": "{AGE|a b}",
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_pipe_is_an_item_and_words_without_a_bar_or_a_brace(text):
    """What is no pipe stays as it is written, so that the check of an authored text finds what nothing fills."""
    assert TEXTS[text] == unpiped(text)


@pytest.mark.parametrize("text", TEXTS)
def test_the_phone_sees_the_same_pipes(text):
    """The phone's expression finds the same items and words in each text."""
    phone = re.search(r"^const PLACEHOLDER = /(.+)/g;$", PHONE.read_text(encoding="utf-8"), re.MULTILINE)
    assert PIPE.findall(text) == re.findall(phone[1], text)
