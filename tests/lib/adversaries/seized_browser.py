"""Browsers with a profile that lasts, and a control page that leaves in it what ours must not leave."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

from engines.chromium import Chromium, lasting_chromium
from engines.engine import Engine, Visitor, until
from engines.firefox import firefox
from hosts.threaded_server import in_thread
from kinds import in_long

from adversaries.profile_search import gzipped, matches_by_file

KEPT = {"storage": "zspeicher", "title": "zueberschrift", "body": "zkoerper", "field": "zeingabe"}
CONTROL = f"""<!doctype html><title>{KEPT["title"]}</title><p>{KEPT["body"]}</p><input id=field>
<script>localStorage.setItem("kept", "{KEPT["storage"]}")</script>"""
# As on a phone: what was open comes back after a crash and with the next start.
REMEMBERING = {
    "browser.sessionstore.resume_from_crash": True,
    "browser.sessionstore.interval": 300,
    "browser.startup.page": 3,
}


@contextmanager
def control_page() -> Iterator[str]:
    """Serve a page that a browser may keep, and that keeps a word itself."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = gzipped(CONTROL.encode())
            self.send_response(200)
            fields = {"Type": "text/html", "Encoding": "gzip", "Length": str(len(body))}
            for name, value in fields.items():
                self.send_header(f"Content-{name}", value)
            self.send_header("Cache-Control", "max-age=3600")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with in_thread(server):
        yield f"http://127.0.0.1:{server.server_port}/control"


@contextmanager
def chromium_of(folder: Path) -> Iterator[Chromium]:
    with lasting_chromium(folder) as engine:
        yield engine


@contextmanager
def firefox_of(folder: Path):
    with firefox(folder, lasting=True, **REMEMBERING) as engine:
        yield engine


ENGINES = {"Chromium": chromium_of, "Firefox": firefox_of}
EACH = ["Chromium", *in_long("Firefox")]
"""For a parameter: `make test` looks for words in one profile, `make long` in the other."""


def left(visitor: Visitor) -> None:
    visitor.expect_value("location.href", "about:blank")


def remembered(engine: Engine, control: str, folder: Path) -> None:
    """Type into another page until the browser has written that to disk; by then it has written earlier input too."""
    visitor = Visitor(engine, SimpleNamespace(link=control)).open()
    visitor.type("#field", KEPT["field"])
    until(lambda: matches_by_file(folder, [KEPT["field"]]), bool, f"{engine.name} writes down nothing that is typed")


def settled(visitor: Visitor, folder: Path) -> None:
    """
    Wait until everything that the page's scripts put into the tab's or the origin's storage so far is in files.

    Browsers write storage down some seconds later: what a page keeps for a shorter time, or what the next visit
    replaces, is in no file, and a search after the end would miss what a phone seized in between has. Each storage is
    written down as a whole, so a word of ours that was put there last is in a file only after all before it. Once for
    a profile: Chromium writes an origin's storage down some seconds after the first change, then once a minute.
    """
    words = [f"z{secrets.token_hex(8)}" for _ in range(2)]
    kept = "[sessionStorage, localStorage].forEach((one, at) => one.%s)"
    visitor.engine.evaluate(kept % f"setItem({words}[at], {words}[at])")
    found: set = set()

    def written() -> bool:
        found.update(*matches_by_file(folder, words).values())
        return len(found) == len(words)

    until(written, bool, f"{visitor.engine.name} writes down no storage")
    visitor.engine.evaluate(kept % f"removeItem({words}[at])")
