"""Simulated invited phones: seal a payload, have its token signed blind, return the record to submit."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from crypto.blinding import blind
from crypto.canonical import from_base64url
from crypto.envelope import PREFIX_SIZE, Record
from crypto.sealing import Sealer
from crypto.tokens import (
    OWNER_SECRET_SIZE,
    TokenError,
    TokenVerifier,
    message,
    owner_hash,
    prepared,
    row_tag,
)
from survey.wave.manifest import Manifest

Sign = Callable[[bytes], bytes]
"""The issuer as a phone sees it: a blinded message (256 bytes) in, its blind signature (256 bytes) out."""


@dataclass(frozen=True, slots=True)
class InvitedPhone:
    """What every invited phone of a wave has: the key to seal to and the issuer's public key."""

    _sealer: Sealer = field(repr=False)
    _verifier: TokenVerifier = field(repr=False)
    _modulus: int = field(repr=False)

    @classmethod
    def of(cls, manifest: Manifest) -> Self:
        """Read a wave's manifest; raise TokenError where it is of an open link."""
        if manifest.issuer_key is None:
            raise TokenError("an open link has no tokens")
        sealer = Sealer.of(manifest.public_key, manifest.context, manifest.plaintext_size)
        modulus = int.from_bytes(from_base64url(manifest.issuer_key), "big")
        return cls(sealer, TokenVerifier.of(manifest.issuer_key), modulus)

    def record(self, payload: bytes, sign: Sign, owner_secret: bytes | None = None) -> Record:
        """
        Seal a payload and have its token signed blind; return the record to submit.

        `owner_secret` (32 bytes) is w of crypto.withdrawal, with which the answer can be withdrawn; by default a random
        one that is discarded. Raises TokenError where `sign` returns no valid signature.
        """
        t = owner_hash(owner_secret or secrets.token_bytes(OWNER_SECRET_SIZE))
        tag, prefix = row_tag(t), secrets.token_bytes(PREFIX_SIZE)
        envelope = self._sealer.seal(payload, tag)
        # Sealed first, so that what is signed names this very envelope.
        blinded = blind(self._modulus, prepared(prefix, message(self._sealer.context.study_id, t, envelope)))
        return Record(tag, prefix, t, blinded.finalize(sign(blinded.message), self._verifier), envelope)
