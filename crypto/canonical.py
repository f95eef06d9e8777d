"""Canonical JSON (RFC 8785), the form of every document, and the SHA-256 that identifies it."""

import base64
import hashlib
import json
from typing import Any, NoReturn

import rfc8785

from crypto.errors import PublicTextError


class CanonicalError(PublicTextError):
    """Bytes that are not the one canonical JSON text (RFC 8785) of an object."""


def canonical(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """Return the canonical JSON bytes of `value` (RFC 8785)."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, RecursionError):
        raise CanonicalError("the value cannot be written as canonical JSON") from None


def digest(data: bytes) -> str:
    """Return the lower-case hex SHA-256 of `data`."""
    return hashlib.sha256(data).hexdigest()


def parse(data: bytes) -> dict[str, Any]:
    """Return the object whose canonical JSON is exactly `data`; raise CanonicalError for anything else."""
    try:
        value = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise CanonicalError("not JSON") from None
    # Comparing with the canonical form refuses duplicate keys, white space, other escapes and other numbers at once.
    if not isinstance(value, dict) or canonical(value) != data:
        raise CanonicalError("not canonical JSON (RFC 8785) of an object")
    return value


def to_base64url(data: bytes) -> str:
    """Return unpadded base64url (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """Return the bytes of unpadded base64url; raise CanonicalError unless `text` is their canonical form."""
    try:
        data = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        raise CanonicalError("not base64url") from None
    # b64decode accepts several encodings of the same bytes; only the canonical one is valid here.
    if to_base64url(data) != text:
        raise CanonicalError("not canonical base64url")
    return data


def _refuse(_: str) -> NoReturn:
    raise ValueError
