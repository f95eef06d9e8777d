"""Compaction in a process of its own that is killed, while phones hand in; run as a script it is that process."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from paths import ROOT

from compacting.proof import Store, at_step
from survey.answers_db import owner_access, store_errors
from survey.answers_db.compaction import compact
from survey.database.compaction import file_swap, table_swap

ROWS = 300
"""How many rows are there before the first compaction."""
PHONES = 2


def child(url: str, step: str, *, faulty: bool = False) -> subprocess.Popen[bytes]:
    """Start a compaction that kills itself at a step, or at none; a faulty one does not copy rows that come late."""
    path = os.pathsep.join([str(ROOT), str(Path(__file__).parents[1])])
    command = [sys.executable, __file__, url, step, "faulty" if faulty else "whole"]
    return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": path}, stderr=subprocess.DEVNULL)


@contextmanager
def phones(store: Store) -> Iterator[None]:
    """Hand in with two phones, each after a fourth row withdrawing it; end when the block ends, with no refusal."""
    stop, faults = threading.Event(), list[BaseException]()

    def phone(first: int) -> None:
        number = first
        try:
            while not stop.is_set():
                store.hand_in(number)
                if number % 4 == 0:
                    store.withdraw(number)
                number += 1
                time.sleep(0.002)
        except store_errors.StoreError as error:
            faults.append(error)

    threads = [threading.Thread(target=phone, args=(100_000 * place,)) for place in range(1, PHONES + 1)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert [] == faults


def kill_at(store: Store, url: str, steps: tuple[str, ...]) -> None:
    """Kill a compaction at each step in turn, each after the one before was left as it was; then compact to the end."""
    with phones(store):
        for step in steps:
            assert -signal.SIGKILL == child(url, step).wait(120), step
    _finish(store, url)


def kill_any_time(store: Store, url: str, times: int, seed: int) -> None:
    """Kill compactions at moments that chance draws; then compact to the end."""
    draw = random.Random(seed)
    with phones(store):
        began = time.monotonic()
        assert 0 == child(url, "").wait(120)
        usual = time.monotonic() - began
        for _ in range(times):
            process = child(url, "")
            time.sleep(draw.uniform(0.3, 1.1) * usual)
            process.kill()
            process.wait(10)
    _finish(store, url)


def _finish(store: Store, url: str) -> None:
    # A server may take two seconds to notice that the killed process is gone.
    until = time.monotonic() + 30
    while (ended := child(url, "").wait(120)) and time.monotonic() < until:
        time.sleep(0.5)
    assert 0 == ended
    assert 0 == child(url, "").wait(120), "what was withdrawn in the meantime is applied by the next one"
    assert store.expected() == store.kept()


def main(url: str, step: str, manner: str) -> None:
    """Compact in slices of ten rows; kill this process at a step."""
    file_swap.SLICE = 10
    if manner == "faulty":
        file_swap.FileCopy._catch_up = lambda _: 0  # type: ignore[method-assign]  # a planted fault
        table_swap._catch_up = lambda *_: 0  # type: ignore[assignment]  # a planted fault
    owner = owner_access.connect_owner(url)
    if step:
        with at_step(step, lambda: os.kill(os.getpid(), signal.SIGKILL)):
            compact(owner, {})
    else:
        compact(owner, {})


if __name__ == "__main__":
    main(*sys.argv[1:])
