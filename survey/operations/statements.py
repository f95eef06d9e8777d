"""What the analysis host declares and this host publishes: how a key is split, what will be opened, its destruction."""

import hashlib
from typing import Literal

from sqlmodel import Session

from crypto.canonical import CanonicalError, parse
from survey.document import DocumentError
from survey.errors import OfficeError
from survey.office_db.tables import RegisteredPlan, Wave, connect_staff_database, document
from survey.public_log.log_entry import LogEntry
from survey.public_log.log_events import host_log, statement_published
from survey.settings import Settings
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


class StatementRefusedError(OfficeError):
    """A statement that is not of this host's waves, or that the study's key did not sign; nothing was published."""


def kind_of(content: bytes) -> Kind:
    """Return `custody`, `intent` or `destruction` for a document that says it is one, `release` for anything else."""
    try:
        return FORMATS.get(str(parse(content).get("format")), "release")
    except CanonicalError:
        return "release"


def publish_statement(settings: Settings, content: bytes) -> str:
    """
    Publish and log a split of a key, an intent or a destruction; return its hash. Publishing it again is harmless.

    Raises StatementRefusedError unless the key that the wave's manifest names signed it for its kind, manifest, box
    and plan are those that this host knows, and a split follows the one that was logged before it.
    """
    kind = kind_of(content)
    try:
        said = KINDS[kind].from_bytes(content)
        signer = said.check().fingerprint
    except (DocumentError, StatementError, KeyError) as error:
        raise StatementRefusedError(str(error)) from None
    engine = connect_staff_database(settings.office_url)
    try:
        with Session(engine) as session:
            _check(session, said, signer)
    finally:
        engine.dispose()
    if not isinstance(said, Intent):
        _check_splits(settings, said)
    return statement_published(settings, kind, said.study, said.wave, content)


def _check(session: Session, said: Said, signer: str) -> None:
    wave = session.get(Wave, (said.study, said.wave))
    if wave is None:
        raise StatementRefusedError(f"{said.study} has had no wave {said.wave} here")
    manifest = Manifest.from_bytes(document(session, wave.manifest))
    pairs: dict[str, tuple[object, object]] = {
        "manifest": (said.manifest, manifest.digest),
        "the signing key": (signer, manifest.signer),
    }
    if isinstance(said, Custody):
        pairs["the public key"] = (said.fingerprint, hashlib.sha256(manifest.public_key).hexdigest())
    if isinstance(said, Intent):
        plan = session.get(RegisteredPlan, said.plan)
        about = plan and (plan.study, plan.wave)
        pairs |= {"box": (said.box, wave.box_root), "count": (said.count, wave.box_count)}
        pairs["plan"] = (about, (said.study, said.wave))
    wrong = [name for name, (held, known) in pairs.items() if held != known]
    if wrong:
        raise StatementRefusedError(
            f"the statement is of something else than this host knows: {', '.join(wrong)} differ. Publish the plan "
            "and make the box first, and give the file as its command wrote it"
        )


# Decision 66.
def _check_splits(settings: Settings, said: Custody | Destruction) -> None:
    """Raise StatementRefusedError for a split that is no heir of those in the log, or a destruction that leaves one."""
    own = [one for one in host_log(settings).entries() if (one.study, one.wave) == (said.study, said.wave)]
    logged = [one.hash for one in own if one.kind == "custody"]
    if isinstance(said, Destruction):
        if not {*logged} <= {split.custody for split in said.splits}:
            raise StatementRefusedError("the statement leaves out a split of the key that the public log knows")
    elif said.digest not in logged and not (said.supersedes == logged[-1] if logged else _drilled(settings, own, said)):
        before = f"superseded/{said.supersedes}.json" if said.supersedes else "the one that was drilled"
        raise StatementRefusedError(
            "this split of the key does not follow the one that the public log knows: publish the one before it first, "
            f"{before} in the wave's folder (the first is that of the drill with which the wave opened)"
        )


def _drilled(settings: Settings, own: list[LogEntry], said: Custody) -> bool:
    """Say whether a split is that of the drill with which its wave opened."""
    drills = [settings.public / f"drills/{one.drill}.json" for one in own if one.kind == "manifest"]
    return list(said.commitments) in [parse(path.read_bytes())["commitments"] for path in drills]
