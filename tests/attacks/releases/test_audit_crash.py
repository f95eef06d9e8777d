"""The crash matrix: a release killed before every single durable step, restored, and cloned, in real processes.

Each crash is a SIGKILL in a forked child, placed by this test alone: before each write, sync and rename of a file, each
statement that changes the ledger, each draw of noise, and in the middle of each line of the anchor.
"""

import os
import shutil
import signal
import time
from itertools import count

import pytest
from studies import small_study as small

from analysis.budget import anchor, ledger
from analysis.budget.anchor import Anchor
from analysis.budget.entries import LedgerBehindAnchorError
from analysis.noise.noise import Noise
from analysis.releasing import run, signed_release
from analysis.releasing.run import SpentResultLostError, make_release
from analysis.study.ledger_report import read_ledger
from crypto import durable
from survey.document import DocumentError
from survey.release.release import Release

PLAN = small.plan()
COST = PLAN.nano_rho
CHANGES = ("BEGIN", "UPDATE", "INSERT", "COMMIT")
LEAST_STEPS = 25


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return small.build(tmp_path_factory.mktemp("crash"), number=5)


class Steps:
    """Counts every durable step of a release; kills this process before the one of number `last`."""

    def __init__(self, last, step_pipe):
        self.last, self.step_pipe, self.done = last, step_pipe, 0

    def step(self, name):
        os.write(self.step_pipe, f"{name}\n".encode())
        if self.done == self.last:
            os.kill(os.getpid(), signal.SIGKILL)
        self.done += 1

    def before(self, name, whole):
        def stepping(*arguments, **more):
            self.step(name)
            return whole(*arguments, **more)

        return stepping

    def torn(self, whole):
        """Write half of a line, count a step, then write the rest."""

        def write(descriptor, data):
            whole(descriptor, data[: len(data) // 2])
            self.step("half a line")
            return len(data) // 2 + whole(descriptor, data[len(data) // 2 :])

        return write

    def connect(self, whole):
        def connecting(path, mode):
            database = whole(path, mode)
            database.set_trace_callback(lambda sql: self.step(sql.split()[0]) if sql.startswith(CHANGES) else None)
            return database

        return connecting

    def place(self):
        """Put the steps where things become durable; only in a child that is about to die."""
        write, sync, replace = os.write, os.fsync, durable.Path.replace
        fake = type(os)("os_of_the_anchor")
        fake.__dict__.update(os.__dict__)
        fake.write, fake.fsync = self.torn(self.before("write", write)), self.before("sync", sync)
        anchor.os = durable.os = fake
        durable.Path.replace = self.before("rename", replace)
        Noise.add = self.before("noise", Noise.add)
        ledger.connect = self.connect(ledger.connect)


def killed_at(last, world):
    """Make a release in a child that dies before step `last`; return its steps, or None where it lived to the end."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            Steps(last, writing).place()
            make_release(world.request(PLAN))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as step_pipe:
        steps = step_pipe.read().split("\n")[:-1]
    _, status = os.waitpid(child, 0)
    return steps if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL else None


def spent(world):
    with world.folder.open_ledger() as opened:
        return opened.spent


def asked_again(world):
    """Return the release that asking again gives, and whether it was there; (None, True) where it is lost."""
    try:
        outcome = make_release(world.request(PLAN))
    except SpentResultLostError:
        return None, True
    return outcome.release, outcome.replayed


def stored(world):
    """Return the release that a person could have copied from the study folder, or None."""
    path = world.folder.release_folder(PLAN.digest) / "release.json"
    return Release.from_bytes(path.read_bytes()) if path.exists() else None


def both_publish(one, two):
    """Whether a host that knows `one` would publish `two` too: another document, in one chain with it (checks.py)."""
    same_plan = one.plan == two.plan
    return one.digest != two.digest and not same_plan and one.ledger.agrees_with(two.ledger)


def test_killed_before_every_step_a_release_is_paid_once_and_never_made_twice(made, tmp_path):
    """At each of some thirty steps: nothing spent and nothing there, or paid once and stored or lost for ever."""
    names, seen = [], set()
    for last in range(200):
        world = made.copy(tmp_path / str(last))
        steps = killed_at(last, world)
        if steps is None:
            break
        names = steps
        left, paid = stored(world), spent(world)
        assert paid in (0, COST)
        assert paid or left is None
        again, there = asked_again(world)
        assert bool(paid) == there
        assert left is None or left == again
        assert COST == spent(world)
        assert read_ledger(world.folder).sound
        seen.add((bool(paid), left is not None, again is None))
    assert {"write", "sync", "rename", "noise", "half a line", *CHANGES} == set(names)
    assert LEAST_STEPS <= len(names)
    assert {(False, False, False), (True, False, True), (True, True, False)} == seen


def test_a_ledger_restored_with_its_anchor_never_gives_two_results_that_both_publish(made, tmp_path):
    """Both put back after any crash: what was stored refuses a second release; without it the first was never seen."""
    names = killed_at(10**6, made.copy(tmp_path / "count"))
    assert names is None
    for last in range(0, 200, 3):
        world = made.copy(tmp_path / str(last))
        shutil.copytree(world.folder.root, tmp_path / f"{last}-old")
        if killed_at(last, world) is None:
            break
        first = stored(world)
        for name in ("ledger.sqlite", "ledger.anchor"):
            shutil.copy(tmp_path / f"{last}-old" / name, world.folder.root / name)
        (world.folder.root / "ledger.sqlite-journal").unlink(missing_ok=True)
        if first is not None:
            with pytest.raises(LedgerBehindAnchorError):
                make_release(world.request(PLAN))
        else:
            assert make_release(world.request(PLAN)).release.ledger.sequence == 1


def test_two_clones_of_one_machine_never_publish_two_releases_for_one_debit(made, tmp_path):
    """Whatever plans two copies of a machine release, at most one chain publishes; each later one is refused too."""
    second = PLAN.model_copy(update={"title": "second", "parent": PLAN.digest})
    third = PLAN.model_copy(update={"title": "third", "parent": second.digest})
    machines = [made.copy(tmp_path / name) for name in ("one", "two")]
    chains = [[make_release(world.request(plan)).release for plan in (PLAN, second, third)] for world in machines]
    assert all(one.counts != two.counts for one, two in zip(chains[0][0].tables, chains[1][0].tables, strict=True))
    assert [] == [(a, b) for a in chains[0] for b in chains[1] if both_publish(a, b)]
    assert all(both_publish(a, b) for chain in chains for a in chain for b in chain if a is not b)


def test_the_control_without_a_nonce_would_let_a_clone_publish(made, tmp_path, monkeypatch):
    """Control: with the same nonces on both machines their entries are the same, and the clones' chains agree."""
    second = PLAN.model_copy(update={"title": "second", "parent": PLAN.digest})
    chains = []
    for name in ("one", "two"):
        numbers = count()
        monkeypatch.setattr(ledger, "new_nonce", lambda numbers=numbers: f"{next(numbers):032x}")
        world = made.copy(tmp_path / name)
        chains.append([make_release(world.request(plan)).release for plan in (PLAN, second)])
    assert both_publish(chains[0][0], chains[1][1])


def test_a_paid_entry_gets_no_second_noise_even_where_nobody_looks_it_up(made, tmp_path, monkeypatch):
    """With the look before the debit switched off the replayed entry does not fit the chain: refused, nothing written.

    Control: with the document's past forged too, the stored release is another one afterwards, and the matrix sees it.
    """
    world = made.copy(tmp_path)
    first = make_release(world.request(PLAN)).release
    monkeypatch.setattr(run, "_known", lambda *_: None)
    with pytest.raises(DocumentError, match="history ends with previous"):
        make_release(world.request(PLAN))
    assert (first, COST) == (stored(world), spent(world))
    monkeypatch.setattr(signed_release, "_ledger_entry", lambda _: first.ledger)
    make_release(world.request(PLAN))
    assert first.ledger == stored(world).ledger
    assert first != stored(world)


def test_while_one_process_releases_another_waits(made, tmp_path):
    """A child that opens the anchor comes in only when its parent has let the ledger go."""
    world = made.copy(tmp_path)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(30)
        os.read(reading, 1)
        Anchor.open(world.folder.anchor_path)
        os._exit(7)
    with world.folder.open_ledger():
        os.write(writing, b"x")
        time.sleep(0.3)
        assert (0, 0) == os.waitpid(child, os.WNOHANG)
    _, status = os.waitpid(child, 0)
    assert 7 == os.waitstatus_to_exitcode(status)
    os.close(reading)
    os.close(writing)
