"""WebKitGTK's MiniBrowser, by plain WebDriver over HTTP, on a virtual display."""

import contextlib
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from hosts.threaded_server import in_thread

from engines.engine import EngineError, Seen, until
from survey.serving.servers import free_port

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
LIMIT = 90.0  # seconds for one request
START_LIMIT = 20.0
TRIES = 4
# WebKit's own sandbox needs namespaces that a container may not give; what is opened here is ours.
NO_SANDBOX = "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS"
EVALUATE = """
const done = arguments[0];
const one = async () => %s;
one().then((value) => done([value ?? null, null]), (error) => done([null, String(error)]));
"""
KEYS = {"Escape": "\ue00c", "Enter": "\ue007", "Tab": "\ue004"}


class NoAnswerError(EngineError):
    """The driver did not answer in time, as where script in a page holds it."""


class WebKit:
    """An engine of `engine.Engine`; WebDriver reports no requests, so a proxy records those that leave the machine."""

    name = "WebKit"

    def __init__(self, screen: str, proxy: "Proxy") -> None:
        self.screen, self.proxy = screen, proxy
        self.base = self.session = ""
        self.noticed = Seen()
        self.driver = contextlib.ExitStack()

    def ask(self, method: str, path: str, given: dict[str, object] | None = None, limit: float = LIMIT) -> Any:
        """Return the value of one WebDriver command; raise EngineError with its error, NoAnswerError for none."""
        data = None if given is None else json.dumps(given).encode()
        request = urllib.request.Request(self.base + self.session + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=limit) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            with error:
                value = json.load(error)["value"]
            if value["error"] == "unexpected alert open":
                self.noticed.dialogs.append(value["message"])
            raise EngineError(f"{path}: {value['error']}: {value['message']}") from None
        except TimeoutError:
            raise NoAnswerError(f"{path}: no answer in {limit:.0f} s") from None

    def begin(self) -> None:
        """Open a blank page; every site of the tests has a port of its own, so none finds what another one left.

        The browser is used on until script has got at its window, as the control of the payloads lets it.
        """
        if not self.session or self.noticed.dialogs or not self.blank():
            self.start()
        self.noticed = Seen()
        self.proxy.asked = self.noticed.requests

    def blank(self) -> bool:
        with contextlib.suppress(EngineError):
            self.open("about:blank")
            return True
        return False

    def start(self) -> None:
        """Start a browser, again where it does not come: one in some dozens never answers its driver."""
        for _ in range(TRIES):
            self.finish()
            self.base = self.driver.enter_context(driver(self.screen))
            until(self.ready, bool, "WebKitWebDriver does not answer")
            with contextlib.suppress(NoAnswerError):
                self.session = f"/session/{self.new_session()['sessionId']}"
                return
        raise EngineError(f"MiniBrowser did not start in {TRIES} tries")

    def new_session(self) -> dict[str, Any]:
        options = {"binary": mini_browser(), "args": ["--automation", "--private"]}
        proxy = dict.fromkeys(("httpProxy", "sslProxy"), self.proxy.address)
        wanted = {
            "webkitgtk:browserOptions": options,
            "unhandledPromptBehavior": "dismiss and notify",
            "proxy": {"proxyType": "manual", "noProxy": ["127.0.0.1"], **proxy},
        }
        return self.ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}}, START_LIMIT)

    def ready(self) -> bool:
        try:
            return self.ask("GET", "/status")["ready"]
        except (OSError, NoAnswerError):
            return False

    def finish(self) -> None:
        """Quit the browser and its driver."""
        with contextlib.suppress(EngineError):
            if self.session:
                self.ask("DELETE", "", limit=START_LIMIT)
        self.session = ""
        self.driver.close()

    def open(self, url: str) -> None:
        self.ask("POST", "/url", {"url": url})

    def evaluate(self, script: str) -> Any:
        # Without an answer a dialog has interrupted the script.
        answer = self.ask("POST", "/execute/async", {"script": EVALUATE % script.strip(), "args": []})
        value, error = answer or (None, "interrupted")
        if error:
            raise EngineError(error)
        return value

    def _find(self, selector: str) -> str:
        reply = self.ask("POST", "/element", {"using": "css selector", "value": selector})
        return f"/element/{reply[ELEMENT]}"

    def click(self, selector: str) -> None:
        self.ask("POST", f"{self._find(selector)}/click", {})

    def type(self, selector: str, text: str) -> None:
        self.ask("POST", f"{self._find(selector)}/value", {"text": text})

    def key(self, name: str) -> None:
        presses = [{"type": kind, "value": KEYS[name]} for kind in ("keyDown", "keyUp")]
        self.ask("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": presses}]})

    def back(self) -> None:
        self.ask("POST", "/back", {})

    def forward(self) -> None:
        self.ask("POST", "/forward", {})

    def reload(self) -> None:
        self.ask("POST", "/refresh", {})

    def cookies(self) -> list[str]:
        return [cookie["name"] for cookie in self.ask("GET", "/cookie")]

    def seen(self) -> Seen:
        return self.noticed


class Proxy:
    """Takes every request that is not for this machine, notes it, and lets none through."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def parse_request(self) -> bool:
                heard = super().parse_request()
                proxy.asked.append(f"{self.command} {self.path}")
                self.send_error(502)
                return heard and False

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"


@contextmanager
def watching() -> Iterator[Proxy]:
    """Run a proxy until the block ends."""
    proxy = Proxy()
    with in_thread(proxy.server):
        yield proxy


def mini_browser() -> str:
    """Return the path of Debian's test browser, which is not on PATH."""
    programs = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
    if not programs:
        raise EngineError("WebKit's MiniBrowser is missing: run scripts/setup test")
    return str(programs[-1])


@contextmanager
def webkit() -> Iterator[WebKit]:
    """Run WebKit on a virtual display of its own until the block ends."""
    if not shutil.which("WebKitWebDriver") or not shutil.which("Xvfb"):
        raise EngineError("WebKitWebDriver or Xvfb is missing: run scripts/setup test")
    with watching() as proxy, display() as screen:
        engine = WebKit(screen, proxy)
        try:
            yield engine
        finally:
            engine.finish()


@contextmanager
def display() -> Iterator[str]:
    """Run Xvfb on the first free display; yield its name."""
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "800x900x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            yield ":" + process.stdout.readline().decode().strip()
        finally:
            process.terminate()


@contextmanager
def driver(screen: str) -> Iterator[str]:
    """Run WebKitWebDriver on a free port; yield its address."""
    address = f"127.0.0.1:{free_port()}"
    own = {"DISPLAY": screen, "GDK_BACKEND": "x11", "LIBGL_ALWAYS_SOFTWARE": "1", NO_SANDBOX: "1"}
    command = ["WebKitWebDriver", "--host=127.0.0.1", f"--port={address.split(':')[1]}"]
    with subprocess.Popen(command, env={**os.environ, **own}, stderr=subprocess.DEVNULL) as process:
        try:
            yield f"http://{address}"
        finally:
            process.terminate()
