"""Withdrawal of an answer: from eight words to the owner secret, and from that to the key of the withdrawn row."""

from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from crypto.envelope import BODY_VERSION, KEY_ID_SIZE, STUDY_ID_SIZE, row_key_of
from crypto.errors import SottoError
from crypto.tokens import OWNER_SECRET_SIZE, owner_hash
from crypto.word_codes import LIST_SIZE, WORDS, WordIndexes

LABEL = b"sotto withdraw\x00"
ROUNDS = 2**17
BODY_SIZE = len(BODY_VERSION) + KEY_ID_SIZE + OWNER_SECRET_SIZE


class WithdrawalError(SottoError):
    """An invalid withdrawal body or code; the message repeats none of it."""


def owner_secret(indexes: WordIndexes, study_id: bytes, key_id: bytes) -> bytes:
    """
    Return w (32 bytes) of a code (eight indexes into the word list) for a study (16 bytes) and its key (8 bytes).

    PBKDF2-HMAC-SHA-256 (RFC 8018) with 2^17 rounds: a code has 88 bits, and each guess costs 17 bits more. Each study
    and wave has secrets of its own. Raises WithdrawalError for parts of another size.
    """
    if len(indexes) != WORDS or any(not 0 <= index < LIST_SIZE for index in indexes):
        raise WithdrawalError(f"a code is {WORDS} places of a list of {LIST_SIZE}")
    if (len(study_id), len(key_id)) != (STUDY_ID_SIZE, KEY_ID_SIZE):
        raise WithdrawalError("a study id has 16 bytes and a key id 8")
    password = b"".join(index.to_bytes(2, "big") for index in indexes)
    return PBKDF2HMAC(hashes.SHA256(), OWNER_SECRET_SIZE, LABEL + study_id + key_id, ROUNDS).derive(password)


def withdrawn_row_key(secret: bytes) -> bytes:
    """Return the key (32 bytes) of the stored answer that an owner secret w (32 bytes) withdraws."""
    return row_key_of(owner_hash(secret))


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A phone's request to withdraw an answer: the wave's key id and the owner secret, which its repr hides."""

    key_id: bytes
    secret: bytes = field(repr=False)

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """Read a body of 41 bytes; raise WithdrawalError for anything else."""
        if len(body) != BODY_SIZE or not body.startswith(BODY_VERSION):
            raise WithdrawalError("not a withdrawal of version 2")
        start = len(BODY_VERSION)
        return cls(body[start : start + KEY_ID_SIZE], body[start + KEY_ID_SIZE :])

    def to_bytes(self) -> bytes:
        """Return the body: version, key id, owner secret."""
        return BODY_VERSION + self.key_id + self.secret

    @property
    def row_key(self) -> bytes:
        """The key of the row that is withdrawn (32 bytes)."""
        return withdrawn_row_key(self.secret)
