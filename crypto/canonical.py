"""
Canonical JSON (RFC 8785), the form of every document, the SHA-256 that identifies it, and the grammar of names in it.

Of study names, document hashes and key ids in sealed and signed files (crypto/ENVELOPE.md); authored files allow fewer
names: survey/names.py.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

import rfc8785

from crypto.errors import PublicTextError

# Decision 75.
STUDY = r"[a-z0-9][a-z0-9-]{0,62}"
HASH = r"[0-9a-f]{64}"
KEY_ID = r"[0-9a-f]{16}"


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


def impossible_member(header: object, texts: Mapping[str, str], least: Mapping[str, int]) -> str | None:
    """Return the first attribute of `header` that is not of its type and grammar, or None.

    `texts` are regular expressions that whole strings match, `least` the lowest values of integers.
    """
    for name, grammar in texts.items():
        value = getattr(header, name)
        if not (isinstance(value, str) and re.fullmatch(grammar, value)):
            return name
    for name, low in least.items():
        value = getattr(header, name)
        if type(value) is not int or value < low:
            return name
    return None


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
