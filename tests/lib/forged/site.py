"""A published folder of two waves by invitation, written document by document, so that a test can forge any of them.

No host and no database: what a host would refuse can be written too, signed and hashed as if it were right.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from math import comb
from pathlib import Path
from typing import Any

from hosts.collection import paid_sigma
from paths import VECTORS

from analysis.consistency.blocks import Measured, population_name
from analysis.counting.phrases import words_margin
from analysis.estimates.estimates import Weighting, describe
from crypto.canonical import canonical, digest, parse
from crypto.checkpoints import LogSigner
from crypto.envelope import record_size
from crypto.issuing import Issuer
from crypto.merkle import leaf_hash
from crypto.proofs import root_of
from crypto.signing import SigningKey
from forged.open_wave import OPEN, QUORUM, STATIC, STUDY, WITNESSES, pages_of
from forged.study import (
    CHANGES,
    CITY,
    NANO_RHO,
    WORDS,
    labels_of,
    plan_of,
    study,
    texts_of,
)
from forged.witnesses import Signatory
from survey.plan.plan import Plan, dimensions
from survey.plan.threshold_delta import exact_atto_delta
from survey.public_log.receipts import ReceiptBuckets
from survey.questionnaire.questionnaire import Questionnaire
from survey.release.release import Release
from survey.wave.manifest import LifetimeBudget, build_manifest

Doc = dict[str, Any]
Edit = Callable[[Any], object]
TOTAL, TOTAL_DELTA = 200_000_000, 100_000_000
BUDGET = LifetimeBudget(nano_rho=TOTAL, atto_delta=TOTAL_DELTA)
COUNTS = {1: (30, 40, 60), 2: (7, 7, 50)}
"""Answers, tokens, invitations of each wave."""
EPSILONS = {
    1: ({"1e-5": 1.1994, "1e-6": 1.3677, "1e-9": 1.7887}, {"1e-5": 1.3082, "1e-6": 1.4716, "1e-9": 1.8822}),
    2: ({"1e-5": 1.7601, "1e-6": 1.9946, "1e-9": 2.5845}, {"1e-5": 1.9143, "1e-6": 2.142, "1e-9": 2.717}),
}
"""After each wave: epsilon by the noise's own curve, and by OpenDP's conversion."""


@cache
def issuer_key() -> str:
    """Return the public key of an issuer, from the shared vectors."""
    pem = json.loads((VECTORS / "token.json").read_bytes())["issuers"][0]["pem"]
    return Issuer.of(pem.encode()).public


@cache
def receipts_of(wave: int) -> tuple[str, tuple[tuple[str, bytes], ...]]:
    """Return the root over the receipts of a wave, and each of the 256 lists by its name."""
    receipts = sorted(hashlib.sha256(f"{wave} {number}".encode()).hexdigest() for number in range(COUNTS[wave][0]))
    buckets = ReceiptBuckets(tuple(tuple(one for one in receipts if one[:2] == f"{place:02x}") for place in range(256)))
    return buckets.root, tuple((name, canonical(content)) for name, content in buckets.documents(STUDY, wave))


@cache
def _measured(count: int) -> bytes:
    """Return the tables and lists of a release of the honest plan, and their labels."""
    questionnaire, _ = study()
    plan = Plan.from_bytes(canonical(plan_of(1, None)))
    shapes = [dimensions(one, questionnaire) for one in plan.tables]
    populations = [one.population and one.population.model_dump(mode="json", by_alias=True, exclude_unset=True)
                   for one in plan.tables]  # fmt: skip
    measured = [
        Measured(one.id, shape.dimensions, population_name(population),
                 paid_sigma(one.nano_rho, shape.sensitivity_squared), tuple(place % 5 for place in range(shape.cells)))
        for one, shape, population in zip(plan.tables, shapes, populations, strict=True)
    ]  # fmt: skip
    described = describe(measured, count, Weighting.of(plan))
    tables = [
        {
            "id": one.id, "dimensions": [axis.to_json() for axis in shape.dimensions], "population": population,
            "nano_rho": one.nano_rho, "l2_squared": shape.most, "sensitivity_squared": shape.sensitivity_squared,
            "sigma": noisy.sigma, "measurement": "{}", "reason": one.reason, "hypotheses": [],
            "counts": [*noisy.counts], **said.to_json(),
        }
        for one, shape, population, noisy, said in zip(
            plan.tables, shapes, populations, measured, described, strict=True)
    ]  # fmt: skip
    return canonical({"tables": tables, "words": [_phrases(questionnaire)]})


def _phrases(questionnaire: Questionnaire) -> Doc:
    """Return the released list of phrases, with one phrase."""
    most = questionnaire.item(WORDS["item"]).count or 1
    # A little more than is due: OpenDP, which `sotto verify` asks, rounds up.
    sigma = paid_sigma(WORDS["nano_rho"], 2 * most) * (1 + 1e-9)
    threshold = (
        next(least for least in range(2, 10_000) if exact_atto_delta(sigma, least, most) <= WORDS["atto_delta"]) + 1
    )
    noise = {"most": most, "sigma": sigma, "threshold": threshold, "measurement": "{}", "margin": words_margin(sigma)}
    return {**WORDS, **noise, "phrases": [{"phrase": "fish", "count": threshold + 5}]}


@dataclass
class WrittenSite:
    """The folder, and the study's key; `edits` change a document, by its name, before it is signed and hashed.

    The names: `questionnaire`, `texts LOCALE`; with the number of a wave `manifest`, `drill`, `plan`, `registration`,
    `custody`, `reshared`, `frontend`, `box`, `intent`, `release`, `destruction`; the same and ` entry` for its line in
    the log, ` key` for a list of who signs it, ` signed` for the document with its signature, ` bytes` for a list of
    its bytes; `entries` for the list of all lines, `totals` for the budget that was declared, `paid release 1` for a
    release whose entry is reckoned.
    """

    folder: Path
    edits: Mapping[str, Edit] = field(default_factory=dict)
    key: SigningKey = field(default_factory=SigningKey.generate)
    signer: LogSigner = field(default_factory=lambda: LogSigner.generate("sotto/written.example"))
    demo: bool = False
    entries: list[Doc] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)
    chain: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    """The hashes of the texts since the correction."""
    spent: list[int] = field(default_factory=lambda: [0, 0])
    totals: list[int] = field(default_factory=lambda: [TOTAL, TOTAL_DELTA])
    receipts: Path | None = None
    """The lists of receipts of another such folder, to be linked to: they are 512 files, and always the same."""

    def write(self) -> "WrittenSite":
        """Write everything."""
        questionnaire, texts = study()
        self._put("questionnaire", "questionnaires", questionnaire.to_json())
        for locale, text in texts.items():
            self._put(f"texts {locale}", "texts", text.to_json())
        for wave in COUNTS:
            self._plan(wave)
            self._open(wave)
            if wave in CHANGES:
                self._correct(wave)
            self._box(wave)
            self._release(wave)
        self._destroy(1)
        self._open(OPEN)
        self._correct(OPEN)
        self._put(f"pages {OPEN}", "pages", pages_of(self.hashes[f"frontend {OPEN}"]))
        self._log(f"pages {OPEN}", "pages", OPEN, 6)
        self._edit("entries", self.entries)
        self.sign_log([canonical(entry) for entry in self.entries])
        return self

    def sign_log(self, lines: list[bytes]) -> None:
        """Write the log over these lines, with every head."""
        leaves = [leaf_hash(line) for line in lines]
        self._file("log/entries.jsonl", b"".join(line + b"\n" for line in lines))
        self._file("log/key", f"{self.signer.verifier.to_text()}\n".encode())
        for size in range(1, len(lines) + 1):
            self._file(f"log/heads/{size}", self.signer.sign(size, root_of(leaves[:size])))
        self._file("log/checkpoint", self.signer.sign(len(lines), root_of(leaves)))
        if lines:
            self.cosign(len(lines), *WITNESSES[:QUORUM])

    def cosign(self, size: int, *witnesses: Signatory, head: int | None = None, ago: int = 0) -> None:
        """Publish cosignatures of the head of `size` entries, made `ago` seconds ago, or those of another `head`."""
        note = (self.folder / f"log/heads/{head or size}").read_bytes()
        lines = [one.line(note, int(time.time()) - ago) for one in witnesses]
        self._file(f"log/cosignatures/{size}", b"".join(lines))

    def root(self, size: int) -> bytes:
        """Return the root of the log's first lines."""
        lines = (self.folder / "log/entries.jsonl").read_bytes().splitlines()
        return root_of([leaf_hash(line) for line in lines[:size]])

    def place(self, name: str) -> str:
        """Return the place of a document in the folder, by its name."""
        return self.hashes[f"{name} place"]

    def _edit(self, name: str, value: Any) -> Any:
        self.edits.get(name, lambda _: None)(value)
        return value

    def _file(self, place: str, content: bytes) -> None:
        (self.folder / place).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / place).write_bytes(content)

    def _put(self, name: str, folder: str, document: Doc, purpose: str = "", beside: str = "") -> str:
        """Change, sign and write a document; return its hash."""
        return self._write(name, folder, self._edit(name, deepcopy(document)), purpose, beside)

    def _write(self, name: str, folder: str, document: Doc, purpose: str = "", beside: str = "") -> str:
        if purpose:
            # Only to say who signs: an edit of it changes the list.
            key = self._edit(f"{name} key", [self.key])[0]
            document = self._edit(f"{name} signed", signed(key, document, purpose))
        content = self._edit(f"{name} bytes", [canonical(document)])[0]
        place = f"{folder}/{beside or digest(content)}.json"
        self._file(place, content)
        self.hashes |= {name: digest(content), f"{name} place": place}
        return digest(content)

    def _log(self, name: str, kind: str, wave: int, day: int, **members: object) -> None:
        about = {"format": "sotto-log-entry-1", "kind": kind, "study": STUDY, "wave": wave, "day": self._day(wave, day)}
        self.entries.append(self._edit(f"{name} entry", {**about, "hash": self.hashes[name], **members}))

    def _day(self, wave: int, day: int) -> str:
        return f"2026-{2 * wave:02}-{day:02}"

    def _statement(self, name: str, wave: int, day: int, said: Doc, form: str = "1") -> None:
        """Write and log a statement that the study signs."""
        kind = name.split(maxsplit=1)[0].replace("reshared", "custody")
        folder = {"custody": "custodies"}.get(kind, f"{kind}s")
        about = {"format": f"sotto-{kind}-{form}", "study": STUDY, "wave": wave, "day": self._day(wave, day)}
        self._put(name, folder, {**about, "manifest": self.hashes[f"manifest {wave}"], **said}, kind)
        self._log(name, kind, wave, day)

    def _plan(self, wave: int) -> None:
        plan = self._put(f"plan {wave}", "plans", plan_of(wave, self.hashes.get(f"plan {wave - 1}")))
        said = {
            "format": "sotto-registration-2", "study": STUDY, "wave": wave, "plan": plan, "nano_rho": NANO_RHO,
            "parent": self.hashes.get(f"plan {wave - 1}"), "day": self._day(wave, 1), "instead": [],
        }  # fmt: skip
        registration = self._put(f"registration {wave}", "registrations", said, "plan", beside=plan)
        self._log(f"plan {wave}", "plan", wave, 2, registration=registration)

    def _open(self, wave: int) -> None:
        """Open a wave: manifest, drill, front end, and how its key is split, twice."""
        questionnaire, texts = study()
        key, signer = secrets.token_bytes(1216), self.key.verifying_key.fingerprint
        made = build_manifest(
            questionnaire, texts, wave=wave, key=key, signer=signer, budget=BUDGET, demo=self.demo,
            issuer_key=issuer_key())  # fmt: skip
        first = {locale: self.hashes[f"texts {locale}"] for locale in texts}
        documents = {"questionnaire": self.hashes["questionnaire"], "texts": dict(self.texts) or first}
        rule = {"keys": [one.key.to_text() for one in WITNESSES], "quorum": QUORUM} if wave == OPEN else None
        documents |= {"witnesses": rule}
        manifest = self._put(f"manifest {wave}", "manifests", made.to_json() | documents)
        cards = [hashlib.sha256(f"{wave}{letter}".encode()).hexdigest() for letter in "abc"]
        cards_of = {"threshold": 2, "custodians": 3, "subsets": comb(3, 2)}
        said = {"study": STUDY, "wave": wave, "manifest": manifest, **cards_of}
        self._put(f"drill {wave}", "drills", {"format": "sotto-drill-1", "commitments": cards, **said}, "drill")
        self._log(f"manifest {wave}", "manifest", wave, 3, drill=self.hashes[f"drill {wave}"])
        self._put(
            f"frontend {wave}",
            "frontends",
            {"format": "sotto-frontend-1", "files": {name: digest(content) for name, content in STATIC.items()}},
        )
        self._log(f"frontend {wave}", "frontend", wave, 3)
        split = {"fingerprint": hashlib.sha256(key).hexdigest(), "threshold": 2, "custodians": 3}
        self._statement(f"custody {wave}", wave, 4, {**split, "commitments": cards, "supersedes": None}, "2")
        others = [hashlib.sha256(card.encode()).hexdigest() for card in cards]
        before = self.hashes[f"custody {wave}"]
        self._statement(f"reshared {wave}", wave, 5, {**split, "commitments": others, "supersedes": before}, "2")

    def _correct(self, wave: int) -> None:
        """Correct the wording of an open wave."""
        for locale, text in texts_of(wave).items():
            self._put(f"corrected {wave} {locale}", "texts", text.to_json())
            self.texts[locale] = self.hashes[f"corrected {wave} {locale}"]
        said = {"previous": self.hashes.get(f"correction {wave - 1}"), "reason": "typing errors", "meaning": "same"}
        changes = [change.to_json() for change in CHANGES[wave]]
        self._statement(f"correction {wave}", wave, 6, {**said, "texts": dict(self.texts), "changes": changes})

    def _corrections(self, wave: int) -> list[Doc]:
        """Return what a box names of the corrections of a wave: hash and day."""
        if wave not in CHANGES:
            return []
        return [{"correction": self.hashes[f"correction {wave}"], "since": self._day(wave, 6)}]

    def _box(self, wave: int) -> None:
        count, issued, invited = COUNTS[wave]
        manifest = self._document(f"manifest {wave}")
        receipts, documents = receipts_of(wave)
        if self.receipts is None:
            for name, content in documents:
                self._file(f"receipts/{STUDY}/{wave}/{name}.json", content)
        elif wave == 1:
            (self.folder / "receipts").symlink_to(self.receipts)
        size, root = record_size(manifest["plaintext_size"]), hashlib.sha256(f"box {wave}".encode()).hexdigest()
        said = {
            "format": "sotto-box-3", "study": STUDY, "wave": wave, "mode": manifest["mode"],
            "key_id": manifest["key_id"], "manifest": self.hashes[f"manifest {wave}"],
            "record_size": size, "count": count, "root": root, "plans": [self.hashes[f"plan {wave}"]],
            "corrections": self._corrections(wave),
        }  # fmt: skip
        self._put(f"box {wave}", "boxes", said)
        tokens = {"invited": invited, "issued": issued}
        self._log(f"box {wave}", "box", wave, 10, root=root, count=count, receipts=receipts, refused=0, **tokens)

    def _document(self, name: str) -> Doc:
        return dict(parse((self.folder / self.place(name)).read_bytes()))

    def _release(self, wave: int) -> None:
        """Announce and write the release of a wave, with the entry of the ledger that pays for it."""
        box, plan = self._document(f"box {wave}"), self.hashes[f"plan {wave}"]
        self.chain = self.chain or [genesis(self.key, *self._edit("totals", self.totals))]
        about = {"plan": plan, "box": box["root"], "count": box["count"], "head": self.chain[-1]}
        self._statement(f"intent {wave}", wave, 11, about)
        document = deepcopy(self._unsigned(wave, box))
        self._edit(f"release {wave}", document)
        self._pay(document)
        self._edit(f"paid release {wave}", document)
        self._write(f"release {wave}", f"results/{STUDY}", document, "release")
        self._log(f"release {wave}", "release", wave, 13, ledger=document["ledger"]["entry"])

    def _unsigned(self, wave: int, box: Doc) -> Doc:
        texts = texts_of(wave)
        made = parse(_measured(box["count"])) | {"labels": labels_of(wave)}
        said = {"reason": "typing errors", "changes": [one.to_json() for one in CHANGES.get(wave, ())]}
        corrections = [named | said for named in self._corrections(wave)]
        manifest = self._document(f"manifest {wave}")
        self.spent = [self.spent[0] + NANO_RHO, self.spent[1] + WORDS["atto_delta"]]
        sigma = min(one["sigma"] for one in made["tables"] + made["words"])
        curve, numbers = EPSILONS[wave]
        delta = {"cost": WORDS["atto_delta"], "spent": self.spent[1], "total": self.totals[1]}
        return {
            "format": "sotto-release-4", "study": STUDY, "wave": wave, "mode": "invitation", "unit": "respondent",
            "day": self._day(wave, 12), "registered": self._day(wave, 1), "demo": self.demo, "notes": [],
            "title": {locale: text.title for locale, text in texts.items()}, "questionnaire": manifest["questionnaire"],
            "manifest": self.hashes[f"manifest {wave}"], "plan": self.hashes[f"plan {wave}"],
            "intent": self.hashes[f"intent {wave}"],
            "box": {"root": box["root"], "count": box["count"]}, "margins": [CITY],
            "budget": {"cost": NANO_RHO, "spent": self.spent[0], "total": self.totals[0], "epsilon": numbers,
                       "curve": {"least_sigma": sigma, "epsilon": curve}, "atto_delta": delta},
            "mechanism": {"library": "opendp", "version": "0.16.0", "name": "discrete-gaussian", "measure": "zCDP",
                          "neighbours": "change-one"},
            "ledger": {"sequence": wave, "previous": self.chain[-1], "nonce": f"{wave:032x}", "history": [*self.chain]},
            "fieldwork": self._fieldwork(wave, box), **made, **({"corrections": corrections} if corrections else {}),
        }  # fmt: skip

    def _fieldwork(self, wave: int, box: Doc) -> Doc:
        _, issued, invited = COUNTS[wave]
        days = {"opened": self._day(wave, 3), "closed": self._day(wave, 9)}
        about = {"format": "sotto-fieldwork-1", "study": STUDY, "wave": wave, "root": box["root"]}
        return {**about, **days, "answered": box["count"], "issued": issued, "invited": invited}

    def _pay(self, document: Doc) -> None:
        """Write the hash of the entry that pays for a release, as it stands now, into it."""
        document["ledger"]["entry"] = entry_hash(document)
        self.chain.append(document["ledger"]["entry"])

    def _destroy(self, wave: int) -> None:
        splits = [{"custody": self.hashes[f"{name} {wave}"], "threshold": 2, "custodians": 3, "confirmed": [1, 2, 3]}
                  for name in ("reshared", "custody")]  # fmt: skip
        said = {"splits": splits, "releases": [self.hashes[f"release {wave}"]], "head": self.chain[-1]}
        self._statement(f"destruction {wave}", wave, 20, {**said, "day": self._day(2, 20)})
        self.entries[-1]["day"] = self._day(2, 20)


def signed(key: SigningKey, document: Doc, purpose: str) -> Doc:
    """Return a document as `key` signs it; a drill's signature does not cover its signer."""
    who = {"signer": key.verifying_key.to_json()}
    body = document if purpose == "drill" else {**document, **who}
    return {**document, **who, "signature": key.sign(canonical(body), purpose).to_json()}


def genesis(key: SigningKey, total: int, total_delta: int) -> str:
    """Return the hash of the budget that was declared."""
    said = {"format": "sotto-ledger-2", "study": STUDY, "signer": key.verifying_key.fingerprint}
    return digest(canonical({**said, "total": total, "total_delta": total_delta}))


def entry_hash(release: Doc) -> str:
    """Return the hash of the ledger's entry that a release says paid for it."""
    budget, delta, ledger = release["budget"], release["budget"]["atto_delta"], release["ledger"]
    said = {name: release[name] for name in ("study", "wave", "manifest", "plan")}
    said |= {name: ledger[name] for name in ("sequence", "previous", "nonce")}
    said |= {"box": release["box"]["root"], "count": release["box"]["count"], "format": "sotto-ledger-entry-1"}
    said |= {"nano_rho": budget["cost"], "spent": budget["spent"], "total": budget["total"]}
    said |= {"atto_delta": delta["cost"], "spent_delta": delta["spent"], "total_delta": delta["total"]}
    return digest(canonical(said))


def is_a_release(site: WrittenSite, wave: int) -> Release:
    """Return a written release as its format reads it."""
    return Release.from_bytes((site.folder / site.place(f"release {wave}")).read_bytes())
