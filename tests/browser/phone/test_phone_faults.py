"""What the page does when something is wrong: with the link, the documents, the browser, the network or the server."""

import json
import re

import pytest
from phone.site import LOST, PHONE, Phone, Site, own_reply
from playwright.sync_api import Browser, Page, Route, expect
from studies.market import Study
from studies.substitutes import CHANGES
from werkzeug.wrappers import Response

from crypto.canonical import canonical
from survey.publication.frontend_files import load_assets

SIGN_IN = "<!DOCTYPE html><h1>Free Wi-Fi</h1>"
INTEGRITY = re.compile(r' integrity="[^"]*"')


def shows(phone: Phone, note: str, *locales: str) -> None:
    """Check that exactly this note is shown, in exactly these languages."""
    expect(phone.page.locator(f"[data-note={note}]:visible")).to_have_count(len(locales))
    expect(phone.page.locator("[data-note]:visible")).to_have_count(len(locales))
    for locale in locales:
        expect(phone.page.locator(f"[data-note={note}][lang={locale}]")).to_be_visible()


def refused(phone: Phone) -> None:
    """Open the link, choose a language, and find a refusal in it and no way on."""
    phone.open()
    phone.page.locator("[data-locale=zh-Hans] summary").tap()
    shows(phone, "refused", "zh-Hans")
    expect(phone.page.locator("#languages")).to_be_hidden()
    expect(phone.page.locator("[data-press]:visible")).to_have_count(0)
    assert [] == phone.site.posts


def keep_waiting(page: Page, address: str, waiting: list[Route]) -> None:
    """Let requests for an address wait, unanswered, in the list."""

    def keep(route: Route) -> None:
        waiting.append(route)

    page.route(address, keep)


@pytest.mark.parametrize("fragment", ["", "#k=", "#k=tooshort", "#k=" + "A" * 33, "#k=" + "é" * 32, "#x=" + "A" * 32])
def test_an_incomplete_link_is_refused_before_anything_is_asked_for(phone: Phone, site: Site, fragment: str):
    """Without a whole pin the page says so in every language and fetches no documents."""
    phone.open(site.link.split("#")[0] + fragment)
    shows(phone, "link", "en", "zh-Hans", "zh-Hant")
    expect(phone.page.locator("#languages")).to_be_hidden()
    assert [] == [line for line in site.requests if "/b/" in line]


def test_another_pin_refuses_the_documents(phone: Phone, site: Site):
    """Documents that are sound in themselves but not the link's are refused."""
    site.link = site.link[:-1] + ("A" if site.link[-1] != "A" else "B")
    refused(phone)


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_document_under_an_unchanged_link_is_refused(phone: Phone, site: Site, change: str):
    """Whatever a server changes behind a printed link, the phone refuses; changing nothing is the control."""
    name, changed = CHANGES[change]
    site.bundles["zh-Hans"][name] = canonical(changed(json.loads(site.bundles["zh-Hans"][name]))).decode()
    if change == "nothing":
        phone.open()
        phone.choose("zh-Hans")
    else:
        refused(phone)


@pytest.mark.parametrize("final", ["cut off", "without a pin", "other documents", "gone"])
def test_a_final_note_stands_without_the_heading_that_asks_to_choose(phone: Phone, site: Site, final: str):
    """Where no language is left to choose, “Choose your language” is gone too; it stands until then."""
    heading = phone.page.locator("h1.first")
    if final == "other documents":
        site.bundles["en"]["texts"] = site.bundles["en"]["texts"].replace("market", "markat", 1)
    elif final == "gone":
        site.bundles.clear()
    elif final == "cut off":
        phone.open(site.link[:-1])
    else:
        phone.open(site.link.partition("#")[0])
    if final in {"other documents", "gone"}:
        phone.open()
        expect(heading).to_be_visible()
        phone.page.locator("[data-locale=en] summary").tap()
    expect(phone.page.locator("[data-note]:visible").first).to_be_visible()
    expect(heading).to_be_hidden()
    expect(phone.page.locator("#languages")).to_be_hidden()


def test_a_link_whose_documents_are_gone_is_called_no_longer_valid(phone: Phone, site: Site):
    """A 404 for the pin says that the link is no longer valid."""
    site.bundles.clear()
    phone.open().page.locator("[data-locale=en] summary").tap()
    shows(phone, "link", "en")


@pytest.mark.parametrize("status", [200, 403, 511])
def test_a_page_in_place_of_the_documents_is_called_the_networks_own(phone: Phone, status: int):
    """What a captive portal shows is not taken for a changed survey: the page says whose it is, and goes on after."""
    page = phone.open().page
    page.route("**/b/**", lambda route: route.fulfill(status=status, body=SIGN_IN, content_type="text/html"))
    page.locator("[data-locale=zh-Hans] summary").tap()
    shows(phone, "portal", "zh-Hans")
    page.unroute("**/b/**")
    phone.choose("zh-Hans")


def test_documents_that_never_come_are_given_up_and_can_be_asked_for_again(phone: Phone):
    """A bundle that hangs ends in the words of a bad connection after half a minute, not in a wait for ever."""
    page = phone.page
    page.clock.install()
    phone.open()
    hung: list[Route] = []
    keep_waiting(page, "**/b/**", hung)
    page.locator("[data-locale=en] summary").tap()
    page.wait_for_timeout(300)
    page.clock.run_for(29_000)
    expect(page.locator("[data-note]:visible")).to_have_count(0)
    page.clock.run_for(1_500)
    shows(phone, "offline", "en")
    page.unroute("**/b/**")
    page.locator("[data-locale=en] summary").tap()
    expect(page.locator("h2#ask")).to_be_visible()
    assert 1 == len(hung)


def test_a_main_script_that_never_comes_is_told_after_a_minute_and_may_still_come(phone: Phone, site: Site):
    """Who pressed a language is not left with “One moment” for ever; if the script comes at last, the press counts."""
    page = phone.page
    page.clock.install()
    main: list[Route] = []
    keep_waiting(page, "**/static/main-*.js", main)
    page.goto(site.link, wait_until="commit")
    page.locator("[data-locale=en] summary").tap()
    page.clock.run_for(59_000)
    expect(page.locator("[data-note]:visible")).to_have_count(0)
    page.clock.run_for(2_000)
    shows(phone, "offline", "en", "zh-Hans", "zh-Hant")
    main[0].continue_()
    expect(page.locator("h2#ask")).to_be_visible()


def test_a_lost_connection_can_be_tried_again(phone: Phone):
    """When the documents do not come, the page says so in the chosen language and keeps the choice open."""
    phone.open()
    phone.page.context.set_offline(True)
    phone.page.locator("[data-locale=zh-Hant] summary").tap()
    shows(phone, "offline", "zh-Hant")
    phone.page.context.set_offline(False)
    phone.choose("zh-Hant")


@pytest.mark.parametrize("bundle", ["main", "check"])
def test_a_script_that_the_page_does_not_name_by_its_hash_is_refused(phone: Phone, bundle: str):
    """Sent under the right name, another script does not run; control: the same way the true one does."""
    page, asset = phone.page, load_assets().files[load_assets().scripts[bundle]]
    more = [b";document.documentElement.dataset.evil='1'", b""]
    page.route(
        f"**/static/{bundle}-*.js",
        lambda route: route.fulfill(body=asset.forms[""] + more[-1], content_type=asset.content_type),
    )
    phone.open()
    phone.choose("en")
    assert [] == phone.problems
    more.pop()
    page.goto("about:blank")
    phone.open()
    page.wait_for_load_state("load")
    assert any("integrity" in text for text in phone.problems), phone.problems
    assert 0 == page.locator("html[data-evil]").count()
    assert 2 == page.locator("script[integrity]").count() == page.locator("script").count()


def test_without_script_there_is_an_explanation_and_nothing_to_fill_in(browser: Browser, site: Site):
    """With JavaScript off the first screen explains in every language; nothing there can be filled in or pressed."""
    with browser.new_context(**PHONE, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(site.link)
        expect(page.locator("noscript p")).to_have_count(3)
        expect(page.locator("noscript p").first).to_be_visible()
        expect(page.locator("form, input, select, textarea, main :is(button, summary):visible")).to_have_count(0)


def test_the_first_screen_needs_no_script_and_an_early_press_counts(phone: Phone, site: Site):
    """Before any script has come the languages can be read and pressed, and the press is not lost."""
    site.scripts.clear()
    phone.page.goto(site.link, wait_until="commit")
    phone.page.locator("[data-locale=zh-Hans] summary").tap()
    expect(phone.page.locator("[data-locale=zh-Hans] p")).to_be_visible()
    assert [] == [line for line in site.requests if "/b/" in line]
    site.scripts.set()
    expect(phone.page.locator("h2#ask")).to_have_text(site.study.texts["zh-Hans"].consent.question)


@pytest.mark.parametrize("gone", ["BigInt", "crypto", "fetch", "TextEncoder", "AbortController"])
def test_a_browser_that_cannot_seal_says_so(phone: Phone, gone: str):
    """Where the browser lacks something the page says so in every language and offers nothing to answer."""
    phone.page.add_init_script(f"Object.defineProperty(window, '{gone}', {{value: undefined}});")
    phone.open()
    shows(phone, "unsupported", "en", "zh-Hans", "zh-Hant")
    expect(phone.page.locator("#languages")).to_be_hidden()


def test_a_page_that_came_over_plain_http_is_not_called_an_old_browser(phone: Phone):
    """Where a browser withholds its cryptography from an address without https, the page says that, and what to do."""
    phone.page.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false});")
    phone.page.add_init_script("Object.defineProperty(crypto, 'subtle', {value: undefined});")
    phone.open()
    shows(phone, "insecure", "en", "zh-Hans", "zh-Hant")
    expect(phone.page.locator("[data-note=insecure][lang=en]")).to_contain_text("begins with https")
    expect(phone.page.locator("h1")).to_have_css("height", "0px")


def test_a_script_that_does_not_come_is_called_a_bad_connection(phone: Phone):
    """Where the main script is lost on the way, the page does not blame the browser."""
    phone.page.route("**/static/main-*.js", lambda route: route.abort())
    phone.open()
    shows(phone, "offline", "en", "zh-Hans", "zh-Hant")


def test_a_script_that_cannot_be_read_is_called_an_old_browser(phone: Phone):
    """Where the main script is no program to this browser, the page says that the browser is too old."""
    phone.page.route("**/static/main-*.js", lambda route: route.fulfill(body="let ?? ="))
    # A script of another hash would not even be tried: here the page names none.
    phone.page.route("**/s/*", lambda route: route.fulfill(body=INTEGRITY.sub("", route.fetch().text())))
    phone.open()
    shows(phone, "unsupported", "en", "zh-Hans", "zh-Hant")


def test_inside_another_app_nothing_is_offered_before_two_presses(browser: Browser, site: Site):
    """In the in-app browser of a company that may be under study, only who presses on twice comes to the languages."""
    with browser.new_context(**PHONE, user_agent="Mozilla/5.0 Chrome/107.0 MicroMessenger/8.0") as context:
        phone = Phone(context, site).open()
        shows(phone, "inapp", "en", "zh-Hans", "zh-Hant")
        expect(phone.page.locator("#languages")).to_be_hidden()
        assert [] == [line for line in site.requests if "/b/" in line]
        phone.page.locator("[data-note=inapp][lang=en] summary").tap()
        phone.page.locator("[data-note=inapp][lang=en] [data-press=anyway]").tap()
        phone.choose("en")


OWN_FAILURES = {500: "not-stored-text", 507: "full-text", 503: "full-text"}
FAILURES = [
    *[pytest.param(own_reply(status), said, id=f"own {status}") for status, said in OWN_FAILURES.items()],
    *[pytest.param(status, "unconfirmed-text", id=f"foreign {status}") for status in (403, 500, 502, 503, 504, 507)],
    pytest.param(LOST, "unconfirmed-text", id="lost"),
    *[
        pytest.param(Response(SIGN_IN, status=status, content_type="text/html"), "portal-text", id=f"portal {status}")
        for status in (200, 403, 511)
    ],
    pytest.param(Response(status=302, headers={"Location": "/portal"}), "portal-text", id="portal redirect"),
]


@pytest.mark.parametrize(("reply", "said"), FAILURES)
def test_a_failure_is_said_and_trying_again_sends_the_same_bytes(
    phone: Phone, site: Site, study: Study, reply: int | Response, said: str
):
    """Only the survey's own reply says "not stored"; whatever else comes is in doubt, and each try sends one body."""
    site.replies = [reply, reply]
    phone.start()
    phone.to_send()
    phone.send()
    for _ in range(2):
        expect(phone.page.get_by_role("alert")).to_have_text(phone.word(said))
        phone.do("retry")
    phone.heading(phone.word("stored-title"))
    assert 1 == len(set(site.posts))
    assert 3 <= len(site.posts)  # Chromium itself repeats a POST when a kept connection turns out closed
    assert 2 == study.opened(site.posts[0]).answers["AGE"]


@pytest.mark.parametrize("receipt", ["", "0" * 64, "stored", " "])
def test_only_the_hash_of_the_envelope_counts_as_stored(phone: Phone, site: Site, receipt: str):
    """A 201 that does not name this very envelope leaves it open whether it is stored."""
    site.replies = [receipt]
    phone.start()
    phone.to_send()
    phone.send()
    phone.heading(phone.word("unconfirmed-title"))


@pytest.mark.parametrize("status", [400, 404, 407, 410])
def test_a_refusal_that_is_not_the_surveys_own_costs_no_answer(phone: Phone, site: Site, status: int):
    """What a proxy, a captive portal or a host being updated says keeps the answers: the next try stores them."""
    site.replies = [Response(f"<html><body>{status}</body></html>\n", status=status, content_type="text/html")]
    phone.start()
    phone.to_send()
    phone.send()
    expect(phone.page.locator("footer [data-press=retry]")).to_be_visible()
    expect(phone.page.locator("#title")).not_to_have_text(phone.word("refused-title"))
    phone.do("retry")
    phone.heading(phone.word("stored-title"))
    assert 1 == len(set(site.posts))


def test_bytes_that_will_never_be_taken_are_not_offered_again(phone: Phone, site: Site):
    """After the survey's own 400 the page says that sending again would not help, and offers no further try."""
    site.replies = [own_reply(400)]
    phone.start()
    phone.to_send()
    phone.send()
    phone.heading(phone.word("refused-title"))
    expect(phone.page.locator("main button")).to_have_count(0)
    expect(phone.page.locator("footer button")).to_have_text([phone.word("close")])


def test_a_closed_survey_is_called_ended_and_everything_is_cleared(phone: Phone, site: Site):
    """After the survey's own 410 there is nothing to try again."""
    site.replies = [own_reply(410)]
    phone.start()
    phone.to_send()
    phone.send()
    phone.heading(phone.word("closed-title"))
    expect(phone.page.locator("main button")).to_have_count(0)
    expect(phone.page.locator("footer button")).to_have_text([phone.word("close")])


def test_after_a_failure_the_sealed_answers_cannot_be_changed(phone: Phone, site: Site):
    """Once sealed there is no way back to the questions: what is sent again is what was sealed."""
    site.replies = [own_reply(500)]
    phone.start()
    phone.to_send()
    phone.send()
    phone.heading(phone.word("not-stored-title"))
    expect(phone.page.locator("footer button")).to_have_count(1)
    for still in ("retry", "leave"):
        expect(phone.page.locator(f"[data-press={still}]")).to_be_visible()
