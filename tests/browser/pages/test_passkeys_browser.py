"""Passkeys in Chromium, whose DevTools protocol has a device in software: added, used, refused, and never needed."""

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from hosts.applications import desk_app
from hosts.collection import PASSWORD, STUDY, Collection
from hosts.host_acts import outcome, worker
from hosts.threaded_server import answering
from phone.axe import AXE, RUN, TAGS
from phone.site import VIOLATIONS
from playwright.sync_api import Browser, Page
from sqlalchemy import delete
from werkzeug.serving import make_server

from survey.office_db.people.role import Role
from survey.office_db.people.tables import ConfirmedPasskey
from survey.operations.staff import confirm_passkey, invite_user
from survey.operations.transaction import office_session

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def desk(collection: Collection) -> Iterator[str]:
    """The address of a desk under the name that browsers have passkeys for."""
    app = desk_app(collection.settings, insecure_cookies=True)
    with answering(make_server("127.0.0.1", 0, app, threaded=True), app.extensions["sotto"].engine) as origin:
        yield origin.replace("127.0.0.1", "localhost")


def with_device(page: Page) -> tuple[object, str]:
    """Give the browser a device; return what speaks to it, and its name."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    made = device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return device, made["authenticatorId"]


def test_a_person_makes_a_passkey_and_signs_in_by_it(browser: Browser, desk: str, collection: Collection):
    """From the link to the studies and back in, without a name or password typed, and nothing against the policy."""
    link = invite_user(collection.settings, "mei", Role.RESEARCHER, (STUDY,))
    page = browser.new_page(viewport={"width": 360, "height": 640}, locale="en")
    page.add_init_script(VIOLATIONS)
    device, name = with_device(page)
    page.goto(f"{desk}/welcome/{link}")
    page.fill("#label", "my phone")
    page.click("text=Make a passkey")
    page.wait_for_url(f"{desk}/account")
    assert 1 == len(device.send("WebAuthn.getCredentials", {"authenticatorId": name})["credentials"])
    assert "sotto user confirm mei" in page.inner_text("main")
    page.click("text=Sign out")
    page.wait_for_url(f"{desk}/login")
    page.click("text=Sign in with a passkey")
    page.wait_for_url(f"{desk}/")
    assert STUDY in page.inner_text("main")
    assert [] == page.evaluate("violations")
    page.close()


def test_a_device_that_says_no_leaves_the_password(browser: Browser, desk: str):
    """The page says that the browser gave none, and signs in by password as before."""
    page = browser.new_page(locale="en")
    with_device(page)
    page.goto(f"{desk}/login")
    page.click("text=Sign in with a passkey")
    page.wait_for_selector("[data-failed]:not([hidden])")
    page.fill("#name", "li")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{desk}/")
    page.close()


def test_without_javascript_or_a_name_there_is_no_passkey_and_the_rest_works(browser: Browser, desk: str):
    """Without JavaScript the button is not shown; at an address of numbers the page offers none."""
    with browser.new_context(java_script_enabled=False, locale="en") as context:
        page = context.new_page()
        page.goto(f"{desk}/login")
        assert not page.is_visible("text=Sign in with a passkey")
        page.fill("#name", "li")
        page.fill("#password", PASSWORD)
        page.click("main form:not([data-passkey]) button")
        page.wait_for_url(f"{desk}/")
    page = browser.new_page(locale="en")
    page.goto(desk.replace("localhost", "127.0.0.1") + "/login")
    assert 0 == page.locator("[data-passkey]").count()
    page.close()


@pytest.fixture
def strict(open_collection: Collection) -> Iterator[str]:
    """The address of a desk that has everything signed that cannot be undone."""
    app = desk_app(open_collection.settings, insecure_cookies=True, unsigned=False)
    with answering(make_server("127.0.0.1", 0, app, threaded=True), app.extensions["sotto"].engine) as origin:
        yield origin.replace("127.0.0.1", "localhost")


def signed_in(page: Page, desk: str, collection: Collection) -> tuple[object, str]:
    """Sign mei in with a passkey, and confirm it; return what speaks to the device, and its name."""
    link = invite_user(collection.settings, "mei", Role.RESEARCHER, (STUDY,))
    device, name = with_device(page)
    page.goto(f"{desk}/welcome/{link}")
    page.fill("#label", "my phone")
    page.click("text=Make a passkey")
    page.wait_for_url(f"{desk}/account")
    code = re.search(r"sotto user confirm mei ([a-z2-7-]{19})", page.inner_text("main"))
    assert code
    page.goto(f"{desk}/studies/{STUDY}/waves/1/close-wave")
    assert "is confirmed" in page.inner_text("main")
    assert not page.is_visible("#typed")
    confirm_passkey(collection.settings, "mei", code[1])
    page.reload()
    return device, name


def fill_in(page: Page) -> None:
    page.fill("#typed", STUDY)
    page.click("main form.ask button")
    page.wait_for_selector("text=Nothing has been asked for yet.")


@pytest.mark.parametrize("width", [360, 1280])
def test_a_passkey_signs_the_closing_of_a_wave(browser: Browser, strict: str, open_collection: Collection, width: int):
    """Pressed once the device says no, and nothing is asked; then it signs, and a strict operator closes the wave."""
    page = browser.new_page(viewport={"width": width, "height": 800}, locale="en")
    page.add_init_script(VIOLATIONS)
    device, name = signed_in(page, strict, open_collection)
    fill_in(page)
    page.wait_for_selector("button:has-text('Sign with a passkey'):visible")
    assert not page.is_visible("text=This browser cannot sign.")
    device.send("WebAuthn.setUserVerified", {"authenticatorId": name, "isUserVerified": False})
    page.click("button:has-text('Sign with a passkey')")
    page.wait_for_selector("[data-failed]:not([hidden])")
    device.send("WebAuthn.setUserVerified", {"authenticatorId": name, "isUserVerified": True})
    page.click("button:has-text('Sign with a passkey')")
    page.wait_for_url(f"{strict}/requests/1")
    assert [] == page.evaluate("violations")
    worker(open_collection, unsigned=False).work()
    assert ("done", "wave 1 of q26 is closed") == outcome(open_collection, 1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_without_script_the_page_says_that_nothing_was_asked_and_why(
    browser: Browser, strict: str, open_collection: Collection
):
    """Filling in needs no script; signing does, and the page says so and offers no button that would do nothing."""
    page = browser.new_page(locale="en")
    signed_in(page, strict, open_collection)
    cookies = page.context.cookies()
    page.close()
    with browser.new_context(java_script_enabled=False, locale="en") as context:
        context.add_cookies(cookies)
        page = context.new_page()
        page.goto(f"{strict}/studies/{STUDY}/waves/1/close-wave")
        fill_in(page)
        assert page.is_visible("text=This browser cannot sign.")
        assert page.is_visible("text=Allow JavaScript for this address")
        assert 0 == page.locator("main form button:visible").count()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_something_is_signed(
    browser: Browser, strict: str, open_collection: Collection, scheme: Literal["light", "dark"]
):
    """On a phone, with each notice that the page has, and on the page of who cannot sign yet."""
    # axe is a script, which our policy rightly refuses.
    with browser.new_context(viewport={"width": 360, "height": 640}, color_scheme=scheme, bypass_csp=True) as context:
        page = context.new_page()
        device, name = signed_in(page, strict, open_collection)
        device.send("WebAuthn.setUserVerified", {"authenticatorId": name, "isUserVerified": False})
        fill_in(page)
        page.click("button:has-text('Sign with a passkey')")
        page.wait_for_selector("[data-failed]:not([hidden])")
        found = findings(page)
        page.evaluate("document.querySelector('[data-without-passkeys]').hidden = false")
        found += findings(page)
        with office_session(open_collection.settings) as session:
            session.execute(delete(ConfirmedPasskey))
        page.goto(f"{strict}/studies/{STUDY}/waves/1/close-wave")
        assert page.is_visible("text=You cannot ask for this here yet.")
        assert [] == found + findings(page)


def findings(page: Page) -> list[object]:
    page.evaluate(AXE)
    return list(page.evaluate(RUN, TAGS))
