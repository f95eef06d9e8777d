"""Whoever logs an exception with its whole traceback learns no code, word, share, key or token of what was refused."""

import traceback
from pathlib import Path

import pytest
from hosts.collection import compiled
from paths import vectors

from crypto import custody, invitation_codes, word_codes
from crypto.canonical import canonical
from crypto.envelope import parse_body
from crypto.issuing import Issuer
from crypto.tokens import TokenVerifier
from crypto.withdrawal import Withdrawal, owner_secret
from survey.admission.proof_of_work import ProofOfWork
from survey.admission.work_secret import load_secret
from survey.questionnaire.payload import decode
from survey.wave.invitation_codes import Codes

SECRET = "4F7KCANARY9XQZ2MT"
BYTES = SECRET.encode()
WORD = "canarywordling"
VECTORS = vectors("token")
ISSUER = Issuer.of(VECTORS["issuers"][0]["pem"].encode())


def batch() -> bytes:
    """Return a codes file whose one damaged code is the secret."""
    good = [invitation_codes.new_code() for _ in range(49)]
    head = {"format": "sotto-codes-1", "study": "q26", "wave": 1, "batch": "may", "stratum": "open"}
    return canonical(head | {"codes": [*good, SECRET]})


def share_with_a_wrong_word() -> str:
    words = custody.split(bytes(range(32)), 2, 3)[0].split()
    return " ".join([*words[:5], WORD, *words[6:]])


def key_file(folder: Path) -> Path:
    path = folder / "work.key"
    path.write_text(SECRET, encoding="ascii")
    return path


FAULTS = {
    "a code that was mistyped": lambda _: invitation_codes.read_code(SECRET),
    "eight words that are no code": lambda _: word_codes.read_words(f"able {WORD}"),
    "a share with a wrong word": lambda _: custody.combine([share_with_a_wrong_word()]),
    "a codes file with a damaged code": lambda _: Codes.from_bytes(batch()),
    "a token's signature that does not hold": lambda _: TokenVerifier.of(ISSUER.public).check_signature(
        b"m", BYTES.ljust(256, b"0")
    ),
    "a blinded message of another size": lambda _: ISSUER.sign(BYTES),
    "an issuer's key that is none": lambda _: Issuer.of(b"-----BEGIN PRIVATE KEY-----\n" + BYTES),
    "a withdrawal of another size": lambda _: Withdrawal.from_bytes(b"\x02" + BYTES),
    "an owner secret for another place": lambda _: owner_secret((1,) * 8, BYTES, b"k" * 8),
    "a body that is none": lambda _: parse_body(b"\x02" + BYTES, 256),
    "a payload of another study": lambda _: decode(compiled()[0], BYTES),
    "a proof of work that is none": lambda _: ProofOfWork(b"s" * 32).spent(SECRET, "q26", bytes(32)),
    "a work key that is none": lambda folder: load_secret(key_file(folder)),
}


def error_text_of(fault, folder: Path) -> str:
    """Return all that a log could hold of a failure: message, representation and traceback with its causes."""
    try:
        fault(folder)
    except Exception as error:  # noqa: BLE001 - whichever it is, it must be silent
        return "".join(traceback.format_exception(error)) + repr(error) + str(error.args)
    pytest.fail("the planted fault was not refused")


@pytest.mark.parametrize("name", FAULTS)
def test_an_error_tells_nothing_of_what_it_refuses(name, tmp_path):
    """Message, representation and the traceback with all causes hold neither the secret nor any half of it."""
    error_text = error_text_of(FAULTS[name], tmp_path)
    assert not [part for part in (SECRET[:9], SECRET[8:], WORD[:7], WORD[7:], BYTES.hex()) if part in error_text]


def test_an_error_that_does_tell_would_be_seen(tmp_path):
    """Control: an ordinary ValueError with the value in its message, or as its cause, is found by the same look."""

    def loud(_folder: Path) -> None:
        try:
            int(SECRET)
        except ValueError as error:
            raise RuntimeError("hidden") from error

    assert SECRET in error_text_of(loud, tmp_path)
