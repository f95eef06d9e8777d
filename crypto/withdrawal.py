"""Taking an answer back: from eight words to the owner secret, and from that to the row that is withdrawn."""

from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from crypto.envelope import BODY_VERSION, KEY_ID_SIZE, STUDY_ID_SIZE
from crypto.errors import SottoError
from crypto.tokens import OWNER_SECRET_SIZE, owner_hash, row_tag
from crypto.word_codes import LIST_SIZE, WORDS, Places

LABEL = b"sotto withdraw\x00"
ROUNDS = 2**17
BODY_SIZE = len(BODY_VERSION) + KEY_ID_SIZE + OWNER_SECRET_SIZE


class WithdrawalError(SottoError):
    """A body or a code that withdraws nothing, whatever it says; the message holds nothing of it."""


def owner_secret(places: Places, study_id: bytes, key_id: bytes) -> bytes:
    """
    Return w (32 bytes) of a code (eight places in the list) for a study (16 bytes) and its key (8 bytes).

    PBKDF2-HMAC-SHA-256 (RFC 8018) with 2^17 rounds: a code has 88 bits, and each guess costs 17 bits more. Each study
    and wave has secrets of its own. Raises WithdrawalError for parts of another size.
    """
    if len(places) != WORDS or any(not 0 <= place < LIST_SIZE for place in places):
        raise WithdrawalError(f"a code is {WORDS} places of a list of {LIST_SIZE}")
    if (len(study_id), len(key_id)) != (STUDY_ID_SIZE, KEY_ID_SIZE):
        raise WithdrawalError("a study id has 16 bytes and a key id 8")
    password = b"".join(place.to_bytes(2, "big") for place in places)
    return PBKDF2HMAC(hashes.SHA256(), OWNER_SECRET_SIZE, LABEL + study_id + key_id, ROUNDS).derive(password)


def tag_of(secret: bytes) -> bytes:
    """Return the tag (32 bytes), by which the store knows the answer, of an owner secret (32 bytes)."""
    return row_tag(owner_hash(secret))


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What a phone sends to take an answer back: the wave's key id and the owner secret, which its repr hides."""

    key_id: bytes
    secret: bytes = field(repr=False)

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """Read a body of 41 bytes; raise WithdrawalError for anything else."""
        if len(body) != BODY_SIZE or not body.startswith(BODY_VERSION):
            raise WithdrawalError("not a withdrawal of version 1")
        start = len(BODY_VERSION)
        return cls(body[start : start + KEY_ID_SIZE], body[start + KEY_ID_SIZE :])

    def to_bytes(self) -> bytes:
        """Return the body: version, key id, owner secret."""
        return BODY_VERSION + self.key_id + self.secret

    @property
    def tag(self) -> bytes:
        """The key of the row that is withdrawn (32 bytes)."""
        return tag_of(self.secret)
