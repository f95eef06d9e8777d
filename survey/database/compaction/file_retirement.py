"""Removes the older files of a SQLite database's chain, once nobody can miss that their rows have moved. No Flask."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from crypto.durable import sync_folder
from survey.database.file_chain import COPY, first_of, number_of, where_led

BESIDE = ("", "-wal", "-shm", "-journal")
"""What the names of a database's files end with."""
log = logging.getLogger(__name__)


def lead_to(file: Path, busy_seconds: float) -> bool:
    """
    Let the database's name lead to `file`, the newest of its chain, and remove the older ones.

    Return False, and keep the older ones and the name, where a process still reads one of them.
    """
    older = [one for one in chain_of(file) if number_of(one) < number_of(file) and not one.is_symlink()]
    # First of all the move is in the file itself: who opens it while its log is being removed would miss it there, and
    # write into a file that nobody reads again.
    if not all(_empty_log(one, busy_seconds) for one in older):
        return False
    if older:
        log.info("emptied the log")
    _link(file)
    for one in older:
        _remove(one)
    return True


def remove_copies_after(file: Path) -> None:
    """Remove what a compaction began beside `file` and did not finish."""
    for one in chain_of(file):
        if number_of(one) > number_of(file):
            _remove(one)


def chain_of(file: Path) -> list[Path]:
    """Return the files of a chain that lie in its folder, the first without its link."""
    first = first_of(file)
    copies = [path for path in file.parent.glob(f"{first.name}.copy-*") if COPY.fullmatch(path.name)]
    return sorted([first, *copies], key=number_of)


def _empty_log(file: Path, busy_seconds: float) -> bool:
    with closing(sqlite3.connect(file, timeout=busy_seconds, isolation_level=None)) as connection:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def _link(file: Path) -> None:
    first = first_of(file)
    if first == file or where_led(file) == file.name:
        return
    link = file.with_name(f"{first.name}.copy-link")
    link.unlink(missing_ok=True)
    link.symlink_to(file.name)
    link.replace(first)
    sync_folder(file.parent)
    log.info("linked")


def _remove(file: Path) -> None:
    for end in BESIDE:
        path = file.with_name(file.name + end)
        if not path.is_symlink():
            path.unlink(missing_ok=True)
