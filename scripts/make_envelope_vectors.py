"""Writes tests/vectors/envelope.json (see the README beside it); run `python -m scripts.make_envelope_vectors`."""

import hashlib
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from crypto.envelope import HEADER_SIZE, SUITE, ZERO_TAG, Context, Record, body, key_id, pad, study_id
from crypto.keys import HPKE, load_public_key
from crypto.seed import expand, public_bytes

HERE = Path(__file__).parent
TARGET = HERE.parent / "tests" / "vectors" / "envelope.json"
WIDTH = 256


def derived(label: str, size: int = 32) -> bytes:
    """Return fixed bytes for the vectors: no secret, the same at every run."""
    return hashlib.shake_256(f"sotto vectors {label}".encode()).digest(size)


@dataclass(frozen=True)
class Case:
    """What the opener holds, the envelope it is given and what must come of it."""

    name: str
    envelope: bytes = b""
    payload: bytes = b""
    fail: str | None = None
    seed: bytes = derived("seed 1")
    slug: str = "sesame-credit"
    manifest_hash: bytes = derived("manifest 1")
    tag: bytes = ZERO_TAG
    plaintext_size: int = WIDTH
    sealed_by: str = "cryptography"
    rule: tuple[tuple[str, Any], ...] = ()

    @property
    def public_key(self) -> bytes:
        return public_bytes(expand(self.seed))

    @property
    def context(self) -> Context:
        return Context(study_id(self.slug), self.manifest_hash, key_id(self.public_key))

    def to_json(self) -> dict[str, Any]:
        """Return the case as it stands in the file."""
        values: dict[str, Any] = {"name": self.name, "sealed_by": self.sealed_by, "slug": self.slug}
        for name in ("seed", "manifest_hash", "tag", "envelope"):
            values[name] = getattr(self, name).hex()
        values |= {"plaintext_size": self.plaintext_size, **dict(self.rule)}
        return values | ({"expect": {"fail": self.fail}} if self.fail else self._success())

    def _success(self) -> dict[str, Any]:
        made = {"info": self.context.info(self.tag).hex(), "plaintext": pad(self.payload, self.plaintext_size).hex()}
        if self.tag == ZERO_TAG:
            record = Record.open_link(self.envelope)
            made |= {"row_key": record.row_key.hex(), "body_sha256": hashlib.sha256(body(record)).hexdigest()}
        return made | {"expect": {"payload": self.payload.hex()}}


def sealed(case: Case, plaintext: bytes | None = None) -> Case:
    """Seal with `cryptography`; the randomness is the library's own, so each run gives other envelopes."""
    text = pad(case.payload, case.plaintext_size) if plaintext is None else plaintext
    ciphertext = HPKE.encrypt(text, load_public_key(case.public_key), info=case.context.info(case.tag))
    return replace(case, envelope=SUITE + case.context.key_id + ciphertext)


def sealed_by_hpke_js(cases: list[Case]) -> list[Case]:
    """Seal with hpke-js from fixed randomness, so that a twin can reproduce every byte."""
    entries = [
        {
            "public_key": case.public_key.hex(),
            "info": case.context.info(case.tag).hex(),
            "plaintext": pad(case.payload, case.plaintext_size).hex(),
            "ekm": derived(f"ekm {case.name}", 64).hex(),
        }
        for case in cases
    ]
    command = ["node", str(HERE / "seal_with_hpke.mjs")]
    run = subprocess.run(command, input=json.dumps(entries), capture_output=True, text=True, check=True)
    return [
        replace(
            case,
            envelope=SUITE + case.context.key_id + bytes.fromhex(text),
            sealed_by="hpke-js",
            rule=(("ekm", entry["ekm"]),),
        )
        for case, entry, text in zip(cases, entries, json.loads(run.stdout), strict=True)
    ]


def good(prefix: str) -> list[Case]:
    """Return the cases that must open: several lengths, a tag, a larger size, another study."""
    token = derived("tag 1")
    return [
        Case(f"{prefix}-empty"),
        Case(f"{prefix}-one-byte", payload=b"\x00"),
        Case(f"{prefix}-answers", payload=bytes.fromhex("0100000100") + derived("answers", 63)),
        Case(f"{prefix}-full", payload=derived("full", WIDTH - 2)),
        Case(f"{prefix}-tag", payload=derived("with tag", 40), tag=token),
        Case(f"{prefix}-large", payload=derived("large", 700), plaintext_size=768),
        Case(f"{prefix}-other-study", payload=b"\x01", seed=derived("seed 2"), slug="a", manifest_hash=derived("m 2")),
    ]


def other_context(base: Case) -> Iterator[Case]:
    """Yield envelopes that were sealed for something else than the opener holds."""
    case = replace(base, rule=())
    yield replace(case, name="wrong-study", slug="sesame-credit-2", fail="sealed for another study")
    yield replace(case, name="wrong-manifest", manifest_hash=derived("m 3"), fail="sealed for another questionnaire")
    yield replace(case, name="wrong-key", seed=derived("seed 3"), fail="sealed to another key")
    yield replace(case, name="wrong-tag", tag=derived("tag 2"), fail="sealed with another tag")
    stolen = SUITE + replace(case, seed=derived("seed 3")).context.key_id + case.envelope[HEADER_SIZE:]
    yield replace(
        case, name="wrong-key-relabelled", seed=derived("seed 3"), envelope=stolen, fail="only the id matches"
    )


def damaged(base: Case) -> Iterator[Case]:
    """Yield changed bytes, one region at a time."""
    case = replace(base, rule=())
    size = len(case.envelope)
    regions = [
        ("version", 0, 1),
        ("suite", 1, 2),
        ("key-id", 2, 1),
        ("mlkem-share", 10, 1),
        ("mlkem-share-end", 1097, 0x80),
        ("x25519-share", 1098, 1),
        ("x25519-ignored-bit", 1129, 0x80),
        ("ciphertext", 1130, 1),
        ("ciphertext-end", size - 17, 0x80),
        ("aead-tag", size - 1, 1),
    ]
    for region, place, mask in regions:
        changed = bytearray(case.envelope)
        changed[place] ^= mask
        yield replace(case, name=f"flipped-{region}", envelope=bytes(changed), fail=f"a bit of the {region} is flipped")
    yield replace(case, name="truncated", rule=(("truncate", "every"),), fail="cut short at any byte")
    yield replace(case, name="trailing-byte", envelope=case.envelope + b"\x00", fail="a byte too many")
    yield replace(case, name="empty", envelope=b"", fail="nothing at all")


def badly_filled() -> Iterator[Case]:
    """Yield envelopes that authenticate, over a plaintext that is none."""

    def case(name: str, plaintext: bytes, why: str) -> Case:
        return sealed(Case(name, fail=why), plaintext)

    answer = pad(b"\x01\x02\x03", WIDTH)
    yield case("padding-first-byte", answer[:5] + b"\x01" + answer[6:], "the first padding byte is not zero")
    yield case("padding-last-byte", answer[:-1] + b"\x80", "the last padding byte is not zero")
    yield case("length-one-too-large", (WIDTH - 1).to_bytes(2, "big") + bytes(WIDTH - 2), "length beyond the end")
    yield case("length-largest", b"\xff\xff" + bytes(WIDTH - 2), "length far beyond the end")
    yield case("length-too-small", b"\x00\x02\x01\x02\x03" + bytes(WIDTH - 5), "a payload byte beyond the length")
    yield case("other-size", pad(b"\x01", 2 * WIDTH), "sealed in a larger size")


def vectors() -> dict[str, Any]:
    """Return the whole file."""
    native = [sealed(case) for case in good("python")]
    phone = sealed_by_hpke_js(good("phone"))
    base = phone[2]
    cases = [*native, *phone, *other_context(base), *damaged(base), *badly_filled()]
    keys = {case.seed: case.public_key for case in cases}
    return {
        "format": "sotto-envelope-vectors-1",
        "keys": [
            {"seed": seed.hex(), "public_key": key.hex(), "key_id": key_id(key).hex()} for seed, key in keys.items()
        ],
        "cases": [case.to_json() for case in cases],
    }


if __name__ == "__main__":
    TARGET.write_text(json.dumps(vectors(), indent=1) + "\n", encoding="ascii")
