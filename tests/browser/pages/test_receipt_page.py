"""The receipt page in a browser: it finds, misses and doubts rightly, tells one byte, and fits every screen."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from hosts.applications import respond_app
from hosts.collection import STUDY
from hosts.threaded_server import answering
from phone.site import VIOLATIONS
from werkzeug.serving import make_server

LOCALES = ("en", "zh-Hans", "zh-Hant")
SCREENS = {"phone": (360, 640), "desktop": (1280, 800)}


@pytest.fixture
def host(boxed_collection):
    """A host with one box of twelve answers: its address, its published folder and the receipts."""
    collection, receipts = boxed_collection
    app = respond_app(collection.settings)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    with answering(server, app.extensions["sotto"].engine) as origin:
        yield origin, collection.settings.public, receipts


def result(page, receipt: str) -> str:
    """Check a receipt; return what came of it."""
    page.fill("#receipt", receipt)
    page.evaluate("document.querySelector('#answer').textContent = ''")
    page.press("#receipt", "Enter")
    page.wait_for_selector("#answer [data-result]")
    return page.get_attribute("#answer [data-result]", "data-result")


def test_it_finds_misses_and_doubts(browser, host):
    """A receipt of the box is there, another is not, a mistyped one is none, and after an edit the host is doubted."""
    base, public, receipts = host
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{base}/c/{STUDY}?lang=en")
        short = " ".join(receipts[0][at : at + 4] for at in range(0, 16, 4)).upper()
        assert ("there", "there") == (result(page, short), result(page, receipts[1]))
        assert "the signature holds (Ed25519)" in page.text_content("#answer")
        assert ("absent", "bad") == (result(page, "0" * 16), result(page, "0a1b"))
        path = public / f"receipts/{STUDY}/1/{receipts[0][:2]}.json"
        path.write_bytes(path.read_bytes().replace(receipts[0].encode(), b"0" * 64))
        assert "fault" == result(page, short)
        assert "the list of receipts is not the one that the log names" in page.text_content("#answer")


def test_the_host_learns_one_byte(browser, host):
    """All that is asked for while a receipt is checked: the log and one list, and nothing is kept in the browser."""
    base, _, receipts = host
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{base}/c/{STUDY}?lang=en")
        asked, bodies = [], []
        page.on("request", lambda request: (asked.append(request.url), bodies.append(request.post_data)))
        result(page, receipts[0])
        log = [f"{base}/log/{name}" for name in ("checkpoint", "key", "entries.jsonl")]
        assert [*log, f"{base}/receipts/{STUDY}/1/{receipts[0][:2]}.json"] == asked
        assert {None} == {*bodies}
        assert [] == context.cookies()
        assert 0 == page.evaluate("localStorage.length + sessionStorage.length")
        assert f"{base}/c/{STUDY}?lang=en" == page.url


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("locale", LOCALES)
def test_it_fits_and_is_accessible(browser, host, locale, screen):
    """In every language and size: nothing for axe, nothing beside the screen, nothing that the policy refuses."""
    base, _, receipts = host
    width, height = SCREENS[screen]
    with browser.new_context(viewport={"width": width, "height": height}) as context:
        context.add_init_script(VIOLATIONS)
        page = context.new_page()
        page.goto(f"{base}/c/{STUDY}?lang={locale}")
        assert "there" == result(page, receipts[0])
        page.click("#answer summary")
        page.click("#hand summary")
        assert [] == [(one["id"], one["nodes"][0]["html"]) for one in Axe().run(page).response["violations"]]
        assert width >= page.evaluate("document.documentElement.scrollWidth")
        assert [] == page.evaluate("window.violations")


def test_without_a_script_or_a_secure_place_the_lists_are_open(browser, host):
    """Who has no script, or no WebCrypto, sees the 256 lists at once, and no form that would do nothing."""
    base, _, _ = host
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{base}/c/{STUDY}?lang=en")
        assert (False, True) == (page.is_visible("#ask"), page.is_visible("#hand .lists"))
    with browser.new_context() as context:
        context.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
        page = context.new_page()
        page.goto(f"{base}/c/{STUDY}?lang=en")
        page.wait_for_selector("#unsupported", state="visible")
        assert (False, True) == (page.is_visible("#ask"), page.is_visible("#hand .lists"))
