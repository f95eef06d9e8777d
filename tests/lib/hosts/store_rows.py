"""Rows for the answers database: random bytes under the t of an owner of their own, with the key that follows."""

import hashlib
import random

from crypto.envelope import row_key_of
from crypto.tokens import owner_hash

SIZE = 1764


def secret(number: int) -> bytes:
    """Return the owner secret w of a row, with which it is withdrawn."""
    return hashlib.sha256(b"the owner of row %d" % number).digest()


def row_key(number: int) -> bytes:
    """Return the key of a row."""
    return row_key_of(owner_hash(secret(number)))


def record(number: int, size: int = SIZE, owner: int | None = None) -> bytes:
    """Return a record of `size` bytes that begins with the t of its owner, which is that of its number by default."""
    t = owner_hash(secret(number if owner is None else owner))
    return (t + random.Random(number).randbytes(size))[:size]


def row(number: int, size: int = SIZE) -> tuple[bytes, bytes]:
    """Return a row's key and record."""
    return row_key(number), record(number, size)
