"""A correction of wording: what it may change, what its hashes name, and what the link after it pins."""

import json

import pytest
from paths import vectors
from pydantic import ValidationError

from crypto.canonical import canonical
from crypto.signing import SigningKey
from survey.document import DocumentError
from survey.questionnaire.questionnaire import Texts
from survey.wave.correction import Correction, CorrectionError, TextChange, changed_texts
from survey.wave.custody import StatementError

VECTORS = vectors("corrections")
FIRST, CORRECTED = (bundle["parts"] for bundle in VECTORS["bundles"][:2])
TEXTS = {"en": Texts.from_bytes(FIRST["texts"].encode())}
CORRECTION = Correction.from_bytes(VECTORS["correction"].encode())


def changed(**members):
    return Correction.from_bytes(canonical(CORRECTION.to_json() | members))


@pytest.mark.parametrize("case", VECTORS["changes"], ids=lambda case: case["name"])
def test_only_words_of_questions_answers_and_closing_texts_are_corrected(case):
    """A change of the consent, of what is no wording, of other texts, or of piped answers is refused."""
    members = {name: case[name] for name in ("place", "old", "new")}
    try:
        change = TextChange(locale="en", **members)
        changed(changes=[change.to_json()])
        changed_texts(TEXTS, (change,))
        accepted = True
    except (ValidationError, DocumentError, CorrectionError):
        accepted = False
    assert accepted == case["ok"]


def test_a_correction_gives_exactly_the_texts_that_it_names():
    """The corrected texts are the old ones with these words changed, and their hash is the one in the correction."""
    after = CORRECTION.corrected(TEXTS)
    assert {"en": CORRECTED["texts"]} == {locale: text.to_bytes().decode() for locale, text in after.items()}
    with pytest.raises(CorrectionError, match="other words than the correction says"):
        CORRECTION.corrected(after)
    with pytest.raises(CorrectionError, match="its hashes differ"):
        changed(texts={"en": "0" * 64}).corrected(TEXTS)


def test_a_change_that_is_not_told_is_refused():
    """A correction whose texts differ in one more place than it says does not hold: nothing changes unseen."""
    hidden = CORRECTION.to_json()["changes"][1:]
    with pytest.raises(CorrectionError, match="its hashes differ"):
        changed(changes=hidden).corrected(TEXTS)


def test_words_that_a_recording_reads_are_not_corrected():
    """Where a recording says the old words the change is refused, of a question, its hint, its answers and more."""
    recorded = json.loads(FIRST["texts"])
    recorded |= {"groups": {"G": "Old"}, "hints": {"AGE": "Old"}}
    own = {"text": "a" * 64, "hint": "b" * 64, "options": {"1": "c" * 64}}
    audio = {"AGE": own, "G": {"text": "d" * 64}, "missing": {"99": "e" * 64}}
    for place in ("items.AGE.text", "items.AGE.options.1", "hints.AGE", "groups.G", "missing.99"):
        for kept, refused in ((audio, True), ({}, False)):
            texts = {"en": Texts.from_bytes(canonical(recorded | {"audio": kept}))}
            old = recorded
            for name in place.split("."):
                old = old[name]
            change = TextChange(locale="en", place=place, old=old, new="New")
            if refused:
                with pytest.raises(CorrectionError, match="read aloud by a recording"):
                    changed_texts(texts, (change,))
            else:
                changed_texts(texts, (change,))


def test_the_link_after_it_pins_manifest_correction_and_texts():
    """Changing any member of the correction gives another pin, and the same correction always the same."""
    pins = {changed(reason="another").wording.pin, changed(day="2026-11-26").wording.pin, CORRECTION.wording.pin}
    assert [3, VECTORS["pins"]["after"]] == [len(pins), CORRECTION.wording.pin]
    assert CORRECTED["wording"] == CORRECTION.wording.to_bytes().decode()


def test_an_edited_correction_and_one_of_another_key_are_told_apart():
    """The signature covers every member; who re-signs it is another signer, which the manifest does not name."""
    for edited in (changed(reason="another"), changed(previous="0" * 64), changed(wave=2)):
        with pytest.raises(StatementError, match="signature does not hold"):
            edited.check()
    other = SigningKey.generate()
    forged = changed(signer=other.verifying_key.to_json()).signed(other)
    assert forged.check().fingerprint != CORRECTION.check().fingerprint


def test_changes_stand_once_and_in_order():
    """The same place twice, another order, or a text that does not change is no correction."""
    changes = CORRECTION.to_json()["changes"]
    same = changes[0] | {"new": changes[0]["old"]}
    for wrong in ([changes[0], changes[0]], changes[::-1], [same], []):
        with pytest.raises(DocumentError):
            changed(changes=wrong)
