"""Answers that are checked against earlier ones, on the form without JavaScript."""

import pytest
from studies.household import checked
from werkzeug.datastructures import MultiDict

from survey.plain_form.fields import BLANK, NO, YES, form_class
from survey.plain_form.reading import read
from survey.questionnaire.payload import encode
from survey.wording.catalogues import in_locale, load_wordings
from survey.wording.routing_words import ConditionRenderer

WHOLE, _ = checked()
GOOD = {"PEOPLE": 3, "CHILDREN": 2, "HELP": (1, 3), "BORN": 2, "HERE": 3, "ALONE": 2}


def reading(locale: str = "en", **answers):
    """Read the form filled in with these codes."""
    renderer = ConditionRenderer(WHOLE.questionnaire, WHOLE.texts[locale], in_locale(load_wordings("plain"), locale))
    given = GOOD | answers
    helpers = given.pop("HELP")
    marked = {f"HELP_o{code:03}": YES if code in helpers else NO for code in (1, 2, 3, 4)} | {"HELP_s": BLANK}
    fields = {name: f"{code:03}" for name, code in given.items()}
    always = {"consent": YES, "pin": "pin", "lang": locale, "ready": YES}
    return read(renderer, form_class(renderer, "pin")(formdata=MultiDict(fields | marked | always)))


@pytest.mark.parametrize(
    "answers", [{}, {"CHILDREN": 99}, {"PEOPLE": 99, "CHILDREN": 12}, {"PEOPLE": 0, "CHILDREN": 0}]
)
def test_answers_that_keep_the_checks_can_be_sealed(answers):
    """As many, fewer, no answer, and whatever where the other one has none."""
    found = reading(**answers)
    assert () == found.faults
    assert len(encode(WHOLE.questionnaire, found.answers)) == WHOLE.questionnaire.payload_width


@pytest.mark.parametrize(
    ("answers", "faulty"),
    [({"CHILDREN": 4}, "CHILDREN"), ({"HELP": (3,)}, "HELP"), ({"HERE": 1}, "HERE"), ({"ALONE": 1}, "ALONE")],
)
@pytest.mark.parametrize("locale", ["en", "zh-Hans"])
def test_an_answer_that_breaks_a_check_is_named_with_its_message(locale, answers, faulty):
    """The message of the check stands at its question, in the language of the page."""
    (fault,) = reading(locale, **answers).faults
    message = WHOLE.texts[locale].items[faulty].checks[0].split("{")[0]
    assert (faulty, True) == (fault.field, fault.message.startswith(message))
    assert "|" not in fault.message
