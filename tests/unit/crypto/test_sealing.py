"""Sealing and opening: the shared vectors, published vectors, round trips, and that failures and reprs tell nothing."""

import copy
import pickle
import traceback
from dataclasses import replace

import pytest
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from paths import vectors

from crypto import sealing
from crypto.envelope import (
    ZERO_ROW_KEY,
    Context,
    EnvelopeError,
    Record,
    body,
    envelope_size,
    key_id,
    pad,
    row_key_of,
    study_id,
)
from crypto.keys import HPKE
from crypto.opening import Opener
from crypto.seed import SeedError, expand, public_bytes
from crypto.tokens import seal_commitment

CASES = vectors("envelope")["cases"]
GOOD = [case for case in CASES if "payload" in case["expect"]]
BAD = [case for case in CASES if "fail" in case["expect"]]

SEED = bytes(range(32))
PUBLIC_KEY = public_bytes(expand(SEED))
CONTEXT = Context(study_id("a-study"), b"m" * 32, key_id(PUBLIC_KEY))
SEALER = sealing.Sealer.of(PUBLIC_KEY, CONTEXT, 256)
OPENER = Opener(SEED, CONTEXT, 256)
CANARY = b"answers-of-one-person"
T, U = b"t" * 32, b"u" * 32


def _tokened(payload: bytes) -> Record:
    """Return a record whose envelope was sealed by the owner of its token; the signature is none."""
    return Record(T, seal_commitment(U), b"p" * 32, b"s" * 256, SEALER.seal(payload, row_key_of(T), U))


def _name(case):
    return case["name"]


def _opener(case):
    seed = bytes.fromhex(case["seed"])
    context = Context(study_id(case["slug"]), bytes.fromhex(case["manifest_hash"]), key_id(public_bytes(expand(seed))))
    return Opener(seed, context, case["plaintext_size"])


def _opened(case, envelope: bytes) -> bytes:
    """Open an envelope as the record would say that it stands in: under its t and c, or on an open link."""
    t, c = bytes.fromhex(case["t"]), bytes.fromhex(case["c"])
    opener = _opener(case)
    if not any(t):
        return opener.open_envelope(envelope)
    return opener.open_with_token(Record(t, c, b"p" * 32, b"s" * 256, envelope))


@pytest.mark.parametrize("case", GOOD, ids=_name)
def test_what_either_language_sealed_opens(case):
    """The shared vectors, sealed here and by the phone's library, give back their payload."""
    assert case["expect"]["payload"] == _opened(case, bytes.fromhex(case["envelope"])).hex()


@pytest.mark.parametrize("case", BAD, ids=_name)
def test_what_must_not_open_does_not(case):
    """Every failure among the shared vectors is one EnvelopeError."""
    envelope = bytes.fromhex(case["envelope"])
    ends = range(len(envelope)) if case.get("truncate") == "every" else [len(envelope)]
    for end in ends:
        with pytest.raises(EnvelopeError):
            _opened(case, envelope[:end])


def test_the_failures_are_refused_for_their_faults_alone():
    """The control: the very envelope that the changed, cut and misplaced ones were made from does open."""
    base = next(case for case in GOOD if case["name"] == "phone-answers")
    cut = next(case for case in BAD if case["name"] == "truncated")
    assert base["envelope"] == cut["envelope"]
    assert base["expect"]["payload"] == _opened(cut, bytes.fromhex(cut["envelope"])).hex()


def test_a_bit_flipped_anywhere_is_refused():
    """Each byte of an envelope is authenticated: one flipped bit in any of them and it does not open."""
    envelope = SEALER.seal(CANARY)
    assert CANARY == OPENER.open_envelope(envelope)
    for place in range(len(envelope)):
        changed = bytearray(envelope)
        changed[place] ^= 1 << place % 8
        with pytest.raises(EnvelopeError):
            OPENER.open_envelope(bytes(changed))


def test_the_published_vector_is_reproduced():
    """KEM 0x647a with HKDF-SHA256 and ChaCha20-Poly1305 opens what the IETF draft's authors sealed."""
    (vector,) = vectors("hpke-pq-mlkem768-x25519")
    first = vector["encryptions"][0]
    keys = expand(bytes.fromhex(vector["skRm"]))
    assert vector["pkRm"] == public_bytes(keys).hex()
    private = MLKEM768X25519PrivateKey(keys.lattice, keys.curve)
    # The vectors use an aad, for which the library has only this entry, made for vectors.
    sealed, info, aad = (bytes.fromhex(text) for text in (vector["enc"] + first["ct"], vector["info"], first["aad"]))
    assert first["pt"] == openssl.hpke._decrypt_with_aad(HPKE, sealed, private, info, aad).hex()


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=222), st.booleans())
def test_every_payload_comes_back_from_an_envelope_of_one_size(payload, has_token):
    """Sealing and opening are inverse, and the envelope's size says nothing of the payload."""
    record = _tokened(payload) if has_token else Record.open_link(SEALER.seal(payload))
    assert envelope_size(256) == len(record.envelope)
    assert payload == OPENER.open_record(record.to_bytes())


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=2000))
def test_arbitrary_bytes_never_open(data):
    """Whatever a host puts in a box, the opener answers with EnvelopeError."""
    for call in (OPENER.open_record, OPENER.open_envelope):
        with pytest.raises(EnvelopeError):
            call(data)


def test_records_open_with_and_without_a_token():
    """The t of a record is the one whose row key its envelope is bound to, and c the commitment to what it holds."""
    assert CANARY == OPENER.open_record(_tokened(CANARY).to_bytes())
    assert CANARY == OPENER.open_record(Record.open_link(SEALER.seal(CANARY)).to_bytes())


def test_an_envelope_cannot_move_to_another_token_or_lose_its_own():
    """A record with a stolen envelope under another t or c, or with partial zeros, is refused."""
    mine = _tokened(CANARY)
    moved, swapped = replace(mine, t=b"o" * 32).to_bytes(), replace(mine, c=b"o" * 32).to_bytes()
    lost, partial = Record.open_link(mine.envelope).to_bytes(), bytes(351) + b"\x01" + SEALER.seal(CANARY)
    for bad in (moved, swapped, lost, partial):
        with pytest.raises(EnvelopeError):
            OPENER.open_record(bad)


def test_two_envelopes_of_one_payload_share_only_their_header():
    """Sealing is randomised: equal answers cannot be seen to be equal."""
    first, second = SEALER.seal(CANARY), SEALER.seal(CANARY)
    assert first[:10] == second[:10]
    # By chance two random bytes agree at 1 place in 256: 32 equal bytes in a row have chance 2^-256.
    assert first[10:42] != second[10:42]
    assert first[-32:] != second[-32:]


def test_the_function_and_the_sealer_seal_alike():
    """One call and a kept Sealer give envelopes of the same kind."""
    assert CANARY == OPENER.open_envelope(sealing.seal(CANARY, PUBLIC_KEY, CONTEXT, 256))


def test_a_context_of_another_key_is_refused_on_both_sides():
    """Neither sealer nor opener accepts a key that the manifest does not name."""
    other = Context(CONTEXT.study_id, CONTEXT.manifest_hash, b"k" * 8)
    with pytest.raises(EnvelopeError, match="another key"):
        sealing.Sealer.of(PUBLIC_KEY, other, 256)
    with pytest.raises(EnvelopeError, match="not the key"):
        Opener(SEED, other, 256)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_seed_of_another_size_is_refused(size):
    """A seed has 32 bytes."""
    with pytest.raises(SeedError):
        expand(bytes(size))
    with pytest.raises(EnvelopeError, match="32 bytes"):
        Opener(bytes(size), CONTEXT, 256)


def test_an_opener_is_never_pickled_or_copied():
    """The private key cannot slip into a queue, a cache or a copy."""
    for call in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            call(OPENER)


def test_reprs_and_failures_show_no_secret():
    """Neither seed nor payload stands in a repr or a printed traceback; the same search finds them when planted."""
    bad_padding = b"\x00\x01" + bytes(32) + CANARY.ljust(222, b"\x00")
    envelope = SEALER.seal(b"")[:10] + HPKE.encrypt(bad_padding, SEALER._key, info=CONTEXT.info(ZERO_ROW_KEY))
    with pytest.raises(EnvelopeError) as caught:
        OPENER.open_envelope(envelope)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(OPENER) + repr(SEALER)
    shown += repr(expand(SEED))
    for secret in (CANARY, SEED):
        forms = [secret.hex(), repr(secret)[2:-1]]
        assert [] == [form for form in forms if form in shown]
        assert forms == [form for form in forms if form in shown + repr(secret) + secret.hex()]


def test_a_failed_opening_does_not_carry_the_librarys_error():
    """All that does not open looks the same, whatever went wrong inside."""
    messages = set()
    for place in (10, 1098, 1130, 1401):
        changed = bytearray(SEALER.seal(CANARY))
        changed[place] ^= 1
        with pytest.raises(EnvelopeError) as caught:
            OPENER.open_envelope(bytes(changed))
        assert caught.value.__suppress_context__
        messages.add(str(caught.value))
    assert {"the envelope does not open"} == messages


def test_the_vectors_state_body_info_and_plaintext_truly():
    """What a twin checks itself against is what this code gives."""
    for case in GOOD:
        envelope, t, u = (bytes.fromhex(case[name]) for name in ("envelope", "t", "u"))
        context = Context(study_id(case["slug"]), bytes.fromhex(case["manifest_hash"]), envelope[2:10])
        assert case["info"] == context.info(row_key_of(t) if any(t) else ZERO_ROW_KEY).hex()
        assert case["plaintext"] == pad(bytes.fromhex(case["expect"]["payload"]), case["plaintext_size"], u).hex()
        if not any(t):
            assert case["row_key"] == Record.open_link(envelope).row_key.hex()
            assert 353 + len(envelope) == len(body(Record.open_link(envelope)))
