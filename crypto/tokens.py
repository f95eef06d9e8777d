"""Tokens, one per invited person and bound to one envelope: their parts and their verification."""

import hashlib
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from crypto.canonical import CanonicalError, from_base64url, to_base64url
from crypto.envelope import OWNER_HASH_SIZE, PREFIX_SIZE, SIGNATURE_SIZE, STUDY_ID_SIZE, Record
from crypto.errors import SottoError

OWNER_LABEL = b"sotto owner\x00"
TAG_LABEL = b"sotto tag\x00"
OWNER_SECRET_SIZE = 32
EXPONENT = 65537
KEY_BITS = 2048
SALT_SIZE = 48
PSS = padding.PSS(padding.MGF1(hashes.SHA384()), SALT_SIZE)
"""RSASSA-PSS as RFC 9474 fixes it for RSABSSA-SHA384-PSS-Randomized (section 5)."""


class TokenError(SottoError):
    """An invalid token or issuer's key; the message repeats none of it."""


def owner_hash(owner_secret: bytes) -> bytes:
    """Return t (32 bytes), a field of the record: whoever presents its preimage (32 bytes) may withdraw the answer."""
    return hashlib.sha256(OWNER_LABEL + _sized(owner_secret, OWNER_SECRET_SIZE)).digest()


def row_tag(t: bytes) -> bytes:
    """Return the tag (32 bytes) of t: the row's key, so that an answer sent twice is stored once."""
    return hashlib.sha256(TAG_LABEL + _sized(t, OWNER_HASH_SIZE)).digest()


def message(study_id: bytes, t: bytes, envelope: bytes) -> bytes:
    """Return the message that is signed blind (80 bytes): study id, t and the envelope's hash, so it fits no other."""
    return _sized(study_id, STUDY_ID_SIZE) + _sized(t, OWNER_HASH_SIZE) + hashlib.sha256(envelope).digest()


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

    def check(self, record: Record, study_id: bytes) -> None:
        """Raise TokenError unless the record's tag is that of its t and its token was issued for this envelope."""
        if record.tag != row_tag(record.t):
            raise TokenError("the tag is not that of the token")
        self.check_signature(prepared(record.prefix, message(study_id, record.t, record.envelope)), record.signature)

    def check_signature(self, signed: bytes, signature: bytes) -> None:
        """Raise TokenError unless `signature` (256 bytes) is RSASSA-PSS of `signed` (RFC 9474, section 4.5)."""
        try:
            self._key.verify(signature, signed, PSS, hashes.SHA384())
        except InvalidSignature:
            raise TokenError("the token was not issued for this answer") from None


def issuer_key_text(modulus: int) -> str:
    """Return the manifest's text of an issuer's public key."""
    return to_base64url(modulus.to_bytes(SIGNATURE_SIZE, "big"))


def _sized(data: bytes, size: int) -> bytes:
    if len(data) != size:
        raise TokenError(f"a part of a token is {size} bytes")
    return data
