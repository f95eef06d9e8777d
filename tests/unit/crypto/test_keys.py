"""Public keys: what is accepted, how people compare them, and that nothing runs without post-quantum algorithms."""

import hashlib

import pytest

from crypto import keys
from crypto.keys import PostQuantumError, PublicKeyError, fingerprint, load_public_key, require_post_quantum
from crypto.seed import expand, public_bytes
from crypto.signing import SigningKey

PUBLIC_KEY = public_bytes(expand(bytes(range(32))))


class _OldOpenSSL:
    """A backend as in builds against an OpenSSL that lacks one of the two algorithms."""

    def __init__(self, *, mlkem, mldsa):
        self.mlkem_supported = lambda: mlkem
        self.mldsa_supported = lambda: mldsa


def test_a_good_key_loads():
    """The control for the refusals below: an unchanged key is accepted."""
    assert load_public_key(PUBLIC_KEY) is not None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        PUBLIC_KEY[:-1],
        PUBLIC_KEY + b"\x00",
        b"\xff" * 1152 + PUBLIC_KEY[1152:],
        PUBLIC_KEY[:1184] + bytes(32),
        PUBLIC_KEY[:1184] + b"\x01" + bytes(31),
    ],
    ids=["empty", "short", "long", "coefficients beyond the field", "zero point", "point of low order"],
)
def test_a_bad_key_is_refused_before_anything_is_sealed(data):
    """A key that could not keep a secret is refused at loading."""
    with pytest.raises(PublicKeyError):
        load_public_key(data)


def test_the_fingerprint_is_the_keys_hash_in_groups_of_four():
    """People compare sixteen short groups, and every digit of the SHA-256 is among them."""
    shown = fingerprint(PUBLIC_KEY)
    assert [4] * 16 == [len(group) for group in shown.split(" ")]
    assert hashlib.sha256(PUBLIC_KEY).hexdigest() == shown.replace(" ", "")
    with pytest.raises(PublicKeyError):
        fingerprint(PUBLIC_KEY[1:])


def test_this_machine_has_both_algorithms():
    """The control: here the check passes."""
    assert require_post_quantum() is None


@pytest.mark.parametrize(("mlkem", "mldsa"), [(False, True), (True, False), (False, False)])
def test_without_post_quantum_algorithms_nothing_runs(monkeypatch, mlkem, mldsa):
    """Loading a key, expanding a seed and signing all stop with the one error that says what to install."""
    monkeypatch.setattr(keys, "backend", _OldOpenSSL(mlkem=mlkem, mldsa=mldsa))
    for call in (lambda: load_public_key(PUBLIC_KEY), lambda: expand(bytes(32)), SigningKey.generate):
        with pytest.raises(PostQuantumError, match="cryptography >= 50"):
            call()
