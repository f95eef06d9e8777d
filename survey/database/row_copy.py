"""Every row of a database, out in the order of keys and in again, for copies; staff commands only.

The order of keys is no order of arrival, whatever lies in the files of the database.
"""

import base64
import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import MetaData, Table, func, select, text
from sqlalchemy.engine import Connection, Engine

from survey.database.engine import DatabaseError, connect, is_sqlite
from survey.database.schema_version import Branch, require_migrated

NOT_COPIED = frozenset({"alembic_version", "staff_session", "used_challenge", "sign_in_link", "request_day"})
"""The schema's version is the program's; a session is of a browser that is signed in now; links and values of days were
for that host."""
FRESH = frozenset(
    {"staff", "staff_role", "sign_in_secret", "recovery_code", "passkey", "confirmed_passkey", "desk_act"}
    | {"audit", "last_compaction"}
)
"""What a host has that was only installed: first account and nights without a study; those of the copy come instead."""
STEP = 500
Row = list[Any]
"""The values of a row as JSON has them: bytes as {"bytes": base64}, days as {"day": ISO 8601}."""


class CopyError(DatabaseError):
    """Rows cannot be put into a database; nothing was changed, and the message says why."""


def export_rows(url: str, branch: Branch) -> Iterator[tuple[str, list[str], Row]]:
    """Yield each row as (table, columns, values), all of one moment, and tables before those that name them."""
    engine = connect(url, guard=None)
    try:
        require_migrated(engine, branch)
        if not is_sqlite(engine):
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with engine.connect() as connection:
            for table in _tables(connection):
                columns = [column.name for column in table.columns]
                ordered = select(table).order_by(*table.primary_key.columns)
                for row in connection.execute(ordered.execution_options(yield_per=STEP)):
                    yield table.name, columns, [_packed(value) for value in row]
    finally:
        engine.dispose()


class RowImport:
    """Rows on their way into empty databases: they are all there after `commit`, and none of them without it."""

    def __init__(self, engine: Engine) -> None:
        """Begin; raise CopyError where a table has rows already."""
        self._engine = engine
        self._connection = engine.connect()
        self._tables = {table.name: table for table in _tables(self._connection)}
        self._waiting: list[dict[str, Any]] = []
        self._table: Table | None = None
        self._require_empty()
        self._triggers = _without_triggers(self._connection, self._tables)
        self._empty_fresh()

    def add(self, name: str, columns: list[str], row: Row) -> None:
        """Add a row, whose table must be one of this program's schema; raise CopyError for any other."""
        table = self._tables.get(name)
        if table is None or columns != [column.name for column in table.columns] or len(columns) != len(row):
            raise CopyError(
                "the copy has a table or a column that this program does not know: use the version that made it"
            )
        if table is not self._table or len(self._waiting) >= STEP:
            self._flush()
            self._table = table
        self._waiting.append(dict(zip(columns, map(_unpacked, row), strict=True)))

    def commit(self) -> None:
        """Let every row stand, with triggers as before."""
        self._flush()
        for statement in self._triggers:
            self._connection.exec_driver_sql(statement)
        self._connection.commit()
        self.close()

    def close(self) -> None:
        """Let go of the database; what was not committed is not there."""
        self._connection.close()
        self._engine.dispose()

    def _flush(self) -> None:
        if self._waiting and self._table is not None:
            self._connection.execute(self._table.insert(), self._waiting)
        self._waiting = []

    def _empty_fresh(self) -> None:
        for table in reversed(_every_table(self._connection)):
            if table.name in FRESH or (table.name in NOT_COPIED and table.name != "alembic_version"):
                self._connection.execute(table.delete())

    def _require_empty(self) -> None:
        kept = [
            name for name, table in self._tables.items()
            if name not in FRESH
            and self._connection.execute(select(func.count()).select_from(table)).scalar_one()
        ]  # fmt: skip
        if kept:
            self.close()
            raise CopyError(
                f"there are rows already ({', '.join(sorted(kept))}): a copy is put into empty databases alone, as "
                "`sotto migrate` makes them (nothing was changed)"
            )


def begin_import(url: str, branch: Branch) -> RowImport:
    """Begin to put rows into a database, which must be migrated and empty."""
    engine = connect(url, guard=None)
    require_migrated(engine, branch)
    return RowImport(engine)


def _tables(connection: Connection) -> list[Table]:
    return [table for table in _every_table(connection) if table.name not in NOT_COPIED]


def _every_table(connection: Connection) -> list[Table]:
    """Return the tables of a schema, each after those that it names."""
    metadata = MetaData()
    metadata.reflect(connection)
    return metadata.sorted_tables


def _without_triggers(connection: Connection, tables: Mapping[str, Table]) -> list[str]:
    """Put triggers out of force until commit, since they admit to open waves alone; return what brings them back."""
    if is_sqlite(connection):
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
        for name, _ in rows:
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        return [sql for _, sql in rows]
    for name in tables:
        connection.exec_driver_sql(f'ALTER TABLE public."{name}" DISABLE TRIGGER USER')
    return [f'ALTER TABLE public."{name}" ENABLE TRIGGER USER' for name in tables]


def _packed(value: Any) -> Any:  # noqa: ANN401 - what a column holds
    if isinstance(value, bytes | memoryview):
        return {"bytes": base64.b64encode(value).decode("ascii")}
    if isinstance(value, dt.date):
        return {"day": value.isoformat()}
    return {"json": value} if isinstance(value, dict | list) else value


def _unpacked(value: Any) -> Any:  # noqa: ANN401 - what a column takes
    if not isinstance(value, dict):
        return value
    ((kind, packed),) = value.items()
    if kind == "bytes":
        return base64.b64decode(packed, validate=True)
    return dt.date.fromisoformat(packed) if kind == "day" else packed
