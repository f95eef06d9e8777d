"""The holder's half of a blind token, for simulated respondents and tests.

A phone's is survey/browser/sealing/token.ts.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from Crypto.Hash import SHA384
from Crypto.Signature import pss

from crypto.tokens import EXPONENT, SALT_SIZE, TokenError, TokenVerifier

Random = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Blinded:
    """A blinded message to be signed (256 bytes for 2048 bits), and what takes the blinding off again; used once."""

    message: bytes
    _prepared: bytes = field(repr=False)
    _inverse: int = field(repr=False)
    _modulus: int = field(repr=False)

    def finalize(self, blind_signature: bytes, verifier: TokenVerifier) -> bytes:
        """Return the signature, checked (RFC 9474, section 4.4 Finalize); raise TokenError if not good."""
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
    # EMSA-PSS is private in PyCryptodome, and pinned with it: the vectors of RFC 9474 run in the tests.
    encoded = pss._EMSA_PSS_ENCODE(SHA384.new(prepared), bits, salt, _mask, SALT_SIZE)  # noqa: SLF001
    while True:
        chosen = factor or secrets.randbelow(modulus - 2) + 2
        try:
            inverse = pow(chosen, -1, modulus)
        except ValueError:
            continue
        number = int.from_bytes(encoded, "big") * pow(chosen, EXPONENT, modulus) % modulus
        return Blinded(number.to_bytes((bits + 8) // 8, "big"), prepared, inverse, modulus)


def _mask(seed: bytes, size: int) -> bytes:
    return pss.MGF1(seed, size, SHA384)
