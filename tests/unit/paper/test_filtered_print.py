"""Options by an earlier answer, words of an option, and checks against an answer, on paper."""

import pytest
from studies.household import checked
from studies.places import cascade
from studies.tools import tools

from survey.paper.item_blocks import blocks
from survey.wording.catalogues import in_locale, load_wordings
from survey.wording.routing_words import ConditionRenderer


@pytest.mark.parametrize(("locale", "said"), [("en", "offered only if"), ("zh-Hans", "只在以下情况出现")])
def test_a_filtered_option_says_on_paper_after_which_answer_it_is_offered(locale, said):
    """Town Bb names the labels of both of its provinces; what is offered to all says nothing."""
    whole, _ = cascade()
    texts = whole.texts[locale]
    renderer = ConditionRenderer(whole.questionnaire, texts, in_locale(load_wordings("plain"), locale))
    (block,) = blocks(renderer, in_locale(load_wordings("print"), locale), {}, {})
    notes = {line.code: " ".join(line.notes) for line in block.parts[1].lines}
    provinces = texts.items["PROVINCE"].options
    assert all(part in notes["12"] for part in (said, provinces["1"], provinces["3"]))
    assert ("", "") == (notes["30"], notes["99"])


@pytest.mark.parametrize(("locale", "said"), [("en", "On a phone this stands below"), ("zh-Hans", "在手机上")])
def test_words_of_an_option_say_on_paper_where_they_stand_and_who_is_asked(locale, said):
    """The phrase has its own block, with the option in the sentence of who is asked."""
    whole, _ = tools()
    texts = whole.texts[locale]
    renderer = ConditionRenderer(whole.questionnaire, texts, in_locale(load_wordings("plain"), locale))
    (block,) = blocks(renderer, in_locale(load_wordings("print"), locale), {}, {})
    part = block.parts[1]
    assert said in " ".join(part.facts)
    assert texts.items["USE"].options["7"] in " ".join(part.who)
    assert () == block.parts[0].facts


def test_a_carried_option_names_on_paper_the_answer_that_must_be_marked():
    """Each option names its own; the one for all says nothing."""
    whole, _ = tools()
    renderer = ConditionRenderer(whole.questionnaire, whole.texts["en"], in_locale(load_wordings("plain"), "en"))
    (block,) = blocks(renderer, in_locale(load_wordings("print"), "en"), {}, {})
    lines = next(part for part in block.parts if part.id == "MOST").lines
    notes = {line.code: " ".join(line.notes) for line in lines}
    assert "offered only if" in notes["1"]
    assert "A knife" in notes["1"]
    assert "" == notes["9"]


@pytest.mark.parametrize(
    ("locale", "said"), [("en", "with this message: “Not more"), ("zh-Hans", "否则提示：“孩子不能")]
)
def test_a_checked_question_has_its_message_on_paper(locale, said):
    """Each message stands at its question, with the number of the question that it shows the answer to."""
    whole, _ = checked()
    renderer = ConditionRenderer(whole.questionnaire, whole.texts[locale], in_locale(load_wordings("plain"), locale))
    (block,) = blocks(renderer, in_locale(load_wordings("print"), locale), {}, {})
    facts = {part.id: " ".join(part.facts) for part in block.parts}
    assert said in facts["CHILDREN"]
    assert "1" in facts["CHILDREN"]
    assert "" == facts["PEOPLE"]
