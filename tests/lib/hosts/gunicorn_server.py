"""Either application under gunicorn with the configuration that is shipped."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from paths import ROOT

from survey.settings import Settings

CONFIGURATION = ROOT / "deploy" / "gunicorn.conf.py"
RESPOND = "survey.respond_app.app:respond_app_from_environ()"
DESK = "survey.desk_process.app:desk_app_from_environ()"


@dataclass
class Server:
    """A running gunicorn."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def request(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None):
        """Return (status, text) of one request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), dict(answer.headers)
        finally:
            connection.close()

    def raw(self, data: bytes) -> bytes:
        """Return what comes back for raw bytes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return connection.recv(4096)

    @property
    def children(self) -> list[int]:
        """The workers' process ids."""
        text = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return [int(pid) for pid in text.split()]


PATIENCE = 60
"""Seconds for a start and for an answer, on a slow and busy machine."""
GRACEFUL = 30
"""For how many seconds gunicorn lets answers end (graceful_timeout of the shipped configuration)."""


def command(factory: str, port: int) -> list[str]:
    """Return how `factory` is served at `port` under the shipped configuration."""
    return [sys.executable, "-m", "gunicorn", "--config", str(CONFIGURATION), "--bind", f"127.0.0.1:{port}", factory]


def environ(settings: Settings, home: Path, **more: str) -> dict[str, str]:
    """Return the environment of a server of `settings` whose temporary and other files are in `home`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SOTTO_")}
    places = {"SOTTO_HOME": str(settings.public.parent), "HOME": str(home), "TMPDIR": str(home)}
    ours = {"XDG_RUNTIME_DIR": str(home), "PYTHONPATH": str(ROOT)}
    return kept | places | ours | more


@contextlib.contextmanager
def running(factory: str, env: dict[str, str], folder: Path) -> Iterator[Server]:
    """Give a server of `factory` that works in the folder `env["HOME"]` and logs to `folder`, once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / "gunicorn.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command(factory, port), env=env, stdout=output, stderr=output, cwd=env["HOME"])
    server = Server(process, port, log)
    try:
        _wait_until_it_answers(server)
        yield server
    finally:
        process.terminate()
        process.wait(2 * GRACEFUL)


def _wait_until_it_answers(server: Server) -> None:
    """Return at the first answer; raise RuntimeError with the log where none comes in time."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.process.poll() is None:
        with contextlib.suppress(OSError):
            server.request("GET", "/healthz")
            return
        time.sleep(0.05)
    raise RuntimeError(f"gunicorn does not answer: {server.log.read_text(encoding='utf-8')}")
