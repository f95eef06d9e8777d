"""Invitation codes: 80 random bits as 17 symbols that people can read and type; the host stores only their hashes."""

import hashlib
import secrets
from typing import Literal

from stdnum.iso7064 import mod_37_36

from crypto.errors import SottoError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U; O is read as 0, I and L as 1."""

BITS = 80
SYMBOLS = 16
GROUPS = (4, 4, 4, 5)
LABEL = b"sotto invitation\x00"
Reason = Literal["length", "symbol", "check"]

_ALIKE = str.maketrans("OIL", "011", " -–—_.·\t\n\u00a0\u3000")


class CodeError(SottoError):
    """Typed text that is not a code; `reason` is the kind of error, and the message does not repeat the text."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"not an invitation code: {reason}")
        self.reason = reason


def new_code() -> str:
    """Return a fresh code of 17 symbols: 80 bits of the system's generator, then the check symbol."""
    number = secrets.randbits(BITS)
    body = "".join(ALPHABET[number >> shift & 31] for shift in range(BITS - 5, -1, -5))
    return body + _check_symbol(body)


def grouped(code: str) -> str:
    """Return a code in groups, as it is printed: `4F7K-…`."""
    starts = [sum(GROUPS[:number]) for number in range(len(GROUPS))]
    return "-".join(code[start : start + size] for start, size in zip(starts, GROUPS, strict=True))


def read_code(typed: str) -> str:
    """
    Return the code that was typed, in any case, with any spaces and hyphens, O for 0, and I or L for 1.

    Raises CodeError: `symbol` for a symbol outside of the alphabet, `length` for too few or too many, `check` where one
    symbol is wrong or two are swapped.
    """
    code = typed.upper().translate(_ALIKE)
    if not set(code) <= set(ALPHABET):
        raise CodeError("symbol")
    if len(code) != SYMBOLS + 1:
        raise CodeError("length")
    if _check_symbol(code[:-1]) != code[-1]:
        raise CodeError("check")
    return code


def code_hash(code: str) -> bytes:
    """Return the hash of a code (32 bytes), which the host stores: 80 random bits cannot be guessed from it."""
    return hashlib.sha256(LABEL + code.encode("ascii")).digest()


def _check_symbol(body: str) -> str:
    """Return the check symbol of ISO 7064's hybrid system (modulus 33, 32), which detects every single wrong symbol."""
    return mod_37_36.calc_check_digit(body, alphabet=ALPHABET)
