"""Reading of a signed release from a file or its folder, refused where it was edited. Decision 51."""

from pathlib import Path

from analysis.study.folder import read_document
from crypto.errors import RefusedError
from crypto.signing import SignatureError
from survey.release.release import Release


class ReleaseError(RefusedError):
    """A release that cannot be used, or an estimate that it does not have; the message says which part and why."""


def document_in(path: Path) -> Path:
    """Return the path of the release's document, where `path` may be its folder."""
    return path / "release.json" if path.is_dir() else path


def read_release(path: Path) -> Release:
    """Return the release at `path`, a file or its folder.

    Raises StudyError where it cannot be read and ReleaseError where a byte of it was changed after it was signed. Who
    signed is not checked here: `sotto verify --study` compares the signer with the study's.
    """
    file = document_in(path)
    release = read_document(file, Release)
    if signed_by(release) is None:
        raise ReleaseError(
            f"{file} was changed after it was signed, or was never signed: get the release again; "
            "`sotto verify` names the fields"
        )
    return release


def signed_by(release: Release) -> str | None:
    """Return the fingerprint of the key whose signature in a release is valid for all its other bytes, else None."""
    try:
        return release.verified().fingerprint
    except SignatureError:
        return None
