"""A question with 134 answers on the phone: found by a part, by touch and keyboard, kept nowhere."""

import pytest
from phone.axe import AXE, STILL, violations
from phone.site import PHONE, Phone, serving
from playwright.sync_api import Browser, expect
from studies.market import Study
from studies.places import CODES, places
from studies.showcase import Person

FIELD, ANSWERS, FOUND = "main input", "main .choice [data-code]:visible", "#found"
KEPT = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.state, location.href, name])"
# So tall that the bar at the bottom covers no answer by half: STILL says why.
TALL = {**STILL, "viewport": {"width": 360, "height": 10_000}}
COMPOSED = """(text) => {
  const field = document.querySelector("main input");
  field.value = text;
  field.dispatchEvent(new InputEvent("input", {isComposing: true}));
}"""


@pytest.fixture(scope="module")
def site():
    """Serve the study of places once."""
    with serving(places()[1]) as site:
        yield site


@pytest.mark.parametrize(
    ("locale", "typed", "code", "shown"),
    [
        ("en", "umq", 1, 1),
        ("en", "lodz", 2, 1),
        ("en", "JING", 4, 2),
        ("zh-Hans", "鲁木", 1, 1),
        ("zh-Hans", "京", 3, 2),
    ],
)
def test_an_answer_is_found_by_a_part_of_it_and_sent(phone: Phone, locale: str, typed: str, code: int, shown: int):
    """Without accents, in any case, in mid-word; one press on it answers, and its code is what is sealed."""
    Person(phone, locale).begin()
    expect(phone.page.locator(FOUND)).to_contain_text("134")
    phone.type(FIELD, typed)
    expect(phone.page.locator(ANSWERS)).to_have_count(shown)
    expect(phone.page.locator(FOUND)).to_have_text(
        phone.word("find-some", locale).replace("{n}", str(shown)).replace("{of}", "134")
    )
    phone.answer(code)
    phone.asks("LIKES", locale)
    phone.answer(1)
    phone.send()
    phone.heading(phone.word("stored-title", locale))
    assert code == phone.site.study.opened(phone.site.posts[-1]).answers["TOWN"]


def test_where_nothing_is_found_that_is_said_and_clearing_shows_all(phone: Phone):
    """No answer stays on the screen but the way to give none, which still works."""
    Person(phone).begin()
    phone.type(FIELD, "Atlantis")
    expect(phone.page.locator(FOUND)).to_have_text(phone.word("find-none"))
    expect(phone.page.locator(ANSWERS)).to_have_count(0)
    phone.type(FIELD, "")
    expect(phone.page.locator(ANSWERS)).to_have_count(len(CODES))
    phone.type(FIELD, "Atlantis")
    phone.answer(99)
    phone.asks("LIKES")


def test_letters_in_an_input_methods_window_hide_nothing(phone: Phone):
    """Pinyin that has not become signs yet is no search."""
    Person(phone, "zh-Hans").begin()
    phone.page.evaluate(COMPOSED, "bei")
    expect(phone.page.locator(ANSWERS)).to_have_count(len(CODES))


def test_by_keyboard_the_search_leads_to_the_first_answer_found(phone: Phone):
    """Tab to the field, type, Enter to the answer, Enter to choose it; a screen reader is told the field's name."""
    Person(phone).begin()
    phone.settled()
    field = phone.page.locator(FIELD)
    for _ in range(12):
        phone.page.keyboard.press("Tab")
        if field.evaluate("one => one === document.activeElement"):
            break
    expect(field).to_be_focused()
    expect(field).to_have_accessible_name(phone.word("find"))
    phone.page.keyboard.type("jing")
    phone.page.keyboard.press("Enter")
    expect(phone.page.locator("[data-code='3']")).to_be_focused()
    phone.page.keyboard.press("Enter")
    phone.asks("LIKES")


def test_what_was_typed_is_sent_to_nobody_and_gone_when_one_comes_back(phone: Phone):
    """Typing makes no request and leaves nothing in the browser; the way back shows all answers, one of them chosen."""
    Person(phone).begin()
    phone.settled()
    before = len(phone.site.requests)
    phone.type(FIELD, "umq")
    expect(phone.page.locator(ANSWERS)).to_have_count(1)
    assert (before, False) == (len(phone.site.requests), "umq" in phone.read(KEPT))
    phone.answer(1)
    phone.asks("LIKES")
    phone.do("back")
    expect(phone.page.locator(FIELD)).to_have_value("")
    expect(phone.page.locator("[data-code='1']")).to_have_attribute("aria-pressed", "true")
    expect(phone.page.locator(ANSWERS)).to_have_count(len(CODES))


def test_the_script_comes_before_the_first_question_and_only_where_a_list_is_long(browser: Browser, site):
    """Everyone in such a study fetches it with the start, so that it tells nobody who came to the question."""
    with browser.new_context(**PHONE) as context:
        phone = Phone(context, site)
        site.requests.clear()
        Person(phone).begin()
        phone.page.locator(FIELD).wait_for()
        assert 1 == len([line for line in site.requests if "/static/search-" in line])
    with serving(Study()) as other, browser.new_context(**PHONE) as context:
        Phone(context, other).start()
        assert [] == [line for line in other.requests if "search" in line]


@pytest.mark.parametrize("locale", ["en", "zh-Hans"])
def test_the_search_has_no_fault_that_axe_finds(browser: Browser, site, locale: str):
    """In each dress, before and after something was typed."""
    with browser.new_context(**TALL) as context:
        phone = Phone(context, site)
        Person(phone, locale).begin()
        phone.page.evaluate(AXE)
        assert [] == violations(phone.page, "all")
        phone.type(FIELD, "1")
        expect(phone.page.locator("main [data-code][hidden]")).not_to_have_count(0)
        assert [] == violations(phone.page, "some")
