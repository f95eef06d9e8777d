"""The ledger under many spenders at once: threads and processes that race, and some that are killed while they do."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_charges import BUDGET, SPAWN, TOTAL, charge

from analysis.budget.ledger import Ledger, OverspentError

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


@pytest.mark.slow
def test_sixty_four_spenders_at_once_are_granted_exactly_what_there_is(paths):
    """Two processes of 32 threads each ask for a tenth: ten are granted, fifty-four refused, and nothing is left."""
    granted = SPAWN.Queue()
    processes = [SPAWN.Process(target=race, args=(paths, number, granted)) for number in range(2)]
    for process in processes:
        process.start()
    found = [granted.get(timeout=120) for _ in processes]
    for process in processes:
        process.join(30)
    granted.close()
    granted.join_thread()
    assert GRANTS == sum(found)
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


@pytest.mark.slow
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
