"""Chromium 67 and 68 as they were in 2018, headless, by the DevTools protocol; see scripts/old_engines.py."""

import json
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from engines.engine import EngineError, Seen, until
from scripts.old_engines import engine_path

RELAY = Path(__file__).parent / "devtools_relay.mjs"
LIMIT = 90.0  # seconds for one command
STARTS = 3  # a browser of 2018 that starts on a busy machine now and then listens and never answers
# Without a graphics card its process for one would only start and end, again and again.
ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-software-rasterizer", "--remote-debugging-port=0",
    "--disable-background-networking", "--window-size=360,640",
)  # fmt: skip
POINT = """
(() => {
  const one = document.querySelector(%s);
  const {left, top, width, height} = one.getBoundingClientRect();
  return [left + width / 2, top + height / 2];
})()
"""
KEYS = {"Escape": 27, "Enter": 13, "Tab": 9}
HISTORY = {-1: "history.back()", 1: "history.forward()"}


class Relay:
    """The DevTools protocol of a browser, by lines to and from a process of Node that holds the connection."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.buffer = b""

    def send(self, message: dict[str, Any]) -> None:
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def receive(self, limit: float) -> dict[str, Any] | None:
        """Return the next message; None where none comes within `limit` seconds."""
        out = self.process.stdout.fileno()
        while b"\n" not in self.buffer:
            if not select.select([out], [], [], limit)[0]:
                return None
            data = os.read(out, 1 << 16)
            if not data:
                raise EngineError("the old Chromium has ended")
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        return json.loads(line)


class OldChromium:
    """An engine of `engine.Engine`; each page has a browser context of its own."""

    def __init__(self, relay: Relay, version: str) -> None:
        self.relay, self.name = relay, f"Chromium {version}"
        self.number = 0
        self.session = self.context = ""
        self.replies: dict[int, dict[str, Any]] = {}
        self.noticed = Seen()

    def browser(self, method: str, **params: object) -> dict[str, Any]:
        """Run one command of the browser."""
        self.number += 1
        self.relay.send({"id": self.number, "method": method, "params": params})
        return self._answer(self.number, method)

    def ask(self, method: str, **params: object) -> dict[str, Any]:
        """Run one command of the page, in the envelope that commands to pages had then."""
        return self._answer(self._tell(method, **params), method)

    def _tell(self, method: str, **params: object) -> int:
        """Send one command to the page without waiting for its reply; return its number."""
        number = self.number + 1
        self.number += 2
        message = json.dumps({"id": number, "method": method, "params": params})
        sent = {"sessionId": self.session, "message": message}
        self.relay.send({"id": self.number, "method": "Target.sendMessageToTarget", "params": sent})
        return number

    def _answer(self, number: int, method: str) -> dict[str, Any]:
        end = time.monotonic() + LIMIT
        while number not in self.replies:
            self._take(max(0.0, end - time.monotonic()))
            if time.monotonic() > end:
                raise EngineError(f"{self.name} does not answer {method}")
        reply = self.replies.pop(number)
        if "error" in reply:
            raise EngineError(f"{method}: {reply['error']['message']}")
        return reply["result"]

    def _take(self, limit: float) -> None:
        message = self.relay.receive(limit)
        if message is not None:
            self._put(message)

    def _put(self, message: dict[str, Any]) -> None:
        """Keep a reply, or notice an event."""
        if message.get("method") == "Target.receivedMessageFromTarget":
            message = json.loads(message["params"]["message"])
        if "id" in message:
            self.replies[message["id"]] = message
        else:
            self._notice(message["method"], message["params"])

    def _notice(self, event: str, params: dict[str, Any]) -> None:
        if event == "Network.requestWillBeSent" and params["request"]["url"].startswith("http"):
            self.noticed.requests.append(f"{params['request']['method']} {params['request']['url']}")
        elif event == "Runtime.exceptionThrown":
            self.noticed.problems.append(params["exceptionDetails"]["text"])
        elif event == "Page.javascriptDialogOpening":
            self.noticed.dialogs.append(params["message"])
            self._tell("Page.handleJavaScriptDialog", accept=params["type"] == "beforeunload")

    def begin(self) -> None:
        if self.context:
            self.browser("Target.disposeBrowserContext", browserContextId=self.context)
        self.context = self.browser("Target.createBrowserContext")["browserContextId"]
        target = self.browser("Target.createTarget", url="about:blank", browserContextId=self.context)["targetId"]
        self.session = self.browser("Target.attachToTarget", targetId=target)["sessionId"]
        self.noticed = Seen()
        for domain in ("Page", "Network", "Runtime"):
            self.ask(f"{domain}.enable")

    def open(self, url: str) -> None:
        self.ask("Page.navigate", url=url)

    def evaluate(self, script: str) -> Any:
        result = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise EngineError(str(result["exceptionDetails"]))
        return result["result"].get("value")

    def click(self, selector: str) -> None:
        x, y = self.evaluate(POINT % json.dumps(selector))
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def type(self, selector: str, text: str) -> None:
        self.evaluate(f"document.querySelector({json.dumps(selector)}).focus()")
        for letter in text:
            self.ask("Input.dispatchKeyEvent", type="char", text=letter)

    def key(self, name: str) -> None:
        for kind in ("keyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=KEYS[name])

    def back(self) -> None:
        self.evaluate(HISTORY[-1])

    def forward(self) -> None:
        self.evaluate(HISTORY[1])

    def reload(self) -> None:
        self.ask("Page.reload")

    def cookies(self) -> list[str]:
        return [cookie["name"] for cookie in self.ask("Network.getAllCookies")["cookies"]]

    def seen(self) -> Seen:
        while (message := self.relay.receive(0)) is not None:
            self._put(message)
        return self.noticed


@contextmanager
def old_chromium(version: str) -> Iterator[OldChromium]:
    """
    Run the old Chromium whose version begins with `version` until the block ends, on a profile that is deleted.

    One that opens no page is ended and started again, STARTS times in all; then raises EngineError.
    """
    with ExitStack() as processes:
        yield _answering(processes, version)


def _answering(processes: ExitStack, version: str) -> OldChromium:
    for left in reversed(range(STARTS)):
        with ExitStack() as attempt:
            engine = _engine(attempt, version)
            try:
                engine.begin()
            except EngineError:
                if left == 0:
                    raise
            else:
                processes.push(attempt.pop_all())
                return engine
    raise AssertionError


def _engine(processes: ExitStack, version: str) -> OldChromium:
    """Start a browser on a profile of its own; both end with `processes`."""
    profile = processes.enter_context(tempfile.TemporaryDirectory())
    browser = _started(processes, engine_path(version), *ARGUMENTS, f"--user-data-dir={profile}", home=profile)
    address = _address(browser, Path(profile, "DevToolsActivePort"))
    relay = _started(processes, "node", RELAY, address, f"chrome{version}", home=profile)
    return OldChromium(Relay(relay), version)


def _started(processes: ExitStack, *command: str | Path, home: str) -> subprocess.Popen[bytes]:
    """Start a process that is killed at the end; a browser's own processes end with it."""
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={**os.environ, "HOME": home},
    )  # fmt: skip
    processes.callback(_ended, process)
    return process


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        stream.close()


def _address(browser: subprocess.Popen[bytes], told: Path) -> str:
    """Return where a browser that just started listens for DevTools, which it writes into a file of its profile."""
    ended = f"an old Chromium did not start ({browser.args[0]})"
    lines = until(lambda: _lines(told), lambda lines: len(lines) > 1 or browser.poll() is not None, ended)
    if len(lines) < len(("port", "path")):
        raise EngineError(f"{ended}: exit code {browser.poll()}")
    return f"ws://127.0.0.1:{lines[0]}{lines[1]}"


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="ascii").splitlines() if path.exists() else []
