"""What the network counts of a whole survey: the same requests of the same sizes in every language."""

from collections.abc import Callable

import pytest
from phone.invited_site import Guest, inviting
from phone.site import PHONE, Phone, Site
from playwright.sync_api import Browser, Request

LOCALES = ("en", "zh-Hans", "zh-Hant")
Exchange = tuple[str, dict[str, int]]


def exchanged(browser: Browser, site: Site, person: type[Phone], walk: Callable[[Phone], None]) -> list[Exchange]:
    """Return method and sizes, of headers and body both ways, of each request of one visit, in order."""
    requests: list[Request] = []
    with browser.new_context(**PHONE) as context:
        phone = person(context, site)
        phone.page.on("request", lambda request: request.url.startswith("http") and requests.append(request))
        walk(phone)
        phone.page.wait_for_load_state("networkidle")
        return [(request.method, request.sizes()) for request in requests]


def handed_in(phone: Phone, locale: str) -> None:
    phone.start(locale)
    phone.to_send(locale)
    phone.send()
    phone.heading(phone.word("stored-title", locale))


def redeemed(guest: Guest, code: str, locale: str) -> None:
    guest.redeem(guest.site.slip(code), locale)
    guest.answer_all(locale)
    guest.send()
    guest.stored(locale)


def test_an_open_link_is_five_requests_of_one_size_in_every_language(browser: Browser, site: Site):
    """Page, check, script, documents, hand-in: alike in three languages, byte for byte, headers included."""
    seen = [exchanged(browser, site, Phone, lambda phone, one=locale: handed_in(phone, one)) for locale in LOCALES]
    assert ["GET"] * 4 + ["POST"] == [method for method, _ in seen[0]]
    assert seen[0] == seen[1] == seen[2]
    # The control: what makes the documents one length is not in the texts themselves.
    assert 3 == len({len(str(site.sound[locale]).encode()) for locale in LOCALES})


def test_an_invitation_is_eight_requests_of_one_size_in_every_language(browser: Browser):
    """With a slip's code, its token and the word lists there are eight, alike in three languages."""
    with inviting() as site:
        slips = dict(zip(LOCALES, site.slips(3), strict=True))
        seen = [
            exchanged(browser, site, Guest, lambda guest, one=locale, code=code: redeemed(guest, code, one))
            for locale, code in slips.items()
        ]
    assert 2 == [method for method, _ in seen[0]].count("POST")
    assert 8 == len(seen[0])
    assert seen[0] == seen[1] == seen[2]


@pytest.mark.parametrize("locale", ["en", "zh-Hant"])
def test_another_language_is_one_request_more_of_the_same_size(browser: Browser, site: Site, locale: str):
    """The control: who changes the language fetches documents again, which is seen, and not of which language."""

    def changed(phone: Phone) -> None:
        phone.start("zh-Hans")
        phone.pick("header select", locale)
        phone.asks("AGE", locale)

    seen = exchanged(browser, site, Phone, changed)
    assert (5, {"GET"}) == (len(seen), {method for method, _ in seen})
    assert seen[3] == seen[4]
