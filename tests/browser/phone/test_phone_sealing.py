"""Which code seals on a phone: the browser's own where it proves itself, the library where it does not."""

import contextlib

import pytest
from phone.site import PHONE, Phone, Site, another_shell
from phone.tablet import TABLET, Tablet
from playwright.sync_api import Browser, Page, Route, expect

LIBRARY = "**/static/sealing-*.js*"
WITHOUT = "--disable-blink-features=WebCryptoPQC"
# In place of one function of the browser's own: `own` is it, `count` how often it was called before.
INSTEAD = """
(() => {
  const [at, own, called] = [SubtleCrypto.prototype, SubtleCrypto.prototype.%(name)s, { times: 0 }];
  Object.defineProperty(at, "%(name)s", { value: async function (...given) {
    const count = called.times++;
    %(does)s
    return own.apply(this, given);
  } });
})();
"""
FLIPPED = """
const secret = await own.apply(this, given);
const bytes = new Uint8Array(secret.sharedKey || secret);
bytes[0] ^= 1;
return secret;
"""
SAME = """
called.first = called.first || own.apply(this, given);
const { sharedKey, ciphertext } = await called.first;
return { sharedKey: sharedKey.slice(0), ciphertext: ciphertext.slice(0) };
"""
ANOTHER_BIT = """
const out = await own.apply(this, given);
if (given[0].name === "ChaCha20-Poly1305") new Uint8Array(out)[%d] ^= 1;
return out;
"""
SHORT = """
if (count > 1) {
  const { sharedKey, ciphertext } = await own.apply(this, given);
  return { sharedKey, ciphertext: ciphertext.slice(1) };
}
"""
# Each is a browser that says it has everything. The third seal is the answer's: the check makes two.
WRONG = {
    "its KEM throws": {"name": "encapsulateBits", "does": "throw new Error('no');"},
    "its KEM never answers": {"name": "encapsulateBits", "does": "await new Promise(() => undefined);"},
    "its secret is another for who seals": {"name": "encapsulateBits", "does": FLIPPED},
    "its secret is another for who opens": {"name": "decapsulateBits", "does": FLIPPED},
    "its seals are all alike": {"name": "encapsulateBits", "does": SAME},
    "its cipher is another": {"name": "encrypt", "does": ANOTHER_BIT % 0},
    "its cipher is another after 64 bytes": {"name": "encrypt", "does": ANOTHER_BIT % 64},
}
LATE = {
    "throws": {"name": "encapsulateBits", "does": "if (count > 1) throw new Error('no');"},
    "never answers": {"name": "encapsulateBits", "does": "if (count > 1) await new Promise(() => undefined);"},
    "its seal is short": {"name": "encapsulateBits", "does": SHORT},
}


def libraries(site: Site) -> int:
    """Return how often the library was fetched."""
    return sum("/static/sealing-" in line for line in site.requests)


@contextlib.contextmanager
def phone_of(browser: Browser, site: Site, **change: str):
    """Give a person with a phone, whose browser does `change`."""
    site.requests.clear()
    site.posts.clear()
    with browser.new_context(**PHONE) as context:
        phone = Phone(context, site)
        if change:
            phone.page.add_init_script(INSTEAD % change)
        yield phone
        assert ([], []) == (phone.problems, phone.violations())


def hand_in(phone: Phone) -> dict[str, object]:
    """Answer the shortest way and hand in; return what the holder of the key finds."""
    phone.send()
    phone.heading(phone.word("stored-title"))
    (body,) = phone.site.posts
    return phone.site.study.opened(body).answers


def test_a_browser_that_seals_by_itself_fetches_no_library(browser: Browser, site: Site):
    """Chromium's own X-Wing seals the answer, which opens; the library is named in the page and not asked for."""
    with phone_of(browser, site) as phone:
        phone.start().to_send()
        assert {"AGE": 2, "BUY": 90}.items() <= hand_in(phone).items()
        assert 1 == phone.page.locator("body[data-sealing-integrity^=sha384-]").count()
    assert 0 == libraries(site)


def test_a_browser_that_cannot_seal_fetches_the_library_before_the_first_question(browser: Browser, site: Site):
    """With the algorithm switched off the library comes before the consent; the answer opens just the same."""
    with another_shell(browser, WITHOUT) as old, phone_of(old, site) as phone:
        phone.start()
        assert 1 == libraries(site)
        phone.to_send()
        assert {"AGE": 2, "BUY": 90}.items() <= hand_in(phone).items()
    assert 1 == libraries(site)


@pytest.mark.parametrize("fault", WRONG)
def test_a_browser_whose_own_seal_is_wrong_falls_back(browser: Browser, site: Site, fault: str):
    """Whatever is wrong with it is found before the first question, and what is sealed opens."""
    with phone_of(browser, site, **WRONG[fault]) as phone:
        phone.start()
        assert 1 == libraries(site)
        phone.to_send()
        assert {"AGE": 2, "BUY": 90}.items() <= hand_in(phone).items()


@pytest.mark.parametrize("fault", LATE)
def test_a_browser_that_fails_after_its_check_falls_back_at_send(browser: Browser, site: Site, fault: str):
    """Nothing is lost: the library is fetched then, and the answer is handed in."""
    with phone_of(browser, site, **LATE[fault]) as phone:
        phone.start().to_send()
        assert 0 == libraries(site)
        assert {"AGE": 2, "BUY": 90}.items() <= hand_in(phone).items()
    assert 1 == libraries(site)


def lost(route: Route) -> None:
    route.abort()


def foreign(route: Route) -> None:
    route.fulfill(body="<!DOCTYPE html><h1>Free Wi-Fi</h1>", content_type="text/html")


def changed(route: Route) -> None:
    """Send the library with one more statement, as a cache or front that was taken over would."""
    answer = route.fetch()
    route.fulfill(body=f"window.ran = 1;{answer.text()}", content_type="text/javascript")


@pytest.mark.parametrize("way", [lost, foreign, changed])
def test_a_library_that_does_not_come_whole_is_asked_for_again(browser: Browser, site: Site, way):
    """A language does not open without it: the page says what a lost document says, and the next press goes on."""
    with another_shell(browser, WITHOUT) as old, old.new_context(**PHONE) as context:
        phone = Phone(context, site)
        phone.page.route(LIBRARY, way)
        phone.open()
        choose(phone.page)
        expect(phone.page.locator("[data-note=offline][lang=en]")).to_be_visible()
        assert phone.page.locator("h2#ask").count() == 0
        assert phone.page.evaluate("window.ran") is None
        phone.page.unroute(LIBRARY)
        choose(phone.page)
        phone.do("agree")
        phone.asks("AGE")
        assert phone.page.evaluate("window.ran") is None


@pytest.mark.parametrize("without", [False, True])
def test_a_tablet_seals_without_a_network(browser: Browser, site: Site, without: bool):
    """Every tablet keeps the library: one whose browser cannot seal, and one whose browser fails after its check."""
    with another_shell(browser, *([WITHOUT] if without else [])) as own, own.new_context(**TABLET) as context:
        site.posts.clear()
        tablet = Tablet(context, site)
        if not without:
            tablet.page.add_init_script(INSTEAD % LATE["throws"])
        tablet.prepared()
        tablet.page.wait_for_function("navigator.serviceWorker.controller")
        tablet.offline()
        tablet.interview()
        tablet.counts(waiting=1, acknowledged=0)
        tablet.offline(False)
        tablet.counts(waiting=0, acknowledged=1)
        assert 2 == site.study.opened(site.posts[0]).answers["AGE"]


def test_a_tablet_without_anything_that_seals_begins_no_interview(browser: Browser, site: Site):
    """Whoever presses a language is told that it is not loaded; once the library comes, the interview is handed in."""
    site.posts.clear()
    with another_shell(browser, WITHOUT) as old, old.new_context(**TABLET, service_workers="block") as context:
        tablet = Tablet(context, site)
        tablet.page.route(LIBRARY, lost)
        tablet.home().press("[data-start=en]")
        expect(tablet.page.locator("[data-note=not-loaded]")).to_be_visible()
        assert 0 == tablet.page.locator("[data-press=agree], .alarm").count()
        tablet.page.unroute(LIBRARY)
        tablet.interview()
        tablet.counts(waiting=0, acknowledged=1)
    assert 2 == site.study.opened(site.posts[0]).answers["AGE"]


def test_of_two_presses_while_a_tablet_waits_for_the_library_one_interview_begins(browser: Browser, site: Site):
    """The first language pressed is asked in; the second does not take its place."""
    with another_shell(browser, WITHOUT) as old, old.new_context(**TABLET, service_workers="block") as context:
        tablet = Tablet(context, site)
        waiting: list[Route] = []

        def held(route: Route) -> None:
            waiting.append(route)

        tablet.page.route(LIBRARY, held)
        tablet.home()
        for locale in ("en", "zh-Hans"):
            tablet.press(f"[data-start={locale}]")
        for route in waiting:
            route.continue_()
        expect(tablet.page.locator("[data-press=agree]")).to_have_count(1)
        expect(tablet.page.locator("html")).to_have_attribute("lang", "en")


def choose(page: Page) -> None:
    page.locator("[data-locale=en] summary").tap()


def test_a_library_that_is_lost_at_send_can_be_asked_for_by_hand(browser: Browser, site: Site):
    """Where the browser fails at Send and the network too, the answer stays, and Try again seals it."""
    with phone_of(browser, site, **LATE["throws"]) as phone:
        phone.start().to_send()
        phone.page.route(LIBRARY, lost)
        phone.send()
        phone.heading(phone.word("not-stored-title"))
        phone.page.unroute(LIBRARY)
        phone.do("retry")
        phone.heading(phone.word("stored-title"))
        (body,) = site.posts
        assert {"AGE": 2, "BUY": 90}.items() <= site.study.opened(body).answers.items()
        phone.problems.clear()  # the browser's own words about the request that was broken off
