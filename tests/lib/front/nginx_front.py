"""nginx with the shipped files on sockets of a folder, in front of applications that tests choose."""

import getpass
import http.client
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import BaseServer, ThreadingMixIn, UnixStreamServer

from hosts.threaded_server import in_thread
from paths import ROOT

SHIPPED = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "deploy" / "nginx").iterdir()}
"""The site and what it includes, by their names."""
LISTENS = {
    "listen 443 ssl": "listen unix:{}/front.sock ssl",
    "listen [::]:443 ssl": "listen unix:{}/second.sock ssl",
    "listen 80": "listen unix:{}/plain.sock",
    "listen [::]:80": "listen unix:{}/third.sock",
}
PATHS = {**LISTENS, "/etc/sotto/tls/desk-": "{}/", "/etc/sotto/tls/": "{}/", "/run/sotto/": "{}/"}
MAIN = """
daemon off; worker_processes 1; user {user}; pid {folder}/pid;
events {{}}
http {{
  access_log {folder}/visits.log; error_log {folder}/faults.log; gzip on;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  include {folder}/sotto.conf;
}}
"""


class Application(ThreadingMixIn, UnixStreamServer):
    """A process behind the front: answers its name, and keeps the names of the headers that reached it."""

    daemon_threads = True

    def __init__(self, path: Path) -> None:
        self.name, self.seen = path.stem, set[str]()
        super().__init__(str(path), Handler)


class Handler(BaseHTTPRequestHandler):
    def answer(self) -> None:
        """Answer any request with the process's name."""
        self.server.seen |= {*self.headers}
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.name)))
        self.end_headers()
        self.wfile.write(self.server.name.encode())

    do_GET = do_POST = answer  # noqa: N815 - names of the library

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass
class Front:
    """A running nginx, reached at a socket in place of a port."""

    folder: Path
    applications: dict[str, BaseServer]

    def client(self, version: ssl.TLSVersion) -> ssl.SSLContext:
        """Return a client of one version of TLS."""
        made = ssl.create_default_context(cafile=self.folder / "fullchain.pem")
        made.minimum_version = made.maximum_version = version
        return made

    @contextmanager
    def connection(
        self, client: ssl.SSLContext, session: ssl.SSLSession | None = None, name: str | None = "survey.example"
    ) -> Iterator[ssl.SSLSocket]:
        """Yield a connection, which asks to go on with a session where one is given."""
        with self.plain("front.sock") as plain, client.wrap_socket(plain, server_hostname=name, session=session) as one:
            yield one

    @contextmanager
    def plain(self, name: str) -> Iterator[socket.socket]:
        """Yield a connection without TLS to a socket of the front."""
        with socket.socket(socket.AF_UNIX) as plain:
            plain.settimeout(30)
            plain.connect(str(self.folder / name))
            yield plain

    def answer(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        name: str = "survey.example",
        headers: dict[str, str] | None = None,
    ):
        """Return the whole answer to a request, read to its end."""
        with self.connection(self.client(ssl.TLSVersion.TLSv1_3), name=name) as secure:
            answer = asked(secure, method, path, body, name, headers=headers)
            answer.content = answer.read()
            return answer

    def request(self, method: str, path: str, body: bytes | None = None) -> tuple[int, str, str | None]:
        """Return status and body of a request, and the header that has browsers come by TLS only."""
        answer = self.answer(method, path, body)
        return answer.status, answer.content.decode(), answer.getheader("Strict-Transport-Security")


def asked(
    secure: socket.socket,
    method: str,
    path: str,
    body: bytes | None = None,
    name: str = "survey.example",
    *,
    headers: dict[str, str] | None = None,
) -> http.client.HTTPResponse:
    """Ask over an open connection; return the answer."""
    client = http.client.HTTPConnection(name)
    client.sock = secure
    client.request(method, path, body, headers or {})
    return client.getresponse()


def nginx() -> str:
    """Return the program; Debian keeps it where only root's path looks."""
    found = shutil.which("nginx", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
    assert found, "nginx is missing: scripts/setup test installs it"
    return found


def certificate(folder: Path) -> None:
    files = ["-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "2"]
    about = ["-subj", "/CN=survey.example", "-addext", "subjectAltName=DNS:survey.example,DNS:desk.example"]
    subprocess.run(["openssl", "req", "-x509", *kind, *about, *files], check=True, capture_output=True)


def with_each(files: dict[str, str], changes: dict[str, str]) -> dict[str, str]:
    """Return a configuration with each change made; every text stands in one of its files."""
    for was, becomes in changes.items():
        assert any(was in text for text in files.values())
        files = {name: text.replace(was, becomes) for name, text in files.items()}
    return files


@contextmanager
def front(
    folder: Path, changes: dict[str, str] | None = None, application: Callable[[Path], BaseServer] = Application
) -> Iterator[Front]:
    """
    Run nginx with the shipped file, of which only addresses and paths, and `changes`, are others.

    `application` makes the server at each of the three sockets behind it.
    """
    certificate(folder)
    (folder / "sotto").mkdir()
    paths = {was: becomes.format(folder) for was, becomes in PATHS.items()}
    for name, text in with_each(SHIPPED, paths | (changes or {})).items():
        (folder / ("sotto" if name.endswith(".inc") else ".") / name).write_text(text, encoding="utf-8")
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=getpass.getuser()), encoding="utf-8")
    with ExitStack() as stack:
        applications = {name: application(folder / f"{name}.sock") for name in ("issuer", "respond", "desk")}
        for one in applications.values():
            stack.enter_context(in_thread(one))
        process = subprocess.Popen([nginx(), "-p", folder, "-c", folder / "nginx.conf"], stderr=subprocess.PIPE)
        stack.callback(process.communicate)
        stack.callback(process.terminate)
        await_start(process, folder / "pid")
        yield Front(folder, applications)


def await_start(process: subprocess.Popen[bytes], file: Path) -> None:
    end = time.monotonic() + 30
    while not file.exists():
        assert process.poll() is None, process.stderr.read().decode()
        assert time.monotonic() < end, "nginx does not start"
        time.sleep(0.05)
