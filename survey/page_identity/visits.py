"""How a page is asked for: as a phone's browser does, and bare. Bodies are decoded as a browser decodes them."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from survey.http_client import Client, HttpError
from survey.page_identity.pages_document import method_of

try:
    import brotli
except ModuleNotFoundError:  # of the extra [web]; whoever only verifies may not have it
    brotli = None

TIMEOUT, LARGEST = 60, 8 * 1024 * 1024
CLIENT = Client(TIMEOUT, LARGEST)
_READABLE = "gzip, deflate, br" if brotli else "gzip, deflate"
_PHONE: Mapping[str, str] = MappingProxyType(
    {
        "User-Agent": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 "
        "Mobile Safari/537.36",
        "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
        "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8",
        "Accept-Encoding": _READABLE,
        "Sec-Fetch-Site": "none",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-User": "?1",
        "Sec-Fetch-Dest": "document",
        "Upgrade-Insecure-Requests": "1",
    }
)
_PART = {"Accept": "*/*", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors"}
_WORKER = {"Service-Worker": "script", "Sec-Fetch-Mode": "same-origin", "Sec-Fetch-Dest": "serviceworker"}
_OF_NAVIGATIONS = frozenset({"Sec-Fetch-User", "Upgrade-Insecure-Requests"})
_SENT = {"Content-Type": "application/x-www-form-urlencoded"}
_DESTINATIONS = {".js": "script", ".css": "style", ".svg": "image", ".webmanifest": "manifest"}


@dataclass(frozen=True)
class Answer:
    """What a host sent: status, decoded body, header lines in their order."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...]


def phone_headers(path: str) -> dict[str, str]:
    """Return the headers with which Chrome on Android asks for a page, or by its path's ending a part of one."""
    destination = next((kind for ending, kind in _DESTINATIONS.items() if path.endswith(ending)), None)
    if destination is None:
        return dict(_PHONE)
    own = {**_PART, "Sec-Fetch-Dest": destination} | (_WORKER if path.endswith("/sw.js") else {})
    return {name: value for name, value in _PHONE.items() if name not in _OF_NAVIGATIONS} | own


def visits(path: str) -> tuple[tuple[str, dict[str, str]], ...]:
    """Return the two ways in which a path is asked for: words for a message, headers."""
    return ("asked for as a phone does", phone_headers(path)), ("asked for without a phone's headers", {})


@dataclass(frozen=True)
class VisitedHost:
    """A host at `address` (https://HOST) that is asked for many pages."""

    address: str

    @cached_property
    def _client(self) -> Client:
        return CLIENT.for_many(self.address)

    def visit(self, path: str, headers: Mapping[str, str]) -> Answer:
        """
        Return what the host answers under a path with these headers; raise HttpError where it does not.

        Redirects are not followed. The questions of the plain form are asked for by an empty POST, all else by GET.
        """
        address = f"{self.address.rstrip('/')}{path}"
        sent = method_of(path) == "POST"
        response = self._client.post(address, b"", {**headers, **_SENT}) if sent else self._client.ask(address, headers)
        return Answer(response.status, _decoded(response.content, response.headers), response.lines)


def _decoded(content: bytes, headers: Mapping[str, str]) -> bytes:
    """Return a body without its content encoding, of LARGEST bytes at most; raise HttpError for what is unreadable."""
    encoding = headers.get("content-encoding", "").strip(" \t").lower()
    try:
        if encoding in {"", "identity"}:
            return content
        if encoding == "gzip":
            return _inflated(content)
        if encoding == "br" and brotli:
            return _unpacked(content)
    except (zlib.error, EOFError) as error:
        raise HttpError(f"sends a body that is not of its encoding ({type(error).__name__})") from None
    raise HttpError(f"sends its body in an encoding that was not asked for ({encoding!a})")


def _inflated(content: bytes) -> bytes:
    unzip = zlib.decompressobj(wbits=31)
    body = unzip.decompress(content, LARGEST + 1)
    _require_whole(body, whole=unzip.eof and not unzip.unused_data)
    return body


def _unpacked(content: bytes) -> bytes:
    unpack = brotli.Decompressor()
    try:
        body: bytes = unpack.process(content, output_buffer_limit=LARGEST + 1)
    except brotli.error:
        raise EOFError from None
    _require_whole(body, whole=unpack.is_finished())
    return body


def _require_whole(body: bytes, *, whole: bool) -> None:
    if len(body) > LARGEST:
        raise HttpError(f"sends more than {LARGEST:,} bytes")
    if not whole:
        raise EOFError
