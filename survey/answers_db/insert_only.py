"""All that the respond process can do to the answers database: add rows, tombstones and spent work."""

import sqlite3
from functools import cache
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from crypto.withdrawal import withdrawn_row_key
from survey.answers_db.spent_work import SpentProof
from survey.answers_db.store_errors import StoreUnavailableError, translate
from survey.answers_db.tables import SEALED, SPENT_WORK, WITHDRAWN, insert_unless_present
from survey.database.engine import DatabaseError, DatabaseSettingsError
from survey.database.guards import LATE, decision, is_driver_probe
from survey.database.limited_access import connect_limited, once_more, require_answering

TRIGGER_OF_TABLE = {"sealed": "sealed_admits", "withdrawn": "withdrawn_admits", "spent_work": "spent_work_admits"}
"""The tables that the respond app inserts into, with the trigger that checks each insert."""
LATE_TRIGGERS = {f"{table}_late" for table in TRIGGER_OF_TABLE}
"""The triggers by which SQLite's file notes, while it is compacted, the keys of rows that come (guards.LATE)."""
TRIGGERS = LATE_TRIGGERS | {*TRIGGER_OF_TABLE.values()}
_WITH_ROWCOUNT = {"preserve_rowcount": True}


@cache
def _insert_text(table: Table, dialect: str) -> str:
    """Return the insert with named parameters, as the driver of `dialect` takes it."""
    with_named_parameters: Dialect = (
        sqlite.dialect(paramstyle="named") if dialect == "sqlite" else PGDialect_psycopg()  # type: ignore[no-untyped-call]  # untyped there
    )
    return str(insert_unless_present(table, dialect).compile(dialect=with_named_parameters))


def authorize_insert(
    action: int, first: str | None, second: str | None, _database: str | None, trigger: str | None
) -> int:
    """Authorize (SQLite) inserts into the tables of TRIGGER_OF_TABLE and the reads of their triggers; deny the rest."""
    if action == sqlite3.SQLITE_INSERT:
        allowed = (first in TRIGGER_OF_TABLE and trigger is None) or (first == LATE and trigger in LATE_TRIGGERS)
    elif action in {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION}:
        allowed = trigger in TRIGGERS
    else:
        allowed = is_driver_probe(action, first, second) or action == sqlite3.SQLITE_TRANSACTION
    return decision(allowed=allowed)


def connect_respond(url: str) -> Engine:
    """Return the respond app's engine: it can insert sealed rows, one commit each, and nothing else."""
    return connect_limited(url, "answers", authorize_insert, _require_write_only, transactions=False)


def require_answers(engine: Engine) -> None:
    """Raise DatabaseError unless the answers database answers and has the schema of this version."""
    require_answering(engine, "answers")


def insert_record(engine: Engine, wave_key_id: bytes, row_key: bytes, record: bytes) -> None:
    """
    Store one record durably; storing it again changes nothing and succeeds.

    Raise WaveClosedError, RecordRefusedError, StoreFullError or StoreUnavailableError: the record was not stored.
    """
    _insert(engine, SEALED, {"row_key": row_key, "epoch": wave_key_id, "record": record})


def insert_withdrawal(engine: Engine, wave_key_id: bytes, w: bytes) -> None:
    """
    Store a tombstone, for which compaction deletes the answer of the owner secret `w` (32 bytes).

    It succeeds too where there is no such answer. `w` is stored until then: nobody can delete an answer by its row key,
    which every hand-in tells to this process.

    Raise WaveClosedError, StoreFullError or StoreUnavailableError: the tombstone was not stored.
    """
    _insert(engine, WITHDRAWN, {"w": w, "row_key": withdrawn_row_key(w), "epoch": wave_key_id})


def insert_spent_work(engine: Engine, proof: SpentProof) -> None:
    """
    Store that a proof of work was used; storing it again for the same row changes nothing and succeeds.

    Raise WorkSpentError where it was used for another row, StoreFullError or StoreUnavailableError.
    """
    _insert(engine, SPENT_WORK, {"id": proof.id, "proof": proof.proof, "day": proof.day})


def _insert(engine: Engine, table: Table, row: Any) -> None:  # noqa: ANN401 - what a driver takes
    try:
        once_more(lambda: _insert_once(engine, table, row))
    except DBAPIError as error:
        raise translate(error) from None
    except (SQLAlchemyError, DatabaseError):
        raise StoreUnavailableError("the database gave no connection") from None


def _insert_once(engine: Engine, table: Table, row: Any) -> None:  # noqa: ANN401 - what a driver takes
    """Insert a row, which is harmless a second time whatever became of the first."""
    with engine.connect() as connection:
        # The text is made once: SQLAlchemy's way to it would cost a third of what the insert does.
        statement = _insert_text(table, engine.dialect.name)
        added = connection.exec_driver_sql(statement, row, execution_options=_WITH_ROWCOUNT).rowcount
        if not added:
            # Of two concurrent rows with one key PostgreSQL silently drops the second, whose trigger did not
            # see the first: on a second try the trigger distinguishes a replay from another row.
            connection.exec_driver_sql(statement, row)
        # Nothing to do where each statement commits by itself; without it any other engine would lose the row.
        connection.commit()


def _require_write_only(connection: Connection) -> None:
    """Refuse a PostgreSQL role that could read or change answers; on SQLite `authorize_insert` denies both."""
    other_privileges = " OR ".join(
        f"has_table_privilege('public.{table}', 'SELECT, UPDATE, DELETE, TRUNCATE')" for table in TRIGGER_OF_TABLE
    )
    if connection.execute(text(f"SELECT {other_privileges}")).scalar_one():
        raise DatabaseSettingsError(
            "PostgreSQL: SOTTO_ANSWERS_URL of the respond app must use the role sotto_respond, which can only "
            "insert (deploy/postgres/roles.sql)"
        )
