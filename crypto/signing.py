"""Signs manifests, releases and other documents with Ed25519 and ML-DSA-65 together: both signatures must verify."""

import re
import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey, MLDSA65PublicKey

from crypto.canonical import CanonicalError, canonical, digest, from_base64url, to_base64url
from crypto.errors import PublicTextError
from crypto.keys import require_post_quantum

# Decision 6.
CURVE, LATTICE = "ed25519", "ml-dsa-65"
LABEL = b"sotto signature v1\x00"
CURVE_SEED_SIZE = 32
LATTICE_SEED_SIZE = 32
SECRET_SIZE = CURVE_SEED_SIZE + LATTICE_SEED_SIZE

_PUBLIC_SIZES = {CURVE: 32, LATTICE: 1952}
_SIGNATURE_SIZES = {CURVE: 64, LATTICE: 3309}
_PURPOSE = re.compile(r"[a-z0-9-]{1,64}")


class SignatureError(PublicTextError):
    """A signature that does not verify, or bytes that are not a signature or key; the message holds no secret."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The two halves of one signature: Ed25519 (64 bytes) and ML-DSA-65 (3309 bytes)."""

    ed25519: bytes
    ml_dsa_65: bytes

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read `{"ed25519": base64url, "ml-dsa-65": base64url}`; raise SignatureError for anything else."""
        return cls(*_read_pair(value, _SIGNATURE_SIZES, "signature"))

    def to_json(self) -> dict[str, str]:
        """Return the signature as JSON values."""
        return {CURVE: to_base64url(self.ed25519), LATTICE: to_base64url(self.ml_dsa_65)}


@dataclass(frozen=True)
class VerifyingKey:
    """The public half: Ed25519 (32 bytes) and ML-DSA-65 (1952 bytes)."""

    ed25519: bytes
    ml_dsa_65: bytes

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read `{"ed25519": base64url, "ml-dsa-65": base64url}`; raise SignatureError for anything else."""
        return cls(*_read_pair(value, _PUBLIC_SIZES, "public key"))

    def to_json(self) -> dict[str, str]:
        """Return the key as JSON values."""
        return {CURVE: to_base64url(self.ed25519), LATTICE: to_base64url(self.ml_dsa_65)}

    @cached_property
    def fingerprint(self) -> str:
        """Hex SHA-256 of the key's canonical JSON, the wave manifest's `signer`."""
        return digest(canonical(self.to_json()))

    def verify(self, signature: Signature, message: bytes, purpose: str) -> None:
        """Return if both halves verify for `message` and `purpose`; raise SignatureError otherwise."""
        require_post_quantum()
        signed = _signed_message(self.fingerprint, message, purpose)
        try:
            Ed25519PublicKey.from_public_bytes(self.ed25519).verify(signature.ed25519, signed)
            MLDSA65PublicKey.from_public_bytes(self.ml_dsa_65).verify(signature.ml_dsa_65, signed, LABEL)
        except (InvalidSignature, ValueError, UnsupportedAlgorithm):
            raise SignatureError("the signature does not hold: the document or the signature was changed") from None


class SigningKey:
    """The secret key, 64 bytes: Ed25519 seed, then ML-DSA-65 seed. Its repr holds no secret; it cannot be pickled."""

    __slots__ = ("_curve", "_lattice", "verifying_key")

    def __init__(self, curve: Ed25519PrivateKey, lattice: MLDSA65PrivateKey) -> None:
        self._curve = curve
        self._lattice = lattice
        public = curve.public_key().public_bytes_raw(), lattice.public_key().public_bytes_raw()
        self.verifying_key = VerifyingKey(*public)

    @classmethod
    def generate(cls) -> Self:
        """Return a new key from the system's random source."""
        return cls.from_bytes(secrets.token_bytes(SECRET_SIZE))

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote; raise SignatureError for another size."""
        require_post_quantum()
        if len(data) != SECRET_SIZE:
            raise SignatureError(f"a signing key has {SECRET_SIZE} bytes")
        curve, lattice = data[:CURVE_SEED_SIZE], data[CURVE_SEED_SIZE:]
        return cls(Ed25519PrivateKey.from_private_bytes(curve), MLDSA65PrivateKey.from_seed_bytes(lattice))

    def to_bytes(self) -> bytes:
        """Return the 64 secret bytes, for a file that only its owner can read."""
        return self._curve.private_bytes_raw() + self._lattice.private_bytes_raw()

    def sign(self, message: bytes, purpose: str) -> Signature:
        """Sign `message` for one `purpose` (a-z, 0-9 and hyphens), such as "release"; it is valid for no other."""
        signed = _signed_message(self.verifying_key.fingerprint, message, purpose)
        return Signature(self._curve.sign(signed), self._lattice.sign(signed, LABEL))

    def __repr__(self) -> str:
        return f"SigningKey({self.verifying_key.fingerprint})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a SigningKey is never pickled or copied: use to_bytes and a file of mode 0600")


# Decision 8.
def _signed_message(fingerprint: str, message: bytes, purpose: str) -> bytes:
    """
    Return the bytes that both halves sign.

    The label and the purpose make a signature invalid in any other context; the fingerprint of the pair makes either
    half invalid as a signature by its own key alone or by another pair.
    """
    if not _PURPOSE.fullmatch(purpose):
        raise SignatureError("a purpose has 1 to 64 characters: a-z, 0-9 and hyphens")
    return LABEL + purpose.encode("ascii") + b"\x00" + bytes.fromhex(fingerprint) + message


def _read_pair(value: object, sizes: dict[str, int], what: str) -> tuple[bytes, bytes]:
    if not isinstance(value, dict) or value.keys() != sizes.keys():
        raise SignatureError(f"a {what} is an object with exactly {CURVE} and {LATTICE}")
    return _read_half(value[CURVE], sizes[CURVE], what), _read_half(value[LATTICE], sizes[LATTICE], what)


def _read_half(text: object, size: int, what: str) -> bytes:
    try:
        data = from_base64url(text) if isinstance(text, str) else b""
    except CanonicalError:
        data = b""
    if len(data) != size:
        raise SignatureError(f"a {what} has {CURVE} and {LATTICE} in base64url, each of its exact size")
    return data
