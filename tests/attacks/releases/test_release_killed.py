"""A release that is killed at any of its steps is paid once, and its result is there or lost, never made twice."""

import multiprocessing
import os
import signal

import pytest
from studies import small_study as small

from analysis.budget.entries import LedgerBehindAnchorError
from analysis.releasing import run
from analysis.releasing.run import SpentResultLostError, make_release

PLAN = small.plan()
SPAWN = multiprocessing.get_context("spawn")

made, world = small.fixtures()


def spent(world):
    with world.folder.open_ledger() as ledger:
        return ledger.spent


def crash(step, world):
    """Make a release and kill this process at `step`."""
    from analysis.budget.anchor import Anchor
    from analysis.noise.noise import Noise
    from crypto import durable

    def kill(*_, **__):
        os.kill(os.getpid(), signal.SIGKILL)

    whole_append, whole_write = Anchor.append, durable.write_file
    before = {
        "count": (run, "count_box", kill),
        "intent": (Anchor, "append", kill),
        "anchor": (Anchor, "append", lambda self, line: kill() if "head" in line else whole_append(self, line)),
        "noise": (Noise, "add", kill),
        "write": (
            run,
            "write_file",
            lambda path, *rest: kill() if path.name == "release.json" else whole_write(path, *rest),
        ),
    }
    after = {"show": None}
    if step not in after:
        setattr(*before[step])
    make_release(world.request(PLAN))
    kill()


@pytest.mark.parametrize(
    ("step", "paid", "lost"),
    [
        ("count", False, False),
        ("intent", False, False),
        ("anchor", True, True),
        ("noise", True, True),
        ("write", True, True),
        ("show", True, False),
    ],
)
def test_a_release_killed_at_any_step_never_gives_two_results_for_one_debit(world, step, paid, lost):
    """Killed before the debit: nothing is spent. Killed after it: paid once, its result stored or lost."""
    process = SPAWN.Process(target=crash, args=(step, world))
    process.start()
    process.join(120)
    assert -signal.SIGKILL == process.exitcode
    assert (7_000_000 if paid else 0) == spent(world)
    if lost:
        with pytest.raises(SpentResultLostError):
            make_release(world.request(PLAN))
    else:
        assert paid == make_release(world.request(PLAN)).replayed
    assert 7_000_000 == spent(world)


def test_the_control_without_a_debit_is_caught(world, monkeypatch):
    """Control: with the debit skipped, the release's ledger entry is not in the ledger and the next run refuses."""
    from analysis.budget.entries import Debit
    from analysis.budget.ledger import Ledger

    def skipped(self, charge):
        return Debit(self.next_entry(charge), replayed=False)

    monkeypatch.setattr(Ledger, "debit", skipped)
    make_release(world.request(PLAN))
    with pytest.raises(LedgerBehindAnchorError):
        spent(world)
