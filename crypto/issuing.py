"""The issuer's private key: blind signatures on the tokens of invitations (RFC 9474)."""

import secrets
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from gmpy2 import invert, mpz, powmod, powmod_sec

from crypto.tokens import EXPONENT, KEY_BITS, TokenError, blinded_number, issuer_key_text


@dataclass(frozen=True, slots=True)
class Issuer:
    """One wave's issuer key: RSA of 2048 bits with exponent 65537."""

    _key: rsa.RSAPrivateNumbers = field(repr=False)

    @classmethod
    def new(cls) -> Self:
        """Make a key (a tenth of a second, at times a whole one)."""
        return cls(rsa.generate_private_key(EXPONENT, KEY_BITS).private_numbers())

    @classmethod
    def of(cls, pem: bytes) -> Self:
        """Load a private key; raise TokenError for anything but RSA of 2048 bits with exponent 65537."""
        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise TokenError("not an issuer's private key") from None
        if not isinstance(key, rsa.RSAPrivateKey) or key.key_size != KEY_BITS:
            raise TokenError("an issuer's private key is RSA of 2048 bits with exponent 65537")
        numbers = key.private_numbers()
        if numbers.public_numbers.e != EXPONENT:
            raise TokenError("an issuer's private key is RSA of 2048 bits with exponent 65537")
        return cls(numbers)

    @property
    def pem(self) -> bytes:
        """The private key in PKCS #8, unencrypted: keep it where only the issuer reads."""
        return self._key.private_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def public(self) -> str:
        """The public key as the manifest names it."""
        return issuer_key_text(self._key.public_numbers.n)

    def sign(self, blinded: bytes) -> bytes:
        """
        Return the blind signature of a blinded message, both 256 bytes (RFC 9474, section 4.3 BlindSign).

        Raises TokenError for anything but a blinded message, and where the signature does not verify: a faulty one
        would reveal the key (Boneh, DeMillo and Lipton 1997).
        """
        modulus = self._key.public_numbers.n
        number = blinded_number(blinded, modulus)
        signature = _private_operation(number, self._key)
        if powmod(signature, EXPONENT, modulus) != number:
            raise TokenError("the signature did not check")
        return signature.to_bytes(len(blinded), "big")


# Decision 79.
def _private_operation(number: int, key: rsa.RSAPrivateNumbers) -> int:
    """
    Return `number`^d mod n, by the Chinese remainder theorem.

    The base is blinded: each exponentiation has a fresh secret factor. Every step with a secret modulus or exponent is
    GMP's mpz_powm_sec, whose time and memory accesses depend on sizes alone; a power of one is a reduction.
    """
    n, p, q = mpz(key.public_numbers.n), mpz(key.p), mpz(key.q)
    factor, mask = (1 + secrets.randbelow(key.public_numbers.n - 1) for _ in range(2))
    # The time of Euclid's algorithm depends on its input, so it gets the factor masked by a second one.
    unblinding = invert(factor * mask % n, n) * mask % n
    base = number * powmod_sec(factor, key.public_numbers.e, n) % n
    of_p, of_q = powmod_sec(base, key.dmp1, p), powmod_sec(base, key.dmq1, q)
    # n is a multiple of p that keeps the difference positive, whichever of the two is larger.
    quotient = powmod_sec((of_p + n - of_q) * key.iqmp, 1, p)
    return int((of_q + quotient * q) * unblinding % n)
