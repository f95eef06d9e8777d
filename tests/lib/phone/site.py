"""A small study behind the respond app, with faults on demand, and Chromium as a phone."""

import copy
import io
import json
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from cheap.databases import migrated
from engines.chromium_command import SHELL, WHOLE, chromium_path
from hosts.applications import respond_app
from hosts.threaded_server import answering
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright
from studies.market import Study
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

from crypto.envelope import record_size
from survey.answers_db.owner_access import connect_owner, start_accepting
from survey.publication.bundles import bundle_name
from survey.publication.folder import Published, StudyState
from survey.questionnaire.questionnaire import Texts
from survey.respond_app.hand_in import ANSWER_SIZE
from survey.settings import Settings
from survey.web.headers import COMMON_HEADERS, PLAIN_TEXT

REPORTS = "/violations"
LOST = 0  # instead of a status: the connection breaks before any answer
ARGUMENTS = [
    "--no-sandbox", "--disable-quic", "--disable-background-networking", "--no-first-run",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE = {"viewport": {"width": 360, "height": 640}, "is_mobile": True, "has_touch": True}
# Settles as soon as presses count again: a look every 100, 250, 500 ms finds the 250 ms of each screen too late.
SETTLED = """() => new Promise((done) => {
  const root = document.documentElement;
  const over = () => !root.classList.contains("settling");
  if (over()) return done();
  const look = (_, watch) => { if (over()) { watch.disconnect(); done(); } };
  new MutationObserver(look).observe(root, { attributes: true });
})"""
VIOLATIONS = """
window.violations = [];
addEventListener("securitypolicyviolation", (e) => violations.push(e.violatedDirective + " " + e.blockedURI));
"""


def own_reply(status: int) -> Response:
    """Return a refusal in the form of the survey's own, which alone a phone believes."""
    return Response(
        f"{status} {HTTPStatus(status).phrase}\n".ljust(ANSWER_SIZE), status=status, content_type=PLAIN_TEXT
    )


def absent() -> Response:
    """Return the survey's own answer for a file that it does not have."""
    return Response("404 Not Found\n", status=HTTPStatus.NOT_FOUND, content_type=PLAIN_TEXT, headers=COMMON_HEADERS)


class Site:
    """The respond app on a port, with the study's wave open; a test may have it answer otherwise."""

    def __init__(self, study: Study, folder: Path) -> None:
        self.study = study
        self.sound = {locale: study.bundle(locale) for locale in study.texts}
        self.bundles = copy.deepcopy(self.sound)
        self.requests: list[str] = []
        self.posts: list[bytes] = []
        self.replies: list[int | str | Response] = []
        self.cookies: list[str] = []
        self.violations: list[bytes] = []
        self.cut = False
        self.lost = ""  # how paths begin in whose place a network's own page comes; none where it is empty
        self.scripts = threading.Event()
        self.scripts.set()
        self.app = respond_app(opened(study, folder))
        self.server = make_server("127.0.0.1", 0, self, threaded=True, request_handler=_Quiet)
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        self.link = f"{self.base}/s/{study.questionnaire.study}#k={study.manifest.pin}"

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Note the request, then answer as the test wants, or let the app answer."""
        if self.cut:
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            return Response(status=500)(environ, start_response)
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if path == REPORTS:
            self.violations.append(_body(environ))
            return Response(status=204)(environ, start_response)
        self.requests.append(f"{method} {path}")
        self.cookies += filter(None, [environ.get("HTTP_COOKIE")])
        return self.answer(environ, method, path)(environ, _reporting(start_response))

    def answer(self, environ: dict[str, Any], method: str, path: str) -> Any:
        """Return what answers a request, as a WSGI application: what the test has in store, or the app."""
        if path.startswith("/static/"):
            self.scripts.wait(20)
        if self.lost and path.startswith(self.lost):
            return Response("<!DOCTYPE html><h1>Free Wi-Fi</h1>", content_type="text/html")
        reply = None
        if method == "POST":
            reply = self.reply(environ)
        elif path.startswith("/b/") and (self.bundles != self.sound or self.study.manifest.pin not in path):
            # Whatever the link says: the phone alone must notice when documents are not the link's.
            bundle = self.bundles.get(self.locale_of(path))
            reply = Response(json.dumps(bundle)) if bundle else absent()
        return reply or self.app

    def locale_of(self, path: str) -> str:
        """Return the locale whose documents have this path."""
        names = {bundle_name(place): locale for place, locale in enumerate(self.study.texts)}
        return names.get(path.rpartition("/")[2].removesuffix(".json"), "")

    def reply(self, environ: dict[str, Any]) -> Response | None:
        """Keep the body of a POST; return what the test has in store for it."""
        body = _body(environ)
        environ["wsgi.input"] = io.BytesIO(body)
        self.posts.append(body)
        if not self.replies:
            return None
        wanted = self.replies.pop(0)
        if wanted == LOST:
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        if isinstance(wanted, Response):
            return wanted
        return Response(wanted, status=201) if isinstance(wanted, str) else Response("no", status=wanted or 500)


def _body(environ: dict[str, Any]) -> bytes:
    return environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))


def _reporting(start_response: Any) -> Any:
    """Have every browser report violations of the policy to this server: the one way that all engines support."""

    def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        policy = "Content-Security-Policy"
        new_headers = [(name, f"{value}; report-uri {REPORTS}" if name == policy else value) for name, value in headers]
        return start_response(status, new_headers, *more)

    return started


def opened(study: Study, folder: Path) -> Settings:
    """Return a host in `folder` whose staff published the study and opened its wave: a copy of one made once."""
    texts = tuple((name, text.to_bytes()) for name, text in study.texts.items())
    documents = _Documents(study.manifest.to_bytes(), study.questionnaire.to_bytes(), texts, study)
    shutil.copytree(_begun(documents).name, folder, dirs_exist_ok=True)
    return Settings.from_environ({"SOTTO_HOME": str(folder)})


@dataclass(frozen=True)
class _Documents:
    """What a study publishes, by which its host is known again; `study` is whose they are."""

    manifest: bytes
    questionnaire: bytes
    texts: tuple[tuple[str, bytes], ...]
    study: Study = field(compare=False)


@cache
def _begun(documents: _Documents) -> tempfile.TemporaryDirectory:
    """Publish a study and open its wave, as the staff commands do; the folder goes when the tests end."""
    folder, study = tempfile.TemporaryDirectory(), documents.study
    settings = Settings.from_environ({"SOTTO_HOME": folder.name})
    migrated(settings)
    owner = connect_owner(settings.answers_url)
    manifest, size = study.manifest, record_size(study.manifest.plaintext_size)
    start_accepting(owner, bytes.fromhex(manifest.key_id), size)
    owner.dispose()
    published = Published(settings.public)
    contents = [documents.questionnaire, dict(documents.texts)]
    published.write_bundles(manifest.pin, documents.manifest, *contents)
    texts = study.texts
    published.write_study(
        StudyState(
            study=study.questionnaire.study, state="open", wave=1, mode=manifest.mode, pin=manifest.pin,
            epoch=manifest.key_id, issuer=manifest.issuer_key, record_size=size, locales=tuple(texts),
            long_lists=bool(study.questionnaire.long_lists),
            titles=_each(texts, "title"), names=_each(texts, "name"), directions=_each(texts, "dir"),
        )
    )  # fmt: skip
    return folder


def _each(texts: dict[str, Texts], name: str) -> dict[str, str]:
    return {locale: getattr(text, name) for locale, text in texts.items()}


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Keep the test's output quiet."""


@contextmanager
def serving(study: Study, publish: Callable[[Path], None] = lambda _: None) -> Iterator[Site]:
    """Serve a study until the block ends; `publish` puts its pictures and recordings into the published folder."""
    with tempfile.TemporaryDirectory() as folder:
        site = Site(study, Path(folder))
        publish(site.app.extensions["published"].root)
        with answering(site.server, site.app.extensions["sotto"].engine):
            try:
                yield site
            finally:
                site.scripts.set()


@contextmanager
def chromium(command: str = WHOLE, *more: str) -> Iterator[Browser]:
    """
    Run a browser until the block ends; `command` is the whole Chromium or its shell (`engines.chromium_command`).

    `more` are arguments of its command line.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(command), args=[*ARGUMENTS, *more])
        yield browser
        browser.close()


def headless_shell(*more: str) -> AbstractContextManager[Browser]:
    """Run Chromium's engine without its window until the block ends: for tests of pages."""
    return chromium(SHELL, *more)


@contextmanager
def another_shell(browser: Browser, *more: str) -> Iterator[Browser]:
    """Run one more shell, with more arguments, beside a test's browser: Playwright is started once in a thread."""
    other = browser.browser_type.launch(executable_path=chromium_path(SHELL), args=[*ARGUMENTS, *more])
    yield other
    other.close()


class Phone:
    """A person with a phone: presses what a person would press, and sees what a person would see."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.site = site
        self.page: Page = context.new_page()
        self.page.add_init_script(VIOLATIONS)
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda message: self.problems.append(message.text) if message.type == "error" else None)

    def open(self, link: str | None = None) -> "Phone":
        self.page.goto(link or self.site.link)
        return self

    def start(self, locale: str = "en") -> "Phone":
        """Go to the first question."""
        self.open()
        self.choose(locale)
        self.do("agree")
        self.asks("AGE", locale)
        return self

    def choose(self, locale: str) -> None:
        self.page.locator(f"[data-locale={locale}] summary").tap()
        expect(self.page.locator("h2#ask")).to_be_visible()

    def press(self, selector: str) -> None:
        self.settled()
        self.page.locator(selector).tap()

    def do(self, action: str) -> None:
        """Press agree, decline, next, back, send, retry, close or leave."""
        self.press(f"[data-press={action}]")

    def answer(self, *codes: int) -> None:
        for code in codes:
            self.press(f"[data-code='{code}']")

    def heading(self, text: str) -> None:
        expect(self.page.locator("h1")).to_have_text(text)

    def title(self) -> str:
        """Return the heading of the screen, once presses count on it."""
        self.settled()
        return self.page.locator("h1").inner_text()

    def read(self, script: str) -> Any:
        return self.page.evaluate(script)

    def type(self, selector: str, text: str) -> None:
        self.page.locator(selector).fill(text)

    def pick(self, selector: str, value: str) -> None:
        """Choose an entry of a list."""
        self.page.locator(selector).select_option(value)

    def asks(self, name: str, locale: str = "en") -> None:
        self.heading(self.site.study.texts[locale].items[name].text)

    def settled(self) -> None:
        """Wait until presses count again after a screen change."""
        with suppress(Error):  # the page is about to leave, and its promise with it
            self.page.evaluate(SETTLED)
        expect(self.page.locator("html.settling")).to_have_count(0)

    def word(self, key: str, locale: str = "en") -> str:
        return self.site.study.texts[locale].interface[key]

    def to_send(self, locale: str = "en") -> None:
        """Answer the shortest way from the first question to the screen before Send."""
        self.answer(2)
        self.answer(90)
        self.do("next")
        for code in (3, 1, 2):
            self.answer(code)
        self.heading(self.word("ready-title", locale))

    def send(self) -> None:
        self.do("send")

    def violations(self) -> list[str]:
        return self.page.evaluate("window.violations")
