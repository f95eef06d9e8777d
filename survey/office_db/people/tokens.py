"""Tokens of sessions and links, and recovery codes: drawn here, and stored as hashes alone."""

import base64
import hashlib
import secrets

CODES = 10
CODE_SIZE = 15
"""Bytes of a recovery code: 120 bits, so that a plain hash keeps it (NIST SP 800-63B-4, section 3.1.2.2)."""
FINGERPRINT_SIZE = 10
GROUP = 4


def new_token() -> str:
    """Return a new token of 256 bits, 43 characters."""
    return secrets.token_urlsafe(32)


def new_id() -> bytes:
    """Return 16 random bytes."""
    return secrets.token_bytes(16)


def new_recovery_codes() -> tuple[str, ...]:
    """Return ten codes as they are shown: 24 letters and digits in groups of four."""
    return tuple(_grouped(secrets.token_bytes(CODE_SIZE)) for _ in range(CODES))


def token_hash(token: str) -> bytes:
    """Return the hash under which a token is stored."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def recovery_hash(code: str) -> bytes:
    """Return the hash under which a recovery code is stored, however its groups and letters are typed."""
    return token_hash("".join(sign for sign in code.lower() if sign not in " -"))


def written_fingerprint(content: bytes) -> str:
    """Return 80 bits of a hash as people read them to one another: 16 letters and digits in groups of four."""
    return _grouped(hashlib.sha256(content).digest()[:FINGERPRINT_SIZE])


def _grouped(value: bytes) -> str:
    text = base64.b32encode(value).decode("ascii").lower()
    return "-".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))
