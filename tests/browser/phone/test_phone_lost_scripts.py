"""What respondents' pages do where their scripts are lost on the way, or a network's own page comes in place of one."""

import pytest
from phone.invited_site import InvitedSite, inviting
from phone.site import PHONE, Phone
from playwright.sync_api import Browser, Page, Route, expect
from werkzeug.wrappers import Response

from survey.wording.catalogues import load_wordings

SIGN_IN = "<!DOCTYPE html><h1>Free Wi-Fi</h1>"
SCRIPTS = "**/static/*.js"
CHECK = "**/static/check-*.js"
# Twenty seconds of the page's own style, at once; says how many styles were at work.
TWENTY_SECONDS = "document.getAnimations().filter((one) => { one.currentTime = 20000; return true; }).length"
SHIFTS = """
new PerformanceObserver((list) => {
  window.shifted = list.getEntries().reduce((sum, one) => sum + one.value, window.shifted || 0);
}).observe({ type: "layout-shift", buffered: true });
"""
FOREIGN = {
    "a page": {"status": 200, "body": SIGN_IN},
    "a page under 511": {"status": 511, "body": SIGN_IN},
    "a redirect": {"status": 302, "headers": {"Location": "/portal"}},
}
PAGES = {"survey": "/s/market", "withdrawal": "/w/market", "kit": "/k/market"}


@pytest.fixture(scope="module")
def site():
    with inviting() as site:
        yield site


@pytest.fixture
def page(browser: Browser):
    with browser.new_context(**PHONE, locale="zh-CN", service_workers="block") as context:
        context.route("**/portal", lambda route: route.fulfill(body=SIGN_IN, content_type="text/html"))
        yield context.new_page()


def address(site: InvitedSite, name: str) -> str:
    return f"{site.base}{PAGES[name]}#{site.link.partition('#')[2]}"


def lose(page: Page, scripts: str, way: str = "broken off") -> None:
    """Lose scripts on the way: nothing comes, or something foreign."""

    def lost(route: Route) -> None:
        if way in FOREIGN:
            route.fulfill(content_type="text/html", **FOREIGN[way])
        else:
            route.abort()

    page.route(scripts, lost)


def notes(page: Page) -> set[str]:
    """Return the names of the notes that are seen."""
    return set(page.locator("[data-note]:visible").evaluate_all("(all) => all.map((one) => one.dataset.note)"))


@pytest.mark.parametrize("name", PAGES)
def test_without_the_check_no_page_goes_on(page: Page, site: InvitedSite, name: str):
    """Where only the script that looks for other people's windows is lost, nothing is asked and the page says so."""
    lose(page, CHECK)
    site.requests.clear()
    page.goto(address(site, name))
    expect(page.locator("[data-note=offline][lang=zh-Hans]")).to_be_visible()
    assert {"offline"} == notes(page)
    expect(page.locator("#languages")).to_be_hidden()
    expect(page.locator("input, textarea, html[data-ready]")).to_have_count(0)
    assert [] == [line for line in site.requests if "/b/" in line]
    page.unroute(CHECK)
    page.locator("[data-note=offline][lang=zh-Hans] [data-press=again]").tap()
    expect(page.locator("html[data-ready]")).to_have_count(1)


def test_inside_an_app_a_lost_check_shows_no_topic(browser: Browser, site: InvitedSite):
    """An in-app browser without the check shows no consent, not even for a language pressed before the scripts came."""
    with browser.new_context(**PHONE, user_agent="Mozilla/5.0 Chrome/107.0 MicroMessenger/8.0") as context:
        phone = Phone(context, site)
        lose(phone.page, CHECK)
        site.scripts.clear()
        site.requests.clear()
        phone.page.goto(site.link, wait_until="commit")
        phone.page.locator("[data-locale=en] summary").tap()
        site.scripts.set()
        expect(phone.page.locator("[data-note=offline][lang=en]")).to_be_visible()
        expect(phone.page.locator("#languages, h2#ask").filter(visible=True)).to_have_count(0)
        assert [] == [line for line in site.requests if "/b/" in line]


@pytest.mark.parametrize("way", ["broken off", *FOREIGN])
def test_where_no_script_comes_the_page_itself_says_what_to_do(page: Page, site: InvitedSite, way: str):
    """Whoever pressed a language is told after 20 seconds, in that language, and nothing on the page moves for it."""
    lose(page, SCRIPTS, way)
    page.add_init_script(SHIFTS)
    page.goto(address(site, "survey"))
    page.locator("[data-locale=zh-Hans] summary").tap()
    late = page.locator("[data-locale=zh-Hans] .late")
    expect(late).to_be_hidden()
    page.wait_for_timeout(300)
    opened = page.evaluate("window.shifted")  # by the press itself
    assert page.evaluate(TWENTY_SECONDS) > 0
    expect(late).to_be_visible()
    expect(late).to_contain_text("刷新")
    expect(page.locator(".late:visible")).to_have_count(1)
    page.wait_for_timeout(300)
    assert opened == page.evaluate("window.shifted") > 0


@pytest.mark.parametrize("name", ["withdrawal", "kit"])
def test_a_page_that_is_built_by_script_does_not_stay_empty(page: Page, site: InvitedSite, name: str):
    """Where no script comes the pages that scripts fill say so too after 20 seconds, in each of their languages."""
    lose(page, SCRIPTS)
    page.goto(address(site, name))
    assert set() == notes(page)
    assert page.evaluate(TWENTY_SECONDS) > 0
    expect(page.locator("[data-note=late]:visible")).to_have_count(3)
    assert {"late"} == notes(page)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("way", FOREIGN)
def test_a_networks_page_in_place_of_a_script_is_named(page: Page, site: InvitedSite, name: str, way: str):
    """Of a captive portal the page says whose it is, and after a sign-in one press opens the whole page."""
    own = f"**/static/{ {'survey': 'main', 'withdrawal': 'withdraw', 'kit': 'kit'}[name] }-*.js"
    lose(page, own, way)
    page.goto(address(site, name))
    expect(page.locator("[data-note=portal][lang=zh-Hans]")).to_be_visible()
    assert {"portal"} == notes(page)
    page.unroute(own)
    page.locator("[data-note=portal][lang=zh-Hans] [data-press=again]").tap()
    expect(page.locator("html[data-ready]")).to_have_count(1)
    assert page.url == address(site, name)


def test_documents_that_do_not_come_are_asked_for_by_their_language(page: Page, site: InvitedSite):
    """Where the page is whole the note has no button of its own, which would lose a code that left the address."""
    page.route("**/b/**", lambda route: route.abort())
    page.goto(address(site, "survey"))
    page.locator("[data-locale=zh-Hans] summary").tap()
    expect(page.locator("[data-note=offline][lang=zh-Hans]")).to_be_visible()
    expect(page.locator("[data-press=again]:visible")).to_have_count(0)


def test_a_networks_page_in_place_of_a_withdrawals_reply_is_named(page: Page, site: InvitedSite):
    """Whoever withdraws behind a captive portal is told of it, and can try again."""
    site.replies = [Response(SIGN_IN, content_type="text/html")]
    page.goto(address(site, "withdrawal"))
    page.locator("#code").fill("able " * 8)
    page.locator("[data-press=withdraw]").tap()
    expect(page.get_by_role("alert")).to_have_text(load_wordings("withdraw")["zh-Hans"]("portal"))
    expect(page.locator("[data-press=again]")).to_be_visible()
