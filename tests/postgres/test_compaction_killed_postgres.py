"""Compaction on PostgreSQL, killed (SIGKILL) while phones hand in: every acknowledged answer is there, once."""

from collections.abc import Iterator

import pytest
from compacting.killed import ROWS, child, kill_any_time, kill_at, phones
from compacting.proof import EPOCH, Store
from hosts.pganswers import ANSWERS, fresh_answers
from hosts.pgserver import Server
from hosts.store_rows import SIZE

STEPS = (
    "begun sealed", "copying sealed", "filled sealed", "copied sealed", "caught up sealed", "exchanging sealed",
    "exchanged sealed", "copied withdrawn", "exchanging withdrawn", "copied spent_work",
)  # fmt: skip


@pytest.fixture
def store(pg_server: Server) -> Iterator[Store]:
    """Return a store with ROWS rows."""
    with fresh_answers(pg_server, EPOCH, SIZE) as (owner, respond):
        store = Store(owner, respond, owner)
        for number in range(ROWS):
            store.hand_in(number)
        yield store


@pytest.fixture
def url(pg_server: Server) -> str:
    """Return the owner's address."""
    return pg_server.url(ANSWERS, "sotto_owner")


@pytest.mark.slow
def test_killed_at_every_step_nothing_is_lost(store, url):
    """Killed at each step in turn, over what the one before left, it loses, doubles and refuses nothing."""
    kill_at(store, url, STEPS)


@pytest.mark.slow
def test_a_planted_fault_is_seen(store, url):
    """The control: a compaction that leaves late rows behind is found out; some come between copy and exchange."""
    with phones(store):
        assert 0 == child(url, "", faulty=True).wait(120)
    assert not {*store.expected()} <= {*store.kept()}


@pytest.mark.long
def test_killed_at_any_time_nothing_is_lost(store, url):
    """Killed 60 times at moments drawn by chance, it loses, doubles and refuses nothing."""
    kill_any_time(store, url, 60, seed=2)
