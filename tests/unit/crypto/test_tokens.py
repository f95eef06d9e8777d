"""Blind tokens: RFC 9474 to the letter, one token for one pair of commitments, nothing signed that is no message."""

import hashlib
import secrets
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from gmpy2 import powmod_sec
from paths import vectors

from crypto import issuing
from crypto.blinding import blind
from crypto.canonical import from_base64url
from crypto.envelope import Record
from crypto.issuing import Issuer
from crypto.tokens import TokenError, TokenVerifier, message, owner_hash, prepared, seal_commitment

STUDY, KEY = bytes(range(16)), bytes(range(8))
PKCS8 = PrivateFormat.PKCS8
PUBLISHED = vectors("rfc9474")


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer.new()


def number(name: str) -> int:
    return int(PUBLISHED[name], 16)


def text(name: str) -> bytes:
    return bytes.fromhex(PUBLISHED[name])


def token(issuer: Issuer) -> Record:
    """One record as a phone makes it."""
    t, c = owner_hash(secrets.token_bytes(32)), seal_commitment(secrets.token_bytes(32))
    prefix = secrets.token_bytes(32)
    blinded = blind(modulus_of(issuer), prepared(prefix, message(STUDY, KEY, t, c)))
    signature = blinded.finalize(issuer.sign(blinded.message), TokenVerifier.of(issuer.public))
    return Record(t, c, prefix, signature, b"sealed")


def private(bits: int, exponent: int = 65537) -> rsa.RSAPrivateNumbers:
    return rsa.generate_private_key(exponent, bits).private_numbers()


def modulus_of(issuer: Issuer) -> int:
    return int.from_bytes(from_base64url(issuer.public), "big")


def test_the_published_vector_holds():
    """RFC 9474, appendix A: blinding, signing and unblinding give the published bytes, with a key of 4096 bits."""
    public, d, p, q = rsa.RSAPublicNumbers(number("e"), number("n")), number("d"), number("p"), number("q")
    key = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    verifier = TokenVerifier(public.public_key())
    # `inv` is published, not the factor itself: the factor is its inverse.
    factor = pow(number("inv"), -1, number("n"))
    signed = prepared(text("msg_prefix"), text("msg"))
    blinded = blind(number("n"), signed, lambda _: text("salt"), factor)
    assert text("input_msg") == signed
    assert text("blinded_msg") == blinded.message
    assert text("blind_sig") == Issuer(key).sign(blinded.message)
    assert text("sig") == blinded.finalize(text("blind_sig"), verifier)
    with pytest.raises(TokenError):
        verifier.check_signature(signed + b"\0", text("sig"))


def test_a_token_holds_for_its_own_commitments_alone(issuer):
    """A token passes with its t and c, and with no other one, prefix, signature, study, key or issuer."""
    verifier, record = TokenVerifier.of(issuer.public), token(issuer)
    verifier.check(record, STUDY, KEY)
    other = token(issuer)
    changed = [
        replace(record, t=other.t),
        replace(record, c=other.c),
        replace(record, t=other.t, c=other.c),
        replace(record, prefix=other.prefix),
        replace(record, signature=other.signature),
        replace(record, signature=b"\xff" * 256),
    ]
    for wrong in changed:
        with pytest.raises(TokenError):
            verifier.check(wrong, STUDY, KEY)
    with pytest.raises(TokenError):
        verifier.check(record, bytes(16), KEY)
    with pytest.raises(TokenError):
        verifier.check(record, STUDY, bytes(8))
    with pytest.raises(TokenError):
        TokenVerifier.of(Issuer.new().public).check(record, STUDY, KEY)


def test_what_is_signed_says_nothing_of_the_token(issuer):
    """Two blindings of one message share nothing: what the issuer sees is fresh each time and not the message."""
    signed = prepared(bytes(32), message(STUDY, KEY, bytes(32), bytes(32)))
    first, second = (blind(modulus_of(issuer), signed) for _ in range(2))
    assert first.message != second.message
    assert issuer.sign(first.message) == issuer.sign(first.message)


@pytest.mark.parametrize("bad", ["short", "long", "zero", "one", "minus one", "modulus", "beyond"])
def test_nothing_is_signed_that_is_no_blinded_message(issuer, bad):
    """Blinded bytes of another length, the trivial ones and those not below the modulus are refused."""
    n = modulus_of(issuer)
    wrong = {
        "short": bytes(255),
        "long": bytes(257),
        "zero": bytes(256),
        "one": (1).to_bytes(256, "big"),
        "minus one": (n - 1).to_bytes(256, "big"),
        "modulus": n.to_bytes(256, "big"),
        "beyond": b"\xff" * 256,
    }
    with pytest.raises(TokenError):
        issuer.sign(wrong[bad])


@pytest.mark.parametrize("part", ["p", "q", "dmp1", "dmq1", "iqmp"])
def test_a_faulty_signature_is_not_given_out(part):
    """A key whose parts do not fit signs wrongly: that is noticed, and nothing comes out (the key would leak)."""
    good = private(2048)
    blinded = blind(good.public_numbers.n, b"message").message
    assert 256 == len(Issuer(good).sign(blinded))
    parts = {name: getattr(good, name) for name in ("p", "q", "d", "dmp1", "dmq1", "iqmp", "public_numbers")}
    # A fault in one half, as in the attack of Boneh, DeMillo and Lipton.
    faulty = rsa.RSAPrivateNumbers(**parts | {part: parts[part] + 2})
    with pytest.raises(TokenError, match="did not check"):
        Issuer(faulty).sign(blinded)


def test_the_private_exponents_never_meet_the_same_number_twice(issuer, monkeypatch):
    """Base blinding: one message signed again is another number to each exponent, and never the message itself."""
    calls = []

    def noted(base, exponent, modulus):
        calls.append((int(base), int(exponent), int(modulus)))
        return powmod_sec(base, exponent, modulus)

    monkeypatch.setattr(issuing, "powmod_sec", noted)
    blinded = blind(modulus_of(issuer), b"message").message
    assert issuer.sign(blinded) == issuer.sign(blinded)
    key = issuer._key
    for exponent, prime in ((key.dmp1, key.p), (key.dmq1, key.q)):
        first, second = (base % prime for base, power, modulus in calls if (power, modulus) == (exponent, prime))
        assert 3 == len({first, second, int.from_bytes(blinded, "big") % prime})


def test_an_answer_that_was_tampered_with_does_not_unblind(issuer):
    """A phone notices a signature that is not one, whatever the issuer sends."""
    blinded = blind(modulus_of(issuer), b"message")
    verifier = TokenVerifier.of(issuer.public)
    signature = issuer.sign(blinded.message)
    assert 256 == len(blinded.finalize(signature, verifier))
    for wrong in (signature[:-1], bytes(256), signature[:-1] + bytes([signature[-1] ^ 1])):
        with pytest.raises(TokenError):
            blinded.finalize(wrong, verifier)


@pytest.mark.slow
def test_keys_of_another_kind_are_refused(issuer):
    """An issuer's key is RSA of 2048 bits with exponent 65537, public and private; a good one comes back as it was."""
    assert issuer.public == Issuer.of(issuer.pem).public
    public = rsa.RSAPublicNumbers(65537, modulus_of(issuer)).public_key()
    encrypted = private(2048).private_key().private_bytes(Encoding.PEM, PKCS8, BestAvailableEncryption(b"secret"))
    for pem in (
        b"",
        b"nonsense",
        Issuer(private(1024)).pem,
        Issuer(private(3072)).pem,
        Issuer(private(2048, 3)).pem,
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PKCS8, NoEncryption()),
        encrypted,
    ):
        with pytest.raises(TokenError):
            Issuer.of(pem)
    for public in ("", "!", issuer.public[:-2], issuer.public + "AA", "A" * 342, issuer.public[:-1] + "é"):
        with pytest.raises(TokenError):
            TokenVerifier.of(public)


def test_the_parts_of_a_token_have_one_size():
    """Parts of another size are refused before anything is hashed; t follows from w, and c from u."""
    t = owner_hash(bytes(32))
    assert hashlib.sha256(b"sotto owner\0" + bytes(32)).digest() == t
    c = seal_commitment(bytes(32))
    assert hashlib.sha256(b"sotto seal\0" + bytes(32)).digest() == c
    assert b"sotto token v2\0" + STUDY + KEY + t + c == message(STUDY, KEY, t, c)
    for call in (
        owner_hash,
        seal_commitment,
        lambda part: message(STUDY, KEY, part, c),
        lambda part: prepared(part, b""),
    ):
        with pytest.raises(TokenError):
            call(bytes(31))
    for parts in ((bytes(15), KEY, t, c), (STUDY, bytes(7), t, c), (STUDY, KEY, t, bytes(33))):
        with pytest.raises(TokenError):
            message(*parts)


def test_a_printed_issuer_hides_its_key(issuer):
    """The representation of an issuer and of a blinded message shows no secret."""
    blinded = blind(modulus_of(issuer), b"message")
    shown = repr(issuer) + repr(blinded)
    assert str(blinded._inverse) not in shown
    assert "_key" not in shown
