"""The envelope's bytes: sizes, padding, names, records and bodies, and the worked example of crypto/ENVELOPE.md."""

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import ROOT, vectors

from crypto.envelope import (
    SUITE,
    TOKEN_SIZE,
    ZERO_ROW_KEY,
    Context,
    EnvelopeError,
    Record,
    body,
    check_envelope,
    envelope_key_id,
    envelope_size,
    key_id,
    pad,
    parse_body,
    plaintext_size_for,
    record_size,
    row_key_of,
    study_id,
    unpad,
)

ENVELOPE = SUITE + b"k" * 8 + b"e" * (envelope_size(256) - 10)
OPEN = Record.open_link(ENVELOPE)
TOKEN = Record(b"a" * 32, b"b" * 32, b"c" * 32, b"d" * 256, ENVELOPE)
SIZES = st.integers(1, 8).map(lambda steps: 256 * steps)


@given(st.binary(max_size=222), st.binary(min_size=32, max_size=32), SIZES)
def test_padding_comes_off_again_and_always_gives_one_size(payload, u, size):
    """A payload and u come back from a plaintext whose size says nothing of them."""
    plaintext = pad(payload, size, u)
    assert size == len(plaintext)
    assert (u, payload) == unpad(plaintext)


@given(st.binary(min_size=256, max_size=256))
def test_every_plaintext_has_one_meaning(plaintext):
    """What unpads is exactly what padding would have written: no other spelling is accepted."""
    try:
        u, payload = unpad(plaintext)
    except EnvelopeError:
        return
    assert plaintext == pad(payload, 256, u)


@pytest.mark.parametrize(
    "plaintext",
    [
        b"\x00\x01" + bytes(32) + b"\x07\x01" + bytes(220),
        b"\x00\x01" + bytes(32) + b"\x07" + bytes(220) + b"\x01",
        b"\x00\xdf" + bytes(254),
        b"\xff\xff" + bytes(254),
        b"",
        b"\x00",
    ],
    ids=["dirt after the payload", "dirt at the end", "one too long", "far too long", "empty", "half a length"],
)
def test_bad_padding_is_refused(plaintext):
    """Only zeros may fill, and the length must lie inside."""
    with pytest.raises(EnvelopeError):
        unpad(plaintext)


def test_the_longest_payload_fits_and_one_more_does_not():
    """A plaintext of 256 bytes holds 222 bytes of payload, and u has 32."""
    assert 256 == len(pad(bytes(222), 256))
    with pytest.raises(EnvelopeError, match="longer than"):
        pad(bytes(223), 256)
    with pytest.raises(EnvelopeError, match="u has 32"):
        pad(b"", 256, bytes(31))


@pytest.mark.parametrize(("width", "size"), [(0, 256), (1, 256), (222, 256), (223, 512), (478, 512), (65502, 65536)])
def test_the_plaintext_size_is_the_next_multiple_of_256(width, size):
    """The size follows from the payload's width and the 34 bytes before it alone."""
    assert size == plaintext_size_for(width)


@pytest.mark.parametrize("size", [0, -256, 255, 257, 65537, 65792])
def test_no_other_plaintext_size_is_known(size):
    """A size that no manifest may hold is refused wherever it is used."""
    for call in (envelope_size, record_size, lambda size: pad(b"", size), lambda size: parse_body(b"\x02", size)):
        with pytest.raises(EnvelopeError, match="multiple of 256"):
            call(size)


def test_sizes_are_those_of_the_format():
    """Envelope, record and body exceed the plaintext by 1146, 1498 and 1499 bytes."""
    assert (1402, 1754, 1755) == (envelope_size(256), record_size(256), len(body(OPEN)))


def test_info_holds_label_study_manifest_key_and_row_key_in_this_order():
    """The bytes that bind an envelope are those of the format."""
    info = Context(b"s" * 16, b"m" * 32, b"k" * 8).info(b"t" * 32)
    assert b"sotto envelope v2\x00" + b"s" * 16 + b"m" * 32 + b"k" * 8 + b"t" * 32 == info


@pytest.mark.parametrize("parts", [(15, 32, 8), (16, 31, 8), (16, 32, 9)])
def test_a_context_of_other_sizes_is_refused(parts):
    """No two contexts can join to the same info, because every part has one size."""
    with pytest.raises(EnvelopeError):
        Context(*map(bytes, parts))


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_row_key_of_another_size_is_refused(size):
    """A row key has 32 bytes, and so has the t that it is made of."""
    with pytest.raises(EnvelopeError, match="row key"):
        Context(bytes(16), bytes(32), bytes(8)).info(bytes(size))
    with pytest.raises(EnvelopeError, match="t has 32"):
        row_key_of(bytes(size))


@pytest.mark.parametrize("slug", ["", "Sesame", "-a", "a b", "a\n", "é", "a" * 64, "a/b"])
def test_a_slug_that_could_be_written_in_two_ways_is_refused(slug):
    """Study names are plain lower-case ASCII."""
    with pytest.raises(EnvelopeError):
        study_id(slug)


def test_a_key_id_needs_a_whole_key():
    """Only 1216 bytes are a public key."""
    with pytest.raises(EnvelopeError):
        key_id(bytes(1215))


@pytest.mark.parametrize("record", [OPEN, TOKEN], ids=["open link", "token"])
def test_records_and_bodies_come_back_as_they_went(record):
    """Taking a record or a body apart and joining it again changes no byte."""
    assert record == Record.from_bytes(record.to_bytes(), 256)
    assert record == parse_body(body(record), 256)
    assert record_size(256) == len(record.to_bytes())


def test_the_row_key_is_computed_from_the_envelope_or_from_t():
    """An open link's row is keyed by SHA-256 of the envelope, a token's by a labelled SHA-256 of its t."""
    assert hashlib.sha256(ENVELOPE).digest() == OPEN.row_key
    assert hashlib.sha256(b"sotto tag\0" + TOKEN.t).digest() == TOKEN.row_key == row_key_of(TOKEN.t)
    assert (True, False) == (OPEN.is_open_link, TOKEN.is_open_link)


@pytest.mark.parametrize("place", [0, 31, 32, 64, 96, 351])
def test_one_byte_among_the_zeros_is_refused(place):
    """Between an open link's zeros and a whole token there is nothing."""
    data = bytearray(OPEN.to_bytes())
    assert OPEN == Record.from_bytes(bytes(data), 256)
    data[place] = 1
    with pytest.raises(EnvelopeError, match="zeros"):
        Record.from_bytes(bytes(data), 256)


@pytest.mark.parametrize(("start", "end"), [(0, 32), (32, 64), (64, 96), (96, 352)])
def test_a_token_with_one_field_of_zeros_is_refused(start, end):
    """A token whose t, c, prefix or signature is missing is none."""
    data = bytearray(TOKEN.to_bytes())
    data[start:end] = bytes(end - start)
    with pytest.raises(EnvelopeError, match="zeros"):
        Record.from_bytes(bytes(data), 256)


@pytest.mark.parametrize("sizes", [(31, 32, 32, 256), (32, 33, 32, 256), (32, 32, 0, 256), (32, 32, 32, 384)])
def test_a_record_of_other_fields_is_refused(sizes):
    """No two records can join to the same bytes, because every field has one size."""
    with pytest.raises(EnvelopeError, match="32, 32, 32 and 256"):
        Record(*map(bytes, sizes), ENVELOPE)


def test_every_beginning_and_every_extension_of_a_body_is_refused():
    """A body has one length and no other."""
    whole = body(OPEN)
    for size in range(len(whole)):
        with pytest.raises(EnvelopeError):
            parse_body(whole[:size], 256)
    with pytest.raises(EnvelopeError):
        parse_body(whole + b"\x00", 256)


@pytest.mark.parametrize("place", [0, 1 + TOKEN_SIZE, 2 + TOKEN_SIZE], ids=["body", "envelope", "suite"])
def test_another_version_is_refused(place):
    """Body and envelope are of version 02, and the suite is 01."""
    data = bytearray(body(OPEN))
    data[place] ^= 3
    with pytest.raises(EnvelopeError, match="version 2"):
        parse_body(bytes(data), 256)


def test_an_envelope_of_another_size_version_or_suite_is_refused():
    """What can be seen without a key is checked without a key."""
    assert check_envelope(ENVELOPE, 256) is None
    for bad in (b"", ENVELOPE[:-1], ENVELOPE + b"\x00", b"\x01" + ENVELOPE[1:], b"\x02\x02" + ENVELOPE[2:]):
        with pytest.raises(EnvelopeError):
            check_envelope(bad, 256)


def test_the_key_id_can_be_read_without_opening():
    """The host sees which key an envelope is for, and only of something that begins like one."""
    assert b"k" * 8 == envelope_key_id(ENVELOPE)
    for bad in (b"", ENVELOPE[:9], b"\x01" + ENVELOPE[1:]):
        with pytest.raises(EnvelopeError):
            envelope_key_id(bad)


def test_a_records_repr_shows_none_of_its_bytes():
    """A record that ends in a log by mistake tells only its kind and size."""
    assert ["Record(open link, 1402 bytes)", "Record(token, 1402 bytes)"] == [repr(OPEN), repr(TOKEN)]


def test_the_worked_example_is_true():
    """Each line of the example in ENVELOPE.md is what the vectors and the code give."""
    text = (ROOT / "crypto" / "ENVELOPE.md").read_text(encoding="utf-8")
    block = text.rpartition("## A worked example")[2].split("```")[1]
    example = dict(re.split(r"\s+", line, maxsplit=1) for line in block.strip().splitlines())
    published = vectors("envelope")
    case = next(case for case in published["cases"] if case["name"] == "phone-one-byte")
    key = next(key for key in published["keys"] if key["seed"] == case["seed"])
    context = Context(study_id(case["slug"]), bytes.fromhex(case["manifest_hash"]), bytes.fromhex(key["key_id"]))
    assert {
        **{name: case[name] for name in ("seed", "slug", "manifest_hash", "t", "u", "row_key", "body_sha256")},
        "public_key": _shortened(key["public_key"]),
        "key_id": key_id(bytes.fromhex(key["public_key"])).hex(),
        "study_id": context.study_id.hex(),
        "info": context.info(ZERO_ROW_KEY).hex(),
        "plaintext_size": str(plaintext_size_for(1)),
        "payload": case["expect"]["payload"],
        "plaintext": _shortened(pad(b"\x00", 256).hex()),
        "envelope": _shortened(case["envelope"]),
    } == example


def _shortened(text):
    return f"{text[:32]} … {text[-32:]}"
