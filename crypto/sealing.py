"""Seals a payload to a study's public key; the phone does the same in survey/browser/sealing/seal.ts."""

from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives.hpke import MLKEM768X25519PublicKey

from crypto.envelope import SUITE, ZERO_ROW_KEY, ZERO_SEAL_SECRET, Context, EnvelopeError, checked_size, key_id, pad
from crypto.keys import HPKE, load_public_key


@dataclass(frozen=True, slots=True)
class Sealer:
    """A wave's public key and the context that its envelopes are bound to; one instance seals many payloads."""

    context: Context
    plaintext_size: int
    _key: MLKEM768X25519PublicKey = field(repr=False)

    @classmethod
    def of(cls, public_key: bytes, context: Context, plaintext_size: int) -> Self:
        """
        Load a public key (1216 bytes).

        Raises EnvelopeError where `context` names another key or the size is invalid, PublicKeyError for a bad key.
        """
        if key_id(public_key) != context.key_id:
            raise EnvelopeError("the context names another key")
        return cls(context, checked_size(plaintext_size), load_public_key(public_key))

    def seal(self, payload: bytes, row_key: bytes = ZERO_ROW_KEY, u: bytes = ZERO_SEAL_SECRET) -> bytes:
        """
        Return the envelope of `payload`: always `envelope_size(plaintext_size)` bytes.

        With a token `row_key` is that of its t and `u` the opening of its c, 32 bytes each; zeros on an open link.
        """
        plaintext = pad(payload, self.plaintext_size, u)
        return SUITE + self.context.key_id + HPKE.encrypt(plaintext, self._key, info=self.context.info(row_key))


def seal(
    payload: bytes,
    public_key: bytes,
    context: Context,
    plaintext_size: int,
    *,
    row_key: bytes = ZERO_ROW_KEY,
    u: bytes = ZERO_SEAL_SECRET,
) -> bytes:
    """Seal one payload; for many under one key make a Sealer."""
    return Sealer.of(public_key, context, plaintext_size).seal(payload, row_key, u)


def seal_letter(content: bytes, public_key: bytes, info: bytes) -> bytes:
    """
    Return `content` sealed to an ephemeral key (crypto.keys.EphemeralKey) for the purpose that `info` names.

    HPKE in base mode: it says nothing of who sealed it. As long as `content` and 1136 bytes. Raises PublicKeyError.
    """
    return HPKE.encrypt(content, load_public_key(public_key), info=info)
