"""Files that are made once and never written over: an issuer's key, codes for the printer."""

import os
from pathlib import Path

from crypto.durable import sync_folder


class FileTakenError(Exception):
    """A file of this name is there already, and stays as it is."""


def require_new(path: Path) -> None:
    """Raise FileTakenError where there is a file of this name."""
    if path.exists() or path.is_symlink():
        raise FileTakenError(f"{path} exists and is never written over: give another name, or move it away first")


def write_new(path: Path, content: bytes, mode: int) -> None:
    """Write a file that does not exist yet, durably; raise FileTakenError where it does."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    except FileExistsError:
        require_new(path)
        raise
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
    except BaseException:
        # Half a file would stand in the way of the next try for ever.
        path.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
