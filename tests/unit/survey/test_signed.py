"""Signed documents: what is signed, by whom and what for."""

import pytest

from crypto.canonical import canonical
from crypto.signing import SignatureError, SigningKey
from survey.plan.registration import Registration
from survey.release.release import Release
from survey.signed import DetachedSignature, Purpose, SchemePair, SignedDocument
from survey.wave.correction import Correction
from survey.wave.custody import Custody, Destruction, Drill, Intent

KEY, OTHER = SigningKey.from_bytes(bytes(range(64))), SigningKey.from_bytes(bytes(range(64, 128)))
KINDS = {Purpose.DRILL: Drill, Purpose.PLAN: Registration, Purpose.CUSTODY: Custody, Purpose.INTENT: Intent}
KINDS |= {Purpose.RELEASE: Release, Purpose.DESTRUCTION: Destruction, Purpose.CORRECTION: Correction}


def drill(key: SigningKey = KEY) -> Drill:
    """Return the signed record of a drill of two cards."""
    return Drill(
        format="sotto-drill-1", study="s", wave=1, manifest="0" * 64, threshold=2, custodians=2, subsets=1,
        commitments=("1" * 64, "2" * 64), signer=SchemePair.of(key.verifying_key),
    ).signed(key)  # fmt: skip


def intent() -> Intent:
    """Return a signed intent."""
    return Intent(
        format="sotto-intent-1", study="s", wave=1, manifest="0" * 64, day="2026-01-01", plan="1" * 64, box="2" * 64,
        count=3, head="4" * 64, signer=SchemePair.of(KEY.verifying_key),
    ).signed(KEY)  # fmt: skip


def test_a_signature_covers_what_it_always_covered():
    """The canonical JSON without `signature`, and of a drill without `signer` too: signed files go on holding."""
    for made, uncovered in ((intent(), {"signature"}), (drill(), {"signer", "signature"})):
        covered = canonical({name: value for name, value in made.to_json().items() if name not in uncovered})
        again = made.to_json() | {"signature": KEY.sign(covered, made.purpose.value).to_json()}
        assert covered == made.unsigned_bytes()
        assert KEY.verifying_key == type(made).from_bytes(canonical(again)).verified()
        assert (KEY.verifying_key, KEY.verifying_key.fingerprint) == (made.verified(), made.signer_fingerprint)


def test_each_kind_of_document_has_a_purpose_of_its_own():
    """Two kinds with one purpose could be taken for each other; a manifest's signature stands beside it."""
    assert {Purpose.MANIFEST, *KINDS} == {*Purpose}
    assert list(KINDS) == [kind.purpose for kind in KINDS.values()]
    assert all(issubclass(kind, SignedDocument) for kind in KINDS.values())


@pytest.mark.parametrize(
    "change",
    [
        {"subsets": 2}, {"signature": None}, {"signer": OTHER.verifying_key.to_json()},
        {"signature": drill(OTHER).signature.to_json()}, {"signer": {"ed25519": "", "ml-dsa-65": ""}},
    ],
)  # fmt: skip
def test_a_changed_document_or_another_key_is_refused(change):
    """A member changed, no signature, a signer who did not sign, a signature of another key, no key at all."""
    with pytest.raises(SignatureError):
        Drill.from_bytes(canonical(drill().to_json() | change)).verified()


def test_a_signature_for_one_purpose_holds_for_no_other():
    """The same bytes signed as a plan are no drill, and a detached signature says what it is for too."""
    made = drill()
    signature = SchemePair.of(KEY.sign(made.unsigned_bytes(), Purpose.PLAN))
    with pytest.raises(SignatureError):
        made.model_copy(update={"signature": signature}).verified()
    detached = DetachedSignature.of(b"manifest", KEY, Purpose.MANIFEST)
    assert KEY.verifying_key == detached.verified(b"manifest", Purpose.MANIFEST)
    for message, purpose in ((b"manifest", Purpose.PLAN), (b"manifesto", Purpose.MANIFEST)):
        with pytest.raises(SignatureError):
            detached.verified(message, purpose)
