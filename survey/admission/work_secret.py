"""The secret behind the challenges of open links: one file that every web host of a study has alike."""

from pathlib import Path

from crypto.durable import FileTakenError, write_new
from survey.admission.proof_of_work import SECRET_SIZE, ProofOfWork, new_secret
from survey.errors import OfficeError


class WorkKeyError(OfficeError):
    """The secret is not there or is no secret; the message says what to do."""


def prepare(path: Path) -> None:
    """Make the secret where there is none, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        write_new(path, new_secret().hex().encode("ascii"), 0o600)
    except FileTakenError:
        load(path)


def load(path: Path) -> ProofOfWork:
    """Read the secret; raise WorkKeyError for anything but 64 hex digits."""
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        secret = b""
    if len(secret) != SECRET_SIZE:
        raise WorkKeyError(
            "SOTTO_WORK_KEY is missing or no key: `sotto study open` makes it; copy it to every host of the study"
        )
    return ProofOfWork(secret)
