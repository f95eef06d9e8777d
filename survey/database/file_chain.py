"""A SQLite database as a chain of files: compaction writes the next one, and every connection follows. No Flask."""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DisconnectionError

MOVED = 1
"""`PRAGMA user_version` of a file whose rows are in the next one of the chain; of any other it is 0."""
MOVED_MESSAGE = "sotto: moved"
"""What the triggers of such a file say to whoever still writes into it."""
COPY = re.compile(r"(?P<first>.+)\.copy-(?P<number>[0-9]+)")


class FileConnection(sqlite3.Connection):
    """A connection that knows where the name of its database led when it was opened."""

    led_to: str = ""


# Decision 133.
def first_of(file: Path) -> Path:
    """Return the first file of a file's chain, whose name stays the database's and leads to the newest by a link."""
    match = COPY.fullmatch(file.name)
    return file.with_name(match["first"]) if match else file


def number_of(file: Path) -> int:
    """Return a file's place in its chain; the first is 0."""
    match = COPY.fullmatch(file.name)
    return int(match["number"]) if match else 0


def next_of(file: Path) -> Path:
    """Return the file that follows in the chain; no name comes twice, so no old log is read as that of a new file."""
    return file.with_name(f"{first_of(file).name}.copy-{number_of(file) + 1}")


def where_led(path: Path) -> str:
    """Return where the name of a database leads now: the name of the newest file, or nothing where it is the first."""
    try:
        return str(first_of(path.resolve()).readlink())
    except OSError:
        return ""


def is_moved(connection: sqlite3.Connection) -> bool:
    """Say whether the rows of this file are in the next one of its chain."""
    return bool(connection.execute("PRAGMA user_version").fetchone()[0] == MOVED)


def follow_file(engine: Engine, path: Path) -> None:
    """Let an engine leave a file that was moved: at its next use, or where a write is refused for that reason."""

    def leave_at_checkout(raw: FileConnection, *_: object) -> None:
        if raw.led_to != where_led(path):
            raise DisconnectionError

    event.listen(engine, "checkout", leave_at_checkout)
    event.listen(engine, "handle_error", _leave_when_refused)


def open_newest(path: Path, open_file: Callable[[Path], FileConnection]) -> FileConnection:
    """Open the newest file of the chain that begins at `path`."""
    connection = _open(path, open_file)
    # Between a move and the new link the name still leads to the old file, which is the one that says so.
    while is_moved(connection):
        following = next_of(file_of(connection))
        connection.close()
        connection = open_file(following)
    return connection


def file_of(connection: sqlite3.Connection) -> Path:
    """Return the file that a connection has open."""
    return Path(connection.execute("PRAGMA database_list").fetchone()[2])


def _open(path: Path, open_file: Callable[[Path], FileConnection]) -> FileConnection:
    led_to = where_led(path)
    try:
        return open_file(path)
    except sqlite3.OperationalError:
        # The file went between the look at its name and the opening.
        if where_led(path) == led_to:
            raise
        return open_file(path)


def _leave_when_refused(context: ExceptionContext) -> None:
    if isinstance(context.original_exception, sqlite3.Error) and str(context.original_exception) == MOVED_MESSAGE:
        # The connection is closed, but its transaction lives on while anything refers to the statement that failed.
        raw = context.connection.connection.driver_connection if context.connection else None
        if raw is not None:
            raw.rollback()
        context.is_disconnect = True
