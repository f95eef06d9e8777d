"""Derives the two private keys of MLKEM768-X25519 from a ceremony's 32 secret bytes, for custody and opening."""

import hashlib
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from crypto.errors import SottoError
from crypto.keys import require_post_quantum

SEED_SIZE = 32
_MLKEM_SEED_SIZE = 64
_X25519_KEY_SIZE = 32


class SeedError(SottoError):
    """A seed that does not have 32 bytes."""


class PrivateKeys(NamedTuple):
    """The components of one MLKEM768-X25519 private key; the library's repr of them holds no secret."""

    lattice: MLKEM768PrivateKey
    curve: X25519PrivateKey


def expand(seed: bytes) -> PrivateKeys:
    """
    Return the private keys derived from `seed` (32 bytes).

    SHAKE256(seed, 96) = ML-KEM seed d || z (64), X25519 secret (32): draft-connolly-cfrg-xwing-kem section 5.2.
    """
    require_post_quantum()
    if len(seed) != SEED_SIZE:
        raise SeedError(f"a study's secret seed has {SEED_SIZE} bytes")
    stream = hashlib.shake_256(seed).digest(_MLKEM_SEED_SIZE + _X25519_KEY_SIZE)
    return PrivateKeys(
        MLKEM768PrivateKey.from_seed_bytes(stream[:_MLKEM_SEED_SIZE]),
        X25519PrivateKey.from_private_bytes(stream[_MLKEM_SEED_SIZE:]),
    )


def public_bytes(keys: PrivateKeys) -> bytes:
    """Return the public key (1216 bytes) of `keys`."""
    return keys.lattice.public_key().public_bytes_raw() + keys.curve.public_key().public_bytes_raw()
