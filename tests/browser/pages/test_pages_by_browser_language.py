"""Pages that the host sends in several languages, in browsers of each: the browser's own is read first."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hosts.applications import respond_app
from hosts.threaded_server import answering
from kinds import in_long
from phone.axe import AXE, RUN, TAGS
from phone.site import PHONE, VIOLATIONS
from playwright.sync_api import Browser, Page, expect
from studies.plain_study import STUDY, fresh
from werkzeug.serving import make_server

BROWSERS = [("zh-CN", "zh-Hans"), ("zh-TW", "zh-Hant"), ("ug-CN", "ug"), ("en-GB", "en"), ("de-AT", "en")]
LOST = ("/nowhere", f"/w/{STUDY}", *in_long("/s/lost", "/c/lost"))
"""Lost addresses, and the page of a study from which nothing can be taken back: all that only say something."""


@pytest.fixture
def base(tmp_path: Path) -> Iterator[str]:
    app = respond_app(fresh(tmp_path).settings)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    with answering(server, app.extensions["sotto"].engine) as origin:
        yield origin


def opened(browser: Browser, asked: str, address: str, **more: object) -> tuple[Page, list[str]]:
    """Open a page in a browser that asks for a language; return it with what its policy refuses."""
    context = browser.new_context(**{**PHONE, **more}, locale=asked)
    context.add_init_script(VIOLATIONS)
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "404" not in message.text else None)
    page.goto(address)
    return page, refused


@pytest.mark.parametrize("path", LOST)
@pytest.mark.parametrize(("asked", "first"), BROWSERS)
def test_a_page_that_only_says_something_begins_with_the_browsers_language(
    browser: Browser, base: str, asked: str, first: str, path: str
):
    """To the eye and to readers, from the right where that is the way; a language that is not there changes nothing."""
    page, refused = opened(browser, asked, base + path)
    first = "en" if path.startswith("/w/") and first == "ug" else first
    expect(page.locator("html")).to_have_attribute("lang", first)
    expect(page.locator("section").first).to_have_attribute("lang", first)
    expect(page.locator("h1 span[lang]").first).to_have_attribute("lang", first)
    if first != "en":
        expect(page.locator("html")).to_have_attribute("dir", "rtl" if first == "ug" else "ltr")
    assert page.locator("section").first.bounding_box()["y"] < page.locator("section").nth(1).bounding_box()["y"]
    assert [] == refused
    page.context.close()


def test_the_page_of_a_lost_address_is_accessible_and_fits(browser: Browser, base: str):
    """Nothing for axe, and nothing beside a screen of 320 pixels."""
    page, _ = opened(browser, "ug-CN", f"{base}/nowhere", bypass_csp=True, viewport={"width": 320, "height": 480})
    page.evaluate(AXE)
    assert [] == page.evaluate(RUN, TAGS)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()


# The study's first language where the browser asks for none that the page has.
LED = [("zh-CN", "zh-Hans"), ("zh-TW", "zh-Hant"), ("ug-CN", "en"), ("en-GB", "en")]


@pytest.mark.parametrize("path", ["c", "r"])
@pytest.mark.parametrize(("asked", "locale"), LED)
def test_results_and_receipts_open_in_the_browsers_language(
    browser: Browser, base: str, asked: str, locale: str, path: str
):
    """Who types the address from a paper reads their language, in one place of the history; who chose keeps it."""
    page, refused = opened(browser, asked, f"{base}/{path}/{STUDY}?release=#end")
    led = "" if locale == "en" else f"&lang={locale}"
    page.wait_for_url(f"{base}/{path}/{STUDY}?release={led}#end")
    expect(page.locator("html")).to_have_attribute("lang", locale)
    expect(page.locator("nav [aria-current]")).to_have_attribute("lang", locale)
    assert 2 == page.evaluate("history.length")
    for chosen in ("en", "zh-Hant", "xx"):
        page.goto(f"{base}/{path}/{STUDY}?lang={chosen}")
        expect(page.locator("html")).to_have_attribute("lang", "en" if chosen == "xx" else chosen)
    assert [] == refused
    page.context.close()


def test_results_and_receipts_stand_without_scripts(browser: Browser, base: str):
    """Without JavaScript the page is the study's first language, and the others are one press away."""
    page, _ = opened(browser, "zh-CN", f"{base}/c/{STUDY}", java_script_enabled=False)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.click("nav [lang=zh-Hans]")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.context.close()
