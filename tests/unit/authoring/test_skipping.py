"""What the consents of the shipped studies say of skipping is so."""

import pytest
from paths import STUDIES

from survey.authoring.compiler import compile_study
from survey.questionnaire.codes import DONT_KNOW, REFUSED

# The first question says how to ask; CONSENT2's "No" is its way to skip.
WITHOUT = {"sesame_credit": ["MODE", "CONSENT2"], "showcase": ["READER"]}
FIRST = {"en": "any question but the first", "zh-Hans": "除了第一题", "zh-Hant": "除了第一題"}


@pytest.mark.parametrize("study", WITHOUT)
def test_every_question_but_the_one_that_the_consent_names_can_be_skipped(study: str):
    """Each question has a way to give no answer but the first, which the consent names in each language."""
    questionnaire, texts = compile_study(STUDIES / study / "questionnaire.yaml")
    asked = [item for item in questionnaire.items if not item.note]
    assert WITHOUT[study] == [item.id for item in asked if not {DONT_KNOW, REFUSED} & {*item.missing}]
    assert WITHOUT[study][0] == asked[0].id
    for locale, words in FIRST.items():
        assert any(words in paragraph for paragraph in texts[locale].consent.paragraphs)
