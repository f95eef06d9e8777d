"""Writes tests/vectors/corrections.json (see the README beside it); run `python -m scripts.make_correction_vectors`."""

import json
from pathlib import Path
from typing import Any

from crypto.canonical import canonical
from crypto.signing import SECRET_SIZE, SigningKey
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.signed import SchemePair
from survey.wave.correction import Correction, TextChange, changed_texts
from survey.wave.manifest import LifetimeBudget, Manifest, build_manifest

VECTORS = Path(__file__).parent.parent / "tests" / "vectors"
KEY = SigningKey.from_bytes(bytes(range(SECRET_SIZE)))
WORDS = [
    ("items.AGE.options.1", "yes it is"),
    ("items.AGE.text", "How old are you?"),
    ("missing.99", "I would rather not say"),
    ("thanks.1", "Thank you very much."),
]


def main() -> None:
    """Write a wave's documents before and after a correction, what links pin, and what must be refused."""
    questionnaire = Questionnaire.from_bytes((VECTORS / "questionnaire-small.json").read_bytes())
    small = json.loads((VECTORS / "texts-small-en.json").read_bytes())
    texts = {"en": Texts.from_bytes(canonical(small | {"interface": {"next": "Next"}}))}
    key = bytes.fromhex(json.loads((VECTORS / "envelope.json").read_bytes())["keys"][0]["public_key"])
    signer = KEY.verifying_key.fingerprint
    budget = LifetimeBudget(nano_rho=100_000_000, atto_delta=100_000_000)
    manifest = build_manifest(questionnaire, texts, wave=1, key=key, signer=signer, budget=budget, demo=True)
    correction = corrected(manifest, texts)
    after = correction.corrected(texts)
    before = {"manifest": text(manifest), "questionnaire": text(questionnaire), "texts": text(texts["en"])}
    now = {**before, "texts": text(after["en"]), "wording": text(correction.wording)}
    values = {
        "study": questionnaire.study,
        "locale": "en",
        "pins": {"before": manifest.pin, "after": correction.wording.pin},
        "correction": text(correction),
        "bundles": [*bundles(before, now, manifest, correction)],
        "changes": [*changes(text(texts["en"]))],
    }
    content = json.dumps(values, indent=1, ensure_ascii=False) + "\n"
    (VECTORS / "corrections.json").write_text(content, encoding="utf-8")


def text(document: Any) -> str:  # noqa: ANN401 - any document
    """Return the canonical JSON of a document as text."""
    return str(document.to_bytes().decode("utf-8"))


def corrected(manifest: Manifest, texts: dict[str, Texts]) -> Correction:
    """Return the signed correction of WORDS."""
    own = texts["en"].to_json()

    def old(place: str) -> str:
        value: Any = own
        for name in place.split("."):
            value = value[int(name) - 1] if isinstance(value, list) else value[name]
        return str(value)

    made = tuple(TextChange(locale="en", place=place, old=old(place), new=new) for place, new in WORDS)
    after = changed_texts(texts, made)
    return Correction(
        format="sotto-correction-1",
        study=manifest.study,
        wave=1,
        manifest=manifest.digest,
        day="2026-11-25",
        previous=None,
        reason="a typing error",
        meaning="same",
        changes=made,
        texts={locale: one.digest for locale, one in after.items()},
        signer=SchemePair.of(KEY.verifying_key),
    ).signed(KEY)


def bundles(before: dict[str, str], now: dict[str, str], manifest: Manifest, correction: Correction) -> Any:  # noqa: ANN401 - JSON
    """Yield each bundle with the pin of a link, and the part that a reader must refuse ("" for none)."""
    old, new = manifest.pin, correction.wording.pin
    wording = json.loads(now["wording"])
    # Another key under the same wording: answers would be sealed to whoever has it.
    stolen = json.loads(before["manifest"]) | {"wave": 2}
    other = {**now, "wording": json.dumps(wording | {"study": "other"}, separators=(",", ":"), sort_keys=True)}
    yield {"name": "as it was first", "parts": before, "pin": old, "refused": ""}
    yield {"name": "corrected", "parts": now, "pin": new, "refused": ""}
    yield {"name": "the correction left out", "parts": before, "pin": new, "refused": "pin"}
    yield {"name": "the corrected texts without their wording", "parts": {**before, "texts": now["texts"]},
           "pin": old, "refused": "texts"}  # fmt: skip
    yield {"name": "the correction under an old link", "parts": now, "pin": old, "refused": "pin"}
    yield {"name": "the old texts under the correction", "parts": {**now, "texts": before["texts"]},
           "pin": new, "refused": "texts"}  # fmt: skip
    yield {"name": "another manifest under the correction", "pin": new, "refused": "wording",
           "parts": {**now, "manifest": json.dumps(stolen, separators=(",", ":"), sort_keys=True)}}  # fmt: skip
    yield {"name": "another wording", "parts": other, "pin": new, "refused": "pin"}
    yield {"name": "a manifest in a wording's place", "parts": {**before, "wording": before["manifest"]},
           "pin": old, "refused": "wording"}  # fmt: skip


def changes(texts: str) -> Any:  # noqa: ANN401 - JSON
    """Yield single changes of `texts`, and whether each may be."""
    own = json.loads(texts)
    age = own["items"]["AGE"]["text"]
    for name, place, before, new, ok in (
        ("other words", "items.AGE.text", age, "Age", True),
        ("words that were not there", "items.AGE.text", "not this", "Age", False),
        ("a place that there is not", "items.NONE.text", age, "Age", False),
        ("the same words", "items.AGE.text", age, age, False),
        ("no words", "items.AGE.text", age, "", False),
        ("another question's answer shown", "items.AGE.text", age, "Age, {USES|that}", False),
        ("the consent", "consent.question", own["consent"]["question"], "Really?", False),
        ("a word of the program's", "interface.next", "Next", "On", False),
        ("the language's direction", "dir", "ltr", "rtl", False),
    ):
        yield {"name": name, "place": place, "old": before, "new": new, "ok": ok}


if __name__ == "__main__":
    main()
