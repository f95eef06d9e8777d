"""The screens of an invitation for every reader: axe's rules in four languages, small phones, large letters, keys."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kinds import in_long
from phone.axe import AXE, STILL, violations
from phone.invited_site import Guest, InvitedSite, InvitedStudy, by_invitation, inviting
from phone.site import LOST, PHONE
from playwright.sync_api import Browser, expect
from studies.market import Study
from studies.pseudo import widened

from crypto.invitation_codes import grouped

LOCALES = ["en", "ug", *in_long("zh-Hans", "zh-Hant")]
PICTURES = Path("test-output/invited")
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def site():
    texts = widened(Study(), "ug").texts
    with inviting(InvitedStudy(by_invitation(locales=list(texts)), texts)) as site:
        yield site


def screens(guest: Guest, site: InvitedSite, locale: str) -> Iterator[str]:
    """Go through everything that only an invitation shows."""
    used, good = site.slips(2)
    site.use(used)
    guest.enter(site.link, locale)
    guest.heading(guest.word("invite-title", locale))
    yield "1-code"
    guest.code(used)
    expect(guest.page.locator("#said")).to_have_text(guest.word("invite-used", locale))
    yield "2-used"
    guest.code(good)
    guest.consent()
    guest.answer_all(locale)
    yield "3-ready"
    site.replies = [LOST]
    guest.send()
    guest.heading(guest.word("unconfirmed-title", locale))
    yield "4-failed"
    guest.do("retry")
    guest.stored(locale)
    yield "5-stored"
    guest.words()
    yield "6-words"
    guest.open(f"{site.base}/w/market")
    guest.page.locator("header select").select_option(locale)
    yield "7-withdraw"
    guest.type("#code", "able abel")
    guest.do("withdraw")
    yield "8-unknown"
    guest.type("#code", "able " * 8)
    guest.do("withdraw")
    expect(guest.page.locator("[data-press=again]")).to_be_visible()
    yield "9-taken"


@pytest.mark.parametrize("locale", LOCALES)
def test_axe_finds_nothing_on_any_screen_of_an_invitation(browser: Browser, site: InvitedSite, locale: str):
    """From the code to the withdrawal, in every language, light, dark, strongly contrasting and with large letters."""
    with browser.new_context(**STILL) as context:
        guest = Guest(context, site)
        guest.page.add_init_script(AXE)
        assert [] == [one for name in screens(guest, site, locale) for one in violations(guest.page, name)]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    ("width", "size"), [(320, "3"), *[pytest.param(width, "1", marks=pytest.mark.long) for width in (320, 1280)]]
)
def test_no_screen_of_an_invitation_runs_over_the_side(browser: Browser, site: InvitedSite, locale, width, size):
    """On narrow phones, also with the largest letters, nothing has to be scrolled sideways; pictures are kept."""
    phone = {**PHONE, "viewport": {"width": width, "height": 640}} if width < 1000 else {}
    with browser.new_context(**{"has_touch": True, "viewport": {"width": width, "height": 800}, **phone}) as context:
        guest = Guest(context, site)
        for name in screens(guest, site, locale):
            guest.page.evaluate("(size) => { document.documentElement.dataset.size = size; }", size)
            assert (name, 0) == (name, guest.page.evaluate(WIDER))
            guest.page.screenshot(path=PICTURES / f"{width}-{size}" / f"{locale}-{name}.png", full_page=True)


def test_the_code_is_asked_for_and_told_about_in_the_keyboards_and_the_screen_readers_terms(
    browser: Browser, site: InvitedSite
):
    """The heading has the focus, the field a label and capitals; a fault is an alert that describes the field."""
    with browser.new_context(**PHONE) as context:
        guest = Guest(context, site)
        guest.enter(site.link)
        expect(guest.page.locator("h1")).to_be_focused()
        field = guest.page.get_by_label(guest.word("invite-label"), exact=True)
        for name, value in (("autocapitalize", "characters"), ("autocomplete", "off"), ("spellcheck", "false")):
            expect(field).to_have_attribute(name, value)
        for _ in range(12):
            guest.page.keyboard.press("Tab")
            if field.evaluate("(one) => one === document.activeElement"):
                break
        guest.page.keyboard.type("4f7k")
        guest.page.keyboard.press("Enter")
        expect(guest.page.get_by_role("alert")).to_have_text(guest.word("invite-length").format(n=4))
        assert "how said" == field.get_attribute("aria-describedby")
        expect(field).to_be_focused()


@pytest.mark.parametrize("status", [200, 403, 511])
def test_a_page_in_place_of_the_issuers_word_is_called_the_networks_own(
    browser: Browser, site: InvitedSite, status: int
):
    """A captive portal is named as what it is, and the slip is still good: the next press redeems it."""
    with browser.new_context(**PHONE) as context:
        guest = Guest(context, site)
        (code,) = site.slips()
        body = "<!DOCTYPE html><h1>Free Wi-Fi</h1>"
        guest.page.route("**/t/*", lambda route: route.fulfill(status=status, body=body, content_type="text/html"))
        guest.enter(site.slip(code))
        guest.do("code")
        guest.expect_message("invite-portal")
        expect(guest.page.locator("#invitation")).to_have_value(grouped(code))
        guest.page.unroute("**/t/*")
        guest.do("code")
        guest.consent()
