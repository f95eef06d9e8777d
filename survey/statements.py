"""What the analysis host declares and this host publishes: that it will open a box, and that a key is destroyed."""

from typing import Any, Literal

from sqlmodel import Session

from crypto.canonical import CanonicalError, canonical, parse
from crypto.signing import Signature, SignatureError, VerifyingKey
from survey.manifest import Manifest
from survey.office import OfficeError, RegisteredPlan, Wave, connect_office, document
from survey.settings import Settings
from survey.witnessing import statement_published

FORMATS: dict[str, Literal["intent", "destruction"]] = {
    "sotto-intent-1": "intent",
    "sotto-destruction-1": "destruction",
}


class StatementRefusedError(OfficeError):
    """A statement that is not of this host's waves, or that the study's key did not sign; nothing was published."""


def format_of(content: bytes) -> str:
    """Return the format that a document says it has, "" where it says none."""
    try:
        return str(parse(content).get("format", ""))
    except CanonicalError:
        return ""


def publish_statement(settings: Settings, content: bytes) -> tuple[str, str]:
    """
    Publish an intent to release or a destruction; return its kind and its hash. Publishing it again is harmless.

    Raises StatementRefusedError unless the key that the wave's manifest names signed it, for its kind as purpose, over
    the canonical JSON without `signature`, and what it says of wave, plan and box is known here.
    """
    said = _parsed(content)
    kind = FORMATS[said["format"]]
    engine = connect_office(settings.office_url)
    try:
        with Session(engine) as session:
            _check(session, said, kind)
    finally:
        engine.dispose()
    return kind, statement_published(settings, kind, said["study"], said["wave"], content)


def _parsed(content: bytes) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if format_of(content) in FORMATS:
        said = parse(content)
    if not isinstance(said.get("study"), str) or type(said.get("wave")) is not int:
        raise StatementRefusedError("this is no intent and no destruction: give the file as its command wrote it")
    return said


def _check(session: Session, said: dict[str, Any], kind: str) -> None:
    wave = session.get(Wave, (said["study"], said["wave"]))
    if wave is None:
        raise StatementRefusedError(f"{said['study']} has had no wave {said['wave']} here")
    _check_signed(said, kind, Manifest.from_bytes(document(session, wave.manifest)))
    known: dict[str, object] = {"manifest": wave.manifest}
    if kind == "intent":
        plan = session.get(RegisteredPlan, str(said.get("plan")))
        known |= {"box": wave.box_root, "count": wave.box_count, "plan": plan and plan.hash}
    wrong = [name for name, value in known.items() if value is None or said.get(name) != value]
    if wrong:
        raise StatementRefusedError(f"the {kind} is of something else than this host knows: {', '.join(wrong)} differ")


def _check_signed(said: dict[str, Any], kind: str, manifest: Manifest) -> None:
    """Raise StatementRefusedError unless the manifest's signer signed `said` without `signature`."""
    try:
        key = VerifyingKey.from_json(said.get("signer"))
        unsigned = canonical({name: value for name, value in said.items() if name != "signature"})
        key.verify(Signature.from_json(said.get("signature")), unsigned, kind)
        held = key.fingerprint == manifest.signer
    except SignatureError:
        held = False
    if not held:
        raise StatementRefusedError(
            f"the {kind} was not signed by the key that the wave's manifest names, or was edited: copy it again"
        )
