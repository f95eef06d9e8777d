"""The preview in a browser: every question is one press away, and a saved change shows without a press."""

import re
import shutil
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from paths import STUDIES

from survey.commands.preview import loader_of
from survey.preview.serve import serving

SHOWN = "(document.querySelector('iframe')?.contentDocument?.getElementById('{}')?.textContent ?? '')"
pytestmark = pytest.mark.slow


@pytest.fixture
def file(tmp_path):
    """A copy of the showcase to edit."""
    shutil.copytree(STUDIES / "showcase", tmp_path / "study")
    return tmp_path / "study" / "questionnaire.yaml"


@pytest.fixture
def preview(file, browser):
    """The author's page of it; an error in a script fails the test."""
    errors = []
    with serving(file, loader_of(file)) as (address, session), browser.new_context(locale="en-GB") as context:
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: message.type == "error" and errors.append(message.text))
        page.goto(address)
        page.wait_for_selector("iframe")
        yield page, session
    assert [] == errors


def go(page, place):
    """Press a question in the list and return what is on the phone's screen then: heading and row."""
    page.click(f"[data-place='{place}']")
    page.wait_for_function(f"() => ({SHOWN.format('title')} || !document.getElementById('unreached').hidden)")
    page.wait_for_timeout(100)
    assert page.is_hidden("#unreached"), place
    return page.evaluate(SHOWN.format("title")), page.evaluate(SHOWN.format("row"))


def expected(item, locale):
    """Return a pattern of an item's heading, and its row; what is piped into a heading may be anything."""
    words = item["words"][locale]
    parts = re.split(r"\{[A-Z][A-Z0-9_]*\|[^}]*\}", words["title"])
    return ".*".join(map(re.escape, parts)), words["row"] or ""


@pytest.mark.parametrize(("locale", "mode"), [("en", "self"), ("zh-Hans", "assisted"), ("zh-Hant", "kiosk")])
def test_every_question_is_one_press_away(preview, locale, mode):
    """In each language and way of answering the real page comes to the question that was pressed, or before Send."""
    page, session = preview
    page.select_option("#language", locale)
    page.select_option("#mode", mode)
    state = session.state()["page"]
    for item in state["items"] if locale == "en" else state["items"][::4]:
        heading, row = expected(item, locale)
        title, shown = go(page, item["id"])
        assert re.fullmatch(heading, title), item["id"]
        assert row == shown
    title, _ = go(page, "@end")
    assert session.wave.compiled.texts[locale].interface["ready-title"] == title


def test_what_is_sent_is_dropped_and_the_last_screen_shows(preview):
    """Send leads to the thanks with a receipt, as in a wave, and no file of the preview changes."""
    page, session = preview
    go(page, "@end")
    before = {path: path.read_bytes() for path in session.waves.folder.rglob("*") if path.is_file()}
    frame = page.frame_locator("iframe")
    page.wait_for_timeout(400)
    frame.locator("[data-press=send]").click()
    frame.locator("[data-press=close]").wait_for(timeout=30_000)
    assert before == {path: path.read_bytes() for path in session.waves.folder.rglob("*") if path.is_file()}


def test_a_saved_change_shows_where_the_author_is_and_a_broken_one_beside_the_last_page(preview, file):
    """The words of the present question change without a press; a problem has its line, and the page stays."""
    page, _ = preview
    text = file.read_text(encoding="utf-8")
    assert "How old are you?" == go(page, "AGE")[0]
    start = time.perf_counter()
    file.write_text(text.replace("How old are you?", "What is your age?"), encoding="utf-8")
    page.wait_for_function(f"() => ({SHOWN.format('title')} === 'What is your age?')", timeout=30_000)
    print(f"a change shows after {time.perf_counter() - start:.2f} s")
    file.write_text(text.replace("type: scale", "type: scales", 1), encoding="utf-8")
    page.wait_for_selector("#broken:not([hidden])")
    line = 1 + text[: text.index("type: scale")].count("\n")
    assert f"line {line}: items." in page.inner_text("#notes")
    assert "What is your age?" == page.evaluate(SHOWN.format("title"))
    file.write_text(text, encoding="utf-8")
    page.wait_for_function(f"() => ({SHOWN.format('title')} === 'How old are you?')", timeout=30_000)
    assert page.is_hidden("#broken")


def test_the_authors_page_is_accessible_and_fits_small_windows(preview):
    """No violation of WCAG, and no sideways scrolling at the width of a tablet or a laptop."""
    page, _ = preview
    go(page, "AGE")
    assert [] == [(one["id"], one["nodes"][0]["html"]) for one in Axe().run(page).response["violations"]]
    for width in (768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
