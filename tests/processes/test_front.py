"""The shipped nginx file under the real nginx: who comes back is not known by TLS, and nothing of a visit stays."""

import getpass
import http.client
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer

import pytest
from hosts.threaded_server import in_thread
from paths import ROOT

pytestmark = pytest.mark.slow
SHIPPED = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
LISTENS = {"listen 443 ssl": "listen unix:{}/front.sock ssl", "listen [::]:443 ssl": "listen unix:{}/second.sock ssl"}
PATHS = {**LISTENS, "/etc/sotto/tls/": "{}/", "/run/sotto/": "{}/"}
RESUMING = {"ssl_session_tickets off": "ssl_session_tickets on", "NumTickets 0": "NumTickets 2",
            "ssl_session_cache off": "ssl_session_cache shared:sessions:1m"}  # fmt: skip
MAIN = """
daemon off; worker_processes 1; user {user}; pid {folder}/pid;
events {{}}
http {{
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
    applications: dict[str, Application]

    def client(self, version: ssl.TLSVersion) -> ssl.SSLContext:
        """Return a client of one version of TLS."""
        made = ssl.create_default_context(cafile=self.folder / "fullchain.pem")
        made.minimum_version = made.maximum_version = version
        return made

    @contextmanager
    def connection(self, client: ssl.SSLContext, session: ssl.SSLSession | None = None) -> Iterator[ssl.SSLSocket]:
        """Yield a connection, which asks to go on with a session where one is given."""
        with socket.socket(socket.AF_UNIX) as plain:
            plain.settimeout(30)
            plain.connect(str(self.folder / "front.sock"))
            with client.wrap_socket(plain, server_hostname="survey.example", session=session) as secure:
                yield secure

    def request(self, method: str, path: str, body: bytes | None = None) -> tuple[int, str, str | None]:
        """Return status and body of a request, and the header that has browsers come by TLS only."""
        with self.connection(self.client(ssl.TLSVersion.TLSv1_3)) as secure:
            answer = asked(secure, method, path, body)
            return answer.status, answer.read().decode(), answer.getheader("Strict-Transport-Security")


def asked(secure: ssl.SSLSocket, method: str, path: str, body: bytes | None = None) -> http.client.HTTPResponse:
    """Ask over an open connection; return the answer."""
    client = http.client.HTTPConnection("survey.example")
    client.sock = secure
    client.request(method, path, body)
    return client.getresponse()


def nginx() -> str:
    """Return the program; Debian keeps it where only root's path looks."""
    found = shutil.which("nginx", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
    assert found, "nginx is missing: scripts/setup test installs it"
    return found


def certificate(folder: Path) -> None:
    files = ["-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "2"]
    about = ["-subj", "/CN=survey.example", "-addext", "subjectAltName=DNS:survey.example"]
    subprocess.run(["openssl", "req", "-x509", *kind, *about, *files], check=True, capture_output=True)


def with_each(text: str, changes: dict[str, str]) -> str:
    """Return a configuration with each change made; every text stands in it."""
    for was, becomes in changes.items():
        assert was in text
        text = text.replace(was, becomes)
    return text


@contextmanager
def front(folder: Path, changes: dict[str, str] | None = None) -> Iterator[Front]:
    """Run nginx with the shipped file, of which only addresses and paths, and `changes`, are others."""
    certificate(folder)
    shipped = with_each(SHIPPED, {was: becomes.format(folder) for was, becomes in PATHS.items()} | (changes or {}))
    (folder / "sotto.conf").write_text(shipped, encoding="utf-8")
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=getpass.getuser()), encoding="utf-8")
    with ExitStack() as stack:
        applications = {name: Application(folder / f"{name}.sock") for name in ("issuer", "respond")}
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


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with front(tmp_path_factory.mktemp("front")) as running:
        yield running


def resumed(one: Front, version: ssl.TLSVersion) -> tuple[bool, bool]:
    """Come twice with one client; return whether a ticket was given, and whether the second visit was a resumed one."""
    client = one.client(version)
    with one.connection(client) as secure:
        asked(secure, "GET", "/s/q26").read()  # tickets of TLS 1.3 come with the first answer
        session = secure.session
        assert version.name.replace("_", ".") == secure.version()
    with one.connection(client, session) as secure:
        return session.has_ticket, secure.session_reused


VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@pytest.mark.parametrize("version", VERSIONS, ids=lambda one: one.name)
def test_a_client_that_comes_back_is_given_no_ticket_and_resumes_nothing(shipped, version):
    """Neither TLS 1.2 nor TLS 1.3 ties a hand-in to the request for its token, for a client that would."""
    assert (False, False) == resumed(shipped, version)


def test_the_same_client_resumes_where_the_front_lets_it(tmp_path):
    """Control: with tickets and a cache in the same file both versions are resumed, and by tickets."""
    with front(tmp_path, RESUMING) as careless:
        assert [(True, True)] * 2 == [resumed(careless, version) for version in VERSIONS]


def test_an_idle_connection_is_closed_after_ten_seconds(shipped):
    """The connection over which a token came is gone, without a word, before an interview ends."""
    with shipped.connection(shipped.client(ssl.TLSVersion.TLSv1_3)) as secure:
        answer = asked(secure, "GET", "/s/q26")
        assert b"respond" == answer.read()
        began = time.monotonic()
        assert b"" == secure.recv(1)
        assert 9 < time.monotonic() - began < 25


def test_codes_go_to_the_issuer_and_no_address_goes_anywhere(shipped):
    """Two processes behind one name; of who asks they get no header, and every answer has browsers come by TLS."""
    hsts = "max-age=63072000"
    assert (200, "issuer", hsts) == shipped.request("POST", "/t/q26", b"x" * 274)
    assert (200, "respond", hsts) == shipped.request("POST", "/s/q26", b"x" * 2000)
    status, _, header = shipped.request("POST", "/t/q26", b"x" * 1100)
    assert (413, hsts) == (status, header)
    for one in shipped.applications.values():
        assert one.seen <= {"Host", "Accept-Encoding", "Content-Length"}


def test_nothing_of_a_visit_is_written(shipped):
    """After requests with a word in path and body no file of nginx's folder holds it: no log, no body on its way."""
    shipped.request("GET", "/s/zkanari")
    shipped.request("POST", "/s/q26", b"zkanari" * 2000)
    files = [path for path in shipped.folder.rglob("*") if path.is_file()]
    assert {"pid", "sotto.conf"} <= {path.name for path in files}
    assert [] == [path for path in files if b"zkanari" in path.read_bytes()]
