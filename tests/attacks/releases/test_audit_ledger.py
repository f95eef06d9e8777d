"""Red team of the ledger: 200 rewound copies are refused, 200 honest histories with crashes in them are not."""

import contextlib
import os
import random
import shutil
import sqlite3
from dataclasses import replace

import pytest

from analysis.budget import anchor as anchors
from analysis.budget import ledger as ledgers
from analysis.budget.entries import (
    Charge,
    DeclaredBudget,
    DeltaOverspentError,
    LedgerBehindAnchorError,
    LedgerCorruptError,
    OverspentError,
)
from analysis.budget.ledger import Ledger

TRIALS = 200
BUDGET = DeclaredBudget("study", "f" * 64, 10_000, 50)


@pytest.fixture(autouse=True)
def _fast(monkeypatch):
    """Leave out the waits for the disk: what is tested here is logic, and 400 histories would wait for minutes."""
    monkeypatch.setattr(anchors.os, "fsync", lambda _: None)
    whole = ledgers.connect

    def connect(path, mode):
        database = whole(path, mode)
        database.execute("PRAGMA synchronous = OFF")
        return database

    monkeypatch.setattr(ledgers, "connect", connect)


def charge(chance, number):
    wave = chance.randint(1, 3)
    return Charge(
        "study", wave, f"m{wave}", f"plan-{number}", f"b{wave}", 7, chance.randint(1, 900), chance.choice([0, 0, 0, 3])
    )


def history(paths, chance, debits):
    for number in range(debits):
        with Ledger.open(*paths) as ledger:
            ledger.debit(charge(chance, f"{number}-{chance.random()}"))


def make(folder):
    folder.mkdir()
    paths = folder / "ledger.sqlite", folder / "ledger.anchor"
    Ledger.create(*paths, BUDGET)
    return paths


def put_back(paths, saved, chance):
    """Restore the database as it was, or cut its newest entries out, or let a restored copy spend something else."""
    kind = chance.choice(["copy", "cut", "fork"])
    if kind == "cut":
        with sqlite3.connect(paths[0]) as database:
            last = database.execute("SELECT max(sequence), max(spent), max(spent_delta) FROM entry").fetchone()
            database.execute("DELETE FROM entry WHERE sequence = ?", last[:1])
            rest = "coalesce((SELECT max({0}) FROM entry), 0)"
            database.execute(
                f"UPDATE budget SET spent = {rest.format('spent')}, spent_delta = {rest.format('spent_delta')}"
            )
        database.close()
        return
    shutil.copy(saved, paths[0])
    if kind == "fork":
        with sqlite3.connect(paths[0]) as database:
            count = database.execute("SELECT count(*) FROM entry").fetchone()[0]
        database.close()
        beside = saved.with_name("beside.anchor")
        anchors.Anchor.create(beside, BUDGET.genesis).close()
        known = len([line for line in paths[1].read_text().splitlines() if '"head"' in line])
        with Ledger(ledgers.checked(paths[0]), anchors.Anchor.open(beside)) as copy:
            for number in range(max(known - 1 - count, 1)):
                copy.debit(charge(chance, f"other-{number}"))


def test_two_hundred_rewound_ledgers_are_refused(tmp_path):
    """Older copies, entries cut out and forks of a restored copy never open; the refusal says what to do."""
    for trial in range(TRIALS):
        chance = random.Random(trial)
        paths = make(tmp_path / str(trial))
        history(paths, chance, chance.randint(0, 2))
        saved = paths[0].with_name("saved")
        shutil.copy(paths[0], saved)
        history(paths, chance, chance.randint(1, 3))
        put_back(paths, saved, chance)
        with pytest.raises((LedgerBehindAnchorError, LedgerCorruptError), match="restore"):
            Ledger.open(*paths)
        shutil.rmtree(paths[0].parent)


class Crashed(BaseException):
    """Stands for the end of the process: nothing of ours runs after it."""


def crash(patch, chance):
    """Let the next debit stop somewhere: before the commit, before the head, or with a torn line in the anchor."""
    place = chance.choice(["insert", "head", "torn"])
    if place == "insert":
        patch.setattr(Ledger, "_insert", stop)
        return
    whole = anchors.Anchor.append

    def append(self, line):
        if "head" in line:
            if place == "torn":
                os.write(self.descriptor, b'{"head":"ab')
            raise Crashed
        whole(self, line)

    patch.setattr(anchors.Anchor, "append", append)


def stop(*_):
    raise Crashed


def test_two_hundred_honest_histories_raise_no_alarm(tmp_path, monkeypatch):
    """Debits, refusals, replays and crashes between any two steps leave a ledger that opens, with the right sum."""
    for trial in range(TRIALS):
        chance = random.Random(1000 + trial)
        paths = make(tmp_path / str(trial))
        for number in range(chance.randint(1, 4)):
            wanted = charge(chance, number)
            with monkeypatch.context() as patch:
                crashes = chance.random() < 0.4
                if crashes:
                    crash(patch, chance)
                with contextlib.suppress(Crashed, OverspentError, DeltaOverspentError), Ledger.open(*paths) as ledger:
                    ledger.debit(wanted)
                    ledger.debit(wanted)
        with Ledger.open(*paths) as ledger:
            assert ledger.spent == sum(entry.charge.nano_rho for entry in ledger.entries())
            assert len(ledger.entries()) == max(sequence for sequence, _ in ledger.anchor.heads())
            with pytest.raises(OverspentError):
                ledger.debit(replace(charge(chance, "too much"), nano_rho=10_001))
        shutil.rmtree(paths[0].parent)


def test_the_control_without_an_anchor_lets_a_rewound_ledger_spend_twice(tmp_path, monkeypatch):
    """Control: with the comparison switched off the restored copy opens, and the same budget is spent again."""
    paths = make(tmp_path / "one")
    saved = paths[0].with_name("saved")
    shutil.copy(paths[0], saved)
    history(paths, random.Random(1), 2)
    shutil.copy(saved, paths[0])
    monkeypatch.setattr(Ledger, "_agree", lambda _: None)
    with Ledger.open(*paths) as ledger:
        assert 0 == ledger.spent
