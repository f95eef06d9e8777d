"""A collection host in a folder, with the Sesame study, envelopes that only look sealed, and releases without noise."""

import secrets
import shutil
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import combinations
from math import prod
from pathlib import Path
from typing import Any, TypeVar

from budgets import BUDGET
from cheap.databases import migrated
from cheap.passwords import cheap_passwords
from paths import STUDIES

from analysis.consistency.blocks import EVERYONE, Measured
from analysis.estimates.estimates import Weighting, describe
from crypto.box import BoxHeader
from crypto.canonical import canonical, parse
from crypto.envelope import KEY_ID_SIZE, SUITE, Record, body, envelope_size
from crypto.seed import expand, public_bytes
from crypto.signing import SigningKey
from survey.authoring.compiler import compile_study
from survey.authoring.plan_compiler import compile_plan
from survey.operations import boxes, releases, staff, studies, waves
from survey.operations.plans import publish_plan
from survey.plan.noise_price import exact_nano_rho, sigma_for
from survey.plan.plan import Plan, dimensions
from survey.plan.plan_labels import label_names, labels
from survey.release.release import Release
from survey.settings import Settings
from survey.wave.manifest import Manifest, build_manifest

STUDY = "q26"
SOURCES = STUDIES / "sesame_credit"
QUESTIONNAIRE, PLAN = SOURCES / "questionnaire.yaml", SOURCES / "plan.yaml"
PASSWORD = "correct horse battery staple"
EPSILON = {"1e-5": 1.16, "1e-6": 1.3, "1e-9": 1.67}
OWN_EPSILON = {"1e-5": 1.08, "1e-6": 1.21, "1e-9": 1.55}
BOX_HEADER = BoxHeader(STUDY, 1, "open", "a" * 64, "b" * 16, 1754, 3, "c" * 64)


@cache
def compiled() -> tuple[Any, Any]:
    """Return the study, compiled once."""
    return compile_study(QUESTIONNAIRE)


STUDY: str = compiled()[0].study


@dataclass
class Collection:
    """The host, and what the analysis host would hold: the signing key and, per wave, a public key of random bytes."""

    settings: Settings
    key: SigningKey = field(default_factory=SigningKey.generate)
    manifests: dict[int, Manifest] = field(default_factory=dict)

    @property
    def documents(self) -> tuple[Any, Any]:
        """The compiled questionnaire and its texts."""
        return compiled()

    def begin(self) -> None:
        """Migrate, compile the study, make an account."""
        migrated(self.settings)
        studies.new_study(self.settings, QUESTIONNAIRE)
        with cheap_passwords():
            staff.add_user(self.settings, "li", PASSWORD)

    def manifest(self, wave: int = 1, **changes: object) -> Manifest:
        """Return the manifest of a wave; `changes` replace members."""
        public = public_bytes(expand(secrets.token_bytes(32)))
        signer = self.key.verifying_key.fingerprint
        made = build_manifest(*self.documents, wave=wave, key=public, signer=signer, budget=BUDGET, demo=True)
        return Manifest.from_bytes(canonical(made.to_json() | changes))

    def drill(self, manifest: Manifest, **changes: object) -> bytes:
        """Return the signed record of a drill."""
        statement = {
            "format": "sotto-drill-1", "study": STUDY, "wave": manifest.wave, "manifest": manifest.digest,
            "threshold": 2, "custodians": 3, "subsets": len([*combinations(range(3), 2)]),
            "commitments": [letter * 64 for letter in "abc"],
        } | changes  # fmt: skip
        return self.signed(statement, "drill")

    def signed(self, document: dict[str, Any], purpose: str) -> bytes:
        """Return the document with signer and signature."""
        signature = self.key.sign(canonical(document), purpose).to_json()
        return canonical(document | {"signer": self.key.verifying_key.to_json(), "signature": signature})

    def open_wave(self, wave: int = 1) -> Manifest:
        """Open a wave."""
        manifest = self.manifests[wave] = self.manifest(wave)
        waves.open_wave(self.settings, STUDY, manifest.to_bytes(), self.drill(manifest), enough=3, target=6, demo=True)
        return manifest

    def body(self, wave: int = 1) -> bytes:
        """Return a body as a phone submits it: well-formed, with random bytes in place of a ciphertext."""
        return made_body(self.manifests[wave])

    def box(self, path: Path, wave: int = 1) -> BoxHeader:
        """Close the wave where it is open, and make its box."""
        return close_and_box(self.settings, path, wave)

    def register_plan(self, path: Path = PLAN) -> str:
        """Register an authored plan as the analysis host does, and publish it."""
        return publish_plan(self.settings, self.registered(compile_plan(path, self.documents[0])))

    def registered(self, plan: Plan, **changes: object) -> Path:
        """Return the folder of a registered plan; `changes` replace members of the registration before signing."""
        statement = {
            "format": "sotto-registration-2", "study": plan.study, "wave": plan.wave, "plan": plan.digest,
            "parent": plan.parent, "nano_rho": plan.nano_rho, "instead": [],
            "day": "2026-11-21",
        } | changes  # fmt: skip
        public = statement | {"signer": self.key.verifying_key.to_json()}
        folder = self.settings.public.parent / "registered" / plan.digest
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "plan.json").write_bytes(plan.to_bytes())
        signature = self.key.sign(canonical(public), "plan").to_json()
        (folder / "registration.json").write_bytes(canonical(public | {"signature": signature}))
        return folder

    def release(self, plan_hash: str, header: BoxHeader, **changes: object) -> bytes:
        """Return a signed release of the registered plan over a box; `changes` replace members before signing."""
        plan = Plan.from_bytes((self.settings.public / "plans" / f"{plan_hash}.json").read_bytes())
        return self.signed(self.unsigned(plan, header) | changes, "release")

    def unsigned(self, plan: Plan, header: BoxHeader) -> dict[str, Any]:
        """Return an unsigned release with made-up counts."""
        questionnaire, texts = self.documents
        names = label_names(plan.tables, ())
        price = {
            "cost": plan.nano_rho,
            "spent": plan.nano_rho,
            "total": 100_000_000,
            "epsilon": EPSILON,
            "curve": {"epsilon": OWN_EPSILON},
            "atto_delta": {"cost": 0, "spent": 0, "total": 100_000_000},
        }
        tables = parse(_tables(plan.to_bytes(), header.count))
        price["curve"]["least_sigma"] = min(table["sigma"] for table in tables["tables"])
        margins = {} if plan.margins is None else {"margins": [margin.to_json() for margin in plan.margins]}
        return {
            "format": "sotto-release-4", "study": STUDY, "wave": plan.wave,
            "mode": header.mode, "unit": "envelope" if header.mode == "open" else "respondent",
            "day": "2026-11-22", "registered": "2026-11-21", "demo": True,
            "notes": ["duplicates-possible"] * (header.mode == "open")
            + ["registered-late"] * (plan.digest not in header.plans),
            "title": {locale: text.title for locale, text in texts.items()},
            "questionnaire": questionnaire.digest, "manifest": header.manifest, "plan": plan.digest, "intent": None,
            "box": {"root": header.root, "count": header.count}, "budget": price,
            "mechanism": {"library": "opendp", "version": "0.16.0", "name": "discrete-gaussian", "measure": "zCDP",
                          "neighbours": "change-one"},
            "ledger": ledger(plan.wave),
            "labels": {locale: labels(names, questionnaire, text) for locale, text in texts.items()},
            **tables, "signer": self.key.verifying_key.to_json(), **margins,
        }  # fmt: skip


Host = TypeVar("Host", bound=Collection)


def ledger(sequence: int, entry: str | None = None, past: str = "") -> dict[str, Any]:
    """Return the entry of a made-up chain; `entry` and `past` replace the hash of this one and of the one before."""
    history = [f"{number:064x}" for number in range(sequence)]
    history[-1] = past or history[-1]
    here = entry or f"{sequence:064x}"
    return {"sequence": sequence, "entry": here, "previous": history[-1], "nonce": "0" * 32, "history": history}


def copied(host: Host, settings: Settings) -> Host:
    """Return the same host in the folders of `settings`, with all that it holds; nothing done to it reaches `host`."""
    shutil.copytree(host.settings.public.parent, settings.public.parent)
    return replace(host, settings=settings, manifests=dict(host.manifests))


def made_body(manifest: Manifest) -> bytes:
    """Return a body with a random envelope of a wave's size and key id."""
    size = envelope_size(manifest.plaintext_size) - len(SUITE) - KEY_ID_SIZE
    return body(Record.open_link(SUITE + bytes.fromhex(manifest.key_id) + secrets.token_bytes(size)))


def published(collection: Collection, path: Path) -> str:
    """Take a collection host to a published release over three envelopes; return the release's hash."""
    from survey.answers_db import owner_access

    manifest = collection.open_wave()
    owner = owner_access.connect_owner(collection.settings.answers_url)
    rows = [(made_body(manifest)[1:]) for _ in range(3)]
    owner_access.insert_records(owner, bytes.fromhex(manifest.key_id), [(_row_key(record), record) for record in rows])
    owner.dispose()
    release = collection.release(collection.register_plan(), collection.box(path))
    return releases.publish_release(collection.settings, release)


def _row_key(record: bytes) -> bytes:
    return Record.from_bytes(record, 256).row_key


@cache
def _tables(plan: bytes, count: int) -> bytes:
    """Return the tables of a made-up release: they take long to estimate and are the same for the same plan."""
    authored = Plan.from_bytes(plan)
    return canonical({"tables": [_table(authored, table, compiled()[0], count) for table in authored.tables]})


def _table(plan: Plan, table: Any, questionnaire: Any, count: int) -> dict[str, Any]:
    shape = dimensions(table, questionnaire)
    axes = shape.dimensions
    cells = prod(axis.cells for axis in axes) + (table.population is not None)
    counts = [(7 * place) % 400 for place in range(cells)]
    population = table.population
    sigma = paid_sigma(table.nano_rho, shape.sensitivity_squared)
    measured = Measured(table.id, axes, "filtered" if population else EVERYONE, sigma, tuple(counts))
    return {
        "id": table.id, "dimensions": [axis.to_json() for axis in axes],
        "population": population and population.model_dump(mode="json", by_alias=True, exclude_unset=True),
        "nano_rho": table.nano_rho, "l2_squared": shape.most,
        "sensitivity_squared": shape.sensitivity_squared, "sigma": sigma, "measurement": "{}",
        "reason": table.reason, "hypotheses": list(table.hypotheses), "counts": counts,
        **describe([measured], max(sum(counts), count), Weighting.of(plan))[0].to_json(),
    }  # fmt: skip


def paid_sigma(nano_rho: int, sensitivity_squared: int) -> float:
    """Return the least sigma that a price pays for, without the library that draws the noise."""
    sigma = sigma_for(nano_rho, sensitivity_squared)
    while exact_nano_rho(sigma, sensitivity_squared) > nano_rho:
        sigma *= 1 + 1e-12
    return sigma


def edited(release: bytes, **changes: object) -> bytes:
    """Return a release with members replaced and its old signature."""
    return canonical(parse(release) | changes)


def read(release: bytes) -> Release:
    """Return the release."""
    return Release.from_bytes(release)


def close_and_box(settings: Settings, path: Path, wave: int = 1, study: str = STUDY) -> BoxHeader:
    """Close a wave where it is open, and make its box, as staff do with two commands."""
    if any(
        one.number == wave and one.state == "open" for status in studies.study_status(settings) for one in status.waves
    ):
        waves.close_wave(settings, study)
    return boxes.make_box(settings, study, wave, path)
