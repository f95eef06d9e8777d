"""The tables of the answers database: sealed rows, tombstones, spent work, and which epochs are open."""

from sqlalchemy import CheckConstraint, Column, LargeBinary, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

ROW_KEY_SIZE = 32
EPOCH_SIZE = 8


class Answers(SQLModel, registry=registry()):
    """The tables of the answers database."""


class Epoch(Answers, table=True):
    """One wave as the store knows it: a name without meaning, one record size, open or not. Never reopened."""

    __tablename__ = "epoch"
    __table_args__ = (CheckConstraint(f"length(id) = {EPOCH_SIZE}", "epoch_id_size"), {"sqlite_with_rowid": False})

    id: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    record_size: int
    open: bool


class Sealed(Answers, table=True):
    """One sealed record: no number, no time, no owner; the key is the token's tag or the hash of the envelope."""

    __tablename__ = "sealed"
    __table_args__ = (
        CheckConstraint(f"length(row_key) = {ROW_KEY_SIZE}", "sealed_row_key_size"),
        {"sqlite_with_rowid": False},
    )

    row_key: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    epoch: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    record: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Withdrawn(Answers, table=True):
    """One tombstone: the answer with this key was taken back; compaction deletes it, and the key stays spent."""

    __tablename__ = "withdrawn"
    __table_args__ = (
        CheckConstraint(f"length(row_key) = {ROW_KEY_SIZE}", "withdrawn_row_key_size"),
        {"sqlite_with_rowid": False},
    )

    row_key: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    epoch: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class SpentWork(Answers, table=True):
    """One proof of work that was used: which challenge, on which row without telling, and the last day it could be."""

    __tablename__ = "spent_work"
    __table_args__ = (
        CheckConstraint("length(id) = 32 AND length(proof) = 32", "spent_work_sizes"),
        {"sqlite_with_rowid": False},
    )

    id: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    proof: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    day: int


EPOCH: Table = Answers.metadata.tables["epoch"]
SEALED: Table = Answers.metadata.tables["sealed"]
WITHDRAWN: Table = Answers.metadata.tables["withdrawn"]
SPENT_WORK: Table = Answers.metadata.tables["spent_work"]


def insert_unless_taken(table: Table, dialect: str) -> sqlite.Insert | postgresql.Insert:
    """Return an insert that leaves a row of the same key as it is."""
    # No conflict target: naming one needs SELECT, which the respond role does not have.
    if dialect == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()
