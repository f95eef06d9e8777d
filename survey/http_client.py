"""The one HTTP client, for commands and demos: bounded in time and size, never led to another host. Not for servers.

Decision 76.
"""

import http.client
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.message import Message
from http import HTTPStatus
from queue import Empty, SimpleQueue
from urllib.parse import SplitResult, urljoin, urlsplit

from crypto.errors import RefusedError
from survey.addresses import split_address

REDIRECTS = 3
WHOLE = 300
"""The most seconds that a whole answer may take, from the question to its last byte."""
_MOVED = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}


class HttpError(RefusedError):
    """An address that gave no answer that can be used; the message is part of a sentence and holds no content."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A complete HTTP response: status (also of an error), body, and every header line in its order."""

    status: int
    content: bytes
    lines: tuple[tuple[str, str], ...]

    @property
    def headers(self) -> dict[str, str]:
        """The headers by their names in lower case; of several lines of one name the last."""
        return {name.lower(): value for name, value in self.lines}

    @property
    def ok(self) -> bool:
        """Whether the status is 200."""
        return self.status == HTTPStatus.OK


@dataclass(frozen=True, slots=True)
class Client:
    """How to ask: seconds to wait for each step, the most bytes of an answer, the most seconds of all steps together.

    `direct`: without the proxies that the environment names. `tls`: whom to trust instead of the system's authorities.
    """

    timeout: float
    largest: int
    direct: bool = False
    tls: ssl.SSLContext | None = None
    whole: float = WHOLE

    def for_many(self, address: str) -> "Client":
        """Return this client for many requests to an address: over https, whom the system trusts is read once."""
        parts = split_address(address)
        reads = parts is not None and parts.scheme == "https" and self.tls is None
        return replace(self, tls=ssl.create_default_context()) if reads else self

    def ask(self, address: str, headers: Mapping[str, str]) -> HttpResponse:
        """Return the answer to GET with these headers, whose redirects are not followed; raise HttpError if none."""
        return self._ask(urllib.request.Request(_checked(address), headers=dict(headers)))  # noqa: S310 - checked

    def get(self, address: str) -> HttpResponse:
        """Return the answer to GET, following redirects on the same host; raise HttpError where there is none."""
        for _ in range(REDIRECTS + 1):
            answer = self._ask(urllib.request.Request(_checked(address)))  # noqa: S310 - checked
            if answer.status not in _MOVED or "location" not in answer.headers:
                return answer
            address = _followed(address, answer.headers["location"])
        raise HttpError("redirects too often")

    def post(self, address: str, body: bytes, headers: dict[str, str] | None = None) -> HttpResponse:
        """Return the answer to POST of bytes, whose redirects are not followed; raise HttpError where there is none."""
        every = {"Content-Type": "application/octet-stream", **(headers or {})}
        return self._ask(urllib.request.Request(_checked(address), body, every))  # noqa: S310 - checked

    def _ask(self, request: urllib.request.Request) -> HttpResponse:
        """Return the answer; a thread of its own waits for it, since no step's limit ends a byte now and then."""
        came: SimpleQueue[HttpResponse | HttpError] = SimpleQueue()
        threading.Thread(target=lambda: came.put(self._answer(request)), daemon=True).start()
        try:
            answer = came.get(timeout=self.whole)
        except Empty:
            raise HttpError(f"takes longer than {self.whole:g} seconds for one answer") from None
        if isinstance(answer, HttpError):
            raise answer
        return answer

    def _answer(self, request: urllib.request.Request) -> HttpResponse | HttpError:
        try:
            with self._opener(request.type).open(request, timeout=self.timeout) as answer:
                content, status, headers = answer.read(self.largest + 1), answer.status, answer.headers
        except (OSError, ValueError, http.client.HTTPException) as error:
            cause = error.reason if isinstance(error, urllib.error.URLError) else error
            return HttpError(f"cannot be reached ({type(cause).__name__})")
        if len(content) > self.largest:
            return HttpError(f"sends more than {self.largest:,} bytes")
        if _has_defects(headers):
            return HttpError("sends a line among its headers that is none: a browser may read others after it")
        return HttpResponse(status, content, tuple(headers.items()))

    def _opener(self, scheme: str) -> urllib.request.OpenerDirector:
        """Return an opener of http and https alone: it judges no status, follows nothing and says nothing of itself."""
        opener, proxies = urllib.request.OpenerDirector(), {} if self.direct else urllib.request.getproxies()
        opener.addheaders = []
        opener.add_handler(urllib.request.ProxyHandler(proxies))
        opener.add_handler(urllib.request.HTTPHandler())
        # A context reads whom the system trusts: thirty milliseconds, where a request over http takes two.
        if "https" in (scheme, proxies.get("http", "").partition(":")[0]):
            opener.add_handler(urllib.request.HTTPSHandler(context=self.tls or ssl.create_default_context()))
        return opener


def _has_defects(headers: Message) -> bool:
    """Return whether a line was no header: Python's parser takes it and all after it for a body, browsers do not."""
    return bool(headers.defects or headers.get_payload())


def _checked(address: str) -> str:
    """Return an address of http or https; raise HttpError for anything else, such as a file."""
    parts = split_address(address)
    if parts is None or parts.scheme not in _PORTS:
        raise HttpError("is no address of http or https")
    return address


def _followed(address: str, location: str) -> str:
    """Return where a redirect leads; raise HttpError for another host, or for http where it was https."""
    there = _checked(urljoin(address, location))
    old, new = urlsplit(address), urlsplit(there)
    upgraded = (old.scheme, new.scheme) == ("http", "https") and old.hostname == new.hostname
    if not (upgraded and new.port in {None, 443}) and _origin(old) != _origin(new):
        raise HttpError(f"leads elsewhere, to {new.scheme} and {new.hostname!a}")
    return there


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]
