"""The market study behind a small server with the respond app's headers, and Chromium as a phone."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from market import LANGUAGES, ROOT, STUDY, Study
from markupsafe import Markup
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

DIST = ROOT / "survey/static/dist"
ARGUMENTS = [
    "--no-sandbox", "--disable-quic", "--disable-background-networking", "--no-first-run",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE = {"viewport": {"width": 360, "height": 640}, "is_mobile": True, "has_touch": True}
VIOLATIONS = """
window.violations = [];
addEventListener("securitypolicyviolation", (e) => violations.push(e.violatedDirective + " " + e.blockedURI));
"""


class Site:
    """Serves one study as the respond app does; what comes of a POST and of a document is up to the test."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.bundles = {locale: study.bundle(locale) for locale, _, _ in LANGUAGES}
        self.requests: list[str] = []
        self.posts: list[bytes] = []
        self.replies: list[int | str] = []
        self.scripts = threading.Event()
        self.scripts.set()
        self.html, self.policy = rendered()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"site": self}))
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        self.link = f"{self.base}/s/{STUDY}#k={study.manifest.pin}"

    def document(self, pin: str, locale: str) -> bytes | None:
        """Answer whatever the link says: the phone alone must notice when the documents are not the link's."""
        return json.dumps(self.bundles[locale]).encode() if pin and locale in self.bundles else None

    def answer(self, body: bytes) -> tuple[int, str]:
        """Take what a test has in store for this POST, by default what a sound server does."""
        self.posts.append(body)
        reply = self.replies.pop(0) if self.replies else 201
        if isinstance(reply, str):
            return 201, reply
        return reply, hashlib.sha256(body[353:]).hexdigest() if reply == 201 else "no"


def rendered() -> tuple[bytes, str]:
    """Return the page as the respond app renders it, and its policy."""
    style = (ROOT / "templates/respond/page.css").read_text(encoding="utf-8")
    names = json.loads((DIST / "bundle.json").read_text(encoding="utf-8"))
    environment = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True, undefined=StrictUndefined)
    page = SimpleNamespace(
        study=STUDY, languages=LANGUAGES, style=Markup(style),
        script=f"/static/{names['main']}", check=f"/static/{names['check']}",
    )  # fmt: skip
    html = environment.get_template("respond/page.html").render(page=page)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
        f"style-src 'sha256-{digest}'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    return html.encode(), policy


class _Handler(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self) -> None:
        self.site.requests.append(f"GET {self.path}")
        parts = self.path.strip("/").split("/")
        if self.path == f"/s/{STUDY}":
            return self.reply(200, "text/html; charset=utf-8", self.site.html)
        if parts[0] == "static":
            self.site.scripts.wait(20)
            return self.reply(200, "text/javascript; charset=utf-8", (DIST / f"{parts[1]}.br").read_bytes(), "br")
        document = self.site.document(parts[1], parts[2].removesuffix(".json")) if parts[0] == "b" else None
        return self.reply(200 if document else 404, "application/json", document or b"{}")

    def do_POST(self) -> None:
        self.site.requests.append(f"POST {self.path}")
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, text = self.site.answer(body)
        if status == 0:
            self.connection.close()
            return
        self.reply(status, "text/plain; charset=utf-8", text.encode())

    def reply(self, status: int, kind: str, data: bytes, encoding: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Security-Policy", self.site.policy)
        self.send_header("Cache-Control", "no-store")
        if encoding:
            self.send_header("Content-Encoding", encoding)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Keep the test's output quiet."""


@contextmanager
def serving(study: Study) -> Iterator[Site]:
    site = Site(study)
    thread = threading.Thread(target=site.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.scripts.set()
        site.server.shutdown()
        site.server.server_close()
        thread.join()


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()


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
        self.press(".choice .main")
        self.asks("AGE", locale)
        return self

    def choose(self, locale: str) -> None:
        self.page.locator(f"[data-locale={locale}] summary").tap()
        expect(self.page.locator("h2#ask")).to_be_visible()

    def press(self, selector: str) -> None:
        self.settled()
        self.page.locator(selector).tap()

    def answer(self, *codes: int) -> None:
        for code in codes:
            self.press(f"[data-code='{code}']")

    def heading(self, text: str) -> None:
        expect(self.page.locator("h1")).to_have_text(text)

    def asks(self, name: str, locale: str = "en") -> None:
        self.heading(self.site.study.texts[locale].items[name].text)

    def settled(self) -> None:
        """Wait until presses count again after a screen change."""
        expect(self.page.locator("html.settling")).to_have_count(0)

    def word(self, key: str, locale: str = "en") -> str:
        return self.site.study.texts[locale].interface[key]

    def to_send(self, locale: str = "en") -> None:
        """Answer the shortest way from the first question to the screen before Send."""
        self.answer(2)
        self.answer(90)
        self.press("footer .main")
        for code in (3, 1, 2):
            self.answer(code)
        self.heading(self.word("ready-title", locale))

    def send(self) -> None:
        self.press(".choice .main")

    def violations(self) -> list[str]:
        return self.page.evaluate("window.violations")
