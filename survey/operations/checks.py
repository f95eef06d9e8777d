"""Checks before a wave opens or a release is published: documents, key drill, signatures, hashes. No Flask."""

from math import comb

from sqlmodel import Session, col, select

from crypto.keys import PublicKeyError, load_public_key
from crypto.signing import SignatureError
from survey.document import DocumentError
from survey.errors import OfficeError
from survey.office_db.tables import (
    PublishedRelease,
    RegisteredPlan,
    Study,
    Wave,
    document,
    plans_before_box,
)
from survey.operations.fieldwork import wave_fieldwork
from survey.operations.registrations import registrations, withdrawal_of
from survey.operations.release_checks import release_faults
from survey.plan.plan import PhraseList, Plan, dimensions
from survey.plan.plan_labels import label_names, labels
from survey.public_log.log_events import corrections_of_wave
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.release.corrections import ReleasedCorrection, ReleasedVersion
from survey.release.note_codes import REGISTERED_LATE
from survey.release.release import Release, Table
from survey.settings import Settings
from survey.wave.correction import Correction
from survey.wave.custody import Drill, is_majority
from survey.wave.manifest import Manifest


class WaveRefusedError(OfficeError):
    """A wave cannot open; the message says what is missing."""


class ReleaseRefusedError(OfficeError):
    """A release is not one of this host's plans, waves and boxes, or its signature does not hold."""


def documents(session: Session, study: Study) -> tuple[Questionnaire, dict[str, Texts]]:
    """Return the questionnaire and the texts by locale of a study, in the questionnaire's order of locales."""
    questionnaire = Questionnaire.from_bytes(document(session, study.questionnaire))
    texts = {name: Texts.from_bytes(document(session, study.texts[name])) for name in questionnaire.locales}
    return questionnaire, texts


def wave_texts(session: Session, manifest: Manifest) -> dict[str, Texts]:
    """Return the texts by locale that a wave's manifest names, in its order: those before any correction."""
    return {locale: Texts.from_bytes(document(session, name)) for locale, name in manifest.texts.items()}


def check_manifest(session: Session, study: Study, content: bytes, *, demo: bool) -> Manifest:
    """
    Return the manifest; raise WaveRefusedError unless it is of this study's documents and of a kind we can run.

    The key of a demo may have one holder, who alone opens everything: it is refused unless `demo`.
    """
    manifest = Manifest.from_bytes(content)
    questionnaire, texts = documents(session, study)
    opened = session.get(Wave, (study.slug, manifest.wave))
    if opened and opened.manifest == manifest.digest:  # whose words may have been corrected since
        texts = {locale: wave_texts(session, manifest)[locale] for locale in texts}
    try:
        manifest.check(questionnaire, texts)
    except DocumentError as error:
        raise WaveRefusedError(
            f"{error}. Where the wave asks a new version of the questionnaire, give that first (`sotto study new FILE "
            "--new-version`); where the words were corrected since the last wave, publish the corrections first "
            "(`sotto publish`); where another version of Sotto held the first ceremony, keep the study with that "
            "version (`sotto study new`)"
        ) from None
    if manifest.demo and not demo:
        raise WaveRefusedError(
            "this is the key of a demo: one share may open everything. Hold a ceremony without --demo and drill its "
            "key; only to try things out, with invented answers, give --demo here too"
        )
    return manifest


def check_new_wave(session: Session, study: Study, manifest: Manifest, drill: bytes) -> None:
    """Raise WaveRefusedError unless this wave may open: signed by the study's key, complete, next, drilled."""
    check_public_key(manifest)
    check_one_signer(session, study, manifest)
    check_one_budget(session, study, manifest)
    if study.lacking:
        raise WaveRefusedError(f"{study.slug} lacks {'; '.join(study.lacking)}: complete the file, `sotto study new`")
    waves = session.exec(select(Wave).where(Wave.study == study.slug).order_by(col(Wave.number))).all()
    if waves and waves[-1].state == "open":
        raise WaveRefusedError(f"wave {waves[-1].number} of {study.slug} is open: close it first")
    if manifest.wave != len(waves) + 1:
        raise WaveRefusedError(f"the next wave of {study.slug} is {len(waves) + 1}, the manifest is of {manifest.wave}")
    if session.exec(select(Wave).where(Wave.epoch == bytes.fromhex(manifest.key_id))).first():
        raise WaveRefusedError("this key has been used for another wave: hold a key ceremony for this one")
    check_drill(manifest, drill)


def check_public_key(manifest: Manifest) -> None:
    """Raise WaveRefusedError where nothing can be sealed to the manifest's key: no phone could answer this wave."""
    try:
        load_public_key(manifest.public_key)
    except PublicKeyError as error:
        raise WaveRefusedError(
            f"the key in the manifest is {error}: make the manifest anew from the ceremony"
        ) from None


def check_one_signer(session: Session, study: Study, manifest: Manifest) -> None:
    """Raise WaveRefusedError unless the key of all waves and published plans signed this: it comes with one ledger."""
    waves = session.exec(select(Wave).where(Wave.study == study.slug).order_by(col(Wave.number)))
    signers = [Manifest.from_bytes(document(session, wave.manifest)).signer for wave in waves]
    signers += [plan.signer_fingerprint for plan in registrations(session, study.slug).values()]
    other = next((signer for signer in signers if signer != manifest.signer), None)
    if other is not None:
        raise WaveRefusedError(
            f"wave {manifest.wave} of {study.slug} has the signing key {manifest.signer[:8]} and what came before it "
            f"{other[:8]}: its ceremony was held in another study folder, with a ledger and a full budget of its own. "
            f"Hold it again in the study's own folder (`sotto key ceremony --wave {manifest.wave} -o FOLDER`; where "
            "that is lost, restore it from its copy), drill it and give the new files (nothing was opened)"
        )


# Decision 112.
def check_one_budget(session: Session, study: Study, manifest: Manifest) -> None:
    """Raise WaveRefusedError unless this announces the lifetime budget that the study's first wave announced."""
    first = session.exec(select(Wave).where(Wave.study == study.slug).order_by(col(Wave.number))).first()
    announced = first and Manifest.from_bytes(document(session, first.manifest)).budget
    if announced not in {None, manifest.budget}:
        raise WaveRefusedError(
            f"wave {manifest.wave} of {study.slug} announces another lifetime budget than the study's first wave did, "
            "which stands in the public log: a budget is announced once. Restore the study folder with its ledger "
            f"and hold the ceremony again (`sotto key ceremony --wave {manifest.wave} -o FOLDER` without --rho; "
            "nothing was opened)"
        )


def check_drill(manifest: Manifest, content: bytes) -> None:
    """Raise WaveRefusedError unless every quorum opened a test envelope of this very manifest, signed by its signer."""
    remedy = "run `sotto key drill` for this wave and give its drill.json"
    try:
        drill = Drill.from_bytes(content)
        signed = drill.verified().fingerprint == manifest.signer
    except (DocumentError, SignatureError):
        signed = False
    if not signed:
        raise WaveRefusedError(f"the drill's record does not hold: {remedy}")
    same = (drill.study, drill.wave, drill.manifest) == (manifest.study, manifest.wave, manifest.digest)
    if not same or not _of_every_quorum(drill, demo=manifest.demo):
        raise WaveRefusedError(f"the drill's record is of another wave, or not of every quorum: {remedy}")


def _of_every_quorum(drill: Drill, *, demo: bool) -> bool:
    """Say whether all quorums were tried, and each is a majority: two groups never open past each other.

    One person alone may be a quorum only where the key is a demo's.
    """
    cards = len(set(drill.commitments))
    majority = cards == drill.custodians and is_majority(drill.threshold, cards, demo=demo)
    return majority and drill.subsets == comb(drill.custodians, drill.threshold)


def check_release(settings: Settings, session: Session, content: bytes) -> Release:
    """Return the release; raise ReleaseRefusedError naming the first thing that does not hold, or DocumentError."""
    release = Release.from_bytes(content)
    wave = session.get(Wave, (release.study, release.wave))
    if wave is None or wave.box_root is None or wave.box_count is None:
        raise ReleaseRefusedError(f"wave {release.wave} of {release.study} has no box here: `sotto box` comes first")
    manifest = Manifest.from_bytes(document(session, wave.manifest))
    _check_signature(release, manifest)
    expected = {
        "manifest": manifest.digest,
        "questionnaire": manifest.questionnaire,
        "mode": manifest.mode,
        "demo": manifest.demo,
        "box": {"root": wave.box_root, "count": wave.box_count},
    }
    signed = release.to_json()
    version = _version(session, wave)
    signed.setdefault("version", None)
    expected["version"] = version and version.to_json()
    if release.fieldwork is not None:
        # Its file came beside the box, unsigned: what is signed into a release is compared with this host's own.
        fieldwork = wave_fieldwork(settings, session, wave)
        expected["fieldwork"] = fieldwork and fieldwork.to_json()
    wrong = [name for name, value in expected.items() if signed[name] != value]
    if wrong:
        raise ReleaseRefusedError(f"the release is of something else than this host knows: {', '.join(wrong)} differ")
    _check_budget(release, manifest)
    _check_plan(session, release, manifest, _wave_corrections(settings, session, release))
    _check_ledger(session, release)
    return release


def _version(session: Session, wave: Wave) -> ReleasedVersion | None:
    """Return which version of the questionnaire a wave asked, None for the study's first."""
    every = select(Wave).where(Wave.study == wave.study, Wave.number <= wave.number).order_by(col(Wave.number))
    manifests = [Manifest.from_bytes(document(session, one.manifest)) for one in session.exec(every)]
    return ReleasedVersion.of([one.questionnaire for one in manifests])


def _wave_corrections(settings: Settings, session: Session, release: Release) -> tuple[Correction, ...]:
    """Return the corrections of a release's wave; refuse a release that does not name them as they were published."""
    logged = corrections_of_wave(settings, release.study, release.wave)
    corrections = tuple(Correction.from_bytes(document(session, entry.hash)) for entry in logged)
    dated = zip(corrections, logged, strict=True)
    if (release.corrections or ()) != tuple(ReleasedCorrection.of(one, entry.day) for one, entry in dated):
        raise ReleaseRefusedError(
            "the release does not name the corrections of its wave as they were published: give the release as `sotto "
            "release` wrote it from this wave's box"
        )
    return corrections


def _check_signature(release: Release, manifest: Manifest) -> None:
    if not release.is_signed_by(manifest.signer):
        raise ReleaseRefusedError(
            "the release's signature does not hold, or is of another key than the wave's manifest names"
        )


def _check_budget(release: Release, manifest: Manifest) -> None:
    """Refuse a release of another lifetime budget than the one that was announced before anybody was asked."""
    budget, announced = release.budget, manifest.budget
    if (budget.total, budget.atto_delta.total) != (announced.nano_rho, announced.atto_delta):
        raise ReleaseRefusedError(
            "the release was paid from another lifetime budget than the one that the wave's manifest announced: only "
            "that one may be spent; make the release with the study's own ledger (nothing was published)"
        )


def _check_plan(session: Session, release: Release, manifest: Manifest, corrections: tuple[Correction, ...]) -> None:
    registered = session.get(RegisteredPlan, release.plan)
    if registered is None or (registered.study, registered.wave) != (release.study, release.wave):
        raise ReleaseRefusedError(
            "the release's plan was not registered for this wave: run `sotto plan publish` with the plan's folder "
            "(plans/ in the study folder), then publish the release again"
        )
    plan = Plan.from_bytes(document(session, release.plan))
    questionnaire = Questionnaire.from_bytes(document(session, manifest.questionnaire))
    planned = [_of_plan(plan, index, questionnaire) for index in range(len(plan.tables))]
    lists = [
        {field: getattr(phrase_list, field) for field in PhraseList.model_fields} for phrase_list in release.words or ()
    ]
    of_plan = [phrase_list.model_dump() for phrase_list in plan.words or ()], plan.margins or ()
    if planned != [_of_release(table) for table in release.tables] or (lists, release.margins or ()) != of_plan:
        raise ReleaseRefusedError("the release's tables are not those of its plan")
    # The texts of the wave with its corrections: under swapped labels true numbers say what is false.
    texts = wave_texts(session, manifest)
    for correction in corrections:
        texts = correction.corrected(texts)
    names = label_names(plan.tables, (phrase_list.item for phrase_list in plan.words or ()))
    words = {locale: (text.title, labels(names, questionnaire, text)) for locale, text in texts.items()}
    signed = release.to_json()
    if words != {locale: (title, signed["labels"][locale]) for locale, title in signed["title"].items()}:
        raise ReleaseRefusedError("the release's title or labels are not those of this wave's texts")
    fault = next(release_faults(release, plan, questionnaire), None)
    if fault:
        raise ReleaseRefusedError(
            f"{fault}: an outsider would say so. Give the release as `sotto release` wrote it (nothing was published)"
        )
    _check_registration(session, release, manifest)
    earlier = session.exec(select(PublishedRelease).where(PublishedRelease.plan == release.plan)).first()
    if earlier and earlier.hash != release.digest:
        raise ReleaseRefusedError("another release of this plan is published already: a plan has one")


def _check_registration(session: Session, release: Release, manifest: Manifest) -> None:
    """Refuse a withdrawn plan, another day than its registration says, and a late one that is not said to be late."""
    registration = registrations(session, release.study).get(release.plan)
    signer = registration and registration.signer_fingerprint
    if registration is None or (registration.day, signer) != (release.registered, manifest.signer):
        raise ReleaseRefusedError("the release's day of registration is not the one that was published with its plan")
    withdrawal = withdrawal_of(session, release.study, release.plan)
    if withdrawal is not None:
        raise ReleaseRefusedError(
            f"the release's plan was withdrawn on {withdrawal.day}: {withdrawal.plan[:8]} was registered instead of it"
        )
    late = release.plan not in plans_before_box(session, release.study, release.wave)
    if late != (REGISTERED_LATE in release.notes):
        raise ReleaseRefusedError(
            "the release does not say rightly whether its plan was published before the box was made"
        )


def _check_ledger(session: Session, release: Release) -> None:
    """Refuse a release whose ledger entry contradicts a published one: one of two ledgers is a copy or was restored."""
    for other in session.exec(select(PublishedRelease).where(PublishedRelease.study == release.study)):
        if not release.ledger.agrees_with(Release.from_bytes(document(session, other.hash)).ledger):
            raise ReleaseRefusedError(
                f"its ledger entry {release.ledger.sequence} does not follow from the published ones: it was paid from "
                "a copied or restored ledger, so the budget was spent twice"
            )


def _of_plan(plan: Plan, index: int, questionnaire: Questionnaire) -> object:
    table = plan.tables[index]
    shape = dimensions(table, questionnaire)
    population = (
        table.population.model_dump(mode="json", by_alias=True, exclude_unset=True) if table.population else None
    )
    reasons = table.reason, tuple(table.hypotheses), table.weight_by
    return table.id, shape.dimensions, population, table.nano_rho, shape.most, shape.sensitivity_squared, reasons


def _of_release(table: Table) -> object:
    reasons = table.reason, table.hypotheses, table.weighted and table.weighted.by
    priced = table.nano_rho, table.l2_squared, table.sensitivity_squared
    return table.id, table.dimensions, table.population, *priced, reasons
