"""The shared token vectors hold in Python: every step from the owner secret to the body, and each refusal."""

import hashlib
import re

import pytest
from paths import ROOT, vectors

from crypto.blinding import Blinded, blind
from crypto.canonical import from_base64url
from crypto.envelope import Context, EnvelopeError, Record, body, row_key_of, study_id
from crypto.issuing import Issuer
from crypto.opening import Opener
from crypto.record_rules import RecordRules
from crypto.tokens import TokenError, TokenVerifier, message, owner_hash, prepared, seal_commitment

VECTORS = vectors("token")
ISSUERS = [Issuer.of(one["pem"].encode()) for one in VECTORS["issuers"]]
VERIFIERS = [TokenVerifier.of(one["issuer_key"]) for one in VECTORS["issuers"]]
MODULUS = int.from_bytes(from_base64url(VECTORS["issuers"][0]["issuer_key"]), "big")
SIZE = VECTORS["plaintext_size"]
CONTEXT = Context(study_id(VECTORS["slug"]), bytes.fromhex(VECTORS["manifest_hash"]), bytes.fromhex(VECTORS["key_id"]))
OPENER = Opener(bytes.fromhex(VECTORS["seed"]), CONTEXT, SIZE)
RULES = RecordRules.of(CONTEXT.study_id, CONTEXT.key_id, SIZE, VECTORS["issuers"][0]["issuer_key"])


def blinded(values: dict[str, bytes]) -> Blinded:
    """Blind with the salt and the factor of the vector."""
    factor = int.from_bytes(values["factor"], "big")
    return blind(MODULUS, values["prepared"], lambda _: values["salt"], factor)


def read(one: dict[str, str]) -> dict[str, bytes]:
    return {name: bytes.fromhex(value) for name, value in one.items()}


@pytest.mark.parametrize("one", VECTORS["made"])
def test_every_step_gives_the_written_bytes(one):
    """From w and u over t, c, message, blinding and signing to record, row key and body, each step is as written."""
    values = read(one)
    assert values["t"] == owner_hash(values["w"])
    assert values["c"] == seal_commitment(values["u"])
    assert values["message"] == message(CONTEXT.study_id, CONTEXT.key_id, values["t"], values["c"])
    assert 103 == len(values["message"])
    assert values["prepared"] == prepared(values["prefix"], values["message"])
    asked = blinded(values)
    assert values["blinded"] == asked.message
    assert values["blind_signature"] == ISSUERS[0].sign(asked.message)
    assert values["signature"] == asked.finalize(values["blind_signature"], VERIFIERS[0])
    record = Record.from_bytes(values["record"], SIZE)
    assert values["row_key"] == record.row_key == row_key_of(values["t"])
    assert values["body_sha256"] == hashlib.sha256(body(record)).digest()
    VERIFIERS[0].check(record, CONTEXT.study_id, CONTEXT.key_id)


@pytest.mark.parametrize("one", VECTORS["made"])
def test_every_record_opens_under_its_token(one):
    """The envelope of a record was sealed with its row key and u, and gives the payload."""
    assert one["payload"] == OPENER.open_record(bytes.fromhex(one["record"])).hex()


@pytest.mark.parametrize("case", VECTORS["unreadable"], ids=lambda case: case["name"])
def test_what_its_owner_did_not_seal_passes_the_door_and_does_not_open(case):
    """An honest token with another's envelope is admitted, for its signature holds, and is refused by the opener."""
    record = RULES.read(bytes.fromhex(case["record"]))
    with pytest.raises(EnvelopeError):
        OPENER.open_with_token(record)


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
def test_what_must_be_refused_is(case):
    """A record whose token was not issued for this study, key and wave does not pass, whatever else is right."""
    record = Record.from_bytes(bytes.fromhex(case["record"]), SIZE)
    with pytest.raises(TokenError):
        VERIFIERS[case["issuer"]].check(record, study_id(case["slug"]), CONTEXT.key_id)


@pytest.mark.parametrize("case", VECTORS["not_signed"], ids=lambda case: case["name"])
def test_what_is_no_blinded_message_is_not_signed(case):
    """The issuer refuses the trivial numbers, those not below the modulus, and other lengths."""
    with pytest.raises(TokenError):
        ISSUERS[0].sign(bytes.fromhex(case["blinded"]))


@pytest.mark.parametrize("case", VECTORS["not_unblinded"], ids=lambda case: case["name"])
def test_what_is_no_answer_is_not_unblinded(case):
    """The phone refuses any answer of the issuer that is not the signature of what it sent."""
    with pytest.raises(TokenError):
        blinded(read(VECTORS["made"][0])).finalize(bytes.fromhex(case["blind_signature"]), VERIFIERS[0])


def test_the_worked_example_is_true():
    """Each line of the two examples in ENVELOPE.md is what the vectors give."""
    text = (ROOT / "crypto" / "ENVELOPE.md").read_text(encoding="utf-8")
    blocks = text.partition("## A token's worked example")[2].split("```")[1:4:2]
    printed = [dict(re.split(r"\s+", line, maxsplit=1) for line in block.strip().splitlines()) for block in blocks]
    code = vectors("withdrawal")["codes"][1]
    made = VECTORS["made"][0] | {"issuer_key": from_base64url(VECTORS["issuers"][0]["issuer_key"]).hex()}
    code |= {"places": " ".join(map(str, code["places"])), "words_en": code["words"]["en"], "withdrawal": code["body"]}
    assert [
        {name: _shortened(made[name]) for name in printed[0]},
        {name: _shortened(code[name]) for name in printed[1]},
    ] == printed
    assert (16, 9) == tuple(map(len, printed))


def _shortened(text: str) -> str:
    return text if len(text) <= 160 else f"{text[:32]} … {text[-32:]}"
