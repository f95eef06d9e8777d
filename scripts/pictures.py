"""Takes the pictures of docs/pictures from a demo of its own: python scripts/pictures.py (needs Chromium)."""

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from survey.demo import demo
from survey.demo.folder import DemoOptions
from survey.serving.servers import Server, free_port, running

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests/lib"))

from engines.chromium_command import SHELL, chromium_path  # noqa: E402 - the tests know where Chromium is

PICTURES = ROOT / "docs" / "pictures"
PHONE = {"viewport": {"width": 360, "height": 640}, "is_mobile": True, "has_touch": True}
DESKTOP = {"viewport": {"width": 1100, "height": 760}}
# As wide as a desktop, long enough for the first finding, and as small as a column of text shows it.
REPORT = {"viewport": {"width": 1100, "height": 1270}, "device_scale_factor": 0.7}
ARGUMENTS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--no-first-run"]
LOCALES = ("en", "zh-Hans", "zh-Hant")
# Enough for flat colours, charts and smooth letters.
PALETTE = 96


def kept(source: Path, name: str) -> None:
    """Keep a picture for the docs, small enough for a repository."""
    with Image.open(source) as picture:
        small = picture.convert("RGB").quantize(PALETTE, dither=Image.Dither.NONE)
    small.save(PICTURES / f"{name}.png", optimize=True)


def phone(browser: Browser, link: str, locale: str) -> None:
    """Take the third question as a respondent sees it."""
    with browser.new_context(**PHONE) as context:
        page = context.new_page()
        page.goto(link)
        page.locator(f"[data-locale={locale}] summary").tap()
        for press in ("[data-press=agree]", "[data-code='1']", "[data-code='2']"):
            page.locator(press).wait_for()
            page.locator("html:not(.settling)").wait_for()
            page.locator(press).tap()
        page.locator("html:not(.settling) [data-code='5']").wait_for()
        page.screenshot(path=PICTURES / f"phone-{locale}.png")


def desk(browser: Browser, url: str, password: str, locale: str) -> None:
    """Take a study as staff see it."""
    with browser.new_context(**DESKTOP, locale=locale) as context:
        page = context.new_page()
        page.goto(f"{url}/login")
        page.locator("input").nth(-2).fill(demo.USER)
        page.locator("input[type=password]").fill(password)
        page.locator("main form button").click()
        page.goto(f"{url}/studies/{demo.STUDY}?lang={locale}")
        page.screenshot(path=PICTURES / f"desk-{locale}.png")


def results(browser: Browser, url: str, locale: str) -> None:
    """Take the public results."""
    with browser.new_context(**DESKTOP) as context:
        page = context.new_page()
        page.goto(f"{url}/r/{demo.STUDY}?lang={locale}")
        page.screenshot(path=PICTURES / f"results-{locale}.png")


def report(browser: Browser, study: Path) -> None:
    """Take the top of the report of a study's only release."""
    (release,) = study.glob("releases/*/release.json")
    path = study.parent / "report.html"
    command = [Path(sys.executable).with_name("sotto"), "report", release, "--lang", "en", "-o", path]
    subprocess.run(command, check=True)
    with browser.new_context(**REPORT) as context:
        page = context.new_page()
        page.goto(path.as_uri())
        page.screenshot(path=PICTURES / "report-en.png")


def main() -> None:
    """Run both waves of a demo and take every picture."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        story = demo.start_run(DemoOptions(Path(folder), 2000, True, True, "127.0.0.1", 8000, 8001, None, 2017))
        demo.prepare(story)
        respond, staff = Server("respond", "127.0.0.1", free_port()), Server("desk", "127.0.0.1", free_port())
        with running([respond, staff], story.environ, story.folder.log), sync_playwright() as playwright:
            demo.first_wave(story, respond)
            link = f"{respond.url}/s/{demo.STUDY}#k={demo.second_wave(story, respond)}"
            browser = playwright.chromium.launch(executable_path=chromium_path(SHELL), args=ARGUMENTS)
            for locale in LOCALES:
                phone(browser, link, locale)
                desk(browser, staff.url, story.password, locale)
                results(browser, respond.url, locale)
            report(browser, story.folder.study)
            browser.close()
    for path in PICTURES.glob("*.png"):
        kept(path, path.stem)


if __name__ == "__main__":
    sys.exit(main())
