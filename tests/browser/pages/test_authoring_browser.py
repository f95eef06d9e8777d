"""An author's file at the desk in a browser: uploaded, read, looked at in a frame that runs nothing, downloaded."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hosts.applications import desk_app
from hosts.collection import PASSWORD, Collection
from hosts.threaded_server import answering
from paths import ROOT
from phone.axe import AXE, RUN, TAGS
from phone.site import VIOLATIONS
from playwright.sync_api import Browser, Page
from studies.forms import CHOICES, survey, xlsx
from werkzeug.serving import make_server

from survey.desk_process.child import Child

PICTURES = ROOT / "test-output" / "pages"
SOUND = ROOT / "survey" / "studies" / "sesame_credit" / "questionnaire.yaml"
FORM = {
    "survey": survey(
        {"type": "image", "name": "photo", "label": "Photo"},
        {"type": "select_one yn", "name": "eaten", "label": "Have you eaten?"},
        {"type": "integer", "name": "age", "label": "Age"},
    ),
    "choices": [row[:3] for row in CHOICES],
}
SCREENS = {"phone": (360, 740), "desktop": (1280, 800)}


@pytest.fixture
def desk(collection: Collection, tmp_path: Path) -> Iterator[str]:
    """Serve a desk whose files a real child reads."""
    app = desk_app(collection.settings, insecure_cookies=True, examine=Child(tmp_path / "lock"))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    with answering(server, app.extensions["sotto"].engine) as origin:
        yield origin


@pytest.fixture
def form(tmp_path: Path) -> Path:
    path = tmp_path / "form.xlsx"
    path.write_bytes(xlsx(FORM))
    return path


def sign_in(page: Page, desk: str) -> None:
    page.goto(f"{desk}/login")
    page.wait_for_function("document.activeElement.id === 'name'")
    page.fill("#name", "li")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{desk}/")


def read(page: Page, desk: str, file: Path, locale: str) -> None:
    """Upload a file and wait for what is said of it."""
    page.goto(f"{desk}/new-study?lang={locale}")
    page.set_input_files("#file", file)
    page.click("form.card button")
    page.wait_for_selector("h1 code")


def faults(page: Page, name: str, scheme: str) -> list[object]:
    """Return what is wrong with the page that is open, and keep its picture."""
    wrong = [*page.evaluate("violations")]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        wrong.append(f"{name} is wider than the screen")
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"new-study-{name}-{scheme}.png", full_page=True)
    if scheme == "dark":
        page.evaluate(AXE)
        wrong += [(name, *one) for one in page.evaluate(RUN, TAGS)]
    return wrong


@pytest.mark.parametrize(("screen", "scheme"), [("phone", "light"), ("desktop", "dark")])
def test_a_form_is_read_and_looked_at(browser: Browser, desk: str, form: Path, screen: str, scheme: str):
    """From the first page to the questionnaire on paper nothing violates a policy, overflows or troubles axe."""
    width, height = SCREENS[screen]
    size = {"width": width, "height": height}
    wrong: list[object] = []
    with browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=scheme == "dark") as context:
        context.add_init_script(VIOLATIONS)
        page = context.new_page()
        sign_in(page, desk)
        page.click("a.button")
        wrong += faults(page, f"upload-{screen}-en", scheme)
        for locale in ("en", "zh-Hans", "zh-Hant") if scheme == "light" else ("zh-Hans",):
            read(page, desk, form, locale)
            wrong += faults(page, f"form-{screen}-{locale}", scheme)
        read(page, desk, SOUND, "en")
        page.click("button[value=zh-Hans]")
        paper = page.frame_locator("iframe.paper")
        paper.locator("html[lang=zh-Hans] h1").first.wait_for()
        wrong += faults(page, f"sound-{screen}-en", scheme)
    assert [] == wrong


def test_the_questionnaire_is_downloaded_as_it_was_uploaded(browser: Browser, desk: str):
    """What waited in the page comes back byte for byte, without a script."""
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{desk}/login")
        page.fill("#name", "li")
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{desk}/")
        read(page, desk, SOUND, "en")
        with page.expect_download() as kept:
            page.click("button[formtarget=_self]")
        assert SOUND.read_bytes() == Path(kept.value.path()).read_bytes()


def test_a_frame_of_paper_runs_nothing(browser: Browser, collection: Collection, tmp_path: Path):
    """Script in a page that a false child made is not run; the page is shown, which is the control."""
    hostile = "<!doctype html><p id=there>paper</p><script>document.title='ran'; top.location='/audit'</script>"

    def lying(file):
        return Child(tmp_path / "lock")(file).model_copy(update={"page": hostile} if file.page else {})

    app = desk_app(collection.settings, insecure_cookies=True, examine=lying)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    with answering(server, app.extensions["sotto"].engine) as desk, browser.new_context() as context:
        page = context.new_page()
        sign_in(page, desk)
        read(page, desk, SOUND, "en")
        page.click("button[value=en]")
        page.frame_locator("iframe.paper").locator("#there").wait_for()
        assert "" == page.frame(name="paper").title()
        assert page.url.startswith(f"{desk}/new-study")
