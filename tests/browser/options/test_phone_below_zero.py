"""Numbers below zero on the phone: keys that have a minus, any sign for it, and what is sealed."""

import pytest
from phone.site import Phone, serving
from playwright.sync_api import expect
from studies.showcase import Person
from studies.weather import below_zero


@pytest.fixture(scope="module")
def site():
    """Serve the study of the weather once."""
    with serving(below_zero()[1]) as site:
        yield site


@pytest.mark.parametrize(("locale", "typed", "cold"), [("en", "-2", "−7 degrees"), ("zh-Hans", "－２", "-7度")])  # noqa: RUF001 - signs of other keyboards
def test_whatever_minus_sign_a_keyboard_has_is_taken(phone: Phone, locale: str, typed: str, cold: str):
    """The keys are those of text, the bounds and the band are shown with a minus sign, and the codes are sealed."""
    Person(phone, locale).begin()
    field = phone.page.locator("main input")
    expect(field).to_have_attribute("inputmode", "text")
    expect(phone.page.locator("#hint")).to_contain_text("\u200e−3")
    field.fill("-4")
    phone.do("next")
    expect(phone.page.locator("#fault")).to_contain_text("\u200e−3")
    field.fill(typed)
    phone.do("next")
    phone.asks("COLD", locale)
    field.fill(cold)
    expect(phone.page.locator("#sent")).to_contain_text("−10 – −1")
    phone.do("next")
    phone.heading(phone.word("ready-title", locale))
    phone.send()
    phone.heading(phone.word("stored-title", locale))
    assert {"CHANGE": 2, "COLD": 2} == phone.site.study.opened(phone.site.posts[-1]).answers
