"""Starts and stops the applications under gunicorn as children of a command, as production runs them."""

import contextlib
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from crypto.errors import RefusedError
from survey.desk_app import settings as desk_settings
from survey.environment import of_process
from survey.http_client import Client, HttpError
from survey.issuer_app import settings as issuer_settings
from survey.respond_app import settings as respond_settings

FACTORIES = {
    "respond": "survey.respond_app.app:respond_app_from_environ()",
    "desk": "survey.desk_process.app:desk_app_from_environ()",
    "issuer": "survey.issuer_app.app:issuer_app_from_environ()",
}
NAMES = {"respond": respond_settings.NAMES, "desk": desk_settings.NAMES, "issuer": issuer_settings.NAMES}
"""The variables that each application may have in its environment."""
FRONT = "survey.respond_app.dev_front:front_app_from_environ({port})"
CONFIGURATION = Path(__file__).parents[2] / "deploy" / "gunicorn.conf.py"
START_SECONDS = 30.0
STOP_SECONDS = 10.0
ANSWER_MAX = 1 << 20


class ServerError(RefusedError):
    """An application cannot be started; the message says what to do."""


@dataclass(frozen=True)
class Certificate:
    """The two PEM files of a TLS certificate."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Server:
    """One application: its address, and the local port of the issuer to which it forwards, if any."""

    app: str
    host: str
    port: int
    tls: Certificate | None = None
    issuer_port: int | None = None

    @property
    def url(self) -> str:
        """The address to open in a browser."""
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"

    @property
    def factory(self) -> str:
        """The application factory that gunicorn runs."""
        return FACTORIES[self.app] if self.issuer_port is None else FRONT.format(port=self.issuer_port)

    def client(self, timeout: float = 30.0) -> Client:
        """Return a client for this server; its certificate must be the one in the configured file."""
        if self.tls is None:
            return Client(timeout, ANSWER_MAX, direct=True)
        context = ssl.create_default_context(cafile=self.tls.certificate)
        context.check_hostname = False
        # The file may hold a leaf that somebody else signed (mkcert, Let's Encrypt): trust in it ends the search.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        return Client(timeout, ANSWER_MAX, direct=True, tls=context)


def with_issuer(respond: Server, port: int) -> tuple[Server, Server]:
    """Return the respond app's server with the issuer behind it, and the issuer's, on the loopback address."""
    return replace(respond, issuer_port=port), Server("issuer", "127.0.0.1", port)


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def require_free(server: Server, option: str) -> None:
    """Raise ServerError where another program listens at the server's address already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((server.host, server.port))
        except OSError:
            message = f"port {server.port} on {server.host} is taken by another program"
            raise ServerError(f"{message}: stop it, or choose another with {option}") from None


@contextlib.contextmanager
def running(servers: list[Server], environ: Mapping[str, str], log: Path | None) -> Iterator[None]:
    """Run one gunicorn for each server until the block ends; without `log` they write to the terminal."""
    children: list[subprocess.Popen[bytes]] = []
    try:
        with log.open("ab") if log else contextlib.nullcontext(sys.stderr) as output:
            for server in servers:
                children.append(_start(server, environ, output.fileno()))  # noqa: PERF401 - one that fails ends the others
        for server, child in zip(servers, children, strict=True):
            _wait_until_up(server, child, log)
        yield
    finally:
        _stop(children)


def wait_for_end(servers: list[Server]) -> None:
    """Wait until a person ends the command, or an application stops answering."""
    while all(_is_up(server) for server in servers):
        time.sleep(2)
    raise ServerError("an application stopped by itself")


def environ_of(app: str, more: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with `more`, without what only other applications may know."""
    return of_process({**os.environ, **more}, NAMES[app])


def _start(server: Server, environ: Mapping[str, str], output: int) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--config",
        str(CONFIGURATION),
        "--bind",
        f"{server.host}:{server.port}",
    ]
    if server.tls:
        command += ["--certfile", str(server.tls.certificate), "--keyfile", str(server.tls.key)]
    # A session of its own: Ctrl-C reaches this command alone, which then ends its children in order.
    return subprocess.Popen(
        [*command, server.factory],
        env=environ_of(server.app, environ),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


def _wait_until_up(server: Server, child: subprocess.Popen[bytes], log: Path | None) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        if _is_up(server):
            return
        time.sleep(0.1)
    raise ServerError(f"the {server.app} application did not start" + (f"; {log} says:\n{_tail(log)}" if log else ""))


def _is_up(server: Server) -> bool:
    try:
        return server.client(timeout=5).get(f"{server.url}/healthz").ok
    except HttpError:
        return False


def _tail(log: Path) -> str:
    """Return our own reasons where the log has any (gunicorn may say much after them), else its last lines."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    reasons = dict.fromkeys(line for line in lines if line.startswith("sotto: "))
    return "\n".join(reasons or lines[-8:])


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
