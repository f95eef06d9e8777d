"""The page for every reader: axe's rules, the size of what is pressed, large letters, dark mode, and pictures."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from market import LANGUAGES, ROOT, Study
from phone_site import PHONE, Phone, Site, chromium, serving
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser
PICTURES = ROOT / "test-output/phone"
LOCALES = [locale for locale, _, _ in LANGUAGES]
DESKTOP = {"viewport": {"width": 1280, "height": 800}, "has_touch": True}


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def site():
    with serving(Study()) as site:
        yield site


def screens(phone: Phone, locale: str):
    """Walk through one of each kind of screen, pausing at every one; the first send fails."""
    phone.site.replies = [500]
    phone.open()
    yield "1-language"
    phone.choose(locale)
    yield "2-consent"
    phone.do("agree")
    phone.asks("AGE", locale)
    yield "3-single"
    phone.answer(2)
    phone.answer(3, 1, 2, 5)
    yield "4-multi"
    phone.do("next")
    phone.answer(1, 3)
    phone.do("back")
    yield "5-back"
    phone.answer(3)
    phone.answer(98)
    phone.heading(phone.word("ready-title", locale))
    yield "6-ready"
    phone.send()
    phone.heading(phone.word("not-stored-title", locale))
    yield "7-failed"
    phone.do("retry")
    phone.heading(phone.word("stored-title", locale))
    phone.press(".debrief summary")
    yield "8-stored"
    phone.open("about:blank")
    phone.open()
    phone.choose(locale)
    phone.do("decline")
    phone.heading(phone.word("ended-title", locale))
    yield "9-ended"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_screen(browser: Browser, site: Site, scheme: str):
    """Every kind of screen, and the refusals, pass all of axe-core's rules in light and in dark."""
    found = {}
    with browser.new_context(**PHONE, bypass_csp=True, color_scheme=scheme) as context:
        phone = Phone(context, site)
        for name in screens(phone, "zh-Hans"):
            phone.settled()
            found[name] = Axe().run(phone.page).response["violations"]
        phone.open("about:blank")
        phone.open(site.link + "x")
        expect(phone.page.locator("[data-note=link]").first).to_be_visible()
        found["refused"] = Axe().run(phone.page).response["violations"]
    seen = {
        name: [(one["id"], [node["html"] for node in one["nodes"]]) for one in all_] for name, all_ in found.items()
    }
    assert {name: [] for name in found} == seen


def test_everything_pressed_is_at_least_44_pixels(browser: Browser, site: Site):
    """No button, language or summary is smaller than 44 by 44 CSS pixels on a phone."""
    small = "all => all.filter((e) => e.checkVisibility() && Math.min(e.offsetHeight, e.offsetWidth) < 44).map(String)"
    with browser.new_context(**PHONE) as context:
        phone = Phone(context, site)
        for name in screens(phone, "en"):
            assert (name, []) == (name, phone.page.locator("button, summary, select").evaluate_all(small))


def test_nothing_is_cut_off_at_320_pixels_with_letters_twice_as_large(browser: Browser, site: Site):
    """On the narrowest phone with its letters set to 200 % nothing needs sideways scrolling and Leave stays in view."""
    with browser.new_context(**{**PHONE, "viewport": {"width": 320, "height": 568}}) as context:
        phone = Phone(context, site)
        devtools = context.new_cdp_session(phone.page)
        devtools.send("Page.enable")
        devtools.send("Page.setFontSizes", {"fontSizes": {"standard": 32}})
        for name in screens(phone, "en"):
            assert (name, 320) == (name, phone.page.evaluate("document.documentElement.scrollWidth"))
            assert "36px" == phone.page.evaluate("getComputedStyle(document.body).fontSize")
            if name != "1-language":
                expect(phone.page.locator("[data-press=leave]")).to_be_in_viewport(ratio=1)


def test_the_way_out_is_always_in_view(browser: Browser, site: Site):
    """From the consent on, Leave now stands in the lower half of the screen without scrolling."""
    with browser.new_context(**PHONE) as context:
        phone = Phone(context, site)
        for name in screens(phone, "en"):
            if name == "1-language":
                continue
            expect(phone.page.locator("[data-press=leave]")).to_be_in_viewport(ratio=1)
            assert (name, True) == (name, phone.page.locator("[data-press=leave]").bounding_box()["y"] > 320)


def test_progress_is_told_to_a_screen_reader(browser: Browser, site: Site):
    """The bar has a name that says which question of how many, on the present path."""
    with browser.new_context(**PHONE) as context:
        phone = Phone(context, site)
        phone.start()
        expect(phone.page.get_by_role("progressbar")).to_have_accessible_name("Question 1 of 6")
        phone.answer(2)
        phone.answer(90)
        phone.do("next")
        expect(phone.page.get_by_role("progressbar")).to_have_accessible_name("Question 3 of 5")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", LOCALES)
def test_pictures_of_every_screen(browser: Browser, site: Site, locale: str, scheme: str):
    """Every screen can be drawn on a phone and on a desk, and the pictures are kept to be looked at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    kinds = {"phone": PHONE} if scheme == "dark" else {"phone": PHONE, "desktop": DESKTOP}
    for kind, options in kinds.items():
        with browser.new_context(**options, color_scheme=scheme) as context:
            phone = Phone(context, site)
            for name in screens(phone, locale):
                phone.settled()
                picture = phone.page.screenshot(path=PICTURES / f"{kind}-{locale}-{scheme}-{name}.png")
                assert len(picture) > 2000
