"""Backups of a collection host: both databases, what is published, and the log's key, encrypted to another machine.

The issuer's keys are left out: a kept one could stuff a box, a lost one costs new slips (decision 129).
"""

import base64
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from crypto.durable import make_folder, write_file
from crypto.errors import PublicTextError
from survey.database.row_copy import RowImport, begin_import, export_rows
from survey.database.schema_version import REVISIONS, Branch
from survey.document import today
from survey.service.backup_file import (
    FORMAT,
    BackupError,
    Identity,
    Line,
    identities_of,
    read_backup,
    recipient_of,
    write_backup,
)
from survey.settings import Settings

if TYPE_CHECKING:
    import datetime as dt

NAME = "sotto-{day}-{number}.age"
PUBLIC = "public"


class HalfRestoredError(PublicTextError):
    """Databases were put back and files were not; the message says what to do."""


@dataclass
class Restored:
    """What was put back: the day of the copy, how many rows, and the waves that were open when it was made."""

    day: str
    rows: int = 0
    files: int = 0
    open_waves: list[str] = field(default_factory=list)

    def lost(self) -> list[str]:
        """Return, in sentences, what this copy cannot give back."""
        told = [f"what was done after {self.day} is lost: answers, withdrawals, uses of invitations, acts of staff"]
        if self.open_waves:
            waves = ", ".join(self.open_waves)
            told += [
                f"in {waves} answers that were withdrawn since are there again: ask people publicly to withdraw again",
                "invitation codes that were used since are good again: the log will show more answers than tokens",
                "issuer keys are in no backup: put that of a wave by invitation back from the old disk, or close it",
            ]
        return told


def make_backup(settings: Settings, folder: Path, recipients: list[str], keep: int) -> Path:
    """Write a backup into `folder`, then delete all but the newest `keep`; return its path."""
    to = [recipient_of(text) for text in recipients]
    make_folder(folder)
    path = _new_name(folder, today())
    write_backup(path, _lines(settings), to)
    for old in _backups(folder)[:-keep]:
        old.unlink()
    return path


def restore_backup(settings: Settings, path: Path, identities: Path) -> Restored:
    """
    Put a backup into databases that `sotto migrate` made and nobody used; return what came back.

    Raises BackupError or CopyError, with nothing changed, for a file that is not whole, and databases with studies.
    """
    keys = identities_of(identities)
    day = _checked_day(path, keys)
    with ExitStack() as stack:
        staged = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=settings.log_key.parent)))
        restore = _Restore(settings, staged, {}, Restored(day))
        for branch, url in _urls(settings).items():
            restore.into[branch] = begin_import(url, branch)
            stack.callback(restore.into[branch].close)
        read_backup(path, keys, restore.take)
        for one in restore.into.values():
            one.commit()
        restore.publish()
    return restore.done


def _checked_day(path: Path, keys: list[Identity]) -> str:
    """Read a backup to its end and return its day; raise BackupError unless it is whole and of this schema."""
    first: list[Line] = []
    read_backup(path, keys, lambda line: first.append(line) if not first else None)
    line = first[0] if first else {}
    if line.get("format") != FORMAT:
        raise BackupError(f"it is no {FORMAT} (nothing was changed)")
    here = {branch: revisions[-1] for branch, revisions in REVISIONS.items()}
    if line["revisions"] != here:
        raise BackupError(
            f"it is of another schema ({line['revisions']}, this program has {here}): restore it with the version "
            "that made it, then upgrade (nothing was changed)"
        )
    return str(line["day"])


@dataclass
class _Restore:
    """Lines on their way: rows into transactions that wait, files into a folder beside the log's key."""

    settings: Settings
    staged: Path
    into: dict[Branch, RowImport]
    done: Restored
    modes: dict[str, int] = field(default_factory=dict)

    def take(self, line: Line) -> None:
        """Take one line; raise BackupError for one that no backup has."""
        if "file" in line:
            self._file(line)
        elif line.get("database") in self.into:
            self.into[line["database"]].add(line["table"], line["columns"], line["row"])
            self.done.rows += 1
            self._note_wave(line)
        elif "format" not in line:
            raise BackupError("it holds a line that is none of a backup (nothing was changed)")

    def publish(self) -> None:
        """Write the files to their places."""
        try:
            for name, mode in self.modes.items():
                write_file(_place(self.settings, name), (self.staged / name).read_bytes(), mode)
        except OSError as error:
            raise HalfRestoredError(
                f"the databases are back, but {error.filename} was not written ({error.strerror}): make room, empty "
                "both databases, and restore again"
            ) from None

    def _file(self, line: Line) -> None:
        name = PurePosixPath(line["file"])
        if name.is_absolute() or ".." in name.parts or line["mode"] not in {0o600, 0o640, 0o644}:
            raise BackupError("it holds a file that would not lie where backups put files (nothing was changed)")
        _place(self.settings, str(name))  # known to have one before the databases are written
        self.modes[str(name)] = line["mode"]
        path = self.staged / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_bytes(base64.b64decode(line["content"], validate=True))
        self.done.files += 1

    def _note_wave(self, line: Line) -> None:
        if line["table"] == "wave":
            wave = dict(zip(line["columns"], line["row"], strict=True))
            self.done.open_waves += [f"{wave['study']}/{wave['number']}"] * (wave["state"] == "open")


def _lines(settings: Settings) -> Iterator[Line]:
    revisions = {branch: names[-1] for branch, names in REVISIONS.items()}
    yield {"format": FORMAT, "day": today().isoformat(), "revisions": revisions}
    for branch, url in _urls(settings).items():
        for table, columns, row in export_rows(url, branch):
            yield {"database": branch, "table": table, "columns": columns, "row": row}
    for name, path, mode in _files(settings):
        yield {"file": name, "mode": mode, "content": base64.b64encode(path.read_bytes()).decode("ascii")}


def _urls(settings: Settings) -> dict[Branch, str]:
    return {"answers": settings.answers_url, "office": settings.office_url}


def _files(settings: Settings) -> Iterator[tuple[str, Path, int]]:
    """Yield the name in the backup, the path and the rights of each file: the log's key, then what is published."""
    for path in sorted(settings.log_key.parent.glob(f"{settings.log_key.name}*")):
        if path.suffix != ".lock":
            yield f"log/{path.name.removeprefix(settings.log_key.name) or '.key'}", path, 0o600
    if settings.work_key.exists():
        yield "work.key", settings.work_key, settings.work_key.stat().st_mode & 0o640
    for path in sorted(settings.public.rglob("*")):
        if path.is_file():
            yield f"{PUBLIC}/{path.relative_to(settings.public).as_posix()}", path, 0o644


def _place(settings: Settings, name: str) -> Path:
    """Return where a file of a backup lies on this host."""
    first, _, rest = name.partition("/")
    if first == PUBLIC and rest:
        return settings.public / rest
    if name == "work.key":
        return settings.work_key
    if first == "log" and rest:
        return settings.log_key if rest == ".key" else settings.log_key.with_name(f"{settings.log_key.name}{rest}")
    raise BackupError(f"it holds a file {name}, which no backup has (nothing was changed)")


def _new_name(folder: Path, day: "dt.date") -> Path:
    numbers = range(1, 1_000)
    return next(path for number in numbers if not (path := folder / NAME.format(day=day, number=number)).exists())


def _backups(folder: Path) -> list[Path]:
    """Return the backups of a folder, oldest first."""
    return sorted(folder.glob(NAME.format(day="*", number="*")), key=lambda path: path.stat().st_mtime_ns)
