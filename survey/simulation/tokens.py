"""Invented respondents with an invitation: each seals, has the token signed blind, and holds a record to hand in."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from crypto.blinding import blind
from crypto.canonical import from_base64url
from crypto.envelope import Record
from crypto.sealing import Sealer
from crypto.tokens import (
    OWNER_SECRET_SIZE,
    PREFIX_SIZE,
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
class Invited:
    """What every invited phone of a wave holds: the key to seal to and the issuer's public key."""

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
        Seal a payload and have it signed blind; return the record to hand in.

        `owner_secret` (32 bytes) is w of crypto.withdrawal, with which the answer can be withdrawn; a fresh one, told
        to nobody, where there is none. Raises TokenError where what `sign` gives is no signature.
        """
        t = owner_hash(owner_secret or secrets.token_bytes(OWNER_SECRET_SIZE))
        tag, prefix = row_tag(t), secrets.token_bytes(PREFIX_SIZE)
        envelope = self._sealer.seal(payload, tag)
        # Sealed first, so that what is signed names this very envelope.
        blinded = blind(self._modulus, prepared(prefix, message(self._sealer.context.study_id, t, envelope)))
        return Record(tag, prefix, t, blinded.finalize(sign(blinded.message), self._verifier), envelope)
