"""An analysis command as a process of its own: one JSON object, and no memory left in a file."""

import json
import os
import subprocess
import sys

from studies import small_study as small

from analysis.budget.entries import Charge


def test_the_module_runs_as_a_child_and_prints_one_object(tmp_path):
    """`python -m analysis plan check --json` in a process of its own prints one JSON object and nothing else."""
    world = small.build(tmp_path)
    command = [sys.executable, "-m", "analysis", "plan", "check", str(world.plan_file(small.plan()))]
    command += ["--study", str(world.folder.root), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    assert 7 == len(json.loads(done.stdout)["tables"])


def test_a_person_reads_that_an_older_anchor_was_mended(tmp_path):
    """What the ledger logs of an older anchor stands on every command's stderr, and its JSON stays whole."""
    world = small.build(tmp_path)
    before = world.folder.anchor_path.read_bytes()
    with world.folder.open_ledger() as ledger:
        ledger.debit(Charge(ledger.study, 1, "m" * 64, "p" * 64, "b" * 64, 300, 1_000))
    world.folder.anchor_path.write_bytes(before)
    command = [sys.executable, "-m", "analysis", "plan", "check", str(world.plan_file(small.plan()))]
    command += ["--study", str(world.folder.root), "--json"]
    first, second = (subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(2))
    said = "lacked entry 1 of the ledger and its announcement: an older copy of the anchor was put back"
    assert said in first.stderr
    assert said in second.stderr
    assert json.loads(first.stdout)["left"] == json.loads(second.stdout)["left"] == 99_999_000


def test_an_analysis_command_leaves_no_core_dump():
    """After its first statement a process may write no core file and is no longer dumpable (Linux)."""
    code = (
        "import ctypes, resource; from analysis.opening.core_dumps import forbid_core_dumps; forbid_core_dumps(); "
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "(0, 0) 0" == done.stdout.strip()


def test_a_command_forbids_core_dumps_before_it_does_anything():
    """Not the function alone: `python -m analysis` as it is started has called it by the time that it ends."""
    code = (
        "import ctypes, resource, runpy, sys; sys.argv = ['sotto', '--help']\n"
        "try: runpy.run_module('analysis', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "(0, 0) 0" == done.stdout.strip().splitlines()[-1]
