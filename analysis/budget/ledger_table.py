"""The tables of a ledger's database and their rows: which columns there are is said by the entry itself."""

import sqlite3
from dataclasses import asdict, fields

from analysis.budget.entries import Charge, DeclaredBudget, Entry, LedgerCorruptError

VERSION = 3
SCHEMA = """
CREATE TABLE budget (
  study TEXT PRIMARY KEY NOT NULL,
  signer TEXT NOT NULL,
  total INTEGER NOT NULL CHECK (total > 0),
  total_delta INTEGER NOT NULL CHECK (total_delta >= 0),
  spent INTEGER NOT NULL DEFAULT 0 CHECK (0 <= spent AND spent <= total),
  spent_delta INTEGER NOT NULL DEFAULT 0 CHECK (0 <= spent_delta AND spent_delta <= total_delta)
) STRICT, WITHOUT ROWID;
CREATE TABLE entry (
  sequence INTEGER PRIMARY KEY NOT NULL,
  previous TEXT NOT NULL UNIQUE,
  nonce TEXT NOT NULL UNIQUE,
  study TEXT NOT NULL REFERENCES budget,
  wave INTEGER NOT NULL,
  manifest TEXT NOT NULL,
  plan TEXT NOT NULL,
  box TEXT NOT NULL,
  count INTEGER NOT NULL,
  nano_rho INTEGER NOT NULL CHECK (nano_rho > 0),
  atto_delta INTEGER NOT NULL CHECK (atto_delta >= 0),
  spent INTEGER NOT NULL,
  total INTEGER NOT NULL,
  spent_delta INTEGER NOT NULL,
  total_delta INTEGER NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  UNIQUE (plan, box, manifest)
) STRICT;
"""
_CHARGE = tuple(field.name for field in fields(Charge))
_SUMS = tuple(field.name for field in fields(Entry) if field.name != "charge")
COLUMNS = (*_CHARGE, *_SUMS, "hash")
"""The columns of `entry`: the charge's fields, the entry's own, and its hash."""
_SELECT = f"SELECT {', '.join(COLUMNS)} FROM entry ORDER BY sequence"  # noqa: S608 - our own names
_INSERT = f"INSERT INTO entry ({', '.join(COLUMNS)}) VALUES (:{', :'.join(COLUMNS)})"  # noqa: S608 - our own names


def read_budget(database: sqlite3.Connection) -> tuple[DeclaredBudget, int, int]:
    """Return the declared budget and what of it is spent, in nano-rho and atto-delta."""
    rows = database.execute("SELECT study, signer, total, total_delta, spent, spent_delta FROM budget").fetchall()
    if len(rows) != 1:
        raise LedgerCorruptError("a ledger holds the budget of exactly one study")
    return DeclaredBudget(*rows[0][:4]), int(rows[0][4]), int(rows[0][5])


def read_entries(database: sqlite3.Connection) -> list[tuple[Entry, str]]:
    """Return every entry in order, with the hash that is stored beside it."""
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in database.execute(_SELECT)]
    return [
        (
            Entry(charge=Charge(**{name: row[name] for name in _CHARGE}), **{name: row[name] for name in _SUMS}),
            row["hash"],
        )
        for row in rows
    ]


def insert_entry(database: sqlite3.Connection, entry: Entry) -> None:
    """Write one entry with its hash."""
    values = asdict(entry)
    database.execute(_INSERT, values | values.pop("charge") | {"hash": entry.hash})
