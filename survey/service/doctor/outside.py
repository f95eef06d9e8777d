"""Checks by the network, as a browser or a stranger meets the host: `sotto doctor --url`, from anywhere."""

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

from survey.http_client import Client, HttpError, HttpResponse
from survey.service.doctor.check import Check
from survey.service.doctor.host_view import CannotLookError, HostView, grouped

SECONDS = 15
SECURE = "content-security-policy"
HEADERS = {
    "cache-control": "no-store",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""What every answer has; `Strict-Transport-Security` and a policy beside it."""
LONG = "x" * 9_000
PAGES = {"the first page": "/", "a page that is not there": "/s/no-such-study", "what is hidden": "/readyz",
         "the log": "/log", "an address that is too long": f"/{LONG}"}  # fmt: skip
TELLING = ("x-powered-by", "via", "x-cache", "cf-ray", "alt-svc", "x-amz-cf-id", "x-served-by", "set-cookie")
YEAR = 31_536_000


@dataclass(frozen=True)
class Visitor:
    """Somebody who comes to an address of https."""

    url: str
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    @property
    def name(self) -> str:
        """The host's name."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The port of https."""
        return urlsplit(self.url).port or 443

    def asks(self, path: str) -> HttpResponse:
        """Return the answer to one request; raise CannotLookError where none comes."""
        client = Client(timeout=SECONDS, largest=1 << 22, direct=True, tls=self.context, whole=2 * SECONDS)
        try:
            return client.ask(f"https://{self.name}:{self.port}{path}", {})
        except HttpError as error:
            raise CannotLookError(f"{self.url} {error}") from None

    def handshake(self, context: ssl.SSLContext, name: str | None) -> str | None:
        """Return the version of TLS that a handshake for a name ends with, None where it is refused."""
        try:
            with socket.create_connection((self.name, self.port), timeout=SECONDS) as plain:
                plain.settimeout(SECONDS)
                try:
                    with context.wrap_socket(plain, server_hostname=name) as secure:
                        return secure.version()
                except (ssl.SSLError, ConnectionError):
                    return None
        except OSError as error:
            raise CannotLookError(f"{self.url} cannot be reached ({type(error).__name__})") from None


def outside_checks(url: str) -> Iterator[Check]:
    """Yield the checks of an address; they need no view of the host."""
    visitor, site = Visitor(url.rstrip("/")), "sudo sotto install; see what stands in front of the host"

    def check(name: str, why: str, look: Callable[..., str | None]) -> Check:
        return Check(f"{name} {url}", why, site, partial(look, visitor=visitor))

    yield check("reached", "nobody could answer", _reached)
    yield check("trusted", "a browser would warn of it", _trusted)
    yield check("tls 1.2 and 1.3", "phones of all ages come, and none by a broken version", _tls)
    yield check("unknown names", "a scan of addresses would find the survey", _unknown)
    yield check("port 80", "without TLS nobody may be answered but with the way to it", _port_80)
    for title, path in PAGES.items():
        yield check(f"headers of {title}", "a browser keeps the page's promises by them", partial(_headers, path=path))
    yield check("nothing of a provider", "a cache, a cookie or a provider in between sees who comes", _telling)
    yield check("readiness hidden", "whether the database answers is for who runs the host", _hidden)
    yield check("alive", "the process behind must run", _alive)


def _reached(_host: HostView, *, visitor: Visitor) -> str | None:
    bare = _unverified(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
    try:
        return None if visitor.handshake(bare, visitor.name) else "no connection by TLS is made"
    except CannotLookError as error:
        return str(error)


def _trusted(_host: HostView, *, visitor: Visitor) -> str | None:
    return None if visitor.handshake(visitor.context, visitor.name) else "its certificate is not trusted for this name"


def _tls(_host: HostView, *, visitor: Visitor) -> str | None:
    versions = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
    missing = [one.name for one in versions if not visitor.handshake(_unverified(one, one), visitor.name)]
    return grouped([f"{name} is refused" for name in missing])


def _unverified(least: ssl.TLSVersion, most: ssl.TLSVersion) -> ssl.SSLContext:
    """Return a client of versions that looks at no certificate: what it asks is whether there is an answer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version, context.maximum_version = least, most
    return context


def _unknown(_host: HostView, *, visitor: Visitor) -> str | None:
    bare = _unverified(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
    answered = [name for name in ("no-such-name.example", None) if visitor.handshake(bare, name)]
    return grouped([f"a visitor who asks for {name or 'no name'} is answered" for name in answered])


def _port_80(_host: HostView, *, visitor: Visitor) -> str | None:
    client = Client(timeout=SECONDS, largest=1 << 20, direct=True, whole=2 * SECONDS)
    try:
        answer = client.ask(f"http://{visitor.name}/", {})
    except HttpError:
        return None  # nobody is answered without TLS
    leads = answer.headers.get("location", "").startswith(f"https://{visitor.name}")
    return None if leads else f"port 80 answers {answer.status} and leads to no https"


def _headers(_host: HostView, *, visitor: Visitor, path: str) -> str | None:
    have = visitor.asks(path).headers
    faults = [
        f"{name} is {have.get(name)!r} and not {value!r}" for name, value in HEADERS.items() if have.get(name) != value
    ]
    faults += [] if "frame-ancestors 'none'" in have.get(SECURE, "") else [f"there is no {SECURE} that forbids frames"]
    faults += [] if have.get("referrer-policy") in {"no-referrer", "same-origin"} else ["there is no referrer-policy"]
    age = have.get("strict-transport-security", "").partition("max-age=")[2].split(";")[0]
    return grouped(
        [*faults, *([] if age.isdigit() and int(age) >= YEAR else ["strict-transport-security is missing or short"])]
    )


def _telling(_host: HostView, *, visitor: Visitor) -> str | None:
    have = visitor.asks("/").headers
    faults = [f"there is a header {name}" for name in TELLING if name in have]
    server = have.get("server", "")
    return grouped([*faults, *([f"server says {server}"] if any(sign.isdigit() for sign in server) else [])])


def _hidden(_host: HostView, *, visitor: Visitor) -> str | None:
    status = visitor.asks("/readyz").status
    return None if status == 404 else f"/readyz answers {status} to anybody"  # noqa: PLR2004 - Not Found


def _alive(_host: HostView, *, visitor: Visitor) -> str | None:
    answer = visitor.asks("/healthz")
    return None if answer.ok else f"/healthz answers {answer.status}"
