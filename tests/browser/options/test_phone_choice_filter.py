"""Options by an earlier answer on the phone: what does not fit cannot be pressed, and is asked again."""

import pytest
from phone.site import Phone, serving
from playwright.sync_api import expect
from studies.places import cascade
from studies.showcase import Person

SHOWN = "[...document.querySelectorAll('main .choice [data-code]')].map((one) => Number(one.dataset.code))"


@pytest.fixture(scope="module")
def site():
    """Serve the study of provinces and towns once."""
    with serving(cascade()[1]) as site:
        yield site


@pytest.mark.parametrize("locale", ["en", "zh-Hans"])
def test_the_towns_of_a_province_are_offered_and_another_province_asks_again(phone: Phone, locale: str):
    """Who goes back and chooses another province is asked for the town again, and what is sealed fits."""
    Person(phone, locale).begin()
    phone.answer(1)
    phone.asks("TOWN", locale)
    assert [11, 12, 30] == phone.read(SHOWN)
    phone.answer(11)
    phone.asks("SIGHTS", locale)
    assert [11, 12, 40] == phone.read(SHOWN)
    phone.answer(12, 40)
    phone.do("back")
    phone.asks("TOWN", locale)
    phone.do("back")
    phone.answer(2)
    phone.asks("TOWN", locale)
    assert [21, 30] == phone.read(SHOWN)
    expect(phone.page.locator("[data-press=next]")).to_have_count(0)
    phone.answer(21)
    phone.asks("SIGHTS", locale)
    assert [21, 40] == phone.read(SHOWN)
    expect(phone.page.locator("main [aria-pressed=true]")).to_have_count(0)
    phone.answer(21)
    phone.do("next")
    phone.send()
    phone.heading(phone.word("stored-title", locale))
    assert {"PROVINCE": 2, "TOWN": 21, "SIGHTS": (21,)} == phone.site.study.opened(phone.site.posts[-1]).answers


def test_who_gives_no_province_is_offered_all_towns(phone: Phone):
    """After a missing code nothing is filtered."""
    Person(phone).begin()
    phone.answer(99)
    phone.asks("TOWN")
    assert [11, 12, 21, 30] == phone.read(SHOWN)
