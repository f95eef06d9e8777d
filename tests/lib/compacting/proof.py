"""What must hold of a compaction while others write, on every kind of database; each kind's tests run it."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from hosts.store_rows import row, secret
from sqlalchemy import Engine, text

from survey.answers_db import insert_only, owner_access, store_errors
from survey.answers_db.compaction import compact
from survey.database.compaction.errors import CompactionError

EPOCH = b"\x03" * 8
STORED = 60
"""How many rows are there before anything is compacted."""


class BrokenOffError(Exception):
    """A compaction was stopped at a step, in a test."""


@dataclass
class Store:
    """
    The engines of compaction, of the respond app and of another staff command, with an epoch open.

    And the numbers of the rows that were acknowledged and withdrawn.
    """

    owner: Engine
    respond: Engine
    staff: Engine
    acknowledged: set[int] = field(default_factory=set)
    withdrawn: set[int] = field(default_factory=set)

    def hand_in(self, number: int) -> None:
        """Hand in a row."""
        insert_only.insert_record(self.respond, EPOCH, *row(number))
        self.acknowledged.add(number)

    def withdraw(self, number: int) -> None:
        """Withdraw a row."""
        insert_only.insert_withdrawal(self.respond, EPOCH, secret(number))
        self.withdrawn.add(number)

    def compact(self) -> None:
        """Compact without the checks of a wave: these rows are random bytes."""
        compact(self.owner, {})

    def kept(self) -> list[bytes]:
        """Return the records that are stored."""
        return sorted(owner_access.iter_records(self.owner, EPOCH))

    def expected(self, *, withdrawn: bool = True) -> list[bytes]:
        """Return the records that must be stored: each that was acknowledged, once, but for what was withdrawn."""
        gone = self.withdrawn if withdrawn else set()
        return sorted(row(number)[1] for number in self.acknowledged - gone)


class StepHandler(logging.Handler):
    """Does something at the first log record of a compaction that begins with a step's name."""

    def __init__(self, step: str, act: Callable[[], None]) -> None:
        """Keep what to do, and when."""
        super().__init__(logging.INFO)
        self.step, self.act, self.done = step, act, False
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Act once."""
        self.seen.append(record.getMessage())
        if not self.done and self.seen[-1].startswith(self.step):
            self.done = True
            self.act()


@contextmanager
def at_step(step: str, act: Callable[[], None]) -> Iterator[StepHandler]:
    """Do something when a compaction reaches a step; fail where it never does."""
    logger, handler = logging.getLogger("survey.database.compaction"), StepHandler(step, act)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield handler
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    assert handler.done, f"no compaction reached {step}; it said {handler.seen}"


def break_off() -> None:
    """Stop a compaction in the middle."""
    raise BrokenOffError


class CompactionProof:
    """The tests; a module with a fixture `store`, filled with STORED rows, runs them by a subclass with its steps."""

    def run_at(self, store: Store, step: str, act: Callable[[], None], locked: tuple[str, ...]) -> None:
        """Compact, and act at a step: in another thread where the compaction lets nobody write at that moment."""
        waiting: list[threading.Thread] = []
        faults: list[BaseException] = []

        def in_a_thread() -> None:
            try:
                act()
            except BaseException as error:  # noqa: BLE001 - it is raised again below
                faults.append(error)

        def begin() -> None:
            if step not in locked:
                act()
                return
            waiting.append(threading.Thread(target=in_a_thread))
            waiting[0].start()
            waiting[0].join(0.05)
            assert waiting[0].is_alive(), "it waits, and is not refused"

        with at_step(step, begin):
            store.compact()
        for thread in waiting:
            thread.join(10)
        assert [] == faults

    def everything(self, store: Store) -> None:
        """Hand in a new row, another twice, hand in again what is stored, take another's key, withdraw two."""
        for number in (900, 901, 901, 3):
            store.hand_in(number)
        with pytest.raises(store_errors.RecordRefusedError):
            insert_only.insert_record(store.respond, EPOCH, row(4)[0], row(5)[1])
        for number in (900, 7):
            store.withdraw(number)

    def check_step(self, store: Store, step: str, locked: tuple[str, ...]) -> None:
        """At a step every act has the result it always has; the next compaction applies the withdrawals."""
        store.withdraw(1)
        self.run_at(store, step, lambda: self.everything(store), locked)
        assert not {row(1)[1]} & {*store.kept()}, "what was withdrawn before is gone"
        assert {*store.expected()} <= {*store.kept()} <= {*store.expected(withdrawn=False)}
        store.compact()
        assert store.expected() == store.kept()
        with pytest.raises(store_errors.RecordRefusedError):
            insert_only.insert_record(store.respond, EPOCH, *row(7))

    def check_close(self, store: Store, step: str, locked: tuple[str, ...]) -> None:
        """A wave that closes at a step stays closed, with each answer that was acknowledged."""

        store.hand_in(900)
        self.run_at(store, step, lambda: owner_access.stop_accepting(store.staff, EPOCH), locked)
        with pytest.raises(store_errors.WaveClosedError):
            store.hand_in(901)
        store.hand_in(900)
        assert store.expected() == store.kept()
        store.compact()
        assert store.expected() == store.kept()

    def check_broken_off(self, store: Store, step: str) -> None:
        """Broken off at a step nothing is lost or doubled, hand-ins go on, and the next compaction does all of it."""
        store.withdraw(1)
        with at_step(step, break_off), pytest.raises(BrokenOffError):
            store.compact()
        self.everything(store)
        assert {*store.expected()} <= {*store.kept()} <= {*store.expected(withdrawn=False)}
        store.compact()
        assert store.expected() == store.kept()

    def check_second(self, store: Store) -> None:
        """While one runs, another says so and changes nothing."""

        def again() -> None:
            with pytest.raises(CompactionError, match="another compaction"):
                store.compact()

        with at_step("begun", again):
            store.compact()
        assert store.expected() == store.kept()

    def number_of(self, store: Store, table: str) -> int:
        """Return how many rows a table has."""
        with store.owner.connect() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
