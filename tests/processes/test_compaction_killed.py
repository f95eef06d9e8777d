"""Compaction of a SQLite file, killed (SIGKILL) while phones hand in: every acknowledged answer is there, once."""

from collections.abc import Iterator

import pytest
from compacting.killed import ROWS, child, kill_any_time, kill_at, phones
from compacting.proof import EPOCH, Store
from hosts.store_rows import SIZE

from survey.answers_db import insert_only, owner_access
from survey.database.migration import migrate

STEPS = ("begun", "slice of sealed", "catching up", "exchanging", "moving", "moved", "emptied the log", "linked")


@pytest.fixture
def store(settings) -> Iterator[Store]:
    """Return a store with ROWS rows."""
    migrate(settings)
    url = settings.answers_url
    owner, respond = owner_access.connect_owner(url), insert_only.connect_respond(url)
    owner_access.start_accepting(owner, EPOCH, SIZE)
    store = Store(owner, respond, owner)
    for number in range(ROWS):
        store.hand_in(number)
    yield store
    owner.dispose()
    respond.dispose()


@pytest.mark.slow
def test_killed_at_every_step_nothing_is_lost(store, settings):
    """Killed at each step in turn, over what the one before left, it loses, doubles and refuses nothing."""
    kill_at(store, settings.answers_url, STEPS)


@pytest.mark.slow
def test_a_planted_fault_is_seen(store, settings):
    """The control: a compaction that leaves late rows behind is found out.

    Some fifty rows come in the meantime, and each has an even chance or so to come behind the copy: all of them ahead
    of it once in 10^15 runs.
    """
    with phones(store):
        assert 0 == child(settings.answers_url, "", faulty=True).wait(120)
    assert not {*store.expected()} <= {*store.kept()}


@pytest.mark.long
def test_killed_at_any_time_nothing_is_lost(store, settings):
    """Killed 60 times at moments drawn by chance, it loses, doubles and refuses nothing."""
    kill_any_time(store, settings.answers_url, 60, seed=1)
