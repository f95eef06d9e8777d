"""Cosignatures are read as C2SP tlog-cosignature writes them; any other key, line, head or time is refused."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from crypto.checkpoints import Checkpoint, LogSigner
from crypto.cosignatures import Cosignature, CosignatureError, WitnessKey

# The line of the example in the format's own document.
LINE = (
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+"
    "mbIUBkBIfZ+qnA=="
)
HEAD = Checkpoint("sotto/example.org", 7, bytes(range(32))).to_text()
NAME, TIME = "w1.example", 1_800_000_000


def ed25519():
    """Return a witness's key, and what signs a head at a time, written from the format's text."""
    private = Ed25519PrivateKey.generate()
    message = f"cosignature/v1\ntime {TIME}\n{HEAD}".encode()
    return WitnessKey(NAME, 4, private.public_key().public_bytes_raw()), private.sign(message)


def ml_dsa():
    private = MLDSA44PrivateKey.generate()
    message = b"subtree/v1\n\x00" + b"\x0a" + NAME.encode() + TIME.to_bytes(8, "big") + b"\x11sotto/example.org"
    message += (0).to_bytes(8, "big") + (7).to_bytes(8, "big") + bytes(range(32))
    return WitnessKey(NAME, 6, private.public_key().public_bytes_raw()), private.sign(message)


def test_the_example_of_the_format_is_read():
    """Name, key id and time are those that the document's example has, and it is written back as it came."""
    cosignature = Cosignature.from_line(LINE)
    assert ("witness.example.com/w1", "8d66cf3f", 1679315147, 64) == (
        cosignature.name, cosignature.key_id.hex(), cosignature.seconds, len(cosignature.signature))  # fmt: skip
    assert LINE == cosignature.to_line()


@pytest.mark.parametrize("make", [ed25519, ml_dsa])
def test_a_cosignature_of_this_head_and_time_holds_and_no_other(make):
    """Both kinds of key are taken; another head, time or name, and one changed byte, are refused."""
    key, signature = make()
    own = Cosignature(NAME, key.key_id, TIME, signature)
    key.check(own, HEAD)
    assert key == WitnessKey.from_text(key.to_text())
    assert key.key_id == hashlib.sha256(f"{NAME}\n".encode() + bytes([key.kind]) + key.public).digest()[:4]
    changed = bytes([signature[0] ^ 1]) + signature[1:]
    for other, text in (
        (Cosignature(NAME, key.key_id, TIME + 1, signature), HEAD),
        (Cosignature(NAME, key.key_id, TIME, changed), HEAD),
        (own, HEAD.replace("\n7\n", "\n8\n")),
    ):
        with pytest.raises(CosignatureError, match="does not hold"):
            key.check(other, text)


def test_a_cosignature_of_another_key_is_not_this_ones():
    """A line is of the key whose name and id it has: the same name under another key is somebody else."""
    (key, signature), (other, _) = ed25519(), ed25519()
    own = Cosignature(NAME, key.key_id, TIME, signature)
    assert (True, False) == (key.made(own), other.made(own))


@pytest.mark.parametrize(
    "line", ["", "— a AAAA", LINE[2:], LINE[:-4], LINE.replace("jWbPPwAA", "jWbPP/8A"), LINE.replace("/w1 ", "/w1  ")]
)
def test_what_is_no_cosignature_is_refused(line):
    """Too short, cut, without its dash or with a time beyond 2^63 is no cosignature."""
    with pytest.raises(CosignatureError):
        Cosignature.from_line(line)


def test_a_key_that_was_copied_badly_is_refused():
    """A wrong id, another type, a cut key, a space, a plus sign or an escape sequence in the name are refused."""
    key, _ = ed25519()
    text = key.to_text()
    log_key = LogSigner.generate(NAME).verifier.to_text()
    for wrong in ("", log_key, text[:-4], text.replace(key.key_id.hex(), "00000000"), f"a b{text}", f"a+{text}",
                  f"\x1b[31m{text}", f"{text}\n"):  # fmt: skip
        with pytest.raises(CosignatureError):
            WitnessKey.from_text(wrong)
