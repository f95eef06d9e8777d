"""`sotto witness` is verifier/witness.py, with its options, output and exit codes."""

import subprocess
import sys

import pytest
from paths import ROOT

from survey.commands.witness import PROGRAM

SOTTO = (sys.executable, "-c", "from survey.commands.main import main; main(prog_name='sotto')")


def run(*command: object) -> tuple[int, bytes]:
    done = subprocess.run([*map(str, command)], capture_output=True, check=False)
    return done.returncode, done.stdout


@pytest.mark.slow
def test_the_command_runs_the_one_file(tmp_path):
    """A key that the command made is shown alike by the file itself; refusals and wrong calls keep their codes."""
    assert ROOT / "verifier" / "witness.py" == PROGRAM
    key = tmp_path / "lin.key"
    made = run(*SOTTO, "witness", "new", "--name", "lin.example.org", "--key", key)
    assert (0, True) == (made[0], made[1].startswith(b"lin.example.org+"))
    assert made == run(sys.executable, "-I", PROGRAM, "show", "--key", key)
    assert [1, 2] == [run(*SOTTO, "witness", *rest)[0] for rest in (("new", "--name", "a", "--key", key), ("cosign",))]
