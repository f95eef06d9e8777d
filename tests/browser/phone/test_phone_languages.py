"""Languages on the phone: one download each, a mirrored page for who reads from the right, no English left over."""

import re

import pytest
from kinds import in_long
from phone.every_screen import Walk, every_screen, press
from phone.site import PHONE, Phone, Site
from playwright.sync_api import Browser, Page, expect

from survey.publication.bundles import bundle_name

# Text that stands alone on the screen or is read out, but for names of languages and of the phone's own lists.
SAID = """() => {
  const seen = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const one = walk.currentNode, parent = one.parentElement;
    if (!parent.closest("[aria-hidden], header select, select[data-field], .receipt")) seen.push(one.data);
  }
  for (const one of document.querySelectorAll("[aria-label], [title], [alt]"))
    for (const name of ["aria-label", "title", "alt"]) if (one.getAttribute(name)) seen.push(one.getAttribute(name));
  return seen.map((text) => text.trim()).filter(Boolean);
}"""
PLACES = """(names) => names.map((name) => {
  const box = document.querySelector(name).getBoundingClientRect();
  return box.left + box.width / 2 < innerWidth / 2 ? "left" : "right";
})"""


@pytest.fixture(scope="module")
def site():
    with every_screen("ug", "en-XA", "ar-XB") as site:
        yield site


def test_only_the_chosen_language_is_downloaded(browser: Browser, site: Site):
    """Choosing a language fetches its documents and no other's; switching fetches the other's."""
    site.requests.clear()
    with browser.new_context(**PHONE) as context:
        phone = Phone(context, site).open()
        assert [] == bundles(site)
        phone.choose("zh-Hant")
        assert ["zh-Hant"] == bundles(site)
        phone.pick("header select", "ug")
        phone.heading(phone.word("consent-title", "ug"))
        assert ["zh-Hant", "ug"] == bundles(site)


@pytest.mark.parametrize(
    ("asked", "first"), [("zh-CN", "zh-Hans"), ("zh-TW", "zh-Hant"), ("ug-CN", "ug"), ("en-GB", "en"), ("de-AT", "en")]
)
def test_what_the_browser_speaks_comes_first(browser: Browser, site: Site, asked: str, first: str):
    """The first screen leads with the browser's language, to the eye and to readers; the kit opens in it."""
    with browser.new_context(**PHONE, locale=asked) as context:
        page = context.new_page()
        page.goto(site.link)
        expect(page.locator("html")).to_have_attribute("lang", first)
        expect(page.locator("html")).to_have_attribute("dir", "rtl" if first == "ug" else "ltr")
        expect(page.locator("#languages details").first).to_have_attribute("data-locale", first)
        expect(page.locator("h1 > span").first).to_have_attribute("lang", first)
        assert first == page.locator("[data-note=link]").first.get_attribute("lang")
        page.goto(site.link.replace("/s/", "/k/"))
        expect(page.locator("header select")).to_have_value(first)


@pytest.mark.parametrize("asked", ["zh-CN", *in_long("zh-TW", "ug-CN", "en-GB")])
def test_every_language_opens_whichever_comes_first(browser: Browser, site: Site, asked: str):
    """In a browser of each language every language of the study opens, on the phone page and in the kit."""
    with browser.new_context(**PHONE, locale=asked) as context:
        phone = Phone(context, site)
        for locale in ("zh-Hans", "ug", "en", "zh-Hant"):
            phone.open("about:blank")
            phone.open()
            press(phone.page.locator(f"[data-locale={locale}] summary"))
            phone.heading(phone.word("consent-title", locale))
        phone.page.goto(site.link.replace("/s/", "/k/"))
        phone.page.locator("[data-start=zh-Hans]").tap(timeout=20_000)
        phone.heading(phone.word("consent-title", "zh-Hans"))


def test_without_scripts_every_language_stands_in_the_studys_order(browser: Browser, site: Site):
    """A browser that asks for Chinese and runs no script is told in each why, in the order that everyone gets."""
    with browser.new_context(**PHONE, locale="zh-CN", java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(site.link)
        notes = page.locator("noscript p")
        assert ["en", "zh-Hans", "zh-Hant"] == [one.get_attribute("lang") for one in notes.all()[:3]]
        assert all(one.is_visible() for one in notes.all())


def bundles(site: Site) -> list[str]:
    """Return the locales whose documents were fetched."""
    return [site.locale_of(line) for line in site.requests if line.startswith("GET /b/")]


def test_another_language_can_be_pressed_while_the_first_is_on_its_way(browser: Browser, site: Site):
    """On the first screen the last press counts, whichever language's documents come first."""
    with browser.new_context(**PHONE) as context:
        phone = Phone(context, site)
        held = []
        english = f"**/b/*/{bundle_name([*site.study.texts].index('en'))}.json"
        phone.page.route(english, lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it calls
        phone.open()
        press(phone.page.locator("[data-locale=en] summary"))
        press(phone.page.locator("[data-locale=ug] summary"))
        phone.heading(phone.word("consent-title", "ug"))
        held[0].continue_()
        phone.page.wait_for_timeout(200)
        phone.heading(phone.word("consent-title", "ug"))


@pytest.mark.parametrize(("locale", "sides"), [("en", ["left", "right"]), ("ug", ["right", "left"])])
def test_the_page_is_mirrored_where_one_reads_from_the_right(
    browser: Browser, site: Site, locale: str, sides: list[str]
):
    """Leave and Back stand where a line begins, and letters and colours where it ends."""
    with browser.new_context(**PHONE) as context:
        phone = Phone(context, site)
        walk = Walk(phone, locale)
        walk.open()
        walk.press("[data-press=agree]")
        walk.press("[data-press=next]")
        assert {"en": "ltr", "ug": "rtl"}[locale] == phone.page.evaluate("document.documentElement.dir")
        names = ["[data-press=leave]", "[data-press=back]", ".display summary"]
        assert [sides[0], *sides] == phone.page.evaluate(PLACES, names)
        padding = "getComputedStyle(document.querySelector('.single')).textAlign"
        assert "start" == phone.page.evaluate(padding)


def test_every_language_is_named_in_its_own_letters_and_direction(browser: Browser, site: Site):
    """The first screen shows each language's own name, set in its own direction."""
    with browser.new_context(**PHONE) as context:
        page = Phone(context, site).open().page
        uyghur = page.locator("[data-locale=ug]")
        expect(uyghur).to_have_attribute("dir", "rtl")
        expect(uyghur.locator("summary")).to_have_text("ئۇيغۇرچە")


def test_nothing_on_any_screen_is_left_in_english(browser: Browser, site: Site):
    """Through the whole way in an accented English, no plain English word is shown or read out."""
    with browser.new_context(**PHONE) as context:
        phone = Phone(context, site)
        screens = Walk(phone, "en-XA")
        english_texts = {
            (name, text)
            for name in screens.screens()
            # Before a language is chosen the page speaks all of them.
            if not name.startswith(("01", "02", "42"))
            for text in phone.page.evaluate(SAID)
            if re.search(r"\b[A-Za-z]{3,}\b", text) and not re.search(r"green tea", text)
        }
    assert set() == english_texts


def slowly(page: Page) -> None:
    """Have what the page loads come at 6 kB/s."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    slow = {"offline": False, "latency": 100, "downloadThroughput": 6000, "uploadThroughput": 6000}
    devtools.send("Network.emulateNetworkConditions", slow)


SHIFTS = """
new PerformanceObserver((list) => {
  window.shifted = list.getEntries().reduce((sum, one) => sum + one.value, window.shifted || 0);
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize("size", [(360, 560), (1280, 800), *in_long((320, 480), (640, 330))], ids=str)
@pytest.mark.parametrize("locale", ["en-US", "zh-CN", "zh-TW", "fr"])
def test_nothing_moves_on_the_first_page(browser: Browser, site: Site, locale: str, size: tuple[int, int]):
    """Its layout shift is 0 when the scripts come and put the browser's language first; the observer sees a move."""
    with browser.new_context(locale=locale, viewport={"width": size[0], "height": size[1]}) as context:
        page = context.new_page()
        page.add_init_script(SHIFTS)
        page.goto(site.link)
        page.wait_for_selector("header:not([hidden])")
        first = page.locator("#languages summary").first.text_content()
        assert {"zh-CN": "简体中文", "zh-TW": "繁體中文"}.get(locale, "English") in first
        page.wait_for_timeout(300)
        assert 0 == page.evaluate("window.shifted || 0")
        page.evaluate("document.querySelector('main').style.marginTop = '60px'")
        page.wait_for_timeout(300)
        assert page.evaluate("window.shifted || 0") > 0


@pytest.mark.parametrize("locale", ["en-US", *in_long("zh-CN")])
def test_nothing_moves_while_a_slow_network_brings_the_first_page(browser: Browser, site: Site, locale: str):
    """The page is drawn as it comes, piece by piece and before its scripts: its layout shift is 0 all the same."""
    with browser.new_context(locale=locale, viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        slowly(page)
        page.add_init_script(SHIFTS)
        page.goto(site.link)
        page.wait_for_selector("header:not([hidden])")
        page.wait_for_timeout(300)
        assert 0 == page.evaluate("window.shifted || 0")
