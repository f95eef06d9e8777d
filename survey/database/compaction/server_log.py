"""Lets go of PostgreSQL's write-ahead log, which tells the order and the moment of what came. No Flask."""

from psycopg.errors import InsufficientPrivilege
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from survey.database.compaction.errors import BUSY, CompactionError
from survey.database.engine import DatabaseSettingsError

# Beside their records the log holds the moment of every commit; a checkpoint lets the segments before it go.
FORGET_LOG = ("CHECKPOINT", "SELECT pg_switch_wal()", "CHECKPOINT")
MISSING_PRIVILEGE = (
    "PostgreSQL: the rows are compacted, but the log still tells their order: GRANT pg_checkpoint and EXECUTE on "
    "pg_switch_wal() to the role of staff commands (deploy/postgres/roles.sql), and compact again"
)


def release_log(engine: Engine) -> None:
    """Let PostgreSQL's write-ahead log of what was done until now go; raise DatabaseSettingsError without the right."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            for statement in FORGET_LOG:
                connection.exec_driver_sql(statement)
        except DBAPIError as error:
            if isinstance(error.orig, InsufficientPrivilege):
                raise DatabaseSettingsError(MISSING_PRIVILEGE) from None
            raise CompactionError(BUSY) from None
