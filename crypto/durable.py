"""Durable file writes: a file is complete under its name and on disk, or it does not exist."""

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from crypto.errors import RefusedError


@contextmanager
def written_whole(path: Path, mode: int = 0o600) -> Iterator[IO[bytes]]:
    """Yield a file that replaces `path` when the block ends without an exception; otherwise `path` stays as it was."""
    folder, prefix = path.parent, f".{path.name}."
    with _errors_name(path), tempfile.NamedTemporaryFile(dir=folder, prefix=prefix, delete=False) as file:
        try:
            yield file.file
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    sync_folder(path.parent)


@contextmanager
def _errors_name(path: Path) -> Iterator[None]:
    """Raise file errors of the temporary file beside `path` under the name of `path`: nobody knows the other."""
    try:
        yield
    except OSError as error:
        if not Path(str(error.filename)).name.startswith(f".{path.name}."):
            raise
        raise OSError(error.errno, error.strerror, str(path)) from None


def sync_folder(folder: Path) -> None:
    """Make names in `folder` durable: a rename is on disk only when its folder is (fsync(2))."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_file(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file completely and durably, or not at all, and create the folders above it."""
    make_folder(path.parent)
    with written_whole(path, mode) as file:
        file.write(data)


def make_folder(folder: Path) -> None:
    """Create `folder` and its missing parents, each durable in its own parent."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        sync_folder(path)
        sync_folder(path.parent)


class FileTakenError(RefusedError):
    """A file of this name exists already and is not changed."""


def require_new(path: Path) -> None:
    """Raise FileTakenError where there is a file of this name."""
    if path.exists() or path.is_symlink():
        raise FileTakenError(f"{path} exists and is never written over: give another name, or move it away first")


def require_writable(path: Path) -> None:
    """Raise OSError unless a file can be written at `path` now, as `written_whole` does; `path` stays as it is."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    with _errors_name(path), tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}."):
        pass


def require_folder_writable(folder: Path) -> None:
    """Raise OSError under the name of `folder` unless files can be written there now; if it is missing it stays so."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder)) from None


def private_mode(folder: Path) -> int:
    """
    Return the rights of a new secret in `folder`: its owner's alone, or its group's too where files inherit that.

    A folder with the set-group-ID bit is how an administrator says that one account writes and another one reads.
    """
    return 0o640 if folder.stat().st_mode & stat.S_ISGID else 0o600


def write_whole_new(path: Path, data: bytes, mode: int) -> None:
    """Write a file that does not exist yet, which nobody ever sees in part; raise FileTakenError where it does.

    The folder's file system has to know hard links, as link(2) is what never replaces a name.
    """
    with _errors_name(path), tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.") as file:
        file.write(data)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
        try:
            path.hardlink_to(file.name)
        except FileExistsError:
            require_new(path)
            raise
    sync_folder(path.parent)


def write_new(path: Path, content: bytes, mode: int) -> None:
    """Write a file that does not exist yet, durably, with these rights; raise FileTakenError where it does."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    except FileExistsError:
        require_new(path)
        raise
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(handle, mode)
            os.fsync(handle)
    except BaseException:
        # A partial file would make every later attempt fail.
        path.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
