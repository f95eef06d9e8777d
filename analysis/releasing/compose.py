"""From exact counts and a paid entry to a signed release: the counts end here, under noise."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.budget.ledger import Entry
from analysis.consistency.blocks import Measured, population_name
from analysis.counting.phrases import Phrases, words_margin
from analysis.counting.worker_pool import Sums
from analysis.estimates.estimates import Described, Weighting, describe
from analysis.noise.noise import Noise, WordsNoise, epsilons, gaussian_for, mechanism, words_for
from analysis.study.folder import StudyError
from crypto.canonical import CanonicalError, canonical
from crypto.signing import SigningKey
from survey.document import DocumentError, today
from survey.plan.plan import Plan, PlanTable, PlanWords, dimensions
from survey.plan.plan_labels import labels
from survey.plan.registration import Registration
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.release.release import Release
from survey.wave.manifest import Manifest

DUPLICATES, LATE = "duplicates-possible", "registered-late"
PLENTY = 10**6
"""A count that stands far above any noise: with it a rehearsal reaches what empty tables leave out."""


@dataclass(frozen=True)
class Subject:
    """Everything public that a release speaks of, and the key that signs it.

    `late`: the box's host does not witness that the plan was published before the box was made.
    """

    plan: Plan
    questionnaire: Questionnaire
    texts: dict[str, Texts]
    manifest: Manifest
    registration: Registration
    late: bool
    key: SigningKey


@dataclass(frozen=True)
class Paid:
    """The entry that pays for a release, and the hashes of all before it, the declared budget first."""

    entry: Entry
    history: tuple[str, ...]


@dataclass(frozen=True)
class Prepared:
    """The noise of every table and every list of words, ready to draw."""

    tables: dict[str, Noise]
    words: dict[str, WordsNoise]


@dataclass(frozen=True)
class Drawn:
    """Noisy (or invented) integers of every table, and the phrases of every list that are over its threshold."""

    tables: dict[str, list[int]]
    words: dict[str, dict[str, int]]


def prepare(plan: Plan, questionnaire: Questionnaire) -> Prepared:
    """Return all noise; of what follows the debit only the draw itself is left."""
    lists = {words.id: (words, questionnaire.item(words.item).count or 1) for words in plan.words or ()}
    shapes = {table.id: dimensions(table, questionnaire) for table in plan.tables}
    return Prepared(
        {table.id: gaussian_for(table.nano_rho, shapes[table.id].sensitivity_squared) for table in plan.tables},
        {name: words_for(words.nano_rho, words.atto_delta, most) for name, (words, most) in lists.items()},
    )


def rehearse(subject: Subject, paid: Paid, noises: Prepared) -> None:
    """Build and read the whole release before the debit, of invented counts and no answers.

    `paid` holds the entry that the debit would write. Raises StudyError where no release of this plan could be made:
    after the debit nothing may fail but noise, signature and file.
    """
    for invented in (0, PLENTY):
        try:
            cells = {table.id: dimensions(table, subject.questionnaire).cells for table in subject.plan.tables}
            counts = {name: [invented] * size for name, size in cells.items()}
            phrases = {name: {"a phrase": invented} for name in noises.words}
            Release.from_bytes(canonical(_document(subject, paid, Drawn(counts, phrases), noises)))
        except KeyError:
            raise StudyError("the study's texts have no label for a table of the plan: nothing was spent") from None
        except (DocumentError, CanonicalError) as error:
            raise StudyError(f"no release can be made of this plan, and nothing was spent: {error}") from None


def compose(subject: Subject, paid: Paid, counts: Sums, noises: Prepared) -> Release:
    """Draw the noise of every table and list once and return the signed release (`sotto-release-1`)."""
    noisy = Drawn(
        {name: noise.add(np.asarray(counts[name])) for name, noise in noises.tables.items()},
        {name: noise.add(Phrases(counts[name])) for name, noise in noises.words.items()},
    )
    document = _document(subject, paid, noisy, noises)
    release = Release.from_bytes(canonical(document))
    signature = subject.key.sign(release.unsigned_bytes(), "release")
    return Release.from_bytes(canonical(document | {"signature": signature.to_json()}))


def _document(subject: Subject, paid: Paid, counts: Drawn, noises: Prepared) -> dict[str, Any]:
    """Return a release without its signature; `counts` are noisy, or invented, and never exact."""
    entry, plan = paid.entry, subject.plan
    charge = entry.charge
    names = [name for table in plan.tables for name in table.dimensions] + [words.item for words in plan.words or ()]
    return _heading(subject) | {
        "manifest": charge.manifest,
        "plan": charge.plan,
        "box": {"root": charge.box, "count": charge.count},
        "budget": budget(entry),
        "mechanism": mechanism(),
        "ledger": ledger_entry(paid),
        "labels": {locale: labels(names, subject.questionnaire, texts) for locale, texts in subject.texts.items()},
        "tables": _tables(subject, noises.tables, counts.tables, charge.count),
        **_words(plan, noises.words, counts.words),
        **({} if plan.margins is None else {"margins": [margin.to_json() for margin in plan.margins]}),
        "signer": subject.key.verifying_key.to_json(),
    }


def _words(plan: Plan, noises: dict[str, WordsNoise], counts: dict[str, dict[str, int]]) -> dict[str, Any]:
    """Return the lists of words, the most frequent phrase first; nothing where the plan asks for none."""
    if plan.words is None:
        return {}
    return {"words": [_list(phrase_list, noises[phrase_list.id], counts[phrase_list.id]) for phrase_list in plan.words]}


def _list(phrase_list: PlanWords, noise: WordsNoise, counts: dict[str, int]) -> dict[str, Any]:
    order = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return phrase_list.to_json() | {
        "most": noise.most,
        "sigma": noise.sigma,
        "threshold": noise.threshold,
        "measurement": noise.serialised,
        "margin": words_margin(noise.sigma),
        "phrases": [{"phrase": phrase, "count": count} for phrase, count in order],
    }


def _heading(subject: Subject) -> dict[str, Any]:
    manifest = subject.manifest
    return {
        "format": "sotto-release-1",
        "study": manifest.study,
        "wave": manifest.wave,
        "mode": manifest.mode,
        "unit": "envelope" if manifest.mode == "open" else "respondent",
        "day": today().isoformat(),
        "demo": manifest.demo,
        "registered": subject.registration.day,
        "notes": notes(manifest.mode, late=subject.late),
        "title": {locale: texts.title for locale, texts in subject.texts.items()},
        "questionnaire": manifest.questionnaire,
    }


def notes(mode: str, *, late: bool) -> list[str]:
    """Return what every reader of a release must be told: what an open link and a late plan cannot promise."""
    notes_due = {DUPLICATES: mode == "open", LATE: late}
    return [note for note, due in notes_due.items() if due]


def budget(entry: Entry) -> dict[str, Any]:
    """Return the price of this release, of all so far and of the study's life; epsilon is of all so far."""
    return {
        "cost": entry.charge.nano_rho,
        "spent": entry.spent,
        "total": entry.total,
        "epsilon": epsilons(entry.spent, entry.spent_delta),
        "atto_delta": {"cost": entry.charge.atto_delta, "spent": entry.spent_delta, "total": entry.total_delta},
    }


def ledger_entry(paid: Paid) -> dict[str, Any]:
    """Return the entry as a release names it: enough to find it, to recompute it and to see a fork."""
    entry = paid.entry
    body = {"sequence": entry.sequence, "entry": entry.hash, "previous": entry.previous, "nonce": entry.nonce}
    return body | {"history": list(paid.history)}


def _tables(
    subject: Subject, noises: dict[str, Noise], counts: dict[str, list[int]], size: int
) -> list[dict[str, Any]]:
    """Return every table with what all of them together say."""
    measured = [_measured(subject, table, noises[table.id], counts[table.id]) for table in subject.plan.tables]
    described = describe(measured, size, Weighting.of(subject.plan))
    parts = zip(subject.plan.tables, measured, described, strict=True)
    return [_table(subject, table, noises[table.id], cells, facts) for table, cells, facts in parts]


def _measured(subject: Subject, table: PlanTable, noise: Noise, counts: list[int]) -> Measured:
    axes = dimensions(table, subject.questionnaire).dimensions
    return Measured(table.id, axes, population_name(_population(table)), noise.sigma, tuple(counts))


def _population(table: PlanTable) -> dict[str, Any] | None:
    if table.population is None:
        return None
    return table.population.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _table(subject: Subject, table: PlanTable, noise: Noise, measured: Measured, facts: Described) -> dict[str, Any]:
    shape = dimensions(table, subject.questionnaire)
    return {
        "id": table.id,
        "dimensions": [axis.to_json() for axis in measured.dimensions],
        "population": _population(table),
        "nano_rho": table.nano_rho,
        "l2_squared": shape.most,
        "sensitivity_squared": shape.sensitivity_squared,
        "sigma": noise.sigma,
        "measurement": noise.serialised,
        "reason": table.reason,
        "hypotheses": list(table.hypotheses),
        "counts": list(measured.counts),
        **facts.to_json(),
    }
