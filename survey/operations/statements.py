"""Publishes signed statements of the analysis host: custody of a key, the intent to open a box, its destruction."""

import hashlib
from collections.abc import Sequence
from typing import Literal

from sqlmodel import Session

from crypto.canonical import CanonicalError, parse
from survey.document import dated_ahead
from survey.errors import OfficeError
from survey.office_db.acts import Act
from survey.office_db.tables import RegisteredPlan, StoredDocument, Wave, document, store_document
from survey.operations.checks import ReleaseRefusedError
from survey.operations.registrations import withdrawal_of
from survey.operations.transaction import note_act, office_session, publishing
from survey.public_log.document_checks import DocumentCheck
from survey.public_log.log_entry import LogEntry
from survey.public_log.log_events import host_log, statement_published
from survey.public_log.published_source import PublishedSource
from survey.public_log.published_splits import LoggedWave, statement_faults
from survey.release.release import Release
from survey.settings import Settings
from survey.wave.correction import FORMAT as CORRECTION
from survey.wave.custody import Custody, Destruction, Intent, StatementError
from survey.wave.manifest import Manifest

Kind = Literal["custody", "intent", "destruction", "release"]
Said = Custody | Intent | Destruction
KINDS: dict[Kind, type[Said]] = {"custody": Custody, "intent": Intent, "destruction": Destruction}
FORMATS: dict[str, Kind] = {
    "sotto-custody-2": "custody",
    "sotto-intent-1": "intent",
    "sotto-destruction-1": "destruction",
}

ACTS: dict[Kind, Act] = {
    "custody": Act.SPLIT_PUBLISHED,
    "intent": Act.INTENT_PUBLISHED,
    "destruction": Act.DESTRUCTION_PUBLISHED,
}


class StatementRefusedError(OfficeError):
    """A statement that is not of this host's waves, or that the study's key did not sign; nothing was published."""


def kind_of(content: bytes) -> Kind | Literal["correction"]:
    """Return the kind of a statement or correction for a document that says it is one, `release` for anything else."""
    try:
        written = str(parse(content).get("format"))
    except CanonicalError:
        return "release"
    return "correction" if written == CORRECTION else FORMATS.get(written, "release")


def publish_statement(settings: Settings, content: bytes) -> str:
    """
    Publish, audit and log a split of a key, an intent or a destruction; return its hash. Again is harmless.

    Raises StatementRefusedError unless the key that the wave's manifest names signed it for its kind, manifest, box
    and plan are those that this host knows, its day is not after today, a split follows the one that was logged before
    it, a destruction names every split and result of the log, and nothing follows a destruction.
    """
    kind = kind_of(content)
    if kind == "release" or kind == "correction":  # noqa: PLR1714 - which the type checker follows
        formats = ", ".join(FORMATS)
        raise StatementRefusedError(f"the document says none of the formats {formats}: give the file as it was written")
    statement = KINDS[kind].from_bytes(content)
    try:
        signer = statement.check().fingerprint
    except StatementError as error:
        raise StatementRefusedError(str(error)) from None
    if ahead := dated_ahead(statement.day):
        raise StatementRefusedError(f"the {kind} statement is not published: {ahead} (nothing was published)")
    with office_session(settings) as session:
        _check(session, statement, signer)
    _check_key(settings, kind, statement)
    with office_session(settings) as session:
        _keep(session, kind, statement)
    with publishing():
        return statement_published(settings, kind, statement.study, statement.wave, content)


def _keep(session: Session, kind: Kind, statement: Said) -> None:
    """Keep a statement in the office with who published it, once."""
    if session.get(StoredDocument, statement.digest) is None:
        name = store_document(session, kind, statement.to_bytes())
        note_act(session, ACTS[kind], f"{statement.study} {statement.wave} {name}")


def _check(session: Session, statement: Said, signer: str) -> None:
    wave = session.get(Wave, (statement.study, statement.wave))
    if wave is None:
        raise StatementRefusedError(f"{statement.study} has had no wave {statement.wave} here")
    manifest = Manifest.from_bytes(document(session, wave.manifest))
    pairs: dict[str, tuple[object, object]] = {
        "manifest": (statement.manifest, manifest.digest),
        "the signing key": (signer, manifest.signer),
    }
    if isinstance(statement, Custody):
        pairs["the public key"] = (statement.fingerprint, hashlib.sha256(manifest.public_key).hexdigest())
    if isinstance(statement, Intent):
        _refuse_withdrawn(session, statement)
        plan = session.get(RegisteredPlan, statement.plan)
        about = plan and (plan.study, plan.wave)
        pairs |= {"box": (statement.box, wave.box_root), "count": (statement.count, wave.box_count)}
        pairs["plan"] = (about, (statement.study, statement.wave))
    wrong = [name for name, (stated, expected) in pairs.items() if stated != expected]
    if wrong:
        raise StatementRefusedError(
            f"the statement is of something else than this host knows: {', '.join(wrong)} differ. Publish the plan "
            "and make the box first, and give the file as its command wrote it"
        )


def _refuse_withdrawn(session: Session, intent: Intent) -> None:
    withdrawal = withdrawal_of(session, intent.study, intent.plan)
    if withdrawal is not None:
        raise StatementRefusedError(
            f"the plan was withdrawn on {withdrawal.day}: {withdrawal.plan[:8]} was registered instead of it, and only "
            "that one may be announced"
        )


# Decision 113.
def require_announced(settings: Settings, release: Release) -> None:
    """Raise ReleaseRefusedError unless the intent that a release names was logged before, for this plan and box."""
    if release.intent is None:
        return  # The format allows that to demonstrations alone.
    about = "intent", release.study, release.wave, release.intent
    logged = [one for one in host_log(settings).entries() if (one.kind, one.study, one.wave, one.hash) == about]
    if not logged:
        raise ReleaseRefusedError(
            "the release names an intent that is not in the public log, so nobody could see what would be opened: "
            "`sotto publish intent.json` comes before `sotto release` (nothing was published)"
        )
    intent = Intent.from_bytes((settings.public / f"intents/{release.intent}.json").read_bytes())
    announced = intent.plan, intent.box, intent.count, intent.head
    if announced != (release.plan, release.box.root, release.box.count, release.ledger.previous):
        raise ReleaseRefusedError(
            "the intent that the release names is for another plan, box or head of the ledger: give the release as "
            "`sotto release` wrote it (nothing was published)"
        )
    if logged[0].day > release.day:
        raise ReleaseRefusedError(
            f"the release was made on {release.day} and announced only on {logged[0].day}: an announcement comes "
            "before the opening. If the analysis machine's clock was behind, say so where you publish the numbers; "
            "this log takes them no more (nothing was published)"
        )


def require_alive(settings: Settings, release: Release) -> None:
    """Raise ReleaseRefusedError where the log has the destruction of the wave's key, and not this release."""
    wave = LoggedWave.of({}, host_log(settings).entries(), release)
    fault = next(statement_faults(wave, release), None)
    if fault is not None and release.digest not in wave.hashes("release"):
        raise ReleaseRefusedError(f"{fault.said}: {fault.remedy} (nothing was published)")


# Decisions 59, 66.
def _check_key(settings: Settings, kind: Kind, said: Said) -> None:
    """Raise StatementRefusedError for what verifiers would refuse: splits, destructions, what comes after one."""
    entries = host_log(settings).entries()
    documents = DocumentCheck(PublishedSource(str(settings.public)))
    changed = next(documents.faults(_read_for(said, entries)), None)
    if changed is not None:
        raise StatementRefusedError(f"{changed}; restore the published folder first (nothing was published)")
    wave = LoggedWave.of(documents.read, entries, said)
    fault = next(statement_faults(wave, said), None)
    if fault is not None and said.digest not in wave.hashes(kind):
        raise StatementRefusedError(f"{fault.said}: {fault.remedy} (nothing was published)")


def _read_for(said: Said, entries: Sequence[LogEntry]) -> tuple[LogEntry, ...]:
    """Return the entries whose documents a statement is compared with."""
    wave = [one for one in entries if (one.study, one.wave) == (said.study, said.wave)]
    keys = [one for one in wave if one.kind in {"manifest", "custody"} and not isinstance(said, Intent)]
    releases = [one for one in entries if (one.kind, one.study) == ("release", said.study)]
    return (*keys, *(releases if isinstance(said, Destruction) else ()))
