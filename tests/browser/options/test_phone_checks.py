"""Checks of an answer against those before it on the phone: what is said, where, and that nobody is held by it."""

from itertools import product

import pytest
from phone.reach import KEYBOARD, SIZES, SMALL, TOLD, UPRIGHT, measurement
from phone.site import Phone, serving
from playwright.sync_api import Browser, expect
from studies.household import HELPED, checked
from studies.showcase import Person

SHOWN = [("en", UPRIGHT), ("zh-Hans", SMALL), ("en", KEYBOARD)]
REST = [one for one in product(("en", "zh-Hans"), SIZES) if one not in SHOWN]


@pytest.fixture(scope="module")
def site():
    """Serve the study of a household once."""
    with serving(checked()[1]) as site:
        yield site


def message(phone: Phone, name: str, locale: str = "en", **piped: str) -> str:
    text = phone.site.study.texts[locale].items[name].checks[0]
    start, _, rest = text.partition("{")
    return f"{start}{piped.get('label', '')}{rest.partition('}')[2]}"


def typed(phone: Phone, number: str) -> None:
    phone.page.locator("main input").fill(number)
    phone.do("next")


def in_field(phone: Phone, said: str) -> None:
    """The message stands under the field, marks it, and is read with it."""
    expect(phone.page.locator("#fault")).to_have_text(said)
    expect(phone.page.locator("main [aria-invalid]")).to_have_count(1)
    expect(phone.page.locator("main [aria-invalid]")).to_be_focused()
    assert phone.page.evaluate(TOLD, ["main [aria-invalid]", "#fault"])


def under_option(phone: Phone, said: str) -> None:
    """The message stands in view under the option that is pressed."""
    expect(phone.page.get_by_role("alert")).to_have_text(said)
    expect(phone.page.locator("main [aria-pressed=true]")).to_have_count(1)
    assert phone.page.evaluate(TOLD, ["main [aria-pressed=true]", "#fault"])


@pytest.mark.parametrize(("locale", "size"), [*SHOWN, *(pytest.param(*one, marks=pytest.mark.long) for one in REST)])
def test_what_does_not_fit_is_said_in_view_and_nothing_gets_out_of_reach(browser: Browser, site, locale: str, size):
    """Of a number, a date, several options and one option: what is said, skipping, Next and Leave are in reach."""
    width, height = size
    with browser.new_context(viewport={"width": width, "height": height}, has_touch=True) as context:
        phone = Phone(context, site)
        Person(phone, locale).begin()
        found = []

        def measure(name: str) -> None:
            found.extend(phone.page.evaluate(measurement(name, "13", ["light"])))

        typed(phone, "2")
        typed(phone, "3")
        in_field(phone, message(phone, "CHILDREN", locale, label="2"))
        measure("number")
        typed(phone, "2")
        phone.answer(3)
        phone.do("next")
        under_option(phone, message(phone, "HELP", locale))
        measure("several")
        phone.answer(1)
        phone.do("next")
        phone.pick("main select", "1990")
        phone.do("next")
        phone.pick("main select", "1950")
        phone.do("next")
        in_field(phone, message(phone, "HERE", locale))
        measure("date")
        phone.pick("main select", "2001")
        phone.do("next")
        phone.answer(1)
        under_option(phone, message(phone, "ALONE", locale))
        measure("one")
        phone.answer(2)
        phone.heading(phone.word("ready-title", locale))
        assert [] == found


def test_an_earlier_answer_can_be_corrected_instead_and_what_is_sealed_fits(phone: Phone):
    """
    Who goes back and corrects the first of two answers has not to give the second again.

    Who makes it worse from the look at all answers is led to what no longer fits, with the message, and nowhere else.
    """
    Person(phone).begin()
    typed(phone, "2")
    typed(phone, "5")
    in_field(phone, message(phone, "CHILDREN", label="2"))
    phone.do("back")
    typed(phone, "6")
    expect(phone.page.locator("main input")).to_have_value("5")
    expect(phone.page.locator("#fault")).to_be_empty()
    phone.do("next")
    phone.asks("HELP")
    phone.answer(1, *HELPED)
    phone.do("next")
    for _ in ("BORN", "HERE"):
        phone.answer(99)
    phone.answer(2)
    phone.heading(phone.word("ready-title"))
    phone.page.locator(".overview > summary").click()
    phone.page.locator(".overview button").first.click()
    phone.asks("PEOPLE")
    typed(phone, "4")
    phone.asks("CHILDREN")
    in_field(phone, message(phone, "CHILDREN", label="4"))
    typed(phone, "4")
    phone.heading(phone.word("ready-title"))
    phone.send()
    phone.heading(phone.word("stored-title"))
    given = phone.site.study.opened(phone.site.posts[-1]).answers
    assert {"PEOPLE": 4, "CHILDREN": 4, "HELP": (1, 3), "BORN": 99, "HERE": 99, "ALONE": 2} == given


def test_a_way_to_give_no_answer_is_never_checked(phone: Phone):
    """After a message "I don't want to answer" goes on."""
    Person(phone).begin()
    typed(phone, "0")
    typed(phone, "1")
    in_field(phone, message(phone, "CHILDREN", label="0"))
    phone.answer(99)
    phone.asks("HELP")
    phone.answer(3)
    phone.do("next")
    under_option(phone, message(phone, "HELP"))
    phone.answer(99)
    phone.do("next")
    phone.asks("BORN")
