"""The wave manifest: what it pins, and that it is of exactly these documents."""

import hashlib
import json

import pytest
from budgets import BUDGET
from paths import VECTORS

from crypto.canonical import canonical, from_base64url, to_base64url
from crypto.envelope import key_id, study_id
from survey.document import DocumentError
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.wave.manifest import Manifest, build_manifest

SMALL = Questionnaire.from_bytes((VECTORS / "questionnaire-small.json").read_bytes())
TEXTS = {"en": Texts.from_bytes((VECTORS / "texts-small-en.json").read_bytes())}
KEY = bytes(range(256)) * 4 + bytes(192)


@pytest.fixture(scope="module")
def manifest():
    return build_manifest(SMALL, TEXTS, wave=1, key=KEY, signer="ab" * 32, budget=BUDGET, demo=True)


def changed(manifest, **members):
    return Manifest.from_bytes(canonical({**manifest.to_json(), **members}))


def test_the_members_are_those_of_the_documents(manifest):
    """Every hash, size and mode follows from the documents and the key."""
    expected = {
        "format": "sotto-manifest-2",
        "study": "small-study",
        "wave": 1,
        "mode": "open",
        "sealing": "phone-or-server",
        "key": to_base64url(KEY),
        "key_id": key_id(KEY).hex(),
        "issuer_key": None,
        "plaintext_size": 256,
        "questionnaire": hashlib.sha256((VECTORS / "questionnaire-small.json").read_bytes()).hexdigest(),
        "texts": {"en": hashlib.sha256((VECTORS / "texts-small-en.json").read_bytes()).hexdigest()},
        "thresholds": {},
        "signer": "ab" * 32,
        "witnesses": None,
        "budget": {"nano_rho": 100_000_000, "atto_delta": 100_000_000},
        "demo": True,
    }
    assert expected == json.loads(manifest.to_bytes())


def test_the_pin_is_192_bits_of_the_hash_of_the_bytes(manifest):
    """A link holds 32 characters that any program can recompute from the manifest's bytes."""
    digest = hashlib.sha256(manifest.to_bytes()).digest()
    assert digest == manifest.hash
    assert digest[:24] == from_base64url(manifest.pin)
    assert 32 == len(manifest.pin)


def test_the_context_is_of_study_manifest_and_key(manifest):
    """What envelopes are sealed for names this study, this manifest and this key."""
    context = manifest.context
    assert (study_id("small-study"), manifest.hash, key_id(KEY)) == (
        context.study_id,
        context.manifest_hash,
        context.key_id,
    )


@pytest.mark.parametrize(
    "members",
    [
        {"wave": 2},
        {"plaintext_size": 512},
        {"questionnaire": "00" * 32},
        {"texts": {"en": "00" * 32}},
        {"signer": "cd" * 32},
        {"budget": {"nano_rho": 200_000_000, "atto_delta": 100_000_000}},
        {"demo": False},
        {"key": to_base64url(bytes(1216))},
    ],
)
def test_any_change_gives_another_pin(manifest, members):
    """Text, key, size, wave, signer and budget are all under the hash in the link."""
    assert manifest.pin != changed(manifest, **members).pin


def test_it_accepts_its_own_documents_and_names_what_differs(manifest):
    """Its own documents pass; a changed questionnaire, text, size, mode or key id is named."""
    manifest.check(SMALL, TEXTS)
    other = Questionnaire.from_bytes(canonical({**SMALL.to_json(), "version": "2"}))
    with pytest.raises(DocumentError, match="questionnaire differ"):
        manifest.check(other, TEXTS)
    with pytest.raises(DocumentError, match="texts differ"):
        manifest.check(SMALL, {})
    with pytest.raises(DocumentError, match="plaintext_size differ"):
        changed(manifest, plaintext_size=512).check(SMALL, TEXTS)
    with pytest.raises(DocumentError, match="key_id differ"):
        changed(manifest, key_id="00" * 8).check(SMALL, TEXTS)


def test_another_threshold_than_the_questionnaire_declares_is_refused():
    """One more of 2^32 draws kept, or none at all, and the manifest is of other documents; control: as it was built."""
    typed = Questionnaire.from_bytes((VECTORS / "questionnaire-types.json").read_bytes())
    built = build_manifest(typed, {}, wave=1, key=KEY, signer="ab" * 32, budget=BUDGET)
    built.check(typed, {})
    (name, kept), *_ = built.thresholds.items()
    for other in ({**built.thresholds, name: kept + 1}, {}):
        with pytest.raises(DocumentError, match="thresholds differ"):
            changed(built, thresholds=other).check(typed, {})


@pytest.mark.parametrize(
    "members",
    [
        {"key": "short"},
        {"key_id": "00" * 8 + "0"},
        {"plaintext_size": 300},
        {"wave": 0},
        {"texts": {"Not a locale": "00" * 32}},
        {"comment": "hello"},
        {"budget": None},
        {"budget": {"nano_rho": 0, "atto_delta": 1}},
        {"budget": {"nano_rho": 1, "atto_delta": -1}},
        {"budget": {"nano_rho": 1}},
        {"budget": {"nano_rho": 1, "atto_delta": 1, "more": 1}},
    ],
)
def test_a_manifest_of_another_shape_is_refused(manifest, members):
    """Sizes, hashes and keys of the wrong form, and unknown members, do not parse."""
    with pytest.raises(DocumentError):
        changed(manifest, **members)
