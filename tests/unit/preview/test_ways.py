"""The way to an item: answers that a person can give, and that lead there."""

import pytest
from paths import STUDIES
from studies.tools import tools

from survey.authoring.compiler import compile_study
from survey.preview.ways import way_to
from survey.questionnaire.conditions import ItemIn
from survey.questionnaire.questionnaire import Questionnaire, form_of, is_asked

SOURCES = ("showcase", "sesame_credit")


@pytest.fixture(scope="module", params=SOURCES)
def study(request):
    """Return each shipped questionnaire with its first texts."""
    questionnaire, texts = compile_study(STUDIES / request.param / "questionnaire.yaml")
    return questionnaire, next(iter(texts.values()))


def given(questionnaire, way):
    """Return the answers of a way by item, as the phone would have them: bands from what is typed or chosen."""
    answers = {}
    for step in way.steps:
        item = questionnaire.item(step.item)
        group = next((one for one in questionnaire.groups if step.item in one.items), None)
        if group is not None and group.kind == "ranking":
            answers |= dict(zip(group.items, step.press, strict=False))
        elif step.press:
            answers[item.id] = step.press if item.multi and step.press[0] in item.codes else step.press[0]
        elif step.type or step.pick:
            value = int("".join(part.zfill(2) for part in (*step.type, *step.pick)))
            answers[item.id] = next(one.code for one in item.options if one.low <= value <= one.high)
    return answers


def test_every_item_that_anybody_is_asked_has_a_way_that_leads_to_it(study):
    """After the answers of a way its item is asked, by the questionnaire's own rule, and was not asked before."""
    questionnaire, texts = study
    for item in questionnaire.items:
        way = way_to(item.id, questionnaire, texts)
        answers = given(questionnaire, way)
        assert way.found
        assert is_asked(item, form_of(questionnaire, answers), answers), item.id
        assert item.id not in {step.item for step in way.steps}


def test_each_step_answers_an_item_that_is_asked_then_with_what_it_offers(study):
    """No step is of an item that its routing leaves out, and what is pressed is an option that ends nothing."""
    questionnaire, texts = study
    way = way_to("", questionnaire, texts)
    answers = given(questionnaire, way)
    places = [list(questionnaire.by_id).index(step.item) for step in way.steps]
    assert places == sorted(places)
    for step in way.steps:
        item = questionnaire.item(step.item)
        assert is_asked(item, form_of(questionnaire, answers), answers), step
        assert {*step.press} <= {*item.domain}
        assert step.press or step.type or step.pick or item.note


def test_an_item_that_nobody_is_asked_has_no_way():
    """Where the routing can never hold the way is not found, and nothing is pressed."""
    questionnaire, texts = compile_study(STUDIES / "showcase" / "questionnaire.yaml")
    *before, last = questionnaire.items
    never = last.model_copy(update={"ask_if": ItemIn(**{"item": "AGE", "in": (77,)})})
    changed = Questionnaire.model_construct(**{**dict(questionnaire), "items": (*before, never)})
    way = way_to(never.id, changed, texts["en"])
    assert (False, ()) == (way.found, way.steps)


def test_the_way_to_words_of_an_option_ends_on_its_question_with_the_option_pressed():
    """The phrase has its question's heading; on a way beyond it the field is filled or left, and then comes Next."""
    whole, _ = tools()
    way = way_to("WHERE_OTHER", whole.questionnaire, whole.texts["en"])
    assert ("Where do you use them?", None) == (way.title, way.row)
    assert [("USE", (1,), True), ("MOST", (1,), False), ("WHERE", (3,), False)] == [
        (step.item, step.press, step.next) for step in way.steps
    ]
    past = way_to("LIKE", _asked_of(whole.questionnaire, "WHERE", 3), whole.texts["en"]).steps
    assert [("WHERE", (3,), (), False), ("WHERE_OTHER", (), ("a",), True)] == [
        (step.item, step.press, step.type, step.next) for step in past[-2:]
    ]
    assert past[-1].title == past[-2].title


def _asked_of(questionnaire, name, code):
    """Return the questionnaire with its last item asked after one answer alone."""
    *before, last = questionnaire.items
    only = last.model_copy(update={"ask_if": ItemIn(**{"item": name, "in": (code,)})})
    return Questionnaire.model_construct(**{**dict(questionnaire), "items": (*before, only)})


def test_a_way_presses_an_option_that_was_carried_forward():
    """Where the way chooses the last tool alone, that is what the next question is answered with."""
    whole, _ = tools()
    steps = way_to("LIKE", _asked_of(whole.questionnaire, "MOST", 7), whole.texts["en"]).steps
    assert {"USE": (7,), "MOST": (7,)} == {step.item: step.press for step in steps if step.item in ("USE", "MOST")}
