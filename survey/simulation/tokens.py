"""Simulated invited phones: have a token signed blind, later seal a payload under it, return the record to submit."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from crypto.blinding import blind
from crypto.canonical import from_base64url
from crypto.envelope import PREFIX_SIZE, SEAL_SECRET_SIZE, Record, row_key_of
from crypto.sealing import Sealer
from crypto.tokens import (
    OWNER_SECRET_SIZE,
    TokenError,
    TokenVerifier,
    message,
    owner_hash,
    prepared,
    seal_commitment,
)
from survey.wave.manifest import Manifest

Sign = Callable[[bytes], bytes]
"""The issuer as a phone sees it: a blinded message (256 bytes) in, its blind signature (256 bytes) out."""


@dataclass(frozen=True, slots=True, repr=False)
class FetchedToken:
    """A phone's token before its answer exists: commitment t, seal secret u, prefix (32 bytes each), signature."""

    t: bytes
    u: bytes
    prefix: bytes
    signature: bytes

    @property
    def c(self) -> bytes:
        """The commitment to u."""
        return seal_commitment(self.u)

    @property
    def row_key(self) -> bytes:
        """The key of the row that is stored under this token."""
        return row_key_of(self.t)


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

    def fetch(self, sign: Sign, owner_secret: bytes | None = None) -> FetchedToken:
        """
        Have a token signed blind, as a phone does before the first question.

        `owner_secret` (32 bytes) is w of crypto.withdrawal, with which the answer can be withdrawn; by default a random
        one that is discarded. Raises TokenError where `sign` returns no valid signature.
        """
        t = owner_hash(owner_secret or secrets.token_bytes(OWNER_SECRET_SIZE))
        u, prefix = secrets.token_bytes(SEAL_SECRET_SIZE), secrets.token_bytes(PREFIX_SIZE)
        context = self._sealer.context
        signed = message(context.study_id, context.key_id, t, seal_commitment(u))
        blinded = blind(self._modulus, prepared(prefix, signed))
        return FetchedToken(t, u, prefix, blinded.finalize(sign(blinded.message), self._verifier))

    def seal(self, payload: bytes, token: FetchedToken) -> Record:
        """Seal a payload under a token; return the record to submit."""
        envelope = self._sealer.seal(payload, token.row_key, token.u)
        return Record(token.t, token.c, token.prefix, token.signature, envelope)

    def record(self, payload: bytes, sign: Sign, owner_secret: bytes | None = None) -> Record:
        """Have a token signed and seal a payload under it at once; return the record to submit. Raises as `fetch`."""
        return self.seal(payload, self.fetch(sign, owner_secret))
