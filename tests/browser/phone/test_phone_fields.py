"""Typed answers on the phone: whatever digits and unit people write, and faults that mark one field alone."""

import re

import pytest
from phone.reach import KEYBOARD, LETTERS, SMALL, TOLD, UPRIGHT
from phone.site import Phone
from playwright.sync_api import expect
from studies.showcase import Person, showcase, showing

MARKED = "[...document.querySelectorAll('main input, main select')].map((one) => one.hasAttribute('aria-invalid'))"


@pytest.fixture(scope="module")
def site():
    """Serve the showcase once."""
    with showing(*showcase()) as site:
        yield site


@pytest.mark.parametrize("typed", ["34 years", "34 Years old.", "٣٤", "３４", "३४ years"])  # noqa: RUF001 - other digits
def test_digits_of_every_script_and_the_unit_behind_them_are_a_number(phone: Phone, typed: str):
    """Its band is named at once, and Next goes on."""
    person = Person(phone).begin()
    person.go_to("AGE")
    phone.page.locator("main input").fill(typed)
    expect(phone.page.locator("#sent")).to_contain_text(person.texts.items["AGE"].options["2"])
    phone.do("next")
    assert "HOUSE" == person.item()


@pytest.mark.parametrize("typed", ["25-30", "2 5", "25.5", "25 months", "25 people"])
def test_a_number_that_could_mean_something_else_is_refused(phone: Phone, typed: str):
    """A range, two numbers, a fraction and the unit of another question are no whole number of years."""
    person = Person(phone).begin()
    person.go_to("AGE")
    phone.page.locator("main input").fill(typed)
    phone.do("next")
    expect(phone.page.get_by_role("alert")).to_have_text(phone.word("number-whole"))
    assert "AGE" == person.item()


def test_only_the_phrase_that_is_wrong_is_marked_and_has_the_focus(phone: Phone):
    """
    The message stands under its field and describes it alone; typing there takes both away, and the others stay.

    While one is refused, nothing is called what will be sent.
    """
    person = Person(phone).begin()
    person.go_to("WORDS")
    fields = phone.page.locator("main input")
    fields.nth(0).fill("green tea")
    fields.nth(1).fill("one two three four five six")
    phone.do("next")
    fault = phone.word("phrase-words").replace("{words}", str(phone.site.study.questionnaire.item("WORDS").words))
    expect(fields.nth(1)).to_be_focused()
    expect(fields.nth(1)).to_have_accessible_description(re.compile(re.escape(fault)))
    expect(fields.nth(0)).not_to_have_accessible_description(re.compile(re.escape(fault)))
    assert [False, True, False] == phone.page.evaluate(MARKED)
    assert "fault" == phone.page.evaluate("document.activeElement.nextElementSibling.id")
    expect(phone.page.locator("#sent")).to_be_empty()
    fields.nth(1).fill("tea")
    expect(phone.page.locator("#sent")).to_contain_text("green tea / tea")
    expect(phone.page.locator("#fault")).to_be_empty()
    assert [False, False, False] == phone.page.evaluate(MARKED)
    expect(fields.nth(0)).to_have_value("green tea")


def test_next_without_a_word_says_so_at_the_first_field(phone: Phone):
    """An empty field is told what is missing, and has the focus."""
    person = Person(phone).begin()
    person.go_to("WORDS")
    phone.do("next")
    expect(phone.page.locator("main input").first).to_be_focused()
    expect(phone.page.get_by_role("alert")).to_have_text(phone.word("type-first"))
    assert [True, False, False] == phone.page.evaluate(MARKED)


def test_of_a_date_the_list_that_is_empty_is_marked(phone: Phone):
    """With the year chosen and no month, the month's list is marked alone and has the focus."""
    person = Person(phone).begin()
    person.go_to("LATEST")
    phone.pick("main select[data-field='0']", "2026")
    phone.do("next")
    expect(phone.page.locator("main select[data-field='1']")).to_be_focused()
    assert [False, True] == phone.page.evaluate(MARKED)


@pytest.mark.parametrize("question", ["SINCE", "LATEST"])
def test_a_date_without_a_choice_is_marked_and_has_the_focus(phone: Phone, question: str):
    """Next marks the first list alone, describes it by the message, and a choice takes both away."""
    person = Person(phone).begin()
    person.go_to(question)
    phone.do("next")
    first = phone.page.locator("main select").first
    expect(first).to_be_focused()
    expect(first).to_have_accessible_description(re.compile(re.escape(phone.word("choose-first"))))
    assert [True, False][: phone.page.locator("main select").count()] == phone.page.evaluate(MARKED)
    first.select_option(index=3)
    assert True not in phone.page.evaluate(MARKED)


@pytest.mark.parametrize("size", [UPRIGHT, SMALL, KEYBOARD])
@pytest.mark.parametrize(("item", "typed"), [("AGE", "999"), ("WORDS", "one two three four five six")])
def test_a_fault_comes_into_view_with_its_field(phone: Phone, item: str, typed: str, size):
    """Whoever scrolled away from a field that has the focus sees it and what is wrong, between the bars, after Next."""
    person = Person(phone).begin()
    person.go_to(item)
    width, height = size
    phone.page.set_viewport_size({"width": width, "height": height})
    field = phone.page.locator("main input").first
    field.fill(typed)
    for letters in LETTERS:
        phone.page.evaluate("(size) => { document.documentElement.dataset.size = size; }", letters)
        for end in ("0", "document.documentElement.scrollHeight"):
            phone.page.evaluate(f"scrollTo(0, {end})")
            phone.do("next")
            expect(field).to_be_focused()
            assert phone.page.evaluate(TOLD, ["[aria-invalid]", "#fault"]), letters
