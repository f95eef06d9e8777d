"""Passkeys in Chromium, whose DevTools protocol has a device in software: added, used, refused, and never needed."""

from collections.abc import Iterator

import pytest
from hosts.applications import desk_app
from hosts.collection import PASSWORD, STUDY, Collection
from hosts.threaded_server import answering
from phone.site import VIOLATIONS
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from survey.office_db.people.role import Role
from survey.operations.staff import invite_user

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
