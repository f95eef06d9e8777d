"""Invitations as the office keeps them: hashes of codes with their batch, and the one mark that the issuer may make."""

import sqlite3
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple, TypeVar

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    LargeBinary,
    Table,
    UniqueConstraint,
    select,
    text,
    update,
)
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlmodel import Field

from crypto.errors import SottoError
from survey.database.engine import BUSY_SECONDS, DatabaseSettingsError, check_settings, connect, is_sqlite
from survey.database.schema_version import require_migrated
from survey.office_db.tables import Office

HASH_SIZE = 32
BATCH_ID_SIZE = 8


class InvitationError(SottoError):
    """No token is issued for a code; the message holds neither the code nor its hash."""


class CodeUnknownError(InvitationError):
    """No batch of this wave has such a code: it was mistyped, or is of another survey."""


class CodeUsedError(InvitationError):
    """A token was issued for this code already, for another blinded message."""


class BatchClosedError(InvitationError):
    """The batch that the code belongs to was closed."""


class OfficeUnavailableError(InvitationError):
    """The database is busy, away, broken or full; the same request may be sent again."""


class Batch(Office, table=True):
    """Codes made together: `id` is 8 random bytes, `issued` how many were used, known once the wave has closed."""

    __tablename__ = "batch"
    __table_args__ = (
        UniqueConstraint("study", "wave", "name"),
        CheckConstraint(f"length(id) = {BATCH_ID_SIZE}", "batch_id_size"),
        CheckConstraint("issued <= invited", "batch_issues_what_was_invited"),
        {"sqlite_with_rowid": False},
    )

    id: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    study: str = Field(foreign_key="study.slug")
    wave: int
    name: str
    stratum: str
    open: bool
    invited: int
    issued: int | None = None


class Invitation(Office, table=True):
    """One code by its hash; `blinded_hash` (SHA-256 of the blinded message signed for it) is null until it is used."""

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint(f"length(code_hash) = {HASH_SIZE}", "invitation_code_hash_size"),
        CheckConstraint(f"length(blinded_hash) = {HASH_SIZE}", "invitation_blinded_hash_size"),
        {"sqlite_with_rowid": False},
    )

    code_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    batch: bytes = Field(sa_column=Column(LargeBinary, ForeignKey("batch.id"), nullable=False))
    blinded_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


BATCH: Table = Office.metadata.tables["batch"]
INVITATION: Table = Office.metadata.tables["invitation"]
TABLES = frozenset({"batch", "invitation"})
MORE = """
    SELECT has_table_privilege('public.invitation', 'INSERT, DELETE, TRUNCATE')
        OR has_column_privilege('public.invitation', 'code_hash', 'UPDATE')
        OR has_table_privilege('public.staff', 'SELECT, INSERT, UPDATE')
"""
Answer = TypeVar("Answer")


class Claim(NamedTuple):
    """Whose code it is said to be: a study's, one of its waves', by the code's hash (32 bytes)."""

    study: str
    wave: int
    code_hash: bytes


class _Standing(Enum):
    GOOD = "good"
    REPEATED = "repeated"
    USED = "used"
    CLOSED = "closed"
    UNKNOWN = "unknown"


_REFUSED = {
    _Standing.USED: (CodeUsedError, "this code was used"),
    _Standing.CLOSED: (BatchClosedError, "this batch was closed"),
    _Standing.UNKNOWN: (CodeUnknownError, "there is no such code"),
}


def issuer_only(action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None) -> int:
    """Authorize (SQLite) reading both tables of invitations and setting the one column; deny everything else."""
    if action == sqlite3.SQLITE_READ:
        allowed = first in TABLES
    elif action == sqlite3.SQLITE_UPDATE:
        allowed = (first, second) == ("invitation", "blinded_hash")
    else:
        # SQLAlchemy asks a new connection for this pragma, and sets nothing by it.
        asks = (action, first, second) == (sqlite3.SQLITE_PRAGMA, "read_uncommitted", None)
        allowed = asks or action in {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_TRANSACTION}
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def connect_issuer(url: str) -> Engine:
    """Return the issuer's engine: it reads batches and invitations and marks an invitation once, and nothing else."""
    probe = connect(url, begin=None)
    try:
        require_migrated(probe, "office")
        check_settings(probe)
        _require_little(probe)
    finally:
        probe.dispose()
    return connect(url, guard=issuer_only, begin="BEGIN IMMEDIATE" if is_sqlite(probe) else "BEGIN")


def check_code(engine: Engine, claim: Claim) -> None:
    """Return where a token would be issued for this code; else raise the InvitationError that says why not."""
    _require(_run(engine, lambda connection: _standing(connection, claim, b"")), _Standing.GOOD)


# Decision 55.
def redeem(engine: Engine, claim: Claim, blinded_hash: bytes, sign: Callable[[], bytes]) -> bytes:
    """
    Mark an invitation as used for one blinded message, sign, and return the signature: all in one transaction.

    Asked again for the same blinded message it signs again, so that an answer lost on its way costs nobody a slip.
    What `sign` raises unmarks the code. Else raises the InvitationError that says why not.
    """

    def mark(connection: Connection) -> bytes:
        _require(_standing(connection, claim, blinded_hash), _Standing.GOOD, _Standing.REPEATED)
        own = (INVITATION.c.code_hash == claim.code_hash) & INVITATION.c.blinded_hash.is_(None)
        connection.execute(update(INVITATION).where(own).values(blinded_hash=blinded_hash))
        # Of two messages at once, the second waited for the first one's commit, changed nothing, and reads so here.
        after = _standing(connection, claim, blinded_hash)
        _require(_Standing.CLOSED if after is _Standing.UNKNOWN else after, _Standing.REPEATED)
        return sign()

    return _run(engine, mark)


def _standing(connection: Connection, claim: Claim, blinded_hash: bytes) -> _Standing:
    where = (INVITATION.c.code_hash == claim.code_hash) & (BATCH.c.study == claim.study) & (BATCH.c.wave == claim.wave)
    joined = INVITATION.join(BATCH, INVITATION.c.batch == BATCH.c.id)
    found = connection.execute(
        select(INVITATION.c.blinded_hash, BATCH.c.open).select_from(joined).where(where)
    ).one_or_none()
    if found is None:
        return _Standing.UNKNOWN
    if found.blinded_hash is not None:
        return _Standing.REPEATED if found.blinded_hash == blinded_hash else _Standing.USED
    return _Standing.GOOD if found.open else _Standing.CLOSED


def _require(standing: _Standing, *allowed: _Standing) -> None:
    if standing not in allowed:
        kind, said = _REFUSED.get(standing, (OfficeUnavailableError, "the mark was not made"))
        raise kind(said)


def _run(engine: Engine, work: Callable[[Connection], Answer]) -> Answer:
    """Do `work` in one transaction; again on a new connection where the database had restarted: it is idempotent."""
    for last in (False, True):
        try:
            with engine.begin() as connection:
                if not is_sqlite(connection):
                    # Nobody with a phone in their hand waits longer; SQLite's connections have a limit already.
                    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(BUSY_SECONDS * 1000)}")
                return work(connection)
        except DBAPIError as error:
            if last or not error.connection_invalidated:
                break
        except SQLAlchemyError:
            break
    # Outside of the handler: a driver's words can hold what was bound.
    raise OfficeUnavailableError("the office database could not mark the invitation")


def _require_little(engine: Engine) -> None:
    """Refuse a PostgreSQL role that could do more than the issuer's; on SQLite the authorizer sees to it."""
    if is_sqlite(engine):
        return
    with engine.connect() as connection:
        if connection.execute(text(MORE)).scalar_one():
            raise DatabaseSettingsError(
                "PostgreSQL: SOTTO_OFFICE_URL of the issuer must use the role sotto_issuer, which can only read "
                "invitations and mark them (deploy/postgres/roles.sql)"
            )
