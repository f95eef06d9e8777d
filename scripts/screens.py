"""Takes every screen of the phone in four languages, four widths, light and dark, into test-output/screens.

python scripts/screens.py [--gallery] [LOCALE …]: `--gallery` also renews docs/gallery.md's pictures. Needs Chromium.
"""

import argparse
import sys
from pathlib import Path

from pictures import kept
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/lib"))

from phone.every_screen import WECHAT, Walk, every_screen  # noqa: E402 - the tests know the way through every screen
from phone.site import Phone, Site, headless_shell  # noqa: E402 - from the same folder

OUTPUT = ROOT / "test-output" / "screens"
LOCALES = ("en", "zh-Hans", "zh-Hant", "ug")
SIZES = {320: 568, 360: 640, 412: 800, 1280: 800}
SCHEMES = ("light", "dark")
# What docs/gallery.md shows: the name there, and locale, screen, width and scheme.
SHOWN = {
    "first": ("en", "01-first", 360, "light"),
    "consent": ("zh-Hans", "03-consent", 360, "light"),
    "picture": ("en", "1-picture", 360, "light"),
    "grid": ("zh-Hant", "1-grid", 360, "dark"),
    "chance": ("en", "1-chance-answered", 360, "light"),
    "uyghur": ("ug", "1-multi-answered", 360, "light"),
    "display": ("en", "30-ready-display", 360, "dark"),
    "stored": ("zh-Hans", "33-stored", 360, "light"),
}


def taken(page: Page, locale: str, name: str) -> None:
    """Take the screen that stands, in every size and scheme; and all of it where it is longer than the phone."""
    for width, height in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=OUTPUT / f"{locale}-{name}-{width}-{scheme}.png")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 360, "height": 640})
    page.screenshot(path=OUTPUT / f"{locale}-{name}-whole.png", full_page=True)


def walked(browser: Browser, site: Site, locale: str) -> None:
    with browser.new_context(
        viewport={"width": 360, "height": 640}, has_touch=True, reduced_motion="reduce"
    ) as context:
        phone = Phone(context, site)
        for name in Walk(phone, locale).screens():
            taken(phone.page, locale, name)


def others(browser: Browser, site: Site) -> None:
    """Take what no walk meets: the warning inside an app, a lost address, a survey that has ended."""
    published = site.app.extensions["sotto"].published
    state = published.study(site.study.questionnaire.study)
    published.write_study(state.model_copy(update={"study": "closed-one", "state": "closed"}))
    with browser.new_context(user_agent=WECHAT, viewport={"width": 360, "height": 640}) as context:
        page = context.new_page()
        paths = {"inapp": site.link, "lost": f"{site.base}/s/lost-one", "closed": f"{site.base}/s/closed-one"}
        for name, address in paths.items():
            page.goto(address)
            taken(page, "all", f"50-{name}")


def gallery() -> None:
    """Renew the pictures that the docs show, small enough for a repository."""
    for name, (locale, screen, width, scheme) in SHOWN.items():
        kept(OUTPUT / f"{locale}-{screen}-{width}-{scheme}.png", f"screen-{name}")


def main() -> None:
    """Take the screens of the languages that are asked for, or of all four."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("locales", nargs="*", default=LOCALES)
    parser.add_argument("--gallery", action="store_true")
    wishes = parser.parse_args()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    with every_screen("ug") as site, headless_shell() as browser:
        others(browser, site)
        for locale in wishes.locales:
            walked(browser, site, locale)
    if wishes.gallery:
        gallery()


if __name__ == "__main__":
    sys.exit(main())
