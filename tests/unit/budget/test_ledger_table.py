"""The ledger's rows: the database has the columns that the entry names, and gives back what was written."""

import contextlib
import sqlite3

from analysis.budget.entries import Charge, DeclaredBudget, Entry
from analysis.budget.ledger_table import COLUMNS, SCHEMA, insert_entry, read_budget, read_entries

FIRST = Entry(1, "p", "n", Charge("s", 2, "m", "q", "b", 3, 40, 5), 60, 700, 8, 90)


def table():
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.executescript(SCHEMA)
    return contextlib.closing(database)


def test_the_columns_are_those_of_the_entry():
    """A field that the table lacks, or a column that no field fills, would be lost or refused at the first debit."""
    with table() as database:
        there = [row[1] for row in database.execute("PRAGMA table_info(entry)")]
    assert sorted(there) == sorted(COLUMNS)
    assert len(set(COLUMNS)) == len(COLUMNS)


def test_an_entry_is_read_as_it_was_written():
    """Each value comes back in its own field: all are different here, so that two that change places are seen."""
    with table() as database:
        database.execute(
            "INSERT INTO budget (study, signer, total, total_delta, spent, spent_delta) VALUES ('s', 'k', 9, 8, 7, 6)"
        )
        insert_entry(database, FIRST)
        assert [(FIRST, FIRST.hash)] == read_entries(database)
        assert (DeclaredBudget("s", "k", 9, 8), 7, 6) == read_budget(database)
        stored = database.execute("SELECT sequence, previous, plan, box, nano_rho, spent_delta, hash FROM entry")
        assert (1, "p", "q", "b", 40, 8, FIRST.hash) == stored.fetchone()
