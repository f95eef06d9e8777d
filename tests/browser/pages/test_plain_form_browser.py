"""The plain form in Chromium without JavaScript: what a person sees, presses and sends, in three languages."""

from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from hosts.applications import respond_app
from hosts.threaded_server import answering
from paths import ROOT
from phone.site import PHONE, headless_shell
from playwright.sync_api import Browser, Page, expect
from studies.plain_study import STUDY, fresh
from werkzeug.serving import WSGIRequestHandler, make_server

PICTURES = ROOT / "test-output" / "plain"
LOCALES = ("en", "zh-Hans", "zh-Hant")
PLAIN = {**PHONE, "java_script_enabled": False}
SCHEMES = ("light", "dark")
SIZES = {"phone": (360, 740), "desktop": (1280, 800)}


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Keep the test's output quiet."""


@contextmanager
def served(folder: Path):
    """Yield (study, address of its form)."""
    study = fresh(folder)
    app = respond_app(study.settings)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    with answering(server, app.extensions["sotto"].engine) as origin:
        yield study, f"{origin}/f/{STUDY}"


@pytest.fixture(scope="module")
def browser():
    with headless_shell() as browser:
        yield browser


@pytest.fixture
def place(tmp_path):
    with served(tmp_path) as place:
        yield place


def press(page: Page, *ids: str) -> None:
    """Press controls as a finger would: their labels."""
    for name in ids:
        page.locator(f"label[for={name}]").tap()


def ask(page: Page, address: str, locale: str = "en") -> None:
    """Open the first page and press for the questions."""
    page.goto(f"{address}?lang={locale}")
    page.locator("button.main").tap()
    expect(page.locator("#consent-001")).to_be_visible()


def agree(page: Page, address: str, locale: str = "en") -> None:
    ask(page, address, locale)
    press(page, "consent-001")


def shown(page: Page) -> list[str]:
    """Return the ids of the sections that can be seen."""
    every = page.locator("section.q")
    return [
        every.nth(place).get_attribute("id").removeprefix("q-")
        for place in range(every.count())
        if every.nth(place).is_visible()
    ]


def answer_and_forget_one(page: Page) -> None:
    """Answer everything but one question, and send: the form is shown again."""
    answer(page)
    press(page, "BUY_o002-000", "BUY_o004-000")
    page.locator("button.main").tap()
    expect(page.locator("[role=alert]")).to_be_visible()


def mend(page: Page) -> None:
    """Answer that one, and send."""
    press(page, "BUY_o002-001", "BUY_o004-001", "ready")
    page.locator("button.main").tap()


def answer(page: Page) -> None:
    """Answer everything on the longest path."""
    press(page, "MODE-001", "AGE-002", "USE-001", "HOW-004", "BUY_o002-001", "BUY_o004-001", "WHY-002", "TWO-099")
    press(page, "ROOMS-002", "SINCE-098", "FACE-001", "G_A-003", "G_B-098", "ONLY_o002-001", "SUM-002")
    page.select_option("#KIDS", "019")
    page.select_option("#R_1", "002")
    page.select_option("#R_2", "004")
    page.fill("#WORDS_p1", "Warm  SOUP")
    press(page, "ready")


READ = {
    "MODE": 1, "AGE": 2, "USE": 1, "HOW": 4, "BUY": (2, 4), "WHY": 2, "TWO": 99, "ROOMS": 2, "KIDS": 19, "SINCE": 98,
    "FACE": 1, "G_A": 3, "G_B": 98, "R_1": 2, "R_2": 4, "WORDS": ("warm soup",), "ONLY": (2,), "SUM": 2,
}  # fmt: skip


@pytest.mark.parametrize("locale", LOCALES)
def test_a_person_without_javascript_takes_part(browser: Browser, place, locale: str):
    """From the first page to the thanks: one press for the questions, one POST of answers, no cookie; it opens."""
    study, address = place
    with browser.new_context(**PLAIN) as context:
        page = context.new_page()
        requests = []
        page.on("request", lambda request: requests.append((request.method, request.url.split("?")[0])))
        agree(page, address, locale)
        answer(page)
        page.locator("button.main").tap()
        expect(page.locator("h1")).to_have_text(_words(locale)("stored-title"))
        pictures = [one for one in requests if "/m/" in one[1] or one[1].startswith("data:")]
        way = [("GET", address), ("POST", f"{address}/questions"), ("POST", address)]
        assert way == [one for one in requests if one not in pictures]
        assert [] == context.cookies()
    (opened,) = study.opened()
    assert (READ, locale, "server") == (opened.answers, opened.locale, opened.mode)


def test_the_style_asks_only_what_is_for_this_person(browser: Browser, place):
    """Questions vanish and come back with the answers that decide; one that ends the interview leaves no Send."""
    _, address = place
    with browser.new_context(**PLAIN) as context:
        page = context.new_page()
        ask(page, address)
        assert [] == shown(page)
        press(page, "consent-001")
        everything = shown(page)
        assert ["MODE", "AGE", "USE", "HOW"] == everything[:4]
        press(page, "USE-003", "AGE-001", "BUY_s-098", "MODE-002")
        assert {"HOW", "INTRO", "WHY", "TWO", "ROOMS", "G", "ONLY", "SUM"} == {*everything} - {*shown(page)}
        press(page, "USE-002")
        assert {"WHY", "TWO", "ROOMS", "ONLY"} == {*everything} - {*shown(page)} - {"SUM"}
        expect(page.locator("#w-HOW")).to_be_hidden()
        press(page, "AGE-000")
        assert ["MODE", "AGE"] == shown(page)
        expect(page.locator("#e-AGE-000")).to_be_visible()
        expect(page.locator("button.main")).to_be_hidden()
        press(page, "AGE-001")
        expect(page.locator("button.main")).to_be_visible()


def test_who_declines_sees_the_ending_and_no_questions(browser: Browser, place):
    """After a no there is nothing to fill in and nothing to send; no request leaves."""
    study, address = place
    with browser.new_context(**PLAIN) as context:
        page = context.new_page()
        ask(page, address)
        requests = []
        page.on("request", lambda request: requests.append(request.url))
        press(page, "consent-000")
        expect(page.locator(".declined")).to_contain_text("declined!")
        expect(page.locator("button.main")).to_be_hidden()
        page.keyboard.press("Enter")
        page.wait_for_timeout(100)
        assert [] == requests
    assert [] == study.envelopes()


def test_enter_sends_nothing_by_accident(browser: Browser, place):
    """In a text field, on an answer or on a list, Enter sends nothing, and Send waits for the last mark."""
    study, address = place
    with browser.new_context(**PLAIN) as context:
        page = context.new_page()
        agree(page, address)
        requests = []
        page.on("request", lambda request: requests.append(request.method))
        for name in ("#WORDS_p1", "#AGE-001", "#consent-001", "#KIDS", "#BUY_o001-001"):
            page.locator(name).focus()
            page.keyboard.press("Enter")
        page.locator("button.main").tap()
        page.wait_for_timeout(200)
        assert [] == requests
    assert [] == study.envelopes()


def test_faults_are_listed_first_and_lead_to_their_questions(browser: Browser, place):
    """What is missing stands at the top with links; the rest is kept out of sight; mended, it goes through."""
    study, address = place
    with browser.new_context(**PLAIN) as context:
        page = context.new_page()
        agree(page, address)
        answer_and_forget_one(page)
        alarm = page.locator("[role=alert]")
        expect(alarm).to_contain_text("Not stored yet: 1 to look at again")
        expect(page.locator("#G_A-003")).to_be_checked()
        expect(page.locator("#G_A-003")).to_be_hidden()
        assert ["BUY", "send"] == shown(page)
        expect(page.locator("#WORDS_p1")).to_have_value("Warm  SOUP")
        alarm.locator("a").tap()
        expect(page.locator("#q-BUY")).to_be_in_viewport()
        mend(page)
        expect(page.locator("h1")).to_have_text("Thank you. Your answers are stored")
    assert READ == study.opened()[0].answers


def test_a_page_of_another_site_cannot_send_it(browser: Browser, place):
    """A form elsewhere that posts here with a visitor's browser is refused, and nothing is stored."""
    study, address = place
    with browser.new_context(**PHONE) as context:
        page = context.new_page()
        page.goto("about:blank")
        with page.expect_response("**/f/*") as response:
            page.set_content(f'<form method=post action="{address}"><input name=a value=b></form>')
            page.evaluate("document.forms[0].submit()")
        assert 403 == response.value.status
    assert [] == study.envelopes()


def axe_faults(page: Page, where: str) -> list[tuple[str, str, str, str]]:
    """Return what all of axe-core's rules find on the page that is open, first in the light, then in the dark."""
    faults = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        faults += [
            (where, scheme, one["id"], one["nodes"][0]["html"]) for one in Axe().run(page).response["violations"]
        ]
    return faults


def test_axe_finds_nothing(browser: Browser, place):
    """The first page, the empty form, one with faults, and the thanks pass all of axe-core's rules in both schemes."""
    _, address = place
    # axe is a script, which the page's policy rightly refuses: only here is it set aside.
    with browser.new_context(**PHONE, bypass_csp=True) as context:
        page = context.new_page()
        page.goto(address)
        faults = axe_faults(page, "first")
        agree(page, address, "zh-Hant")
        faults += axe_faults(page, "form")
        answer_and_forget_one(page)
        faults += axe_faults(page, "faults")
        mend(page)
        expect(page.locator("code")).to_be_visible()
        faults += axe_faults(page, "thanks")
    assert [] == faults


def test_nothing_is_cut_off_or_too_small_to_press(browser: Browser, place):
    """At 320 pixels with letters twice as large nothing needs sideways scrolling; what is pressed has 44 pixels."""
    _, address = place
    tall = "e.checkVisibility() && Math.min(e.offsetHeight, e.offsetWidth) < 44"
    small = f"all => all.filter((e) => {tall}).map((e) => e.outerHTML)"
    with browser.new_context(**{**PHONE, "viewport": {"width": 320, "height": 568}}) as context:
        page = context.new_page()
        agree(page, address)
        assert [] == page.locator("label.choice, label.agree, button, a, select, input[type=text]").evaluate_all(small)
        devtools = context.new_cdp_session(page)
        devtools.send("Page.enable")
        devtools.send("Page.setFontSizes", {"fontSizes": {"standard": 32}})
        assert 320 == page.evaluate("document.documentElement.scrollWidth")


def drawn(page: Page, name: str, *, whole: bool = False) -> list[bytes]:
    """Draw the page that is open in each scheme, and keep the pictures; `name` has the place of the scheme."""
    pictures = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        pictures.append(page.screenshot(path=PICTURES / f"{name.format(scheme)}.png", full_page=whole))
    return pictures


@pytest.mark.parametrize("kind", SIZES)
@pytest.mark.parametrize("locale", LOCALES)
def test_pictures_of_every_page(browser: Browser, place, locale: str, kind: str):
    """Every page can be drawn on a phone and on a desk, light and dark; the pictures are kept to be looked at."""
    _, address = place
    PICTURES.mkdir(parents=True, exist_ok=True)
    width, height = SIZES[kind]
    options = {**PLAIN, "viewport": {"width": width, "height": height}, "is_mobile": kind == "phone"}
    with browser.new_context(**options) as context:
        page = context.new_page()
        page.goto(f"{address}?lang={locale}")
        name = f"{kind}-{locale}-{{}}"
        taken = drawn(page, f"{name}-1-before")
        page.locator("button.main").tap()
        press(page, "consent-001")
        taken += drawn(page, f"{name}-2-form", whole=True)
        answer_and_forget_one(page)
        taken += drawn(page, f"{name}-3-faults")
        mend(page)
        expect(page.locator("code")).to_be_visible()
        taken += drawn(page, f"{name}-4-stored")
    assert all(len(picture) > 2000 for picture in taken)
    assert all(light != dark for light, dark in zip(taken[::2], taken[1::2], strict=True))


def _words(locale: str):
    from survey.wording.catalogues import load_wordings

    return load_wordings("plain")[locale]
