"""Options by an earlier answer on the form without JavaScript: what does not fit is hidden by style, and refused."""

import pytest
from studies.places import cascade
from werkzeug.datastructures import MultiDict

from survey.plain_form.css_routing import rules
from survey.plain_form.fields import BLANK, NO, YES, form_class
from survey.plain_form.question_blocks import sections
from survey.plain_form.reading import read
from survey.questionnaire.payload import encode
from survey.wording.catalogues import in_locale, load_wordings
from survey.wording.routing_words import ConditionRenderer

WHOLE, _ = cascade()
RENDERER = ConditionRenderer(WHOLE.questionnaire, WHOLE.texts["en"], in_locale(load_wordings("plain"), "en"))
SIGHTS = (11, 12, 21, 40)


def reading(province: int, town: int, *sights: int):
    """Read the form filled in with these codes."""
    form = form_class(RENDERER, "pin")
    marked = {f"SIGHTS_o{code:03}": YES if code in sights else NO for code in SIGHTS}
    given = {"PROVINCE": f"{province:03}", "TOWN": f"{town:03}", **marked, "SIGHTS_s": BLANK, "consent": YES}
    return read(RENDERER, form(formdata=MultiDict(given | {"pin": "pin", "lang": "en", "ready": YES})))


@pytest.mark.parametrize(
    ("province", "town", "sights"), [(1, 12, (11, 40)), (3, 12, (40,)), (99, 21, (11, 21)), (2, 99, (21,))]
)
def test_answers_that_fit_are_taken_and_can_be_sealed(province: int, town: int, sights: tuple[int, ...]):
    """The offered options, all of them after a missing code, and missing codes themselves."""
    found = reading(province, town, *sights)
    assert () == found.faults
    assert len(encode(WHOLE.questionnaire, found.answers)) == WHOLE.questionnaire.payload_width


@pytest.mark.parametrize(
    ("province", "town", "sights", "faulty"),
    [(2, 11, (21,), ["TOWN"]), (1, 11, (11, 21), ["SIGHTS"]), (3, 21, (12,), ["TOWN", "SIGHTS"])],
)
def test_an_answer_of_another_province_is_named_at_its_question(province: int, town: int, sights, faulty):
    """The message names the option and the number of the question that it does not go with."""
    found = reading(province, town, *sights)
    assert faulty == [fault.field for fault in found.faults]
    assert all("does not go with your answer to question 1" in fault.message for fault in found.faults)


def test_the_style_hides_what_is_not_for_the_marked_answer():
    """One rule for each answer and question; each filtered option has the classes that the rules look for."""
    style = rules(WHOLE.questionnaire)
    for name in ("TOWN", "SIGHTS"):
        for code in (1, 2, 3):
            assert f"#f:has(#PROVINCE-{code:03}:checked) .f-{name}:not(.a-{code:03}){{display:none}}" in style
    blocks = {block.id: block.questions[0] for block in sections(RENDERER, form_class(RENDERER, "pin")(), {})}
    assert ["f-TOWN a-001", "f-TOWN a-001 a-003", "f-TOWN a-002", ""] == [one.classes for one in blocks["TOWN"].choices]
    assert "f-SIGHTS a-001 a-002 a-003" == blocks["SIGHTS"].pairs[3].classes
    assert "answer to question 1" in (blocks["TOWN"].instruction or "")
