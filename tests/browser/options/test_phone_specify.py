"""Words of an option on the phone: a field below it on the same screen, in reach, and sealed with the answers."""

import pytest
from phone.axe import AXE, STILL, violations
from phone.reach import SMALL, TOLD, UPRIGHT, measurement
from phone.site import Phone, serving
from playwright.sync_api import Browser, expect
from studies.pseudo import widened
from studies.showcase import Person
from studies.tools import tools

FIELD = ".specify input"
LOCALES = ("en", "zh-Hans", "ug")


@pytest.fixture(scope="module")
def site():
    """Serve the study of tools once, in Uyghur too."""
    with serving(widened(tools()[1], "ug")) as site:
        yield site


def test_words_below_an_option_are_asked_with_it_and_sealed(phone: Phone):
    """The field comes with its option and goes with it; words with a fault are named, and the right ones are sealed."""
    Person(phone).begin()
    expect(phone.page.locator(FIELD)).to_be_hidden()
    phone.answer(1, 7)
    expect(phone.page.locator(FIELD)).to_be_focused()
    phone.answer(7)
    expect(phone.page.locator(FIELD)).to_be_hidden()
    phone.answer(7)
    phone.type(FIELD, "a grill with four legs")
    phone.do("next")
    expect(phone.page.locator("#fault")).to_contain_text("too many words")
    phone.type(FIELD, " A Grill! ")
    expect(phone.page.locator("#sent")).to_contain_text("a grill")
    phone.do("next")
    phone.asks("MOST")
    assert [1, 7, 9] == phone.read(
        "[...document.querySelectorAll('main .choice [data-code]')].map((one) => +one.dataset.code)"
    )
    phone.answer(7)
    phone.asks("WHERE")
    phone.answer(3)
    phone.asks("WHERE")
    phone.do("next")
    expect(phone.page.locator("#fault")).to_have_text(phone.word("type-first"))
    phone.type(FIELD, "park")
    phone.page.keyboard.press("Enter")
    phone.asks("LIKE")
    phone.answer(2)
    phone.send()
    phone.heading(phone.word("stored-title"))
    expected = {"USE": (1, 7), "USE_OTHER": ("a grill",), "MOST": 7, "WHERE": 3, "WHERE_OTHER": ("park",), "LIKE": 2}
    assert expected == phone.site.study.opened(phone.site.posts[-1]).answers


def test_an_empty_field_is_no_answer_and_another_choice_has_no_field(phone: Phone):
    """Next with nothing typed is 99; who goes back finds the option and the empty field; another option goes on."""
    Person(phone).begin()
    phone.answer(7)
    phone.do("next")
    phone.answer(7)
    phone.asks("WHERE")
    phone.do("back")
    phone.asks("MOST")
    phone.do("back")
    expect(phone.page.locator(FIELD)).to_be_visible()
    for _ in "UM":
        phone.do("next")
    phone.answer(1)
    phone.asks("LIKE")
    phone.answer(1)
    phone.page.locator(".overview summary").click()
    expect(phone.page.locator(".overview b").first).to_have_text("Another tool")
    phone.send()
    phone.heading(phone.word("stored-title"))
    assert {"USE": (7,), "USE_OTHER": 99, "MOST": 7, "WHERE": 1, "LIKE": 1} == phone.site.study.opened(
        phone.site.posts[-1]
    ).answers


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("size", [UPRIGHT, SMALL])
def test_the_field_what_is_said_of_it_and_the_bars_are_in_reach(browser: Browser, site, locale: str, size):
    """With the field open, with words and with a fault nothing is hidden, too close or without room."""
    width, height = size
    with browser.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce", has_touch=True
    ) as context:
        phone = Phone(context, site)
        Person(phone, locale).begin()
        phone.answer(7)
        found = phone.page.evaluate(measurement("open", "13", ["light", "dark"]))
        assert phone.page.evaluate(TOLD, [FIELD, "#fault"]) is False
        phone.type(FIELD, "one two three four")
        phone.do("next")
        expect(phone.page.locator("#fault")).not_to_be_empty()
        assert phone.page.evaluate(TOLD, [FIELD, "#fault"])
        found += phone.page.evaluate(measurement("fault", "13", ["light"]))
        phone.type(FIELD, "grill")
        found += phone.page.evaluate(measurement("words", "13", ["light"]))
        assert [] == found


@pytest.mark.parametrize("locale", LOCALES)
def test_axe_has_nothing_against_the_field(browser: Browser, site, locale: str):
    """Closed, open, and with a fault, in each set of colours and in large letters."""
    with browser.new_context(**STILL) as context:
        phone = Phone(context, site)
        Person(phone, locale).begin()
        phone.page.evaluate(AXE)
        found = violations(phone.page, "closed")
        phone.answer(7)
        found += violations(phone.page, "open")
        phone.type(FIELD, "one two three four")
        phone.do("next")
        assert [] == found + violations(phone.page, "fault")
