"""The ledger under many spenders at once: threads and processes that race, and some that are killed while they do."""

import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from adversaries.ledger_charges import BUDGET, SPAWN, TOTAL, charge

from analysis.budget import anchor as anchors
from analysis.budget.entries import OverspentError
from analysis.budget.ledger import Ledger

THREADS, GRANTS = 32, 10
SOME_LINES = 2000
"""Bytes of the anchor after some debits: the spenders have begun, on however busy a machine."""


@pytest.fixture
def paths(tmp_path):
    made = tmp_path / "ledger.sqlite", tmp_path / "ledger.anchor"
    Ledger.create(*made, BUDGET)
    return made


def ask(paths, name):
    """Ask for a tenth of the budget; return whether it was granted."""
    try:
        with Ledger.open(*paths) as ledger:
            return not ledger.debit(charge(name, cost=TOTAL // GRANTS)).replayed
    except OverspentError:
        return False


def race(paths, process, granted):
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda thread: ask(paths, f"{process}-{thread}"), range(THREADS)))
    granted.put(sum(answers))


def test_sixty_four_spenders_at_once_are_granted_exactly_what_there_is(paths):
    """Two processes of 32 threads each ask for a tenth: ten are granted, fifty-four refused, and nothing is left."""
    granted = SPAWN.Queue()
    processes = [SPAWN.Process(target=race, args=(paths, number, granted)) for number in range(2)]
    for process in processes:
        process.start()
    grants = [granted.get(timeout=120) for _ in processes]
    for process in processes:
        process.join(30)
    granted.close()
    granted.join_thread()
    assert GRANTS == sum(grants)
    with Ledger.open(*paths) as ledger:
        assert (0, GRANTS) == (ledger.remaining, len(ledger.entries()))


def spend_until_killed(paths, worker):
    chance = random.Random(worker)
    while True:
        try:
            with Ledger.open(*paths) as ledger:
                ledger.debit(charge(f"plan-{chance.randrange(60)}", cost=chance.randrange(1, 30)))
        except OverspentError:
            time.sleep(0.001)


def test_eight_killed_processes_never_overspend_and_never_lose_a_debit(paths):
    """Eight processes spend the same plans at once and are killed at random moments: the chain stays whole."""
    processes = [SPAWN.Process(target=spend_until_killed, args=(paths, worker)) for worker in range(8)]
    for process in processes:
        process.start()
    chance = random.Random(11)
    late = time.monotonic() + 60
    while paths[1].stat().st_size < SOME_LINES and time.monotonic() < late:
        time.sleep(0.05)
    for process in processes:
        time.sleep(chance.random() / 4)
        process.kill()
        process.join(30)
    with Ledger.open(*paths) as ledger:
        entries = ledger.entries()
        assert 0 < ledger.spent <= TOTAL
        assert ledger.spent == sum(entry.charge.nano_rho for entry in entries)
        assert len(entries) == len({entry.charge.plan for entry in entries})
        assert len(entries) == max(sequence for sequence, _ in ledger.anchor.heads())


def crash_at(step, paths):
    """Debit in this process and kill it at `step`: nothing runs after, no handler, no flush."""

    def kill(*_):
        os.kill(os.getpid(), signal.SIGKILL)

    if step == "intent":
        anchors.Anchor.append = kill
    elif step == "insert":
        Ledger._insert = kill
    elif step == "head":
        whole = anchors.Anchor.append
        anchors.Anchor.append = lambda self, line: kill() if "head" in line else whole(self, line)
    with Ledger.open(*paths) as ledger:
        ledger.debit(charge())
        kill()


@pytest.mark.parametrize(("step", "spent"), [("intent", 0), ("insert", 0), ("head", 100), ("after", 100)])
def test_a_process_killed_at_any_step_leaves_a_ledger_that_opens(paths, step, spent):
    """Before the commit nothing is spent; after it the debit stands, and asking again never pays twice."""
    process = SPAWN.Process(target=crash_at, args=(step, paths))
    process.start()
    process.join(60)
    assert -signal.SIGKILL == process.exitcode
    with Ledger.open(*paths) as ledger:
        assert spent == ledger.spent
        assert bool(spent) == ledger.debit(charge()).replayed
        assert 100 == ledger.spent
