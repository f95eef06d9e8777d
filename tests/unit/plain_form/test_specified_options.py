"""Words of options, and options carried forward, on the form without JavaScript."""

import pytest
from studies.tools import tools
from werkzeug.datastructures import MultiDict

from survey.plain_form.css_routing import rules
from survey.plain_form.fields import BLANK, NO, YES, form_class
from survey.plain_form.question_blocks import sections
from survey.plain_form.reading import read
from survey.questionnaire.payload import encode
from survey.wording.catalogues import in_locale, load_wordings
from survey.wording.routing_words import ConditionRenderer

WHOLE, _ = tools()
RENDERER = ConditionRenderer(WHOLE.questionnaire, WHOLE.texts["en"], in_locale(load_wordings("plain"), "en"))


def reading(*used: int, where: int, most: int = 9, **typed: str):
    """Read the form filled in with these codes and words."""
    form = form_class(RENDERER, "pin")
    multi = {f"USE_o{code:03}": YES if code in used else NO for code in WHOLE.questionnaire.item("USE").codes}
    words = {"USE_OTHER_p1": "", "WHERE_OTHER_p1": "", **{f"{name}_p1": text for name, text in typed.items()}}
    given = {
        **multi,
        "USE_s": BLANK,
        "WHERE": f"{where:03}",
        "LIKE": "001",
        "MOST": f"{most:03}",
        "consent": YES,
        **words,
    }
    return read(RENDERER, form(formdata=MultiDict(given | {"pin": "pin", "lang": "en", "ready": YES})))


@pytest.mark.parametrize(
    ("used", "where", "typed", "found"),
    [
        ((1,), 1, {}, {}),
        ((7,), 1, {}, {"USE_OTHER": 99}),
        ((1, 7), 2, {"USE_OTHER": " A Grill "}, {"USE_OTHER": ("a grill",)}),
        ((1,), 3, {"WHERE_OTHER": "park"}, {"WHERE_OTHER": ("park",)}),
        ((1,), 1, {"USE_OTHER": "grill"}, {}),
    ],
)  # fmt: skip
def test_words_are_taken_of_who_chose_the_option_and_of_nobody_else(used, where, typed, found):
    """An empty field is 99 where it may stay empty; words below an option that is not chosen are left out."""
    result = reading(*used, where=where, **typed)
    assert () == result.faults
    assert found == {name: value for name, value in result.answers.answers.items() if name.endswith("OTHER")}
    assert len(encode(WHOLE.questionnaire, result.answers)) == WHOLE.questionnaire.payload_width


@pytest.mark.parametrize(("typed", "said"), [({}, "write an answer"), ({"WHERE_OTHER": "one two three four"}, "words")])
def test_a_field_that_may_not_stay_empty_and_words_that_do_not_fit_are_named(typed, said):
    """The fault is of the phrase, not of the question above it."""
    (fault,) = reading(1, where=3, **typed).faults
    assert "WHERE_OTHER" == fault.field
    assert said in fault.message


def test_it_stands_below_its_question_with_one_field_and_hides_with_its_option():
    """No other control is there but the field; the style hides it once another option is marked."""
    blocks = {block.id: block for block in sections(RENDERER, form_class(RENDERER, "pin")(), {})}
    for name, option in (("USE_OTHER", "USE_o007-001"), ("WHERE_OTHER", "WHERE-001")):
        (question,) = blocks[name].questions
        assert (True, 1, (), ()) == (blocks[name].below, len(question.texts), question.others, question.unmarked)
        assert any(f"#q-{name}" in rule and option in rule for rule in rules(WHOLE.questionnaire).splitlines())
    assert not blocks["WHERE"].below
    assert "may leave it empty" in (blocks["USE_OTHER"].questions[0].instruction or "")
    assert "may leave it empty" not in (blocks["WHERE_OTHER"].questions[0].instruction or "")


@pytest.mark.parametrize(
    ("used", "most", "faulty"), [((1, 3), 3, []), ((1, 3), 9, []), ((1, 3), 2, ["MOST"]), ((8,), 2, [])]
)
def test_only_what_was_chosen_before_is_taken(used, most, faulty):
    """An option that was not carried forward is named; who is not asked gives no answer, whatever is marked."""
    found = reading(*used, where=1, most=most)
    assert faulty == [fault.field for fault in found.faults]
    assert all("does not go with your answer to question 1" in fault.message for fault in found.faults)


def test_the_style_hides_what_was_not_chosen_before():
    """One rule for each option: it is hidden once something that is carried forward is chosen, and itself is not."""
    style = rules(WHOLE.questionnaire).splitlines()
    for code in (1, 2, 3, 7):
        (rule,) = [one for one in style if f".f-MOST.a-{code:03}{{display:none}}" in one]
        assert f":not(:has(#USE_o{code:03}-001:checked))" in rule
        assert ":has(:is(#USE_o001-001,#USE_o002-001,#USE_o003-001,#USE_o007-001):checked)" in rule
    assert not [one for one in style if ".f-MOST.a-009" in one]
