"""The release document: what leaves the analysis and is published. Pure."""

import math
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from survey.document import Count, Document, Positive
from survey.names import Id, Sha256, Slug
from survey.plan.dimension import Dimension
from survey.plan.margins import Margin as PublicMargin
from survey.questionnaire.study_metadata import Fieldwork, StudyMetadata
from survey.release.budget import Budget
from survey.release.corrections import ReleasedCorrection, ReleasedVersion
from survey.release.estimate import Estimate, Margin, Number, Weighted, group_codes
from survey.release.note_codes import Debiased
from survey.release.phrase_lists import Words
from survey.signed import Purpose, SignedDocument


class Box(Document):
    """The closed wave that was opened: its Merkle root and its declared number of envelopes."""

    root: Sha256
    count: Count


class Mechanism(Document):
    """How noise was made."""

    library: str
    version: str
    name: str
    measure: Literal["zCDP"]
    neighbours: Literal["change-one"]


class LedgerEntry(Document):
    """The entry of the ledger that paid for this release, its nonce, and every entry before it.

    `history` begins with the hash of the declared budget and ends with `previous`: two releases of one ledger have the
    same past, and those of a copied or restored ledger do not.
    """

    sequence: Positive
    entry: Sha256
    previous: Sha256
    nonce: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    history: Annotated[tuple[Sha256, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _follows(self) -> Self:
        if len(self.history) != self.sequence or self.history[-1] != self.previous:
            raise ValueError("history ends with previous and has one hash for each step before the entry")
        return self

    # Decision 28.
    def agrees_with(self, other: "LedgerEntry") -> bool:
        """Say whether both can stand in one chain: the shorter past is the beginning of the longer one."""
        chains = (*self.history, self.entry), (*other.history, other.entry)
        return all(one == another for one, another in zip(*chains, strict=False))


class Label(Document):
    """What a dimension and its levels are called in one locale; levels by code."""

    text: str
    levels: dict[str, str]


class Table(Document):
    """One noisy contingency table with its price, its noise and what it means.

    `l2_squared`: in how many cells one record may stand; `sensitivity_squared`: the square of the L2 sensitivity under
    change-one, which is the most that changing one record adds up to, squared cell by cell.
    `consistent`: the cells after all tables of the release were made to agree, unbiased, in the order of `counts`;
    `variances`: of each of them. `notes`: `debiased` where answers that the phone randomised were set right in the
    estimates (not in the cells).
    """

    id: Id
    dimensions: Annotated[tuple[Dimension, ...], Field(min_length=1, max_length=3)]
    population: dict[str, Any] | None
    nano_rho: Positive
    l2_squared: Positive
    sensitivity_squared: Positive
    sigma: Annotated[float, Field(allow_inf_nan=False, gt=0)]
    measurement: str
    reason: str
    hypotheses: tuple[str, ...]
    counts: tuple[int, ...]
    consistent: tuple[Number, ...]
    variances: tuple[Margin, ...]
    notes: tuple[Debiased, ...]
    estimates: tuple[Estimate, ...]
    weighted: Weighted | None = None

    @model_validator(mode="after")
    def _shape(self) -> Self:
        cells = math.prod(d.cells for d in self.dimensions) + (self.population is not None)
        if {cells} != {len(self.counts), len(self.consistent), len(self.variances)}:
            raise ValueError(f"{cells} counts, consistent cells and variances are needed")
        if not self.l2_squared < self.sensitivity_squared <= 2 * self.l2_squared:
            raise ValueError("the sensitivity does not fit the cells of one record")
        if any(not self._stands(estimate) for estimate in self.estimates):
            raise ValueError("an estimate is about a level that the table does not have")
        return self

    def _stands(self, estimate: Estimate) -> bool:
        group = group_codes(estimate)
        known = [d.substantive for d in self.dimensions[1:]]
        levels = set(self.dimensions[0].asked)
        rows: set[str | None] = {row for d in self.dimensions for row in d.rows or ()} or {None}
        return (
            len(group) in {0, 1, len(known)}
            and len(group) <= len(known)
            and all(code in codes for code, codes in zip(group, known, strict=False))
            and {share.code for share in estimate.shares} <= levels
            and estimate.row in rows
            and estimate.base == self.dimensions[0].base
        )


class Release(SignedDocument):
    """All that may be published of one plan over one box; frozen, signed, checkable.

    `intent`: the hash of the signed announcement that this box would be opened for this plan; null in a demonstration
    that made none. `corrections`: of the wording while the wave was open; labels and title are those after the last.
    """

    purpose = Purpose.RELEASE

    format: Literal["sotto-release-4"]
    study: Slug
    wave: Positive
    mode: Literal["open", "invitation"]
    unit: Literal["envelope", "respondent"]
    day: str
    registered: str
    demo: bool
    notes: tuple[Annotated[str, Field(pattern=r"^[a-z][a-z-]{0,63}$")], ...]
    title: Annotated[dict[str, str], Field(min_length=1)]
    questionnaire: Sha256
    version: ReleasedVersion | None = None
    manifest: Sha256
    plan: Sha256
    intent: Sha256 | None
    box: Box
    budget: Budget
    mechanism: Mechanism
    ledger: LedgerEntry
    labels: dict[str, dict[str, Label]]
    margins: tuple[PublicMargin, ...] | None = None
    about: StudyMetadata | None = None
    fieldwork: Fieldwork | None = None
    corrections: Annotated[tuple[ReleasedCorrection, ...], Field(min_length=1)] | None = None
    words: Annotated[tuple[Words, ...], Field(min_length=1)] | None = None
    tables: Annotated[tuple[Table, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if date.fromisoformat(self.registered) > date.fromisoformat(self.day):
            raise ValueError("registered after it was released")
        paid = [(table.id, table.nano_rho) for table in self.tables]
        paid += [(one.id, one.nano_rho) for one in self.words or ()]
        if len({name for name, _ in paid}) != len(paid):
            raise ValueError("two tables have one id")
        if sum(price for _, price in paid) > self.budget.cost:
            raise ValueError("the tables cost more than the release says")
        if sum(one.atto_delta for one in self.words or ()) != self.budget.atto_delta.cost:
            raise ValueError("the lists of words do not cost the delta that the release says")
        if not all(one.item in labels for labels in self.labels.values() for one in self.words or ()):
            raise ValueError("an item of words has no label")
        known = {margin.dimension for margin in self.margins or ()}
        if not all(known.issuperset(table.weighted.by) for table in self.tables if table.weighted):
            raise ValueError("a table is weighted by a dimension without a margin")
        if set(self.labels) != set(self.title):
            raise ValueError("labels and title are not in the same locales")
        if not all(d.id in labels for labels in self.labels.values() for t in self.tables for d in t.dimensions):
            raise ValueError("a dimension has no label")
        return self

    @model_validator(mode="after")
    def _of_one_study(self) -> Self:
        """Require that `version`, `about` and `fieldwork` are of this study, wave and box, and of no later day."""
        if self.version and self.version.since > self.wave:
            raise ValueError("the version of the questionnaire is of a later wave")
        if self.about and self.about.study != self.study:
            raise ValueError("about is of another study")
        if self.fieldwork is None:
            return self
        wave = self.fieldwork
        if (wave.study, wave.wave, wave.root, wave.answered) != (self.study, self.wave, self.box.root, self.box.count):
            raise ValueError("the fieldwork is of another study, wave or box")
        if date.fromisoformat(wave.closed) > date.fromisoformat(self.day):
            raise ValueError("released before the wave closed")
        if (wave.invited is not None) != (self.mode == "invitation"):
            raise ValueError("the fieldwork counts invitations exactly where a wave has them")
        return self

    @model_validator(mode="after")
    def _announced(self) -> Self:
        if self.intent is None and not self.demo:
            raise ValueError("only a demonstration is released without an intent")
        return self

    def table(self, name: str) -> Table | None:
        """Return the table of this id, or None."""
        return next((table for table in self.tables if table.id == name), None)
