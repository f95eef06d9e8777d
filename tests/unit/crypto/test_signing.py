"""Hybrid signatures: both halves must hold, for one message, one purpose and one pair of keys."""

import copy
import hashlib
import json
import pickle
from dataclasses import replace

import pytest

from crypto.canonical import to_base64url
from crypto.signing import Signature, SignatureError, SigningKey, VerifyingKey

KEY = SigningKey.from_bytes(bytes(range(64)))
OTHER = SigningKey.from_bytes(bytes(range(64, 128)))
MESSAGE = b'{"format":"sotto-release-4"}'
SIGNATURE = KEY.sign(MESSAGE, "release")


def _flipped(data):
    return bytes([data[0] ^ 1]) + data[1:]


def test_a_signature_holds_for_what_was_signed():
    """The control for every refusal below."""
    assert KEY.verifying_key.verify(SIGNATURE, MESSAGE, "release") is None


@pytest.mark.parametrize(
    ("signature", "message", "purpose"),
    [
        (SIGNATURE, MESSAGE + b" ", "release"),
        (SIGNATURE, b"", "release"),
        (SIGNATURE, MESSAGE, "manifest"),
        (replace(SIGNATURE, ed25519=_flipped(SIGNATURE.ed25519)), MESSAGE, "release"),
        (replace(SIGNATURE, ml_dsa_65=_flipped(SIGNATURE.ml_dsa_65)), MESSAGE, "release"),
        (replace(SIGNATURE, ed25519=b""), MESSAGE, "release"),
        (replace(SIGNATURE, ml_dsa_65=b""), MESSAGE, "release"),
        (replace(SIGNATURE, ed25519=OTHER.sign(MESSAGE, "release").ed25519), MESSAGE, "release"),
        (replace(SIGNATURE, ml_dsa_65=OTHER.sign(MESSAGE, "release").ml_dsa_65), MESSAGE, "release"),
    ],
    ids=[
        "message",
        "no message",
        "purpose",
        "ed25519 bit",
        "ml-dsa bit",
        "no ed25519",
        "no ml-dsa",
        "another's ed25519",
        "another's ml-dsa",
    ],
)
def test_one_wrong_half_message_or_purpose_is_enough_to_refuse(signature, message, purpose):
    """Either half alone is no signature, nor is one for something else."""
    with pytest.raises(SignatureError, match="does not hold"):
        KEY.verifying_key.verify(signature, message, purpose)


def test_a_half_cannot_serve_another_pair_of_keys():
    """Whoever pairs a genuine Ed25519 half with their own ML-DSA key gets no valid signature."""
    mixed = replace(OTHER.verifying_key, ed25519=KEY.verifying_key.ed25519)
    stolen = Signature(SIGNATURE.ed25519, OTHER.sign(MESSAGE, "release").ml_dsa_65)
    with pytest.raises(SignatureError):
        mixed.verify(stolen, MESSAGE, "release")


@pytest.mark.parametrize("purpose", ["", "Release", "a b", "a\x00b", "a" * 65])
def test_a_purpose_that_could_run_into_the_message_is_refused(purpose):
    """Purposes are short plain words, so that label, purpose and message can never be split otherwise."""
    with pytest.raises(SignatureError, match="purpose"):
        KEY.sign(MESSAGE, purpose)
    with pytest.raises(SignatureError, match="purpose"):
        KEY.verifying_key.verify(SIGNATURE, MESSAGE, purpose)


def test_json_forms_come_back_as_they_went():
    """Keys and signatures survive JSON, and their sizes are those of RFC 8032 and FIPS 204."""
    assert SIGNATURE == Signature.from_json(json.loads(json.dumps(SIGNATURE.to_json())))
    assert KEY.verifying_key == VerifyingKey.from_json(json.loads(json.dumps(KEY.verifying_key.to_json())))
    sizes = [len(part) for part in (SIGNATURE.ed25519, SIGNATURE.ml_dsa_65, KEY.verifying_key.ml_dsa_65)]
    assert [64, 3309, 1952] == sizes


@pytest.mark.parametrize(
    "change",
    [
        lambda value: None,
        lambda value: [],
        lambda value: {},
        lambda value: {"ed25519": value["ed25519"]},
        lambda value: value | {"more": ""},
        lambda value: value | {"ed25519": 1},
        lambda value: value | {"ed25519": value["ed25519"] + "="},
        lambda value: value | {"ed25519": value["ed25519"][:-2]},
        lambda value: value | {"ml-dsa-65": to_base64url(bytes(3))},
        lambda value: value | {"ml-dsa-65": "é"},
    ],
)
def test_any_other_json_is_refused(change):
    """Readers of keys and signatures refuse and never repair."""
    for kind, value in ((Signature, SIGNATURE), (VerifyingKey, KEY.verifying_key)):
        assert value == kind.from_json(value.to_json())
        with pytest.raises(SignatureError):
            kind.from_json(change(value.to_json()))


def test_the_fingerprint_is_the_hash_of_the_canonical_json():
    """`signer` in a manifest can be computed from the release's `signer` by any program that has SHA-256."""
    public = KEY.verifying_key.to_json()
    text = f'{{"ed25519":"{public["ed25519"]}","ml-dsa-65":"{public["ml-dsa-65"]}"}}'
    assert hashlib.sha256(text.encode()).hexdigest() == KEY.verifying_key.fingerprint


def test_a_key_is_the_same_after_its_bytes():
    """A key read from its file verifies as the one written, and only 64 bytes are a key."""
    key = SigningKey.generate()
    assert key.verifying_key == SigningKey.from_bytes(key.to_bytes()).verifying_key
    for size in (0, 32, 63, 65):
        with pytest.raises(SignatureError):
            SigningKey.from_bytes(bytes(size))


def test_two_generated_keys_differ():
    """Each generated key is new: equal ones have chance 2^-512."""
    assert SigningKey.generate().verifying_key != SigningKey.generate().verifying_key


def test_a_signing_key_shows_nothing_and_is_never_pickled_or_copied():
    """Its repr names the public half only."""
    assert f"SigningKey({KEY.verifying_key.fingerprint})" == repr(KEY)
    for call in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            call(KEY)
