"""Writes tests/vectors/envelope.json (see the README beside it); run `python -m scripts.make_envelope_vectors`."""

import hashlib
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from crypto.envelope import (
    HEADER_SIZE,
    PLAINTEXT_HEADER_SIZE,
    SUITE,
    ZERO_ROW_KEY,
    ZERO_SEAL_SECRET,
    Context,
    Record,
    body,
    key_id,
    pad,
    row_key_of,
    study_id,
)
from crypto.keys import HPKE, load_public_key
from crypto.seed import expand, public_bytes
from crypto.tokens import seal_commitment

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
    t: bytes = bytes(32)
    u: bytes = ZERO_SEAL_SECRET
    claimed: bytes | None = None  # c of the record, where it is not that of u
    plaintext_size: int = WIDTH
    sealed_by: str = "cryptography"
    rule: tuple[tuple[str, Any], ...] = ()

    @property
    def public_key(self) -> bytes:
        return public_bytes(expand(self.seed))

    @property
    def context(self) -> Context:
        return Context(study_id(self.slug), self.manifest_hash, key_id(self.public_key))

    @property
    def row_key(self) -> bytes:
        return row_key_of(self.t) if any(self.t) else ZERO_ROW_KEY

    @property
    def c(self) -> bytes:
        if self.claimed is not None:
            return self.claimed
        return seal_commitment(self.u) if any(self.t) else bytes(32)

    def to_json(self) -> dict[str, Any]:
        """Return the case as it stands in the file."""
        values: dict[str, Any] = {"name": self.name, "sealed_by": self.sealed_by, "slug": self.slug}
        for name in ("seed", "manifest_hash", "t", "c", "u", "envelope"):
            values[name] = getattr(self, name).hex()
        values |= {"plaintext_size": self.plaintext_size, **dict(self.rule)}
        return values | ({"expect": {"fail": self.fail}} if self.fail else self._success())

    def _success(self) -> dict[str, Any]:
        plaintext = pad(self.payload, self.plaintext_size, self.u)
        made = {"info": self.context.info(self.row_key).hex(), "plaintext": plaintext.hex()}
        if not any(self.t):
            record = Record.open_link(self.envelope)
            made |= {"row_key": record.row_key.hex(), "body_sha256": hashlib.sha256(body(record)).hexdigest()}
        return made | {"expect": {"payload": self.payload.hex()}}


def sealed(case: Case, plaintext: bytes | None = None) -> Case:
    """Seal with `cryptography`; the randomness is the library's own, so each run gives other envelopes."""
    text = pad(case.payload, case.plaintext_size, case.u) if plaintext is None else plaintext
    ciphertext = HPKE.encrypt(text, load_public_key(case.public_key), info=case.context.info(case.row_key))
    return replace(case, envelope=SUITE + case.context.key_id + ciphertext)


def sealed_by_hpke_js(cases: list[Case]) -> list[Case]:
    """Seal with hpke-js from fixed randomness, so that a twin can reproduce every byte."""
    entries = [
        {
            "public_key": case.public_key.hex(),
            "info": case.context.info(case.row_key).hex(),
            "plaintext": pad(case.payload, case.plaintext_size, case.u).hex(),
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
    """Return the cases that must open: several lengths, a token, a larger size, another study."""
    t, u = derived("t 1"), derived("u 1")
    return [
        Case(f"{prefix}-empty"),
        Case(f"{prefix}-one-byte", payload=b"\x00"),
        Case(f"{prefix}-answers", payload=bytes.fromhex("0100000100") + derived("answers", 63)),
        Case(f"{prefix}-full", payload=derived("full", WIDTH - PLAINTEXT_HEADER_SIZE)),
        Case(f"{prefix}-token", payload=derived("with token", 40), t=t, u=u),
        Case(f"{prefix}-large", payload=derived("large", 700), plaintext_size=768),
        Case(f"{prefix}-other-study", payload=b"\x01", seed=derived("seed 2"), slug="a", manifest_hash=derived("m 2")),
    ]


def other_context(base: Case) -> Iterator[Case]:
    """Yield envelopes that were sealed for something else than the opener holds."""
    case = replace(base, rule=())
    yield replace(case, name="wrong-study", slug="sesame-credit-2", fail="sealed for another study")
    yield replace(case, name="wrong-manifest", manifest_hash=derived("m 3"), fail="sealed for another questionnaire")
    yield replace(case, name="wrong-key", seed=derived("seed 3"), fail="sealed to another key")
    yield replace(case, name="wrong-token", t=derived("t 2"), fail="sealed under another token, or none")
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
    too_long = WIDTH - PLAINTEXT_HEADER_SIZE + 1

    def case(name: str, plaintext: bytes, why: str) -> Case:
        return sealed(Case(name, fail=why), plaintext)

    answer, end = pad(b"\x01\x02\x03", WIDTH), PLAINTEXT_HEADER_SIZE + 3
    yield case("padding-first-byte", answer[:end] + b"\x01" + answer[end + 1 :], "the first padding byte is not zero")
    yield case("padding-last-byte", answer[:-1] + b"\x80", "the last padding byte is not zero")
    yield case("length-one-too-large", too_long.to_bytes(2, "big") + bytes(WIDTH - 2), "length beyond the end")
    yield case("length-largest", b"\xff\xff" + bytes(WIDTH - 2), "length far beyond the end")
    yield case("length-too-small", b"\x00\x02" + answer[2:], "a payload byte beyond the length")
    yield case("other-size", pad(b"\x01", 2 * WIDTH), "sealed in a larger size")


def not_its_owners() -> Iterator[Case]:
    """Yield envelopes that open, sealed by somebody who does not know the token's secret u."""
    token = Case("", payload=b"\x01", t=derived("t 1"), u=derived("u 1"))
    c = token.c
    yield sealed(replace(token, name="another-u", u=derived("u 2"), claimed=c, fail="u is not the opening of c"))
    yield sealed(replace(token, name="no-u", u=ZERO_SEAL_SECRET, claimed=c, fail="zeros in the place of u"))
    yield sealed(replace(token, name="c-as-u", u=c, claimed=c, fail="c in the place of u"))
    yield sealed(Case("open-link-u", payload=b"\x01", u=derived("u 1"), claimed=bytes(32), fail="u on an open link"))


def vectors() -> dict[str, Any]:
    """Return the whole file."""
    native = [sealed(case) for case in good("python")]
    phone = sealed_by_hpke_js(good("phone"))
    base = phone[2]
    cases = [*native, *phone, *other_context(base), *damaged(base), *badly_filled(), *not_its_owners()]
    keys = {case.seed: case.public_key for case in cases}
    return {
        "format": "sotto-envelope-vectors-2",
        "keys": [
            {"seed": seed.hex(), "public_key": key.hex(), "key_id": key_id(key).hex()} for seed, key in keys.items()
        ],
        "cases": [case.to_json() for case in cases],
    }


if __name__ == "__main__":
    TARGET.write_text(json.dumps(vectors(), indent=1) + "\n", encoding="ascii")
