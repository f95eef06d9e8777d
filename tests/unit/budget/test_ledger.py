"""
The ledger under crashes, rollbacks and tampering, in real files and processes.

analysis/budget/ledger.py, anchor.py.
"""

import contextlib
import shutil
import sqlite3
from dataclasses import replace

import pytest
from adversaries.ledger_charges import BUDGET, DELTA, TOTAL, charge, spend
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.budget.entries import (
    DeclaredBudget,
    DeltaOverspentError,
    LedgerBehindAnchorError,
    LedgerCorruptError,
    LedgerError,
    LedgerMissingError,
    OverspentError,
    SecondBoxError,
)
from analysis.budget.ledger import Ledger
from analysis.budget.price import delta_text
from survey.plan.plan import rho_text


def edit(paths, statement, *values):
    with sqlite3.connect(paths[0]) as database:
        database.execute(statement, values)
    database.close()


def test_a_debit_is_a_chained_entry_and_the_sum_is_what_was_spent(paths):
    """Two debits chain to each other and to the declared budget; spent is their sum and remaining the rest."""
    one, two = (debit.entry for debit in spend(paths, charge("a"), charge("b", cost=250)))
    assert (1, 2) == (one.sequence, two.sequence)
    assert BUDGET.genesis == one.previous
    assert one.hash == two.previous
    with Ledger.open(*paths) as ledger:
        assert [one, two] == ledger.entries()
        assert (350, 650, two.hash) == (ledger.spent, ledger.remaining, ledger.head)


def test_the_same_plan_over_the_same_box_is_free(paths):
    """A second debit of the same charge is the stored entry, marked as replayed, and spends nothing."""
    first, again = spend(paths, charge(), charge())
    assert (False, True) == (first.replayed, again.replayed)
    assert first.entry == again.entry
    with Ledger.open(*paths) as ledger:
        assert 100 == ledger.spent


def test_overspending_is_refused_and_names_requested_and_remaining(paths):
    """A charge over what is left raises OverspentError with both numbers; the budget can be spent to its last nano."""
    with Ledger.open(*paths) as ledger:
        ledger.debit(charge("a", cost=400))
        with pytest.raises(OverspentError) as caught:
            ledger.debit(charge("b", cost=601))
        assert (601, 600) == (caught.value.requested, caught.value.remaining)
        ledger.debit(charge("c", cost=600))
        assert 0 == ledger.remaining


def test_delta_has_its_own_column_and_its_own_cap(paths):
    """Open words pay in atto-delta: summed, capped apart from rho, refused by name above the cap, spent to the last."""
    with Ledger.open(*paths) as ledger:
        assert (20, 20, DELTA) == delta_of(ledger.debit(charge("a", delta=20)).entry)
        with pytest.raises(DeltaOverspentError) as caught:
            ledger.debit(charge("b", delta=31))
        assert (31, 30) == (caught.value.requested, caught.value.remaining)
        assert (30, 50, DELTA) == delta_of(ledger.debit(charge("c", delta=30)).entry)
        assert (0, 800) == (ledger.remaining_delta, ledger.remaining)
        ledger.debit(charge("d"))


def delta_of(entry):
    return entry.charge.atto_delta, entry.spent_delta, entry.total_delta


def test_a_study_may_spend_a_ten_billionth_of_delta_in_its_life():
    """The cap of delta that a ceremony declares is 10^8 atto-delta, 1e-10, and it is bound by the first hash."""
    budget = DeclaredBudget("study", "f" * 64)
    assert 10**8 == budget.total_delta
    assert "1e-10" == delta_text(budget.total_delta)
    assert budget.genesis != replace(budget, total_delta=10**8 + 1).genesis


def test_a_ledger_is_of_one_signing_key():
    """Equal budgets of two signing keys begin two chains: no entry of one follows from the other."""
    assert DeclaredBudget("study", "e" * 64).genesis != DeclaredBudget("study", "f" * 64).genesis


@pytest.mark.parametrize(("atto", "text"), [(0, "0"), (1, "1e-18"), (25_000_000, "2.5e-11"), (10**18, "1e0")])
def test_delta_is_written_exactly(atto, text):
    """Atto-delta as a power of ten loses and adds no digit."""
    assert text == delta_text(atto)


def test_two_copies_of_a_ledger_make_two_entries_of_one_charge(paths, tmp_path):
    """A cloned machine that pays for the same plan gets an entry of another hash, and both intents name one parent."""
    copies = tmp_path / "copy.sqlite", tmp_path / "copy.anchor"
    for path, copy in zip(paths, copies, strict=True):
        shutil.copy(path, copy)
    (one,), (two,) = spend(paths, charge()), spend(copies, charge())
    assert one.entry.charge == two.entry.charge
    assert one.entry.hash != two.entry.hash
    intents = []
    for pair in (paths, copies):
        with Ledger.open(*pair) as ledger:
            intents.append(ledger.anchor.lines[1]["intent"])
    assert intents[0]["parent"] == intents[1]["parent"]
    assert intents[0]["nonce"] != intents[1]["nonce"]


def test_a_second_box_of_a_wave_is_refused(paths):
    """A wave that was released from one box refuses another, and a box refuses a second wave; nothing is spent."""
    spend(paths, charge())
    with Ledger.open(*paths) as ledger:
        for other in (charge("b", box="other"), replace(charge("b", wave=2), box="b1"), replace(charge("b"), count=8)):
            with pytest.raises(SecondBoxError):
                ledger.debit(other)
        assert 100 == ledger.spent
        ledger.debit(charge("b"))
        ledger.debit(charge("c", wave=2))


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM wave", "CREATE TABLE wave (wave, manifest, box, count)", "UPDATE entry SET box = 'other1'"],
)
def test_no_edit_of_the_ledgers_file_lets_a_second_box_through(paths, statement):
    """That a wave has one box follows from the chained entries: no row beside them can be emptied to forget it."""
    spend(paths, charge())
    with contextlib.suppress(sqlite3.OperationalError):  # there is no such table
        edit(paths, statement)
    with pytest.raises((SecondBoxError, LedgerCorruptError)):
        spend(paths, charge("b", box="other"))


def test_another_studys_charge_is_refused(paths):
    """A ledger spends for its own study only."""
    with Ledger.open(*paths) as ledger, pytest.raises(LedgerError, match="another study"):
        ledger.debit(replace(charge(), study="other"))


def test_the_guarded_update_and_the_check_hold_without_the_first_look(paths, monkeypatch):
    """With the look before it switched off, the UPDATE still refuses; with a direct UPDATE, the CHECK refuses."""
    monkeypatch.setattr(Ledger, "_refuse", lambda *_: None)
    with Ledger.open(*paths) as ledger:
        with pytest.raises(OverspentError):
            ledger.debit(charge(cost=TOTAL + 1))
        with pytest.raises(sqlite3.IntegrityError):
            ledger.database.execute("UPDATE budget SET spent = total + 1")
        assert ([], 0) == (ledger.entries(), ledger.spent)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET nano_rho = 1 WHERE sequence = 1",
        "UPDATE entry SET plan = 'x' WHERE sequence = 1",
        "UPDATE entry SET hash = 'x' WHERE sequence = 2",
        "UPDATE entry SET spent = 1 WHERE sequence = 1",
        "UPDATE entry SET count = 8 WHERE sequence = 1",
        "UPDATE entry SET nonce = 'x' WHERE sequence = 1",
        "UPDATE entry SET atto_delta = 1 WHERE sequence = 1",
        "UPDATE entry SET spent_delta = 1 WHERE sequence = 2",
        "UPDATE entry SET total_delta = 1 WHERE sequence = 1",
        "DELETE FROM entry WHERE sequence = 1",
        "UPDATE budget SET spent = 0",
        "UPDATE budget SET total = 5000",
        "UPDATE budget SET total_delta = 5000",
        "DELETE FROM budget",
    ],
)
def test_an_edited_database_is_refused(paths, statement):
    """Any change to an entry, the sums or the declared budget breaks the chain or the sums."""
    spend(paths, charge("a"), charge("b"))
    edit(paths, "PRAGMA foreign_keys = OFF")
    edit(paths, statement)
    with pytest.raises(LedgerCorruptError):
        Ledger.open(*paths)


def test_a_removed_last_entry_is_refused(paths):
    """The last debit and its sum taken out together leave a whole chain, which is behind its anchor."""
    spend(paths, charge("a"), charge("b"))
    edit(paths, "DELETE FROM entry WHERE sequence = 2")
    edit(paths, "UPDATE budget SET spent = 100")
    with pytest.raises(LedgerBehindAnchorError):
        Ledger.open(*paths)


def test_missing_foreign_and_unmigrated_files_are_refused_by_name(paths, tmp_path):
    """No database, no anchor, another schema version and a file that is no database: each its own message."""
    with pytest.raises(LedgerMissingError, match="missing"):
        Ledger.open(tmp_path / "none", paths[1])
    with pytest.raises(LedgerCorruptError, match="none is missing"):
        Ledger.open(paths[0], tmp_path / "none")
    edit(paths, "PRAGMA user_version = 0")
    with pytest.raises(LedgerMissingError, match="not migrated"):
        Ledger.open(*paths)
    paths[0].write_bytes(b"nonsense" * 1000)
    with pytest.raises(LedgerCorruptError, match=r"not a ledger|damaged"):
        Ledger.open(*paths)


def test_a_budget_is_declared_once(paths):
    """Creating a ledger over another, or over its anchor, is refused."""
    with pytest.raises(FileExistsError):
        Ledger.create(*paths, replace(BUDGET, total=10 * TOTAL))
    paths[0].unlink()
    with pytest.raises(FileExistsError):
        Ledger.create(*paths, replace(BUDGET, total=10 * TOTAL))


def test_a_ledger_that_cannot_be_written_spends_nothing(paths):
    """A full or read-only disk is a LedgerError before anything is spent (the anchor had its intent)."""
    with Ledger.open(*paths) as ledger:
        ledger.database.execute("PRAGMA query_only = ON")
        with pytest.raises(LedgerError, match="could not be written"):
            ledger.debit(charge())
    with Ledger.open(*paths) as ledger:
        assert 0 == ledger.spent


@pytest.mark.parametrize(
    ("nano", "text"), [(0, "0"), (1, "0.000000001"), (3_333_333, "0.003333333"), (10**9, "1"), (15 * 10**8, "1.5")]
)
def test_rho_is_written_exactly(nano, text):
    """Nano-rho as a decimal loses and adds no digit."""
    assert text == rho_text(nano)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from("abcdef"), st.integers(1, 400)), max_size=12))
def test_any_sequence_of_charges_keeps_the_sum_under_the_total(tmp_path_factory, asked):
    """Whatever is asked in whatever order, spent is the sum of the entries, at most the total, and never shrinks."""
    folder = tmp_path_factory.mktemp("ledger")
    Ledger.create(folder / "l", folder / "a", BUDGET)
    with Ledger.open(folder / "l", folder / "a") as ledger:
        before = 0
        for wave, plan, cost in asked:
            try:
                ledger.debit(charge(f"{plan}{wave}", wave, cost))
            except OverspentError:
                assert cost > ledger.remaining
            assert before <= ledger.spent == sum(entry.charge.nano_rho for entry in ledger.entries()) <= TOTAL
            before = ledger.spent
