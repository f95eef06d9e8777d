"""Invitations in the staff database: hashes of codes with their batch, and the one column that the issuer may set."""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
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
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Field

from crypto.errors import SottoError
from survey.database.engine import BUSY_SECONDS, DatabaseError, DatabaseSettingsError, is_sqlite
from survey.database.guards import decision, is_driver_probe
from survey.database.limited_access import connect_limited, once_more
from survey.office_db.base import StaffDatabase

HASH_SIZE = 32
BATCH_ID_SIZE = 8


class InvitationError(SottoError):
    """No token can be issued for a code; the message holds neither the code nor its hash."""


class CodeUnknownError(InvitationError):
    """No batch of this wave has such a code: it was mistyped, or belongs to another survey."""


class CodeUsedError(InvitationError):
    """A token was issued for this code before, for another blinded message."""


class BatchClosedError(InvitationError):
    """The batch of the code is closed, whether or not the code was used."""


class OfficeUnavailableError(InvitationError):
    """The database is busy, unreachable, broken or full; the same request may be sent again."""


class Batch(StaffDatabase, table=True):
    """Codes made together: `id` is 8 random bytes, `issued` how many were used, None until the wave has closed."""

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


class Invitation(StaffDatabase, table=True):
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


BATCH: Table = StaffDatabase.metadata.tables["batch"]
INVITATION: Table = StaffDatabase.metadata.tables["invitation"]
TABLES = frozenset({"batch", "invitation"})
OTHER_PRIVILEGES = """
    SELECT has_table_privilege('public.invitation', 'INSERT, DELETE, TRUNCATE')
        OR has_column_privilege('public.invitation', 'code_hash', 'UPDATE')
        OR has_table_privilege('public.staff', 'SELECT, INSERT, UPDATE')
"""
Result = TypeVar("Result")


class Claim(NamedTuple):
    """A code that a respondent presents: its study, its wave and the hash of the code (32 bytes)."""

    study: str
    wave: int
    code_hash: bytes


class _CodeState(Enum):
    GOOD = "good"
    REPEATED = "repeated"
    USED = "used"
    CLOSED = "closed"
    UNKNOWN = "unknown"


_ERRORS = {
    _CodeState.USED: (CodeUsedError, "this code was used"),
    _CodeState.CLOSED: (BatchClosedError, "this batch was closed"),
    _CodeState.UNKNOWN: (CodeUnknownError, "there is no such code"),
}


def authorize_issuer(
    action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None
) -> int:
    """Authorize (SQLite) reads of TABLES and updates of `invitation.blinded_hash`; deny everything else."""
    if action == sqlite3.SQLITE_READ:
        allowed = first in TABLES
    elif action == sqlite3.SQLITE_UPDATE:
        allowed = (first, second) == ("invitation", "blinded_hash")
    else:
        allowed = is_driver_probe(action, first, second) or action in {
            sqlite3.SQLITE_SELECT,
            sqlite3.SQLITE_TRANSACTION,
        }
    return decision(allowed=allowed)


def connect_issuer(url: str) -> Engine:
    """Return the issuer's engine: it can read batches and invitations and mark invitations as used, nothing else."""
    return connect_limited(url, "office", authorize_issuer, _require_marking_only, transactions=True)


# Decision 55.
def redeem(engine: Engine, claim: Claim, blinded_hash: bytes, sign: Callable[[], bytes]) -> bytes:
    """
    Mark an invitation as used for one blinded message, sign it, and return the signature, in one transaction.

    The same blinded message is signed again, so that a response lost in transit wastes no invitation. An exception of
    `sign` rolls the mark back. Raises an InvitationError where no token can be issued.
    """

    def mark(connection: Connection) -> bytes:
        _require(_code_state(connection, claim, blinded_hash), _CodeState.GOOD, _CodeState.REPEATED)
        unused = (INVITATION.c.code_hash == claim.code_hash) & INVITATION.c.blinded_hash.is_(None)
        connection.execute(update(INVITATION).where(unused).values(blinded_hash=blinded_hash))
        # Of two concurrent messages the second waited for the first one's commit, changed nothing, and fails here.
        after = _code_state(connection, claim, blinded_hash)
        _require(_CodeState.CLOSED if after is _CodeState.UNKNOWN else after, _CodeState.REPEATED)
        return sign()

    return _run(engine, mark)


def _code_state(connection: Connection, claim: Claim, blinded_hash: bytes) -> _CodeState:
    where = (INVITATION.c.code_hash == claim.code_hash) & (BATCH.c.study == claim.study) & (BATCH.c.wave == claim.wave)
    joined = INVITATION.join(BATCH, INVITATION.c.batch == BATCH.c.id)
    invitation = connection.execute(
        select(INVITATION.c.blinded_hash, BATCH.c.open).select_from(joined).where(where)
    ).one_or_none()
    if invitation is None:
        return _CodeState.UNKNOWN
    if invitation.blinded_hash == blinded_hash:
        return _CodeState.REPEATED
    if not invitation.open:
        # Before it is said whether the code was used: a closed batch would tell it for nothing, as often as asked.
        return _CodeState.CLOSED
    return _CodeState.GOOD if invitation.blinded_hash is None else _CodeState.USED


def _require(state: _CodeState, *allowed: _CodeState) -> None:
    if state not in allowed:
        error_class, message = _ERRORS.get(state, (OfficeUnavailableError, "the mark was not made"))
        raise error_class(message)


def _run(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    """Run `work`, which is idempotent, in one transaction; raise OfficeUnavailableError where that is not possible."""

    def in_transaction() -> Result:
        with engine.begin() as connection:
            if not is_sqlite(connection):
                # Respondents' requests have a time limit; SQLite's connections have theirs already.
                connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(BUSY_SECONDS * 1000)}")
            return work(connection)

    with suppress(SQLAlchemyError, DatabaseError):
        return once_more(in_transaction)
    # Outside of the handler: the driver's error, which can hold bound values, must not be chained.
    raise OfficeUnavailableError("the office database could not mark the invitation")


def _require_marking_only(connection: Connection) -> None:
    """Refuse a PostgreSQL role with OTHER_PRIVILEGES; on SQLite `authorize_issuer` denies the rest."""
    if connection.execute(text(OTHER_PRIVILEGES)).scalar_one():
        raise DatabaseSettingsError(
            "PostgreSQL: SOTTO_OFFICE_URL of the issuer must use the role sotto_issuer, which can only read "
            "invitations and mark them (deploy/postgres/roles.sql)"
        )
