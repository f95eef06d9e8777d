"""
Tokens, one per invited person: two commitments signed blind, their parts and their verification.

A token is fetched before the first question; the opening of one commitment travels inside the sealed answer, so that
nobody else can put an answer under it (crypto/ENVELOPE.md).
"""

import hashlib
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from crypto.canonical import CanonicalError, from_base64url, to_base64url
from crypto.envelope import (
    COMMITMENT_SIZE,
    KEY_ID_SIZE,
    OWNER_HASH_SIZE,
    PREFIX_SIZE,
    SEAL_SECRET_SIZE,
    SIGNATURE_SIZE,
    STUDY_ID_SIZE,
    Record,
)
from crypto.errors import SottoError

OWNER_LABEL = b"sotto owner\x00"
SEAL_LABEL = b"sotto seal\x00"
MESSAGE_LABEL = b"sotto token v2\x00"
OWNER_SECRET_SIZE = 32
EXPONENT = 65537
KEY_BITS = 2048
SALT_SIZE = 48
PSS = padding.PSS(padding.MGF1(hashes.SHA384()), SALT_SIZE)
"""RSASSA-PSS as RFC 9474 fixes it for RSABSSA-SHA384-PSS-Randomized (section 5)."""


class TokenError(SottoError):
    """An invalid token or issuer's key; the message repeats none of it."""


def owner_hash(owner_secret: bytes) -> bytes:
    """Return t (32 bytes), the commitment to w (32 bytes): whoever presents w may withdraw the answer."""
    return hashlib.sha256(OWNER_LABEL + _sized(owner_secret, OWNER_SECRET_SIZE)).digest()


def seal_commitment(u: bytes) -> bytes:
    """Return c (32 bytes), the commitment to u (32 random bytes): whoever seals u may answer under the token."""
    return hashlib.sha256(SEAL_LABEL + _sized(u, SEAL_SECRET_SIZE)).digest()


def message(study_id: bytes, key_id: bytes, t: bytes, c: bytes) -> bytes:
    """Return the message that is signed blind (103 bytes): study and key that the token is for, and t and c."""
    wave = _sized(study_id, STUDY_ID_SIZE) + _sized(key_id, KEY_ID_SIZE)
    return MESSAGE_LABEL + wave + _sized(t, OWNER_HASH_SIZE) + _sized(c, COMMITMENT_SIZE)


def prepared(prefix: bytes, signed: bytes) -> bytes:
    """Return the randomised message (RFC 9474, section 4.1, PrepareRandomize): 32 fresh bytes, then the message."""
    return _sized(prefix, PREFIX_SIZE) + signed


@dataclass(frozen=True, slots=True)
class TokenVerifier:
    """An issuer's public key: RSA of 2048 bits with exponent 65537, one for each wave, named in its manifest."""

    _key: rsa.RSAPublicKey = field(repr=False)

    @classmethod
    def of(cls, issuer_key: str) -> Self:
        """Load a manifest's issuer key (unpadded base64url of the modulus, 256 bytes); raise TokenError if bad."""
        try:
            modulus = from_base64url(issuer_key)
        except CanonicalError:
            raise TokenError("an issuer key is base64url") from None
        number = int.from_bytes(modulus, "big")
        # An even modulus or one with its top bit clear is no RSA key of this size.
        if len(modulus) != SIGNATURE_SIZE or number.bit_length() != KEY_BITS or number % 2 == 0:
            raise TokenError("an issuer key is an odd number of 2048 bits")
        return cls(rsa.RSAPublicNumbers(EXPONENT, number).public_key())

    @property
    def modulus(self) -> int:
        """The modulus of the key, a number of 2048 bits."""
        return self._key.public_numbers().n

    def check(self, record: Record, study_id: bytes, key_id: bytes) -> None:
        """Raise TokenError unless the record's token was issued for this study (16 bytes) and key (8 bytes)."""
        signed = message(study_id, key_id, record.t, record.c)
        self.check_signature(prepared(record.prefix, signed), record.signature)

    def check_blinded(self, blinded: bytes) -> None:
        """Raise TokenError unless `blinded` could be an honest phone's message to this issuer."""
        blinded_number(blinded, self.modulus)

    def check_signature(self, signed: bytes, signature: bytes) -> None:
        """Raise TokenError unless `signature` (256 bytes) is RSASSA-PSS of `signed` (RFC 9474, section 4.5)."""
        try:
            self._key.verify(signature, signed, PSS, hashes.SHA384())
        except InvalidSignature:
            raise TokenError("the token was not issued for this study and key") from None


def blinded_number(blinded: bytes, modulus: int) -> int:
    """
    Return the number that a phone asks to have signed; raise TokenError unless it is in 2 ... N - 2.

    RFC 9474 asks for less than the modulus N. 0, 1 and N - 1 are their own signatures or near them, and no honest phone
    sends them: an issuer that looked a code up for them would tell for nothing whether it was used.
    """
    number, size = int.from_bytes(blinded, "big"), (modulus.bit_length() + 7) // 8
    if len(blinded) != size or not 1 < number < modulus - 1:
        raise TokenError("a blinded message is as long as the issuer's modulus N, and in 2 ... N - 2")
    return number


def issuer_key_text(modulus: int) -> str:
    """Return the manifest's text of an issuer's public key."""
    return to_base64url(modulus.to_bytes(SIGNATURE_SIZE, "big"))


def _sized(data: bytes, size: int) -> bytes:
    if len(data) != size:
        raise TokenError(f"a part of a token is {size} bytes")
    return data
