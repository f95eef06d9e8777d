"""From exact counts and a paid entry to a signed release: the counts end here, under noise."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.budget.entries import Entry
from analysis.consistency.blocks import Measured, population_name
from analysis.counting.count_box import Sums
from analysis.counting.phrases import Phrases, words_margin
from analysis.estimates.estimates import Described, Weighting, describe
from analysis.noise.noise import Noise, WordsNoise, epsilons, gaussian_for, mechanism, words_for
from analysis.study.folder import StudyError
from crypto.canonical import CanonicalError
from crypto.signing import SigningKey
from survey.document import DocumentError, today
from survey.plan.plan import PhraseList, Plan, PlanTable, dimensions
from survey.plan.plan_labels import label_names, labels
from survey.plan.registration import Registration
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.questionnaire.study_metadata import Fieldwork, StudyMetadata
from survey.release.budget import Budget, Curve, DeltaBudget
from survey.release.corrections import ReleasedCorrection, ReleasedVersion
from survey.release.note_codes import DUPLICATES_POSSIBLE, REGISTERED_LATE
from survey.release.phrase_lists import Phrase, Words
from survey.release.release import Box, Label, LedgerEntry, Release, Table
from survey.signed import SchemePair
from survey.wave.custody import Intent
from survey.wave.manifest import Manifest

PLENTY = 10**6
"""A count that stands far above any noise: with it a rehearsal reaches what empty tables leave out."""


@dataclass(frozen=True)
class Subject:
    """Everything public that a release speaks of, and the key that signs it.

    `intent`: the announcement of this opening, None only in a demonstration.
    `late`: the box's host does not witness that the plan was published before the box was made. `about`: who made the
    study; `fieldwork`: what its host says of the wave; None where nobody said. `texts` are those after `corrections`,
    the wording's while the wave was open; None where there are none. `version`: of the questionnaire, None for the
    study's first.
    """

    plan: Plan
    questionnaire: Questionnaire
    texts: dict[str, Texts]
    manifest: Manifest
    registration: Registration
    intent: Intent | None
    late: bool
    key: SigningKey
    about: StudyMetadata | None = None
    fieldwork: Fieldwork | None = None
    corrections: tuple[ReleasedCorrection, ...] | None = None
    version: ReleasedVersion | None = None


@dataclass(frozen=True)
class Paid:
    """The entry that pays for a release, and the hashes of all before it, the declared budget first.

    `least_sigma`: of everything that was paid for before, None where this is the first.
    """

    entry: Entry
    history: tuple[str, ...]
    least_sigma: float | None


@dataclass(frozen=True)
class PreparedNoise:
    """The noise of every table and every list of words, ready to draw."""

    tables: dict[str, Noise]
    words: dict[str, WordsNoise]

    @property
    def least_sigma(self) -> float:
        """The least standard deviation of all that will be drawn."""
        return min([one.sigma for one in self.tables.values()] + [one.sigma for one in self.words.values()])


@dataclass(frozen=True)
class Drawn:
    """Noisy (or invented) integers of every table, and the phrases of every list that are over its threshold."""

    tables: dict[str, list[int]]
    words: dict[str, dict[str, int]]


def prepare(plan: Plan, questionnaire: Questionnaire) -> PreparedNoise:
    """Return all noise; of what follows the debit only the draw itself is left."""
    lists = {words.id: (words, questionnaire.item(words.item).count or 1) for words in plan.words or ()}
    shapes = {table.id: dimensions(table, questionnaire) for table in plan.tables}
    return PreparedNoise(
        {table.id: gaussian_for(table.nano_rho, shapes[table.id].sensitivity_squared) for table in plan.tables},
        {name: words_for(words.nano_rho, words.atto_delta, most) for name, (words, most) in lists.items()},
    )


def rehearse(subject: Subject, paid: Paid, noises: PreparedNoise) -> None:
    """Build and read the whole release before the debit, of invented counts and no answers.

    `paid` holds the entry that the debit would write. Raises StudyError where no release of this plan could be made:
    after the debit nothing may fail but noise, signature and file.
    """
    for invented in (0, PLENTY):
        try:
            cells = {table.id: dimensions(table, subject.questionnaire).cells for table in subject.plan.tables}
            counts = {name: [invented] * size for name, size in cells.items()}
            phrases = {name: {"a phrase": invented} for name in noises.words}
            _document(subject, paid, Drawn(counts, phrases), noises).validated()
        except KeyError:
            raise StudyError("the study's texts have no label for a table of the plan: nothing was spent") from None
        except (DocumentError, CanonicalError) as error:
            raise StudyError(f"no release can be made of this plan, and nothing was spent: {error}") from None


def compose(subject: Subject, paid: Paid, counts: Sums, noises: PreparedNoise) -> Release:
    """Draw the noise of every table and list once and return the signed release (`sotto-release-4`)."""
    noisy = Drawn(
        {name: noise.add(np.asarray(counts[name])) for name, noise in noises.tables.items()},
        {name: noise.add(Phrases(counts[name])) for name, noise in noises.words.items()},
    )
    unsigned = _document(subject, paid, noisy, noises).validated()
    return unsigned.signed(subject.key)


def _document(subject: Subject, paid: Paid, counts: Drawn, noises: PreparedNoise) -> Release:
    """Return a release before it is validated and signed; `counts` are noisy, or invented, and never exact."""
    manifest, charge, plan = subject.manifest, paid.entry.charge, subject.plan
    names = label_names(plan.tables, (words.item for words in plan.words or ()))
    return Release.model_construct(
        format="sotto-release-4",
        study=manifest.study,
        wave=manifest.wave,
        mode=manifest.mode,
        unit="envelope" if manifest.mode == "open" else "respondent",
        day=today().isoformat(),
        demo=manifest.demo,
        registered=subject.registration.day,
        notes=notes(manifest.mode, late=subject.late),
        title={locale: texts.title for locale, texts in subject.texts.items()},
        questionnaire=manifest.questionnaire,
        version=subject.version,
        manifest=charge.manifest,
        plan=charge.plan,
        intent=subject.intent.digest if subject.intent else None,
        box=Box.model_construct(root=charge.box, count=charge.count),
        budget=_budget(paid.entry, min(noises.least_sigma, paid.least_sigma or math.inf)),
        mechanism=mechanism(),
        ledger=_ledger_entry(paid),
        labels={locale: _labels(names, subject, texts) for locale, texts in subject.texts.items()},
        tables=_tables(subject, noises.tables, counts.tables, charge.count),
        words=_words(plan, noises.words, counts.words),
        margins=plan.margins,
        about=subject.about,
        fieldwork=subject.fieldwork,
        corrections=subject.corrections,
        signer=SchemePair.of(subject.key.verifying_key),
        signature=None,
    ).compact()


def _labels(names: list[str], subject: Subject, texts: Texts) -> dict[str, Label]:
    return {name: Label.model_validate(label) for name, label in labels(names, subject.questionnaire, texts).items()}


def _words(plan: Plan, noises: dict[str, WordsNoise], counts: dict[str, dict[str, int]]) -> tuple[Words, ...] | None:
    """Return the lists of words; None where the plan asks for none."""
    if plan.words is None:
        return None
    return tuple(_list(words, noises[words.id], counts[words.id]) for words in plan.words)


def _list(phrase_list: PhraseList, noise: WordsNoise, counts: dict[str, int]) -> Words:
    """Return one list with its noise, the most frequent phrase first."""
    order = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return Words.model_construct(
        id=phrase_list.id,
        item=phrase_list.item,
        nano_rho=phrase_list.nano_rho,
        atto_delta=phrase_list.atto_delta,
        reason=phrase_list.reason,
        hypotheses=phrase_list.hypotheses,
        most=noise.most,
        sigma=noise.sigma,
        threshold=noise.threshold,
        measurement=noise.serialised,
        margin=words_margin(noise.sigma),
        phrases=tuple(Phrase.model_construct(phrase=phrase, count=count) for phrase, count in order),
    )


def notes(mode: str, *, late: bool) -> tuple[str, ...]:
    """Return the note codes of a release: the limits of an open link and of a plan that was registered late."""
    applies = {DUPLICATES_POSSIBLE: mode == "open", REGISTERED_LATE: late}
    return tuple(note for note, due in applies.items() if due)


def _budget(entry: Entry, least_sigma: float) -> Budget:
    """Return the price of this release, of all so far and of the study's life; epsilon is of all so far."""
    charge = entry.charge
    own, converted = epsilons(entry.spent, entry.spent_delta, least_sigma=least_sigma)
    delta = DeltaBudget.model_construct(cost=charge.atto_delta, spent=entry.spent_delta, total=entry.total_delta)
    return Budget.model_construct(
        cost=charge.nano_rho,
        spent=entry.spent,
        total=entry.total,
        epsilon=converted,
        curve=Curve.model_construct(least_sigma=least_sigma, epsilon=own),
        atto_delta=delta,
    )


def _ledger_entry(paid: Paid) -> LedgerEntry:
    """Return the entry as a release names it: enough to find it, to recompute it and to see a fork."""
    entry = paid.entry
    return LedgerEntry.model_construct(
        sequence=entry.sequence, entry=entry.hash, previous=entry.previous, nonce=entry.nonce, history=paid.history
    )


def _tables(subject: Subject, noises: dict[str, Noise], counts: dict[str, list[int]], size: int) -> tuple[Table, ...]:
    """Return every table with what all of them together say."""
    measured = [_measured(subject, table, noises[table.id], counts[table.id]) for table in subject.plan.tables]
    described = describe(measured, size, Weighting.of(subject.plan))
    parts = zip(subject.plan.tables, measured, described, strict=True)
    return tuple(
        _table(subject, table, noises[table.id], counted, description) for table, counted, description in parts
    )


def _measured(subject: Subject, table: PlanTable, noise: Noise, counts: list[int]) -> Measured:
    axes = dimensions(table, subject.questionnaire).dimensions
    return Measured(table.id, axes, population_name(_population(table)), noise.sigma, tuple(counts))


def _population(table: PlanTable) -> dict[str, Any] | None:
    if table.population is None:
        return None
    return table.population.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _table(subject: Subject, table: PlanTable, noise: Noise, measured: Measured, description: Described) -> Table:
    shape = dimensions(table, subject.questionnaire)
    return Table.model_construct(
        id=table.id,
        dimensions=measured.dimensions,
        population=_population(table),
        nano_rho=table.nano_rho,
        l2_squared=shape.most,
        sensitivity_squared=shape.sensitivity_squared,
        sigma=noise.sigma,
        measurement=noise.serialised,
        reason=table.reason,
        hypotheses=table.hypotheses,
        counts=measured.counts,
        consistent=description.cells,
        variances=description.variances,
        notes=description.notes,
        estimates=description.estimates,
        weighted=description.weighted,
    ).compact()
