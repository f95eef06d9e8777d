"""From exact counts and a paid entry to a signed release: the counts end here, under noise."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from analysis.estimate import estimates
from analysis.ledger import Entry
from analysis.release import Noise, epsilons, gaussian_for, mechanism
from analysis.table import Counts
from crypto.canonical import canonical
from crypto.signing import SigningKey
from survey.manifest import Manifest
from survey.plan import Plan, PlanTable, Shape, dimensions
from survey.questionnaire import Questionnaire, Texts
from survey.results import Dimension, Release

DUPLICATES = "duplicates-possible"


@dataclass(frozen=True)
class Subject:
    """Everything public that a release speaks of, and the key that signs it."""

    plan: Plan
    questionnaire: Questionnaire
    texts: dict[str, Texts]
    manifest: Manifest
    key: SigningKey


def prepare(plan: Plan, questionnaire: Questionnaire) -> dict[str, Noise]:
    """Return each table's noise, ready to draw: whatever could fail fails here, before the debit."""
    return {
        table.id: gaussian_for(table.nano_rho, dimensions(table, questionnaire).l2_squared) for table in plan.tables
    }


def compose(subject: Subject, entry: Entry, counts: dict[str, Counts], noises: dict[str, Noise]) -> Release:
    """Draw the noise of every table once and return the signed release (`sotto-release-1`)."""
    manifest, charge = subject.manifest, entry.charge
    document = {
        "format": "sotto-release-1",
        "study": manifest.study,
        "wave": manifest.wave,
        "mode": manifest.mode,
        "unit": "envelope" if manifest.mode == "open" else "respondent",
        "day": datetime.now(UTC).date().isoformat(),
        "demo": manifest.demo,
        "notes": [DUPLICATES] if manifest.mode == "open" else [],
        "title": {locale: texts.title for locale, texts in subject.texts.items()},
        "questionnaire": manifest.questionnaire,
        "manifest": charge.manifest,
        "plan": charge.plan,
        "box": {"root": charge.box, "count": charge.count},
        "budget": budget(entry),
        "mechanism": mechanism(),
        "ledger": {"sequence": entry.sequence, "entry": entry.hash, "previous": entry.previous},
        "labels": {locale: labels(subject, texts) for locale, texts in subject.texts.items()},
        "tables": [
            _table(subject, table, noises[table.id], counts[table.id], charge.count) for table in subject.plan.tables
        ],
        "signer": subject.key.verifying_key.to_json(),
    }
    release = Release.from_bytes(canonical(document))
    signature = subject.key.sign(release.unsigned_bytes(), "release")
    return Release.from_bytes(canonical(document | {"signature": signature.to_json()}))


def budget(entry: Entry) -> dict[str, Any]:
    """Return the price of this release, of all so far and of the study's life; epsilon is of all so far."""
    return {
        "cost": entry.charge.nano_rho,
        "spent": entry.spent,
        "total": entry.total,
        "epsilon": epsilons(entry.spent),
    }


def axes(shape: Shape) -> tuple[Dimension, ...]:
    """Return the dimensions of a table as a release lists them."""
    return tuple(
        Dimension(id=axis.id, codes=axis.levels, multi=axis.multi, score=axis.score) for axis in shape.dimensions
    )


def labels(subject: Subject, texts: Texts) -> dict[str, Any]:
    """Return what the plan's dimensions and their levels are called in one locale."""
    names = dict.fromkeys(name for table in subject.plan.tables for name in table.dimensions)
    return {name: _label(name, subject.questionnaire, texts) for name in names}


def _label(name: str, questionnaire: Questionnaire, texts: Texts) -> dict[str, Any]:
    if name in questionnaire.derived_by_id:
        derived = texts.derived[name]
        return {"text": derived.text, "levels": dict(derived.levels)}
    item = questionnaire.item(name)
    missing = {str(code): texts.missing[str(code)] for code in item.missing}
    options = {str(code): texts.items[name].options[str(code)] for code in item.codes}
    return {"text": texts.items[name].text, "levels": options | missing}


def _table(subject: Subject, table: PlanTable, noise: Noise, counts: Counts, size: int) -> dict[str, Any]:
    shape = dimensions(table, subject.questionnaire)
    noisy = noise.add(counts)
    described = estimates(axes(shape), noisy, noise.sigma, size)
    population = table.population
    return {
        "id": table.id,
        "dimensions": [axis.to_json() for axis in axes(shape)],
        "population": population and population.model_dump(mode="json", by_alias=True, exclude_unset=True),
        "nano_rho": table.nano_rho,
        "l2_squared": shape.l2_squared,
        "sigma": noise.sigma,
        "measurement": noise.serialised,
        "reason": table.reason,
        "hypotheses": list(table.hypotheses),
        "counts": noisy,
        "estimates": [estimate.to_json() for estimate in described],
    }
