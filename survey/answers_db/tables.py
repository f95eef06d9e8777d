"""The tables of the answers database: sealed rows, tombstones, used proofs of work, and which waves are open."""

from sqlalchemy import CheckConstraint, Column, LargeBinary, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from crypto.envelope import ROW_KEY_SIZE

WAVE_KEY_ID_SIZE = 8
OWNER_SECRET_SIZE = 32


class AnswersDatabase(SQLModel, registry=registry()):
    """The tables of the answers database."""


class Epoch(AnswersDatabase, table=True):
    """One wave: `id` is its key id, `record_size` in bytes; once closed it is never opened again."""

    __tablename__ = "epoch"
    __table_args__ = (
        CheckConstraint(f"length(id) = {WAVE_KEY_ID_SIZE}", "epoch_id_size"),
        {"sqlite_with_rowid": False},
    )

    id: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    record_size: int
    open: bool


class Sealed(AnswersDatabase, table=True):
    """One sealed record: no number, no time, no owner; the key follows from the record (`Record.row_key`)."""

    __tablename__ = "sealed"
    __table_args__ = (
        CheckConstraint(f"length(row_key) = {ROW_KEY_SIZE}", "sealed_row_key_size"),
        {"sqlite_with_rowid": False},
    )

    row_key: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    epoch: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    record: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Withdrawn(AnswersDatabase, table=True):
    """One tombstone until compaction: `w` is the owner's secret, by which alone the answer with `row_key` may go."""

    __tablename__ = "withdrawn"
    __table_args__ = (
        CheckConstraint(f"length(w) = {OWNER_SECRET_SIZE} AND length(row_key) = {ROW_KEY_SIZE}", "withdrawn_sizes"),
        {"sqlite_with_rowid": False},
    )

    w: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    row_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    epoch: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class SpentKey(AnswersDatabase, table=True):
    """The key of an answer that was withdrawn and deleted: no other answer is stored under it."""

    __tablename__ = "spent_key"
    __table_args__ = (
        CheckConstraint(f"length(row_key) = {ROW_KEY_SIZE}", "spent_key_size"),
        {"sqlite_with_rowid": False},
    )

    row_key: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    epoch: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class RefusedRow(AnswersDatabase, table=True):
    """A row that compaction set aside, for the checks of its wave do not hold; `id` is a hash of the three others."""

    __tablename__ = "refused"
    __table_args__ = (
        CheckConstraint("length(id) = 32", "refused_id_size"),
        {"sqlite_with_rowid": False},
    )

    id: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    row_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    epoch: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    record: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class SpentWork(AnswersDatabase, table=True):
    """One used proof of work, as `SpentProof` describes it."""

    __tablename__ = "spent_work"
    __table_args__ = (
        CheckConstraint("length(id) = 32 AND length(proof) = 32", "spent_work_sizes"),
        {"sqlite_with_rowid": False},
    )

    id: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    proof: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    day: int


EPOCH: Table = AnswersDatabase.metadata.tables["epoch"]
SEALED: Table = AnswersDatabase.metadata.tables["sealed"]
WITHDRAWN: Table = AnswersDatabase.metadata.tables["withdrawn"]
SPENT_KEY: Table = AnswersDatabase.metadata.tables["spent_key"]
REFUSED: Table = AnswersDatabase.metadata.tables["refused"]
SPENT_WORK: Table = AnswersDatabase.metadata.tables["spent_work"]


def insert_unless_present(table: Table, dialect: str) -> sqlite.Insert | postgresql.Insert:
    """Return an insert that does nothing where a row with the same key exists."""
    # No conflict target: naming one needs SELECT, which the respond role does not have.
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()
