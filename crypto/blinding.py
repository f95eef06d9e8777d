"""The client side of blind tokens, for simulated respondents and tests.

The phone's implementation is survey/browser/sealing/blind_rsa.ts.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha384

from crypto.tokens import EXPONENT, SALT_SIZE, TokenError, TokenVerifier

Random = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Blinded:
    """A blinded message to be signed (256 bytes for 2048 bits) with the inverse that unblinds its signature."""

    message: bytes
    _prepared: bytes = field(repr=False)
    _inverse: int = field(repr=False)
    _modulus: int = field(repr=False)

    def finalize(self, blind_signature: bytes, verifier: TokenVerifier) -> bytes:
        """Return the signature, checked (RFC 9474, section 4.4 Finalize); raise TokenError if it is invalid."""
        if len(blind_signature) != len(self.message):
            raise TokenError("a blind signature is as long as what was blinded")
        number = int.from_bytes(blind_signature, "big") * self._inverse % self._modulus
        signature = number.to_bytes(len(self.message), "big")
        verifier.check_signature(self._prepared, signature)
        return signature


def blind(modulus: int, prepared: bytes, salt: Random = secrets.token_bytes, factor: int | None = None) -> Blinded:
    """
    Blind a prepared message under an issuer's modulus (RFC 9474, section 4.2 Blind).

    `salt` and `factor` are for published test vectors alone: both must be fresh and secret otherwise.
    """
    bits = modulus.bit_length() - 1
    encoded = _encoded(prepared, bits, salt(SALT_SIZE))
    while True:
        chosen = factor or secrets.randbelow(modulus - 2) + 2
        try:
            inverse = pow(chosen, -1, modulus)
        except ValueError:
            continue
        number = encoded * pow(chosen, EXPONENT, modulus) % modulus
        return Blinded(number.to_bytes((bits + 8) // 8, "big"), prepared, inverse, modulus)


def _encoded(message: bytes, bits: int, salt: bytes) -> int:
    """Return EMSA-PSS-ENCODE of `message` with SHA-384 (RFC 8017, section 9.1.1), a number of at most `bits` bits."""
    hashed = sha384(bytes(8) + sha384(message).digest() + salt).digest()
    size = (bits + 7) // 8 - len(hashed) - 1
    masked = int.from_bytes(b"\x01" + salt, "big") ^ int.from_bytes(_mask(hashed, size), "big")
    masked %= 1 << (bits - 8 * (len(hashed) + 1))
    return int.from_bytes(masked.to_bytes(size, "big") + hashed + b"\xbc", "big")


def _mask(seed: bytes, size: int) -> bytes:
    """Return `size` bytes of MGF1 with SHA-384 (RFC 8017, appendix B.2.1)."""
    blocks = range(-(-size // sha384().digest_size))
    return b"".join(sha384(seed + block.to_bytes(4, "big")).digest() for block in blocks)[:size]
