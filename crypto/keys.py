"""A study's public key, as phones, posters and the manifest hold it; and the keys of one run, which die with it."""

import hashlib
import hmac
import secrets
from typing import NoReturn, Self

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.backends.openssl import backend
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from crypto.canonical import CanonicalError, from_base64url, to_base64url
from crypto.envelope import PUBLIC_KEY_SIZE
from crypto.errors import ContentError, PublicTextError, RefusedError, SottoError

HPKE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
"""Suite 1 of crypto/ENVELOPE.md, in base mode; the only one there is."""

MLKEM_PUBLIC_SIZE = 1184


class PublicKeyError(PublicTextError):
    """Bytes that are not a usable MLKEM768-X25519 public key."""


class LetterError(SottoError):
    """A letter that does not open: it was changed, or sealed to another key or for another purpose."""


class RunSecretError(ContentError):
    """A file that is not the secret of a run; the message repeats nothing of it."""


class PostQuantumError(RefusedError):
    """This machine's `cryptography` lacks ML-KEM or ML-DSA, so nothing can be sealed, opened or signed."""


def require_post_quantum() -> None:
    """Raise PostQuantumError where ML-KEM-768 or ML-DSA-65 is missing, as in builds against OpenSSL < 3.5."""
    if not (backend.mlkem_supported() and backend.mldsa_supported()):
        raise PostQuantumError(
            "this Python's `cryptography` lacks ML-KEM or ML-DSA: install cryptography >= 50 from its published wheel, "
            "which brings its own OpenSSL, in place of a build against OpenSSL older than 3.5"
        )


def load_public_key(data: bytes) -> MLKEM768X25519PublicKey:
    """
    Return the key of 1216 bytes: ML-KEM-768 encapsulation key (1184), then X25519 (32).

    Raises PublicKeyError for another size, for coefficients outside the field (FIPS 203 section 7.2) and for an
    X25519 point of low order, PostQuantumError where ML-KEM is missing. Source: draft-ietf-hpke-pq, KEM 0x647a.
    """
    require_post_quantum()
    if len(data) != PUBLIC_KEY_SIZE:
        raise PublicKeyError(f"a study's public key has {PUBLIC_KEY_SIZE} bytes")
    try:
        lattice = MLKEM768PublicKey.from_public_bytes(data[:MLKEM_PUBLIC_SIZE])
        curve = X25519PublicKey.from_public_bytes(data[MLKEM_PUBLIC_SIZE:])
        # A point of low order is detected only by an exchange; do one here rather than fail while sealing.
        X25519PrivateKey.generate().exchange(curve)
    except (ValueError, UnsupportedAlgorithm):
        raise PublicKeyError("not an MLKEM768-X25519 public key") from None
    return MLKEM768X25519PublicKey(lattice, curve)


def public_key_of_nobody() -> bytes:
    """Return a public key (1216 bytes) whose private half is forgotten at once: what is sealed to it stays sealed."""
    require_post_quantum()
    lattice, curve = MLKEM768PrivateKey.generate(), X25519PrivateKey.generate()
    return lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()


def fingerprint(public_key: bytes) -> str:
    """Return the fingerprint that people compare aloud or on paper: SHA-256 in 16 groups of four hex digits."""
    if len(public_key) != PUBLIC_KEY_SIZE:
        raise PublicKeyError(f"a study's public key has {PUBLIC_KEY_SIZE} bytes")
    digits = hashlib.sha256(public_key).hexdigest()
    return " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))


class EphemeralKey:
    """
    A key pair of one process, for letters to it (crypto.sealing.seal_letter): made here, and gone when it ends.

    It cannot be made from bytes, written down, copied or pickled, so it opens no envelope of a study and no letter of
    an earlier process.
    """

    __slots__ = ("_key", "public")

    def __init__(self) -> None:
        require_post_quantum()
        lattice, curve = MLKEM768PrivateKey.generate(), X25519PrivateKey.generate()
        self.public = lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
        self._key = MLKEM768X25519PrivateKey(lattice, curve)

    def open(self, letter: bytes, info: bytes) -> bytes:
        """Return the content of a letter that was sealed to `public` for `info`; raise LetterError for any other."""
        try:
            return HPKE.decrypt(letter, self._key, info)
        except (InvalidTag, ValueError):
            raise LetterError("the letter does not open") from None

    def __repr__(self) -> str:
        return "EphemeralKey()"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an ephemeral key is never pickled or copied")


class RunSecret:
    """32 random bytes that the processes of one run share: what carries their tag was written by one of them."""

    __slots__ = ("_key",)

    SIZE = 32

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def new(cls) -> Self:
        """Draw a secret."""
        return cls(secrets.token_bytes(cls.SIZE))

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote; raise RunSecretError for anything else."""
        try:
            key = from_base64url(data.decode("ascii").removesuffix("\n"))
        except (CanonicalError, UnicodeDecodeError):
            key = b""
        if len(key) != cls.SIZE:
            raise RunSecretError("this is not the secret of a run: give the file that `sotto shard-secret` wrote")
        return cls(key)

    def to_bytes(self) -> bytes:
        """Return the secret as a file holds it: one line of base64url."""
        return f"{to_base64url(self._key)}\n".encode()

    def tag(self, message: bytes) -> str:
        """Return the tag of a message: HMAC-SHA256 (RFC 2104) in base64url."""
        return to_base64url(hmac.digest(self._key, message, "sha256"))

    def made(self, tag: str, message: bytes) -> bool:
        """Say whether `tag` is that of `message`, in a time that tells nothing."""
        return hmac.compare_digest(tag.encode(), self.tag(message).encode())

    def __repr__(self) -> str:
        return "RunSecret()"

    def __reduce__(self) -> NoReturn:
        raise TypeError("the secret of a run is never pickled or copied")
