"""The secret that signs the challenges of open links: one file, identical on every web host of a study."""

from pathlib import Path

from crypto.durable import FileTakenError, private_mode, write_new
from crypto.errors import RefusedError
from survey.admission.proof_of_work import SECRET_SIZE, ProofOfWork, new_secret


class WorkKeyError(RefusedError):
    """The file is missing or contains no valid secret; the message says what to do."""


def create_secret(path: Path) -> None:
    """
    Create the secret file unless it exists; raise WorkKeyError for a broken one.

    Its owner alone reads it, or the group that its folder hands down: the respond process then reads what staff
    commands write.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        write_new(path, new_secret().hex().encode("ascii"), private_mode(path.parent))
    except FileTakenError:
        load_secret(path)


def load_secret(path: Path) -> ProofOfWork:
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
