"""Staff and public pages in a browser: nothing refused by their policy, nothing for axe, nothing beside the screen."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest
from flask import Flask
from hosts.applications import desk_app, respond_app
from hosts.collection import PASSWORD, STUDY, Collection
from hosts.host_acts import asks, worker
from hosts.threaded_server import answering
from kinds import in_long
from paths import ROOT
from phone.axe import AXE, RUN, TAGS
from phone.site import VIOLATIONS
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from survey.office_db.health import HostFinding, HostFindings
from survey.operations.watching import keep_health

PICTURES = ROOT / "test-output" / "pages"
LOCALES = ("en", "zh-Hans", "zh-Hant")
SCREENS = {"phone": (360, 640), "desktop": (1280, 800)}


FINDINGS = HostFindings(
    format="sotto-findings-1",
    checks=(
        HostFinding(name="peers", state="fine", found="", why="", mend=""),
        HostFinding(name="metrics", state="not here", found="the answers ask for no metrics", why="", mend=""),
        HostFinding(
            name="folder /var/lib/sotto/issuer", state="wrong", found="it is 0755 and should be 2750",
            why="another account could read keys", mend="sudo systemd-tmpfiles --create /etc/tmpfiles.d/sotto.conf",
        ),
        HostFinding(
            name="clock", state="unknown", found="it could not be looked at (FileNotFoundError)",
            why="days stand in statements, and certificates end by them", mend="timedatectl set-ntp true",
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Places:
    """Where both apps answer, and the pages to look at."""

    respond: str
    desk: str
    release: str

    @property
    def public(self) -> list[str]:
        """Addresses that anybody may open."""
        return [f"{self.respond}/r/{STUDY}", f"{self.desk}/login"]

    @property
    def staff(self) -> list[str]:
        """Addresses behind the sign-in."""
        return [
            f"{self.desk}/",
            f"{self.desk}/audit",
            f"{self.desk}/server",
            f"{self.desk}/requests",
            f"{self.desk}/requests/1",
            *(
                f"{self.desk}/studies/{STUDY}/waves/{one}"
                for one in ("1", "2", "1/fieldwork", "2/open-wave", "1/publish")
            ),
            f"{self.desk}/people",
            f"{self.desk}/account",
            f"{self.desk}/account/app",
            f"{self.desk}/studies/{STUDY}",
            f"{self.desk}/releases/{self.release}",
            f"{self.desk}/studies/{STUDY}/budget",
            f"{self.desk}/studies/{STUDY}/waves/1/preview",
        ]


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    with answering(server, app.extensions["sotto"].engine) as origin:
        yield origin


@pytest.fixture
def places(released_collection: tuple[Collection, str]) -> Iterator[Places]:
    """Serve both apps with one release, over plain http on this machine."""
    collection, release_name = released_collection
    asks(collection, {"kind": "close-wave", "typed": STUDY, "on": None})
    keep_health(collection.settings, FINDINGS, None, {"Sotto": "0.1.0"})
    worker(collection).work()  # The page of a request that has not ended is asked for again by itself, at any moment.
    apps = respond_app(collection.settings), desk_app(collection.settings, insecure_cookies=True)
    with ExitStack() as stack:
        addresses = [stack.enter_context(serving(app)) for app in apps]
        yield Places(*addresses, release_name)


def sign_in(page: Page, places: Places) -> None:
    page.goto(f"{places.desk}/login")
    # A person types where the page has put the focus, not before.
    page.wait_for_function("document.activeElement.id === 'name'")
    page.fill("#name", "li")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{places.desk}/")


def looked_at(browser: Browser, places: Places, screen: str, scheme: str) -> list[object]:
    """Open every page in every language; return all that is wrong."""
    width, height = SCREENS[screen]
    wrong: list[object] = []
    # axe is a script, which our policy rightly refuses: only then is the policy set aside.
    size = {"width": width, "height": height}
    with browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=scheme == "dark") as context:
        context.add_init_script(VIOLATIONS)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text))
        page.on(
            "request", lambda r: wrong.append(r.url) if not r.url.startswith(("http://127.0.0.1", "data:")) else None
        )
        sign_in(page, places)
        for address in (*places.staff, *places.public):
            for locale in LOCALES if scheme == "light" else LOCALES[1:2]:
                page.goto(f"{address}?lang={locale}")
                wrong += page_faults(page, screen, locale, scheme)
    return wrong


def page_faults(page: Page, screen: str, locale: str, scheme: str) -> list[object]:
    """Return what is wrong with the page that is open: policy violations, overflow, and in dark mode axe's findings."""
    wrong = [*page.evaluate("violations")]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        wrong.append(f"{page.url} is wider than the screen")
    name = page.url.split("?")[0].split("/", 3)[3].replace("/", "-")[:40] or "home"
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}-{screen}-{locale}-{scheme}.png")
    if scheme == "dark":
        page.evaluate(AXE)
        wrong += [(page.url, *one) for one in page.evaluate(RUN, TAGS)]
        page.emulate_media(color_scheme="light")
        wrong += [(page.url, *one) for one in page.evaluate(RUN, ["wcag2aa"])]
        page.emulate_media(color_scheme="dark")
    return wrong


@pytest.mark.parametrize("screen", SCREENS)
def test_pages_keep_their_policy_and_their_width(browser, places, screen):
    """In three languages no page violates its own policy, loads from elsewhere, logs an error or overflows sideways."""
    assert [] == looked_at(browser, places, screen, "light")


@pytest.mark.parametrize("screen", ["phone", *in_long("desktop")])
def test_axe_finds_nothing(browser, places, screen):
    """Every page passes axe-core's rules in the dark, and in the light those that look at colours (WCAG 2 AA)."""
    assert [] == looked_at(browser, places, screen, "dark")
