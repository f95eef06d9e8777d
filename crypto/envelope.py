"""The sealed record that a phone sends (crypto/ENVELOPE.md): sizes, padding and parsing; nothing is opened here."""

import hashlib
import re
from dataclasses import dataclass
from itertools import accumulate
from typing import Self

from crypto.canonical import STUDY
from crypto.errors import SottoError

SUITE = b"\x02\x01"
"""Version 2, suite 1: HPKE base mode, MLKEM768-X25519 (0x647a), HKDF-SHA256 (0x0001), ChaCha20-Poly1305 (0x0003)."""

BODY_VERSION = b"\x02"
INFO_LABEL = b"sotto envelope v2\x00"
STUDY_LABEL = b"sotto study\x00"
KEY_LABEL = b"sotto key\x00"
ROW_KEY_LABEL = b"sotto tag\x00"

STUDY_ID_SIZE = 16
HASH_SIZE = 32
KEY_ID_SIZE = 8
ROW_KEY_SIZE = 32
OWNER_HASH_SIZE = 32
"""Of t, the hash of w: whoever presents w may withdraw the answer."""
COMMITMENT_SIZE = 32
"""Of c, the hash of u: whoever seals u inside an envelope may answer under this token."""
SEAL_SECRET_SIZE = 32
"""Of u, which leaves the phone only inside the envelope."""
PREFIX_SIZE = 32
PUBLIC_KEY_SIZE = 1216
ENCAPSULATION_SIZE = 1120
AEAD_TAG_SIZE = 16
LENGTH_SIZE = 2
PLAINTEXT_HEADER_SIZE = LENGTH_SIZE + SEAL_SECRET_SIZE
"""The 34 bytes before the payload in a plaintext: its length, then u."""
SIGNATURE_SIZE = 256

HEADER_SIZE = len(SUITE) + KEY_ID_SIZE
TOKEN_FIELD_SIZES = (OWNER_HASH_SIZE, COMMITMENT_SIZE, PREFIX_SIZE, SIGNATURE_SIZE)
TOKEN_SIZE = sum(TOKEN_FIELD_SIZES)
"""The 352 bytes before the envelope in a record: t, c, prefix, signature."""

PLAINTEXT_STEP = 256
PLAINTEXT_MAX = 65536

ZERO_ROW_KEY = bytes(ROW_KEY_SIZE)
"""In the `info` of an open link's envelopes, which have no token."""
ZERO_SEAL_SECRET = bytes(SEAL_SECRET_SIZE)
ZERO_TOKEN = bytes(TOKEN_SIZE)

_TOKEN_FIELDS = tuple(
    slice(end - size, end) for size, end in zip(TOKEN_FIELD_SIZES, accumulate(TOKEN_FIELD_SIZES), strict=True)
)


class EnvelopeError(SottoError):
    """Bytes that are not an envelope, record or body of this study; the message repeats none of them."""


@dataclass(frozen=True, slots=True)
class Context:
    """What an envelope is sealed for: study id (16 bytes), SHA-256 of the wave manifest (32), key id (8)."""

    study_id: bytes
    manifest_hash: bytes
    key_id: bytes

    def __post_init__(self) -> None:
        if (len(self.study_id), len(self.manifest_hash), len(self.key_id)) != (STUDY_ID_SIZE, HASH_SIZE, KEY_ID_SIZE):
            raise EnvelopeError("a context is a study id of 16, a manifest hash of 32 and a key id of 8 bytes")

    def info(self, row_key: bytes) -> bytes:
        """Return the HPKE `info` (106 bytes) that binds an envelope to this context and to its token's row key."""
        return self.info_prefix + checked_row_key(row_key)

    @property
    def info_prefix(self) -> bytes:
        """The 74 bytes of `info` that are the same for every envelope of a wave."""
        return INFO_LABEL + self.study_id + self.manifest_hash + self.key_id


def study_id(slug: str) -> bytes:
    """Return the 16-byte identifier of the study named `slug`."""
    if not re.fullmatch(STUDY, slug):
        raise EnvelopeError("a study's name has 1 to 63 characters: a-z, 0-9 and hyphens, no hyphen first")
    return hashlib.sha256(STUDY_LABEL + slug.encode("ascii")).digest()[:STUDY_ID_SIZE]


def key_id(public_key: bytes) -> bytes:
    """Return the 8-byte identifier of a public key (1216 bytes)."""
    if len(public_key) != PUBLIC_KEY_SIZE:
        raise EnvelopeError(f"a study's public key has {PUBLIC_KEY_SIZE} bytes")
    return hashlib.sha256(KEY_LABEL + public_key).digest()[:KEY_ID_SIZE]


def row_key_of(t: bytes) -> bytes:
    """Return the row key (32 bytes) of t (32 bytes), by which an answer that is sent twice is stored once."""
    if len(t) != OWNER_HASH_SIZE:
        raise EnvelopeError(f"t has {OWNER_HASH_SIZE} bytes")
    return hashlib.sha256(ROW_KEY_LABEL + t).digest()


def plaintext_size_for(payload_width: int) -> int:
    """Return the plaintext size, a multiple of 256, of a questionnaire whose payload has `payload_width` bytes."""
    steps = -(-(payload_width + PLAINTEXT_HEADER_SIZE) // PLAINTEXT_STEP)
    return checked_size(steps * PLAINTEXT_STEP)


def checked_size(plaintext_size: int) -> int:
    """Return `plaintext_size`; raise EnvelopeError unless it is a multiple of 256 from 256 to 65536."""
    if plaintext_size % PLAINTEXT_STEP or not PLAINTEXT_STEP <= plaintext_size <= PLAINTEXT_MAX:
        raise EnvelopeError(
            f"the plaintext size is a multiple of {PLAINTEXT_STEP} from {PLAINTEXT_STEP} to {PLAINTEXT_MAX}"
        )
    return plaintext_size


def checked_row_key(row_key: bytes) -> bytes:
    """Return `row_key`; raise EnvelopeError unless it has 32 bytes."""
    if len(row_key) != ROW_KEY_SIZE:
        raise EnvelopeError(f"a row key has {ROW_KEY_SIZE} bytes")
    return row_key


def envelope_size(plaintext_size: int) -> int:
    """Return the one size in bytes that every envelope of a study has."""
    return HEADER_SIZE + ENCAPSULATION_SIZE + checked_size(plaintext_size) + AEAD_TAG_SIZE


def record_size(plaintext_size: int) -> int:
    """Return the one size in bytes that every record of a study has."""
    return TOKEN_SIZE + envelope_size(plaintext_size)


def plaintext_size_of(record_size: int) -> int:
    """Return the plaintext size of a study whose records have `record_size` bytes; EnvelopeError where none has."""
    return checked_size(record_size - TOKEN_SIZE - HEADER_SIZE - ENCAPSULATION_SIZE - AEAD_TAG_SIZE)


def pad(payload: bytes, plaintext_size: int, u: bytes = ZERO_SEAL_SECRET) -> bytes:
    """
    Return length (u16, big-endian), u, payload and zeros: always `plaintext_size` bytes, whatever the answers.

    `u` is the token's seal secret (32 bytes), zeros on an open link.
    """
    if len(u) != SEAL_SECRET_SIZE:
        raise EnvelopeError(f"u has {SEAL_SECRET_SIZE} bytes")
    if len(payload) > checked_size(plaintext_size) - PLAINTEXT_HEADER_SIZE:
        raise EnvelopeError("the payload is longer than this study's envelopes hold")
    return (len(payload).to_bytes(LENGTH_SIZE, "big") + u + payload).ljust(plaintext_size, b"\x00")


def unpad(plaintext: bytes) -> tuple[bytes, bytes]:
    """Return u (32 bytes) and the payload of an authenticated plaintext.

    Raises EnvelopeError for a length beyond the plaintext, and for padding that is not all zeros.
    """
    end = PLAINTEXT_HEADER_SIZE + int.from_bytes(plaintext[:LENGTH_SIZE], "big")
    if end > len(plaintext) or plaintext.count(0, end) != len(plaintext) - end:
        raise EnvelopeError("the padding is not what this format says")
    return plaintext[LENGTH_SIZE:PLAINTEXT_HEADER_SIZE], plaintext[PLAINTEXT_HEADER_SIZE:end]


def check_envelope(envelope: bytes, plaintext_size: int) -> None:
    """Raise EnvelopeError unless `envelope` has this study's size, version and suite."""
    if len(envelope) != envelope_size(plaintext_size):
        raise EnvelopeError("an envelope of this study has another size")
    if not envelope.startswith(SUITE):
        raise EnvelopeError("not version 2, suite 1")


def envelope_key_id(envelope: bytes) -> bytes:
    """Return the key id (8 bytes) in an envelope's header."""
    if len(envelope) < HEADER_SIZE or not envelope.startswith(SUITE):
        raise EnvelopeError("not the beginning of an envelope")
    return envelope[len(SUITE) : HEADER_SIZE]


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """One row of the box: token fields (all zeros on an open link) and the envelope. Its repr holds none of them."""

    t: bytes
    c: bytes
    prefix: bytes
    signature: bytes
    envelope: bytes

    def __post_init__(self) -> None:
        if tuple(map(len, self._token)) != TOKEN_FIELD_SIZES:
            raise EnvelopeError("a record's t, c, prefix and signature have 32, 32, 32 and 256 bytes")
        # No honest hash or signature is all zeros: either every field is (an open link) or none is (a token).
        if len({any(field) for field in self._token}) > 1:
            raise EnvelopeError("some token fields are zeros and some are not")

    @classmethod
    def open_link(cls, envelope: bytes) -> Self:
        """Return the record of an envelope that came without an invitation."""
        t, c, prefix, signature = map(bytes, TOKEN_FIELD_SIZES)
        return cls(t, c, prefix, signature, envelope)

    @classmethod
    def from_bytes(cls, data: bytes, plaintext_size: int) -> Self:
        """Parse a record; raise EnvelopeError unless size, token fields, version and suite are right."""
        if len(data) != record_size(plaintext_size):
            raise EnvelopeError("a record of this study has another size")
        check_envelope(data[TOKEN_SIZE:], plaintext_size)
        return cls.split(data)

    @classmethod
    def split(cls, data: bytes) -> Self:
        """Return a record's fields, its envelope unchecked; raise EnvelopeError for token fields that do not fit."""
        t, c, prefix, signature = (data[field] for field in _TOKEN_FIELDS)
        return cls(t, c, prefix, signature, data[TOKEN_SIZE:])

    def to_bytes(self) -> bytes:
        """Return the record's bytes as they are in the box."""
        return b"".join((*self._token, self.envelope))

    @property
    def is_open_link(self) -> bool:
        """Whether the record came without an invitation."""
        return not any(self.t)

    @property
    def row_key(self) -> bytes:
        """The key of stored, ordered rows (32 bytes): SHA-256 of the envelope on an open link, else that of t."""
        return hashlib.sha256(self.envelope).digest() if self.is_open_link else row_key_of(self.t)

    @property
    def _token(self) -> tuple[bytes, bytes, bytes, bytes]:
        return self.t, self.c, self.prefix, self.signature

    def __repr__(self) -> str:
        return f"Record({'open link' if self.is_open_link else 'token'}, {len(self.envelope)} bytes)"


def body(record: Record) -> bytes:
    """Return the body of a phone's request: the version byte and the record."""
    return BODY_VERSION + record.to_bytes()


def parse_body(data: bytes, plaintext_size: int) -> Record:
    """Return the record in the body of a phone's request; raise EnvelopeError for anything else."""
    if not data.startswith(BODY_VERSION):
        raise EnvelopeError("not a body of version 2")
    return Record.from_bytes(data[len(BODY_VERSION) :], plaintext_size)
