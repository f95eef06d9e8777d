"""Invented respondents with invitations make whole records: signed blind first, sealed later, opened by their u."""

import pytest
from budgets import BUDGET
from studies.market import SEED, STUDY, Study, questionnaire

from crypto.canonical import canonical
from crypto.envelope import study_id
from crypto.issuing import Issuer
from crypto.opening import Opener
from crypto.seed import expand, public_bytes
from crypto.tokens import TokenError, TokenVerifier, owner_hash
from survey.questionnaire.questionnaire import Questionnaire
from survey.simulation.tokens import InvitedPhone
from survey.wave.manifest import build_manifest


@pytest.fixture(scope="module")
def issuer():
    return Issuer.new()


@pytest.fixture(scope="module")
def manifest(issuer):
    invited = Questionnaire.from_bytes(canonical(questionnaire().to_json() | {"mode": "invitation"}))
    key = public_bytes(expand(SEED))
    return build_manifest(
        invited, Study().texts, wave=1, key=key, signer="0" * 64, budget=BUDGET, issuer_key=issuer.public
    )


def test_a_record_is_whole(issuer, manifest):
    """The token holds for study and key; the envelope opens under it and holds the payload."""
    secret = bytes(range(32))
    record = InvitedPhone.of(manifest).record(b"answers", issuer.sign, secret)
    TokenVerifier.of(issuer.public).check(record, study_id(STUDY), manifest.context.key_id)
    opener = Opener(SEED, manifest.context, manifest.plaintext_size)
    assert b"answers" == opener.open_record(record.to_bytes())
    assert owner_hash(secret) == record.t


def test_a_token_is_fetched_before_the_answer_exists(issuer, manifest):
    """One token, fetched once, seals whatever is answered later; two sealings differ and have one row key."""
    phone = InvitedPhone.of(manifest)
    token = phone.fetch(issuer.sign)
    first, second = (phone.seal(payload, token) for payload in (b"first", b"second"))
    assert first.row_key == second.row_key == token.row_key
    assert first.envelope != second.envelope
    opener = Opener(SEED, manifest.context, manifest.plaintext_size)
    assert [b"first", b"second"] == [opener.open_record(record.to_bytes()) for record in (first, second)]


def test_two_people_share_nothing(issuer, manifest):
    """Two records of one payload have no token field in common."""
    first, second = (InvitedPhone.of(manifest).record(b"answers", issuer.sign) for _ in range(2))
    for name in ("t", "c", "prefix", "signature", "envelope"):
        assert getattr(first, name) != getattr(second, name)


def test_an_issuer_that_signs_wrongly_is_noticed(issuer, manifest):
    """What another key signed, or nobody, makes no record; and an open link has none to make."""
    for sign in (Issuer.new().sign, lambda blinded: blinded, lambda blinded: blinded[:-1]):
        with pytest.raises(TokenError):
            InvitedPhone.of(manifest).record(b"answers", sign)
    with pytest.raises(TokenError, match="open link"):
        InvitedPhone.of(Study().manifest)
