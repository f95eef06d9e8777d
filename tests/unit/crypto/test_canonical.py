"""Canonical JSON: one spelling, anything else refused; and base64url with one spelling too."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.canonical import CanonicalError, canonical, digest, from_base64url, parse, to_base64url

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("aBé€😀", max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abcÿ", max_size=3), VALUES, max_size=4))
def test_what_is_written_is_read(value):
    """Every object comes back from its canonical bytes."""
    assert value == parse(canonical(value))


def test_the_example_of_rfc_8785_is_reproduced():
    """Section 3.2.2 and 3.2.3: numbers, escapes and the order of keys by UTF-16 units."""
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"\u002f",
        "literals": [None, True, False],
    }
    expected = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert expected.encode() == canonical(value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'"text"',
        b"1",
        b"null",
        b'{"a": 1}',
        b'{"a":1}\n',
        b' {"a":1}',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":1,"a":2}',
        b'{"a":1.0}',
        b'{"a":01}',
        b'{"a":1e2}',
        b'{"a":-0}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":"\xff"}',
        b'\xef\xbb\xbf{"a":1}',
        b'{"a":1',
        b'{"a":' * 100_000,
        b'{"a":"\\ud800"}',
        b'{"a":9007199254740993}',
        '{"a":1}'.encode("utf-16"),
    ],
    ids=lambda data: repr(data[:24]),
)
def test_any_other_spelling_is_refused(data):
    """A document has one spelling: white space, order, duplicates, escapes and numbers can hide nothing."""
    with pytest.raises(CanonicalError):
        parse(data)


def test_the_plain_object_is_accepted():
    """The control: what the refused spellings mean is accepted in its one spelling."""
    assert {"a": 1} == parse(b'{"a":1}')


@pytest.mark.parametrize("value", [float("nan"), {1: 2}, {"a": object()}, 2**60, "\ud800"])
def test_a_value_that_has_no_canonical_text_is_refused(value):
    """What JSON cannot say is not written."""
    with pytest.raises(CanonicalError):
        canonical(value)


def test_a_digest_is_the_hex_sha256_of_the_bytes():
    """A document's name can be computed by any program."""
    assert hashlib.sha256(b"{}").hexdigest() == digest(b"{}")


@given(st.binary(max_size=40))
def test_base64url_comes_back(data):
    """Bytes survive, and the text has no padding and no character that a URL would escape."""
    text = to_base64url(data)
    assert data == from_base64url(text)
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize("text", ["A", "AB", "AA==", "AA=", "A A", "AA\n", "+w", "/w", "é", "AAA\x00", "A" * 5])
def test_base64url_has_one_spelling(text):
    """Padding, white space, the other alphabet and stray bits are refused."""
    with pytest.raises(CanonicalError):
        from_base64url(text)
