"""
Opens envelopes, with the private key in memory; no other module does.

Only analysis/opening/answers.py may import it.
"""

from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from crypto.envelope import (
    HEADER_SIZE,
    SUITE,
    TOKEN_SIZE,
    ZERO_ROW_KEY,
    ZERO_SEAL_SECRET,
    ZERO_TOKEN,
    Context,
    EnvelopeError,
    Record,
    checked_row_key,
    envelope_size,
    key_id,
    unpad,
)
from crypto.keys import HPKE
from crypto.seed import SeedError, expand, public_bytes
from crypto.tokens import seal_commitment


class Opener:
    """
    Opens the envelopes of one wave with its secret seed (32 bytes).

    Its repr holds no secret, and it cannot be copied or pickled (pass the seed to a child process by its initializer).
    Every failure is an EnvelopeError without anything of the contents. Python cannot wipe memory: keep the process
    short.
    """

    __slots__ = ("_header", "_info", "_key", "_size")

    def __init__(self, seed: bytes, context: Context, plaintext_size: int) -> None:
        try:
            keys = expand(seed)
        except SeedError as error:
            raise EnvelopeError(str(error)) from None
        if key_id(public_bytes(keys)) != context.key_id:
            raise EnvelopeError(
                "this is not the key the manifest names: check which study and wave the shares belong to"
            )
        self._header = SUITE + context.key_id
        self._info = context.info_prefix
        self._key = MLKEM768X25519PrivateKey(keys.lattice, keys.curve)
        self._size = envelope_size(plaintext_size)

    def open_record(self, record: bytes) -> bytes:
        """Return the payload of a record of the box, whose token is not checked here."""
        if record.startswith(ZERO_TOKEN):
            return self.open_envelope(record[TOKEN_SIZE:])
        return self.open_with_token(Record.split(record))

    def open_envelope(self, envelope: bytes) -> bytes:
        """Return the payload of an open link's envelope."""
        u, payload = self._opened(envelope, ZERO_ROW_KEY)
        if u != ZERO_SEAL_SECRET:
            raise EnvelopeError("an envelope of an open link holds no secret of a token")
        return payload

    def open_with_token(self, record: Record) -> bytes:
        """Return the payload of a record with a token, sealed by whoever knows the opening of its commitment c."""
        u, payload = self._opened(record.envelope, record.row_key)
        if seal_commitment(u) != record.c:
            raise EnvelopeError("the envelope was not sealed by the owner of its token")
        return payload

    def _opened(self, envelope: bytes, row_key: bytes) -> tuple[bytes, bytes]:
        """Return u (32 bytes) and the payload of an envelope."""
        if len(envelope) != self._size or not envelope.startswith(self._header):
            raise EnvelopeError("not an envelope of this study and key")
        try:
            plaintext = HPKE.decrypt(envelope[HEADER_SIZE:], self._key, self._info + checked_row_key(row_key))
        except InvalidTag:
            raise EnvelopeError("the envelope does not open") from None
        return unpad(plaintext)

    def __repr__(self) -> str:
        return "Opener()"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an Opener holds a private key and is never pickled or copied")
