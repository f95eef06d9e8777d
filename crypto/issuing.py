"""Signs tokens blind for an invitation: the issuer's private key, which never sees what it signs (RFC 9474)."""

from dataclasses import dataclass, field
from typing import Self

from Crypto.PublicKey import RSA

from crypto.tokens import EXPONENT, KEY_BITS, TokenError, issuer_key_text


@dataclass(frozen=True, slots=True)
class Issuer:
    """One wave's issuer key. Its private operation is PyCryptodome's: constant-time integers, base blinding."""

    _key: RSA.RsaKey = field(repr=False)

    @classmethod
    def new(cls) -> Self:
        """Make a key of 2048 bits (about a second)."""
        return cls(RSA.generate(KEY_BITS, e=EXPONENT))

    @classmethod
    def of(cls, pem: bytes) -> Self:
        """Load a private key; raise TokenError for anything but RSA of 2048 bits with exponent 65537."""
        try:
            key = RSA.import_key(pem)
        except (ValueError, IndexError, TypeError):
            raise TokenError("not an issuer's private key") from None
        if not key.has_private() or key.n.bit_length() != KEY_BITS or key.e != EXPONENT:
            raise TokenError("an issuer's private key is RSA of 2048 bits with exponent 65537")
        return cls(key)

    @property
    def pem(self) -> bytes:
        """The private key in PKCS #8, unencrypted: keep it where only the issuer reads."""
        return self._key.export_key(pkcs=8)

    @property
    def public(self) -> str:
        """The public key as the manifest names it."""
        return issuer_key_text(int(self._key.n))

    def sign(self, blinded: bytes) -> bytes:
        """
        Return the blind signature of a blinded message, both 256 bytes (RFC 9474, section 4.3 BlindSign).

        Raises TokenError for what is no blinded message, and where the signature does not check: one computed
        wrongly would give the key away (Boneh, DeMillo and Lipton 1997).
        """
        number = int.from_bytes(blinded, "big")
        # RFC 9474 asks for less than the modulus; 0 and 1 are their own signatures, and no honest phone sends them.
        if len(blinded) != self._key.size_in_bytes() or not 1 < number < self._key.n - 1:
            raise TokenError("a blinded message is as long as the issuer's modulus, and below it")
        # The only way to the raw operation: private, so the version is pinned and tests run the published vectors.
        signature = self._key._decrypt_to_bytes(number)  # type: ignore[no-untyped-call]  # noqa: SLF001
        if pow(int.from_bytes(signature, "big"), EXPONENT, int(self._key.n)) != number:
            raise TokenError("the signature did not check")
        return bytes(signature)
