"""Checks a release as an outsider can: recomputes what can be recomputed, and names every field that disagrees."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from analysis.budget.entries import Charge, DeclaredBudget, Entry
from analysis.consistency.blocks import Measured
from analysis.counting.phrases import words_margin
from analysis.estimates.estimates import Described, Weighting, describe
from analysis.noise.noise import description, epsilons, mechanism, words_description, words_price
from analysis.releasing.signed_release import notes
from analysis.study.folder import StudyError, StudyFolder, WaveDocuments, read_document
from analysis.study.registered_plans import registration_of
from analysis.study.release_file import signed_by
from analysis.study.versions import version_of
from analysis.verification.announcement import intent_checks
from analysis.verification.corrected_words import corrected_texts
from analysis.verification.fieldwork import fieldwork_checks
from analysis.verification.tokens import token_checks
from crypto.box import BoxError, BoxFile
from crypto.canonical import canonical
from crypto.errors import public_text
from survey.document import DocumentError
from survey.plan.noise_price import is_paid_noise
from survey.plan.plan import PhraseList, Plan, PlanTable, dimensions
from survey.plan.plan_labels import label_names, labels
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.release.note_codes import REGISTERED_LATE
from survey.release.phrase_lists import Words
from survey.release.release import Release, Table

TOLERANCE = 2e-6
"""Shares are rounded to six decimals; another machine may differ in the last one."""


DESCRIBED = {
    "consistent": "generalised least squares over all tables and the known count",
    "variances": "of each consistent cell",
    "notes": "what was done to the answers",
    "estimates": "shares, means, medians and margins from the consistent cells",
    "weighted": "shares weighted to the public margins, with the error of the whole pipeline",
}
"""What follows from the noisy integers of a release, and how."""


@dataclass(frozen=True)
class VerifiedField:
    """One check: `field` is the path in the release; `ok` is None where the check was not possible."""

    field: str
    ok: bool | None
    statement: str


@dataclass(frozen=True)
class Report:
    """All checks of one release."""

    findings: tuple[VerifiedField, ...]

    @property
    def verified(self) -> bool:
        """Whether no check failed."""
        return all(finding.ok is not False for finding in self.findings)

    @property
    def failed(self) -> tuple[str, ...]:
        """The fields that disagree, each named once."""
        return tuple(dict.fromkeys(finding.field for finding in self.findings if finding.ok is False))

    def to_json(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        checks = [{"field": f.field, "ok": f.ok, "statement": f.statement} for f in self.findings]
        return {"verified": self.verified, "failed": list(self.failed), "checks": checks}


def verify(data: bytes, folder: StudyFolder | None = None, box: Path | None = None) -> Report:
    """Check the bytes of a release, against the study's documents and the box where they are given."""
    try:
        release = Release.from_bytes(data)
    except DocumentError as error:
        return Report((VerifiedField("release", False, str(error)),))
    documents = None if folder is None else _documents(folder, release.wave)
    findings = [*_self_consistency(release), *_with_study(release, folder, documents), *_with_box(release, box)]
    checks = *token_checks(release, documents, box), *fieldwork_checks(release, box)
    checks += tuple(intent_checks(release, folder, documents))
    findings += [VerifiedField(*check) for check in checks]
    return Report(tuple(findings))


def _documents(folder: StudyFolder, wave: int) -> WaveDocuments | StudyError:
    """Return the documents of a release's wave, read and checked once, or the error."""
    try:
        return folder.wave_documents(wave)
    except StudyError as error:
        return error


def _self_consistency(release: Release) -> Iterator[VerifiedField]:
    yield VerifiedField("signature", signed_by(release) is not None, "both signatures cover every other field")
    claim = "the hash of the ledger's entry"
    yield _recomputed("ledger.entry", claim, lambda: entry_of(release).hash == release.ledger.entry)
    claim = "the hash of the budget that was declared for this signing key"
    yield _recomputed("ledger.history", claim, lambda: declared(release).genesis == release.ledger.history[0])
    yield from _epsilon(release)
    ours = mechanism().to_json() | {"version": release.mechanism.version}
    yield _same("mechanism", release.mechanism.to_json(), ours, "discrete Gaussian noise, zCDP, change-one")
    yield _same("unit", release.unit, "envelope" if release.mode == "open" else "respondent", "what is protected")
    # Only the box can say whether the plan came late: see _with_box.
    due = notes(release.mode, late=REGISTERED_LATE in release.notes)
    yield _same("notes", release.notes, due, "what an open link cannot exclude")
    cost = sum(table.nano_rho for table in release.tables) + sum(one.nano_rho for one in release.words or ())
    yield VerifiedField("budget.cost", cost <= release.budget.cost, "the tables cost no more than was paid")
    again = _described_again(release)
    for table in release.tables:
        yield from _table(release, table, again)
    for one in release.words or ():
        yield from _phrase_list(release, one)


def _epsilon(release: Release) -> Iterator[VerifiedField]:
    """Check both epsilons of all that was spent, and that no noise of this release is under the least sigma."""
    budget = release.budget
    spent, delta, curve = budget.spent, budget.atto_delta.spent, budget.curve
    claim = "epsilon of rho and delta, by OpenDP"
    yield _recomputed("budget.epsilon", claim, lambda: budget.epsilon == epsilons(spent, delta)[1])
    claim = "epsilon by the noise's own privacy curve, and the least sigma that it is for"
    least = _least_sigma(release)
    again = partial(epsilons, spent, delta, least_sigma=curve.least_sigma)
    yield _recomputed("budget.curve", claim, lambda: curve.least_sigma <= least and curve.epsilon == again()[0])


def _least_sigma(release: Release) -> float:
    return min([table.sigma for table in release.tables] + [phrases.sigma for phrases in release.words or ()])


def _phrase_list(release: Release, phrase_list: Words) -> Iterator[VerifiedField]:
    """Check a phrase list: noise and threshold against both prices, and no phrase below the threshold."""
    field = f"words.{phrase_list.id}"
    price = {"nano_rho": phrase_list.nano_rho, "atto_delta": phrase_list.atto_delta}

    def paid() -> bool:
        rho, delta = words_price(phrase_list.sigma, phrase_list.threshold, phrase_list.most)
        return rho <= price["nano_rho"] and delta <= price["atto_delta"]

    yield _recomputed(f"{field}.threshold", "noise and threshold are as strong as the price says", paid)
    if release.mechanism.version == mechanism().version:
        described = partial(_same_words, phrase_list)
        yield _recomputed(f"{field}.measurement", "how the noise was made", described)
    over = all(phrase.count >= phrase_list.threshold for phrase in phrase_list.phrases)
    yield VerifiedField(f"{field}.phrases", over, "no phrase is under the threshold")
    yield _same(f"{field}.margin", phrase_list.margin, words_margin(phrase_list.sigma), "the noise's 95 % half-width")


def _same_words(phrase_list: Words) -> bool:
    return phrase_list.measurement == words_description(phrase_list.sigma, phrase_list.threshold, phrase_list.most)


def _described_again(release: Release) -> dict[str, Described] | None:
    """Make the release's tables consistent and describe them, from its noisy integers; None where that fails."""
    try:
        measured = [Measured.of(table) for table in release.tables]
        by = {table.id: table.weighted.by for table in release.tables if table.weighted}
        described = describe(measured, release.box.count, Weighting(by, release.margins or ()))
        return {measured_table.id: description for measured_table, description in zip(measured, described, strict=True)}
    except Exception:  # noqa: BLE001 - any exception on an edited release is a failed check
        return None


def _table(release: Release, table: Table, again: dict[str, Described] | None) -> Iterator[VerifiedField]:
    def paid() -> bool:
        return is_paid_noise(table.sigma, table.sensitivity_squared, table.nano_rho)

    field_prefix = f"tables.{table.id}"
    yield _recomputed(f"{field_prefix}.sigma", "the noise is as strong as the price says", paid)
    statement = "OpenDP's own description of the noise"
    yield _recomputed(f"{field_prefix}.measurement", statement, lambda: _describes(release, table))
    due = None if again is None else again[table.id].to_json()
    written = table.to_json()
    for field, statement in DESCRIBED.items():
        signed = written.get(field)
        if due is None or signed is not None or field in due:
            yield VerifiedField(
                f"{field_prefix}.{field}", due is not None and nearly_equal(signed, due.get(field)), statement
            )


def declared(release: Release) -> DeclaredBudget:
    """Return the lifetime budget that a release says was declared at the study's ceremony."""
    return DeclaredBudget(
        release.study, release.signer_fingerprint, release.budget.total, release.budget.atto_delta.total
    )


def entry_of(release: Release) -> Entry:
    """Return the ledger entry that a release says paid for it."""
    charge = Charge(
        release.study,
        release.wave,
        release.manifest,
        release.plan,
        release.box.root,
        release.box.count,
        release.budget.cost,
        release.budget.atto_delta.cost,
    )
    ledger, budget, delta = release.ledger, release.budget, release.budget.atto_delta
    sums = (budget.spent, budget.total, delta.spent, delta.total)
    return Entry(ledger.sequence, ledger.previous, ledger.nonce, charge, *sums)


def nearly_equal(signed: Any, recomputed: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Return whether two JSON values are equal up to the last decimal of their numbers."""
    ours, theirs = list(_leaves(recomputed)), list(_leaves(signed))
    return len(ours) == len(theirs) and all(map(_close, ours, theirs))


def _close(left: Any, right: Any) -> bool:  # noqa: ANN401 - any JSON value
    if isinstance(left, float) and isinstance(right, float | int):
        return abs(left - right) <= TOLERANCE
    return bool(left == right)


def _leaves(value: Any) -> Iterator[Any]:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        for key in sorted(value):
            yield key
            yield from _leaves(value[key])
    elif isinstance(value, list | tuple):
        yield len(value)
        for part in value:
            yield from _leaves(part)
    else:
        yield value


def _describes(release: Release, table: Table) -> bool:
    """Compare with the description by the installed OpenDP; for another version, only the common members."""
    if release.mechanism.version == mechanism().version:
        return table.measurement == description(table.sigma)
    try:
        written = json.loads(table.measurement)
        inner = written["__kwargs__"]
        signed = written["__function__"], inner["scale"], inner["MO"], written["__version__"]
    except (ValueError, KeyError, TypeError):
        return False
    return signed == ("make_gaussian", table.sigma, "ZeroConcentratedDivergence", release.mechanism.version)


def _with_study(
    release: Release, folder: StudyFolder | None, documents: WaveDocuments | StudyError | None
) -> Iterator[VerifiedField]:
    if folder is None or documents is None:
        yield VerifiedField("signer", None, "give --study to compare signer, questionnaire, manifest and plan")
        return
    if isinstance(documents, StudyError):
        yield VerifiedField("manifest", False, str(documents))
        return
    manifest, questionnaire = documents.manifest, documents.questionnaire
    yield _recomputed(
        "signer", "the key that the manifest names", lambda: release.signer_fingerprint == manifest.signer
    )
    yield _same("study", release.study, manifest.study, "the study's name")
    yield _same("mode", release.mode, manifest.mode, "open link or invitations")
    yield _same("demo", release.demo, manifest.demo, "whether the key was a demonstration's")
    totals = release.budget.total, release.budget.atto_delta.total
    announced = manifest.budget.nano_rho, manifest.budget.atto_delta
    yield _same("budget.total", totals, announced, "the lifetime budget that was announced when the wave opened")
    yield _same("manifest", release.manifest, manifest.digest, "the hash of the wave's manifest")
    yield _same("questionnaire", release.questionnaire, manifest.questionnaire, "the hash of the questionnaire")
    claim = "which version of the questionnaire, since which wave"
    yield _recomputed("version", claim, lambda: release.version == version_of(folder, manifest))
    texts = corrected_texts(release, folder, documents)
    yield VerifiedField("corrections", texts is not None, "corrections of the study folder, of this wave's words")
    yield from _words(release, questionnaire, texts or documents.texts)
    for table in release.tables:
        shaped = partial(_has_shape, table, questionnaire)
        yield _recomputed(f"tables.{table.id}.dimensions", "levels and sensitivity", shaped)
    claim = "the least sigma is that of the releases before it too"
    yield _recomputed("budget.curve", claim, partial(_covers_earlier_noise, release, folder))
    yield from _with_plan(release, folder)


def _covers_earlier_noise(release: Release, folder: StudyFolder) -> bool:
    """Return whether the study folder's earlier releases drew no noise below the least sigma of this one."""
    paths = folder.root.glob("releases/*/release.json") if release.ledger.sequence > 1 else ()
    stored = (read_document(path, Release) for path in paths if path.parent.name != release.plan)
    earlier = [before for before in stored if before.ledger.entry in release.ledger.history]
    return all(release.budget.curve.least_sigma <= _least_sigma(before) for before in earlier)


def _words(release: Release, questionnaire: Questionnaire, texts: dict[str, Texts]) -> Iterator[VerifiedField]:
    """Compare the title and the labels of dimensions and levels with the study's texts."""
    titles = {locale: text.title for locale, text in texts.items()}
    yield _same("title", release.title, titles, "the title in every locale")
    for locale in dict.fromkeys([*texts, *release.labels]):
        signed = {name: label.to_json() for name, label in release.labels.get(locale, {}).items()}
        again = partial(_labelled, release, signed, questionnaire, texts.get(locale))
        yield _recomputed(f"labels.{locale}", "what dimensions and levels are called", again)


def _labelled(release: Release, signed: dict[str, Any], questionnaire: Questionnaire, text: Texts | None) -> bool:
    names = label_names(map(_as_planned, release.tables), (phrase_list.item for phrase_list in release.words or ()))
    return text is not None and signed == labels(names, questionnaire, text)


def _as_planned(table: Table) -> PlanTable:
    return PlanTable.model_validate_json(canonical(_plan_table(table)))


def _has_shape(table: Table, questionnaire: Questionnaire) -> bool:
    shape = dimensions(_as_planned(table), questionnaire)
    signed = table.dimensions, table.l2_squared, table.sensitivity_squared
    return signed == (shape.dimensions, shape.most, shape.sensitivity_squared)


def _day(release: Release, plan: Plan, folder: StudyFolder) -> bool:
    registration = registration_of(folder, plan)
    return registration is not None and registration.day == release.registered


def _with_plan(release: Release, folder: StudyFolder) -> Iterator[VerifiedField]:
    try:
        plan = read_document(folder.release_folder(release.plan) / "plan.json", Plan)
    except StudyError:
        yield VerifiedField("plan", None, "the plan is not in the study folder")
        return
    yield _same("plan", release.plan, plan.digest, "the hash of the plan")
    yield _recomputed(
        "registered", "the day that the plan's signed registration says", partial(_day, release, plan, folder)
    )
    words = [PhraseList.model_validate(_planned(phrase_list)) for phrase_list in release.words or ()]
    yield _same("words", words, [*(plan.words or ())], "exactly the lists of words that were planned, at their price")
    yield _same("margins", release.margins or (), plan.margins or (), "the public margins of the plan")
    planned, released = [_plan_table(table) for table in plan.tables], [_plan_table(table) for table in release.tables]
    yield _same("tables", released, planned, "exactly the tables that were planned, at their price")
    by_name = {table["id"]: table for table in planned}
    for table in released:
        due = by_name.get(table["id"], table)
        for field in (field for field in {**due, **table} if due.get(field) != table.get(field)):
            yield VerifiedField(f"tables.{table['id']}.{field}", False, "as it was planned")


def _planned(phrase_list: Words) -> dict[str, Any]:
    """Return the members of a phrase list that a plan determines."""
    return {field: getattr(phrase_list, field) for field in PhraseList.model_fields}


def _plan_table(table: Table | PlanTable) -> dict[str, Any]:
    """Return the members of a table that a plan determines, as in a plan."""
    signed = table.to_json()
    names = [getattr(axis, "id", axis) for axis in table.dimensions]
    planned = {field: signed[field] for field in PlanTable.model_fields if field in signed} | {"dimensions": names}
    weighted = signed.get("weighted")
    return planned if weighted is None else planned | {"weight_by": weighted["by"]}


def _with_box(release: Release, path: Path | None) -> Iterator[VerifiedField]:
    if path is None:
        yield VerifiedField("box", None, "give --box to read every record again")
        return
    try:
        with BoxFile.open(path) as box:
            box.verify()
            header = box.header
    except (BoxError, OSError) as error:
        yield VerifiedField("box", False, public_text(error))
        return
    signed = (release.study, release.wave, release.manifest, release.box.root, release.box.count)
    read = (header.study, header.wave, header.manifest, header.root, header.count)
    yield _same("box", signed, read, "the box's tree hash and number of records")
    statement = "whether the plan was published before the box was made"
    yield _same("notes", REGISTERED_LATE in release.notes, release.plan not in header.plans, statement)
    named = tuple((one.correction, one.since) for one in release.corrections or ())
    yield _same("corrections", named, header.corrections, "the corrections that the box names, each with its day")


def _same(field: str, signed: object, expected: object, statement: str) -> VerifiedField:
    return VerifiedField(field, signed == expected, statement)


def _recomputed(field: str, statement: str, check: Callable[[], bool]) -> VerifiedField:
    """Return the finding of a recomputation; an exception counts as a failed check."""
    try:
        ok = check()
    except Exception as error:  # noqa: BLE001 - any exception on an edited release is a failed check
        return VerifiedField(field, False, f"{statement}: cannot be recomputed ({type(error).__name__})")
    return VerifiedField(field, ok, statement)
