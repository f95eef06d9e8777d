"""A release from beginning to end: check, open, count; then pay; only then noise, signature, file, and a word about it.

Until the debit is durable nothing leaves this module that depends on an answer: no output, no message, no exit code.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.budget.entries import Charge, Entry, HeadNotRecognisedError
from analysis.budget.ledger import Ledger
from analysis.counting.count_box import Job, SealedBox, Sums, count_box
from analysis.custody.custody_record import CardRecord, card_record, refuse_destroyed
from analysis.custody.intent import read_intent, require_intent, sign_intent
from analysis.custody.share_files import check_files, combine
from analysis.opening.answers import check_key
from analysis.sharding.gathering import ShardRun, gather
from analysis.study.announced_budget import require_announced
from analysis.study.corrected import corrected_in
from analysis.study.folder import StudyError, StudyFolder, read_document
from analysis.study.least_sigma import ledger_sigma
from analysis.study.registered_plans import refuse_withdrawn
from analysis.study.registration import check_plan, check_registrable, register
from analysis.study.versions import version_of
from crypto.box import BoxError, BoxFile, BoxHeader
from crypto.durable import write_file
from crypto.envelope import record_size
from crypto.errors import BudgetError
from crypto.signing import SignatureError, SigningKey, VerifyingKey
from survey.document import DocumentError, today
from survey.plan.plan import Plan
from survey.plan.registration import Registration
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.questionnaire.study_metadata import Fieldwork, StudyMetadata, fieldwork_path
from survey.release.corrections import ReleasedCorrection, ReleasedVersion
from survey.release.release import Release
from survey.wave.custody import Intent
from survey.wave.manifest import Manifest

Progress = Callable[[int], None]


class SpentResultLostError(BudgetError):
    """This plan was paid for and its result is not there (a crash between debit and file). There is no refund."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(
            f"entry {entry.sequence} of the ledger paid for this plan and its result was lost: nothing is refunded "
            "and no second noise is drawn for it; ask what is still needed in an amendment plan"
        )


class TooFewRecordsError(StudyError):
    """A wave that is far too small for any plan; how many records it has is public."""

    def __init__(self, count: int, least: int) -> None:
        super().__init__(
            f"the box holds {count} records and under {least} no number is worth its noise: publish only that there "
            "were too few and use them as a pilot; --few releases all the same (nothing was spent)"
        )


@dataclass(frozen=True)
class Request:
    """What a release is made of: a study folder, a compiled plan, the box of the plan's wave and a quorum of shares.

    `head` is what the custodians noted of the ledger's head when they last gave their shares. `least`: the declared
    number of records under which nothing is released (but from a demonstration's key). `ask` returns the words of a
    quorum at the keyboard, where there are no files `shares`; it is called when all else was checked. `approve` is
    called before a new release with what was checked, and raises where nobody wants it; nothing was written by then.
    `shards`: the workers on other machines that open the box; None where this one does.
    """

    folder: StudyFolder
    plan: Plan
    box_path: Path
    shares: tuple[Path, ...]
    workers: int | None = None
    head: str | None = None
    least: int = 0
    ask: Callable[[CardRecord], Sequence[str]] | None = field(default=None, repr=False)
    approve: Callable[["PreparedRun"], None] | None = field(default=None, repr=False)
    shards: ShardRun | None = None


@dataclass(frozen=True)
class Outcome:
    """A release and where it lies; `replayed` where it was made before and cost nothing now."""

    release: Release
    path: Path
    replayed: bool

    def to_json(self, path: Path) -> dict[str, Any]:
        """Return what `--json` prints; `path` is the file that the person asked for."""
        release = self.release
        public = {"study": release.study, "wave": release.wave, "release": str(path), "digest": release.digest}
        hashes = {"plan": release.plan, "box": release.box.root, "tables": len(release.tables)}
        return public | hashes | {"budget": release.budget.to_json(), "replayed": self.replayed}


@dataclass(frozen=True)
class PreparedRun:
    """What is known before anything is opened, all of it public, and what it will cost."""

    request: Request
    questionnaire: Questionnaire
    texts: dict[str, Texts]
    manifest: Manifest
    key: SigningKey
    charge: Charge
    late: bool
    about: StudyMetadata | None
    fieldwork: Fieldwork | None
    corrections: tuple[ReleasedCorrection, ...]
    version: ReleasedVersion | None


@dataclass(frozen=True)
class Announced:
    """What the study signed before anything was opened; `intent` is None in a demonstration that declared none."""

    registration: Registration
    intent: Intent | None


def make_release(request: Request, *, on_verify: Progress | None = None, on_open: Progress | None = None) -> Outcome:
    """Return the release of a plan, made now or stored before.

    A plan that was not registered before is registered when a quorum's words are good, before anything is opened.
    Raises StudyError, BoxError, TableError, CustodyError, WrongKeyError, the kinds of LedgerError, CountingFailedError,
    ShardError and SpentResultLostError; all but the last leave the budget as it was.
    A wave whose key was destroyed is refused first of all, what was released before included.
    """
    prepared = check(request, on_verify)
    with request.folder.open_ledger() as ledger:
        if request.head is not None:
            ledger.check_noted_head(request.head)
        entry, head = _known(ledger, prepared), ledger.head
    if entry is not None:
        return _stored(prepared, entry)
    intent = require_intent(request.folder, request.plan, prepared.manifest, prepared.charge, head)
    check_registrable(request.folder, request.plan)
    if request.shards:
        request.shards.require_ready(request.plan, prepared.questionnaire, prepared.charge.count)
    if request.approve:
        request.approve(prepared)
    seed = _seed(prepared)
    # For ever, so after the custodians' words were good; and before anything is opened.
    registration = register(request.folder, request.plan, prepared.key)
    counts = _count(prepared, seed, on_open)
    return _pay_and_write(prepared, Announced(registration, intent), counts, head)


# Decision 113.
def announce(request: Request) -> Intent:
    """Sign what is about to be opened, and register the plan; the same plan, box and head give the same intent.

    It asks for no shares, opens nothing and spends nothing. `approve` is called where the plan is not paid for yet.
    Raises what `make_release` does before it opens anything, and StudyError for a plan that was released already
    and has no intent.
    """
    prepared = check(request)
    folder, plan, manifest = request.folder, request.plan, prepared.manifest
    with folder.open_ledger() as ledger:
        entry, head = _known(ledger, prepared), ledger.head
    if entry is not None:
        declared = read_intent(folder, plan, manifest)
        if declared is None:
            raise StudyError("this plan was paid for already: nothing more is opened for it, so nothing is announced")
        return declared
    check_registrable(folder, plan)
    if request.approve:
        request.approve(prepared)
    return sign_intent(folder, plan, manifest, prepared.charge, head)


def check(request: Request, on_verify: Progress | None = None) -> PreparedRun:
    """Check plan, manifest, signing key and box against each other; raise before anything is opened or spent."""
    plan, folder = request.plan, request.folder
    documents = folder.wave_documents(plan.wave)
    manifest, questionnaire = documents.manifest, documents.questionnaire
    refuse_destroyed(folder, manifest)
    check_plan(plan, questionnaire)
    key = folder.signing_key_of(manifest)
    with BoxFile.open(request.box_path) as box:
        check_box(box, manifest)
        if len(box) < request.least and not manifest.demo:
            raise TooFewRecordsError(len(box), request.least)
        box.verify()
        header = box.header
    if on_verify:
        on_verify(header.count)
    charge = Charge(
        plan.study, plan.wave, manifest.digest, plan.digest, header.root, header.count, plan.nano_rho, plan.atto_delta
    )
    late = plan.digest not in header.plans
    background = _about(folder, plan), fieldwork_of(request.box_path, header)
    texts, corrections = corrected_in(folder, documents, header.corrections)
    worded = texts, manifest, key, charge, late, *background, corrections
    return PreparedRun(request, questionnaire, *worded, version_of(folder, manifest))


def _about(folder: StudyFolder, plan: Plan) -> StudyMetadata | None:
    about = folder.about(plan.wave)
    if about is not None and about.study != plan.study:
        raise StudyError(
            f"{folder.about_path(plan.wave)} is of the study {about.study}: write this study's with `sotto study "
            "about` (nothing was spent)"
        )
    return about


def fieldwork_of(box: Path, header: BoxHeader) -> Fieldwork | None:
    """Return what the host wrote beside a box, None where nothing lies there; raise StudyError for another box's."""
    path = fieldwork_path(box)
    if not path.exists():
        return None
    fieldwork = read_document(path, Fieldwork)
    if (fieldwork.study, fieldwork.wave, fieldwork.root) != (header.study, header.wave, header.root):
        raise StudyError(f"{path} is of another box: take the file that `sotto box` wrote with this one, or none")
    # A release refuses these too, but only when it is paid.
    counts = fieldwork.answered, fieldwork.invited is not None
    if counts != (header.count, header.mode == "invitation") or fieldwork.closed > today().isoformat():
        raise StudyError(
            f"{path} has other numbers than its box, or a last day that is still to come here: look at this machine's "
            "clock, and take the file that `sotto box` wrote with this box, or none (nothing was spent)"
        )
    return fieldwork


def load_release(path: Path, signer: VerifyingKey) -> Release | None:
    """Return the release stored at `path` if it is whole and signed by `signer`, else None."""
    try:
        release = Release.from_bytes(path.read_bytes())
        whole = release.verified() == signer
    except (OSError, DocumentError, SignatureError):
        return None
    return release if whole else None


def write_release(folder: Path, release: Release, plan: Plan) -> Path:
    """Write plan and release into `folder`, whole and durable; return the release's path."""
    write_file(folder / "plan.json", plan.to_bytes())
    path = folder / "release.json"
    write_file(path, release.to_bytes())
    return path


def check_box(box: BoxFile, manifest: Manifest) -> None:
    """Raise BoxError unless the box says that it is of this study, wave, key and questionnaire."""
    header = box.header
    expected = {
        "study": manifest.study,
        "wave": manifest.wave,
        "mode": manifest.mode,
        "manifest": manifest.digest,
        "key_id": manifest.key_id,
        "record_size": record_size(manifest.plaintext_size),
    }
    wrong = [name for name, value in expected.items() if getattr(header, name) != value]
    if wrong:
        raise BoxError(f"the box is not of this study and wave: {', '.join(wrong)} differ from the manifest")


def _seed(prepared: PreparedRun) -> bytes:
    """Return what a quorum's words make; raise CustodyError, ShareFileError or WrongKeyError for another key's."""
    request, manifest = prepared.request, prepared.manifest
    record = card_record(request.folder, manifest)
    words = request.ask(record) if request.ask else list(check_files(record, request.shares).values())
    seed = combine(record, words)
    check_key(seed, manifest)
    return seed


def _count(prepared: PreparedRun, seed: bytes, on_open: Progress | None) -> Sums:
    request = prepared.request
    # Custodians took their time: what lies at the path now must be what was checked, and what will be charged.
    box = SealedBox(request.box_path, prepared.charge.box, prepared.charge.count)
    job = Job(box, prepared.manifest, prepared.questionnaire, request.plan, seed)
    if request.shards:
        return gather(job, request.shards, on_open)
    return count_box(job, workers=request.workers, on_progress=on_open)


# Decisions 12 and 13.
def _pay_and_write(prepared: PreparedRun, announced: Announced, counts: Sums, head: str) -> Outcome:
    """Debit on top of `head`, then draw the noise, sign, write and sync; the ledger is locked until the file is there.

    Raises HeadNotRecognisedError where another release was paid for since custodians saw the head.
    """
    # Loading OpenDP takes seconds and could fail: after counting, so that no counting process carries it, and before
    # the debit, so that nothing is spent if it does.
    from analysis.releasing.signed_release import Paid, Subject, compose, prepare, rehearse  # noqa: PLC0415 - see above

    request, plan = prepared.request, prepared.request.plan
    noises = prepare(plan, prepared.questionnaire)
    public = plan, prepared.questionnaire, prepared.texts, prepared.manifest
    before_opening = announced.registration, announced.intent, prepared.late
    background = prepared.about, prepared.fieldwork, prepared.corrections or None
    subject = Subject(*public, *before_opening, prepared.key, *background, prepared.version)
    with request.folder.open_ledger() as ledger:
        entry = _known(ledger, prepared)
        if entry is not None:
            return _stored(prepared, entry)
        if ledger.head != head:
            raise HeadNotRecognisedError(
                "another release was paid for while this one was being opened, so the ledger's head is no more the one "
                "that custodians saw: ask them again (nothing was spent)"
            )
        before = tuple(ledger.chain), ledger_sigma(request.folder, ledger.entries())
        rehearse(subject, Paid(ledger.next_entry(prepared.charge), *before), noises)
        release = compose(subject, Paid(ledger.debit(prepared.charge).entry, *before), counts, noises)
        path = write_release(request.folder.release_folder(plan.digest), release, plan)
    return Outcome(release, path, replayed=False)


def _known(ledger: Ledger, prepared: PreparedRun) -> Entry | None:
    """Return the entry that paid for this very plan, or None; refuse a plan that may not be paid for."""
    require_announced(prepared.request.folder, ledger.budget, prepared.manifest)
    entry, plan = ledger.look_up(prepared.charge), prepared.request.plan
    if entry is None:
        refuse_withdrawn(prepared.request.folder, plan, prepared.manifest.signer)
    if entry is None and plan.parent is None and ledger.entries():
        raise StudyError(
            "a plan of this study was already released from: a later plan is an amendment and names its parent; "
            "write the hash of the plan before it as `parent`, register it and ask again (nothing was spent)"
        )
    return entry


def _stored(prepared: PreparedRun, entry: Entry) -> Outcome:
    path = prepared.request.folder.release_folder(prepared.charge.plan) / "release.json"
    release = load_release(path, prepared.key.verifying_key)
    if release is None or release.ledger.entry != entry.hash:
        raise SpentResultLostError(entry)
    return Outcome(release, path, replayed=True)
