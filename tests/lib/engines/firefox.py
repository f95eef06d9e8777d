"""Firefox ESR, by WebDriver BiDi: puppeteer-core in a Node process that takes one JSON request a line."""

import json
import select
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from paths import ROOT

from engines.engine import EngineError, Seen

DRIVER = ROOT / "tests/lib/engines/firefox.mjs"
LIMIT = 90.0  # seconds for one request
# Whatever Firefox itself would fetch ends at a port where nothing listens; loopback needs no proxy.
NO_NETWORK = {"network.proxy.type": 1, "network.proxy.http": "127.0.0.1", "network.proxy.http_port": 9,
              "network.proxy.ssl": "127.0.0.1", "network.proxy.ssl_port": 9}  # fmt: skip


class Firefox:
    """An engine of `engine.Engine`; `lasting` uses the profile's own tab instead of a container that is forgotten."""

    name = "Firefox"

    def __init__(self, process: subprocess.Popen[bytes], lasting: bool = False) -> None:
        self.process, self.lasting = process, lasting

    def ask(self, command: str, **given: object) -> Any:
        """Return what the driver answers; raise EngineError where it fails or says nothing."""
        self.process.stdin.write(json.dumps({"command": command, **given}).encode() + b"\n")
        self.process.stdin.flush()
        reply = self.reply()
        if "error" in reply:
            raise EngineError(reply["error"])
        return reply["value"]

    def reply(self) -> dict[str, Any]:
        ready, _, _ = select.select([self.process.stdout], [], [], LIMIT)
        line = self.process.stdout.readline() if ready else b""
        if not line:
            raise EngineError(f"the driver of Firefox said nothing (exit code {self.process.poll()})")
        return json.loads(line)

    def begin(self) -> None:
        self.ask("begin", lasting=self.lasting, width=412, height=800)

    def resize(self, width: int, height: int) -> None:
        """Give the page a screen of this size, in CSS pixels."""
        self.ask("resize", width=width, height=height)

    def open(self, url: str) -> None:
        self.ask("open", url=url)

    def evaluate(self, script: str) -> Any:
        return self.ask("evaluate", script=script)

    def click(self, selector: str) -> None:
        self.ask("click", selector=selector)

    def type(self, selector: str, text: str) -> None:
        self.ask("type", selector=selector, text=text)

    def key(self, name: str) -> None:
        self.ask("key", name=name)

    def back(self) -> None:
        self.ask("back")

    def forward(self) -> None:
        self.ask("forward")

    def reload(self) -> None:
        self.ask("reload")

    def cookies(self) -> list[str]:
        return self.ask("cookies")

    def seen(self) -> Seen:
        return Seen(**self.ask("seen"))


@contextmanager
def firefox(profile: Path | None = None, lasting: bool = False, **preferences: object) -> Iterator[Firefox]:
    """Run Firefox until the block ends, then let it quit by itself as a person would; `profile` is a folder to keep."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        wishes = {
            "executable": shutil.which("firefox-esr") or "firefox-esr is missing: run scripts/setup test",
            "profile": str(profile or folder),
            "preferences": {**NO_NETWORK, **preferences},
        }
        command = ["node", str(DRIVER), json.dumps(wishes)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
            engine = Firefox(process, lasting)
            try:
                engine.reply()
                yield engine
            finally:
                process.stdin.close()
                process.wait(LIMIT)
