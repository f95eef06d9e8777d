"""The second line under a question, on the phone."""

import re

import pytest
from phone.site import Phone
from playwright.sync_api import expect
from studies.showcase import Person, showcase, showing


@pytest.fixture(scope="module")
def site():
    """Serve the showcase, which has a hint to an item and to a grid, once."""
    with showing(*showcase()) as site:
        yield site


@pytest.mark.parametrize("name", ["AGE", "VIEWS_1"])
def test_a_hint_stands_between_the_question_and_its_answers(phone: Phone, name: str):
    """It is the second line under an item's or a grid's question, and describes the answers to a screen reader."""
    person = Person(phone).begin()
    person.go_to(name)
    hint = person.texts.hints[name.removesuffix("_1")]
    answers = phone.page.locator("main .choice[role=group]")
    expect(answers).to_have_accessible_name(re.compile(f"{re.escape(person.texts.items[name].text)}$"))
    expect(answers).to_have_accessible_description(hint)
    title, shown, first = (
        phone.page.locator(one).first.bounding_box()["y"] for one in ("h1", f"main p:text-is('{hint}')", ".choice")
    )
    assert title < shown < first


def test_a_question_without_a_hint_has_no_empty_line(phone: Phone):
    """Nothing stands between it and its answers, and no description is named that is not there."""
    person = Person(phone).begin()
    person.go_to("READER")
    assert 0 == phone.page.locator("#more, [aria-describedby=more]").count()
