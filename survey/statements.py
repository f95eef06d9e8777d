"""What the analysis host declares and this host publishes: that it will open a box, and that a key is destroyed."""

from typing import Literal

from sqlmodel import Session

from crypto.canonical import CanonicalError, parse
from survey.custody_documents import Destruction, Intent, StatementError
from survey.document import DocumentError
from survey.manifest import Manifest
from survey.office import OfficeError, RegisteredPlan, Wave, connect_office, document
from survey.settings import Settings
from survey.witnessing import statement_published

Kind = Literal["intent", "destruction", "release"]
KINDS: dict[Kind, type[Intent | Destruction]] = {"intent": Intent, "destruction": Destruction}
FORMATS: dict[str, Kind] = {"sotto-intent-1": "intent", "sotto-destruction-1": "destruction"}


class StatementRefusedError(OfficeError):
    """A statement that is not of this host's waves, or that the study's key did not sign; nothing was published."""


def kind_of(content: bytes) -> Kind:
    """Return `intent` or `destruction` for a document that says it is one, `release` for anything else."""
    try:
        return FORMATS.get(str(parse(content).get("format")), "release")
    except CanonicalError:
        return "release"


def publish_statement(settings: Settings, content: bytes) -> str:
    """
    Publish and log an intent or a destruction; return its hash. Publishing it again is harmless.

    Raises StatementRefusedError unless the key that the wave's manifest names signed it for its kind, and manifest,
    box and plan are those that this host knows.
    """
    kind = kind_of(content)
    try:
        said = KINDS[kind].from_bytes(content)
        signer = said.check(kind).fingerprint
    except (DocumentError, StatementError, KeyError) as error:
        raise StatementRefusedError(str(error)) from None
    engine = connect_office(settings.office_url)
    try:
        with Session(engine) as session:
            _check(session, said, signer)
    finally:
        engine.dispose()
    return statement_published(settings, kind, said.study, said.wave, content)


def _check(session: Session, said: Intent | Destruction, signer: str) -> None:
    wave = session.get(Wave, (said.study, said.wave))
    if wave is None:
        raise StatementRefusedError(f"{said.study} has had no wave {said.wave} here")
    manifest = Manifest.from_bytes(document(session, wave.manifest))
    pairs: dict[str, tuple[object, object]] = {
        "manifest": (said.manifest, manifest.digest),
        "the signing key": (signer, manifest.signer),
    }
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
