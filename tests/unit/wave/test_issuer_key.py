"""The issuer's public key on its way to the manifest: of one wave, an RSA key, and refused anywhere else."""

import hashlib
from dataclasses import replace

import pytest
from budgets import BUDGET
from studies import small_study as small

from analysis.custody.ceremony import CeremonyError, CeremonyRequest, hold_ceremony
from analysis.study.folder import StudyFolder
from crypto.canonical import canonical, from_base64url
from crypto.tokens import issuer_key_text
from survey.document import DocumentError
from survey.questionnaire.questionnaire import Questionnaire
from survey.wave.issuer_key import IssuerDocument, issuer_id
from survey.wave.manifest import Manifest, build_manifest

# Any odd number of 2048 bits will do where nothing is signed.
KEY = issuer_key_text(2**2047 + 12345)
INVITED = Questionnaire.from_bytes(
    canonical(small.QUESTIONNAIRE.to_json() | {"mode": "invitation", "sealing": "phone"})
)
STUDY = small.QUESTIONNAIRE.study


def ceremony(tmp_path, questionnaire=INVITED, **changes):
    wishes = CeremonyRequest(wave=1, threshold=2, custodians=3, shares=tmp_path / "shares")
    return hold_ceremony(StudyFolder(tmp_path / "study"), questionnaire, small.TEXTS, replace(wishes, **changes))


def test_the_document_is_four_members():
    """The document is canonical JSON of format, study, wave and modulus; its id is of the modulus."""
    made = IssuerDocument.of(STUDY, 2, KEY)
    expected = canonical({"format": "sotto-issuer-1", "study": STUDY, "wave": 2, "key": KEY})
    assert expected == made.to_bytes()
    assert made == IssuerDocument.from_bytes(expected)
    assert hashlib.sha256(from_base64url(KEY)).hexdigest()[:16] == made.id == issuer_id(KEY)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "sotto-issuer-2"},
        {"study": "Not A Slug"},
        {"wave": 0},
        {"wave": "1"},
        {"key": KEY[:-1]},
        {"key": KEY + "A"},
        {"key": KEY[:-1] + "~"},
        {"key": issuer_key_text(2**2047)},
        {"key": issuer_key_text(2**2046 + 1)},
        {"key": KEY[:-1] + "B"},
        {"more": 1},
    ],
)
def test_anything_else_is_refused(change):
    """A document of another format, with another member or a key that is none is refused, and the key not shown."""
    good = {"format": "sotto-issuer-1", "study": STUDY, "wave": 2, "key": KEY}
    with pytest.raises(DocumentError) as refused:
        IssuerDocument.from_bytes(canonical(good | change))
    assert KEY[:40] not in str(refused.value)


def test_the_ceremony_takes_the_issuer_key_of_its_wave(tmp_path):
    """The manifest of a study with invitations names the key that was given, and none other could replace it."""
    manifest = ceremony(tmp_path, issuer=IssuerDocument.of(STUDY, 1, KEY)).manifest
    assert (KEY, "invitation") == (manifest.issuer_key, manifest.mode)
    assert manifest == StudyFolder(tmp_path / "study").manifest(1)


@pytest.mark.parametrize(
    ("questionnaire", "issuer", "message"),
    [
        (INVITED, None, "sotto issuer new"),
        (INVITED, IssuerDocument.of(STUDY, 2, KEY), "not for wave 1"),
        (INVITED, IssuerDocument.of("other", 1, KEY), "for wave 1 of other"),
        (small.QUESTIONNAIRE, IssuerDocument.of(STUDY, 1, KEY), "open link"),
    ],
)
def test_the_ceremony_refuses_what_does_not_fit(tmp_path, questionnaire, issuer, message):
    """A missing issuer key, one of another wave or study, and one for an open link are refused; nothing is made."""
    with pytest.raises(CeremonyError, match=message):
        ceremony(tmp_path, questionnaire, issuer=issuer)
    assert [] == [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_manifest_has_an_issuer_key_exactly_with_invitations():
    """A manifest with invitations and no key, or an open link and a key, is no manifest."""
    made = build_manifest(
        INVITED, small.TEXTS, wave=1, key=bytes(1216), signer="ab" * 32, budget=BUDGET, issuer_key=KEY
    )
    for change in ({"issuer_key": None}, {"mode": "open"}):
        with pytest.raises(DocumentError, match="exactly in mode invitation"):
            Manifest.from_bytes(canonical(made.to_json() | change))
    assert made == Manifest.from_bytes(made.to_bytes())
