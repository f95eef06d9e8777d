"""`scripts/setup` where nothing is installed yet: programs that install stand in, and say when they run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from paths import ROOT

LOCKS = ("dev.txt", "node.txt")
# Waits for every other program that `together` names, so that each ends only where all of them run at the same time.
STAND_IN = """#!/bin/sh
case "$*" in
{works}) ;;
*) exit 0 ;;
esac
echo "begin {name}" >> said
touch began-{name}
for other in {together}; do
  tries=0
  while [ ! -e "began-$other" ]; do
    [ "$tries" -lt 600 ] || exit 1
    tries=$((tries + 1))
    sleep 0.05
  done
done
[ ! -e "fail-{name}" ] || exit 1
{after}
echo "end {name}" >> said
"""
TOGETHER = "pip npm apt-get"


def program(path: Path, works: str, name: str, together: str = "", after: str = "") -> None:
    path.write_text(STAND_IN.format(works=works, name=name, together=together, after=after), encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout with an empty environment, in which nothing is installed and fonts are missing."""
    for folder in ("scripts", "requirements", ".venv/bin", "machine"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "scripts/setup", tmp_path / "scripts/setup")
    for file in (*(f"requirements/{lock}" for lock in LOCKS), "pyproject.toml", "package-lock.json"):
        shutil.copy(ROOT / file, tmp_path / file)
    programs, machine = tmp_path / ".venv/bin", tmp_path / "machine"
    program(programs / "npm", "ci*", "npm", TOGETHER, after="mkdir -p node_modules")
    program(programs / "python", "*requirements/dev.txt", "pip", TOGETHER)
    program(programs / "pip", "nothing", "none")
    (programs / "python").write_text(
        (programs / "python").read_text("utf-8").replace("*) exit 0", "*-e*) echo sotto >> said; exit 0 ;;\n*) exit 0")
    )
    program(machine / "apt-get", "install*", "apt-get", TOGETHER)
    program(machine / "fc-list", "nothing", "none")
    for name, line in (("id", "echo 0"), ("node", "exit 1"), ("python3.11", f'exec {sys.executable} "$@"')):
        (machine / name).write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        (machine / name).chmod(0o755)
    return tmp_path


def set_up(tree: Path) -> tuple[int, str, list[str]]:
    """Run it as `make quick` does; return its exit code, what it printed and what the programs said."""
    env = {"PATH": f"{tree / 'machine'}:{os.environ['PATH']}", "HOME": str(tree)}
    done = subprocess.run(["bash", "scripts/setup", "quick"], cwd=tree, env=env, capture_output=True, text=True,
                          check=False, timeout=120)  # fmt: skip
    return done.returncode, done.stderr, (tree / "said").read_text("utf-8").splitlines()


def test_packages_of_debian_python_and_npm_are_installed_at_the_same_time(tree):
    """Each of the three ends only where both others have begun, and sotto itself is installed after npm's packages."""
    code, printed, said = set_up(tree)
    assert 0 == code, (printed, said)
    assert {"begin pip", "begin npm", "begin apt-get"} == set(said[:3])
    assert said.index("end npm") < said.index("sotto")
    assert [*tree.glob(".venv/.installed-*")]
    assert [*tree.glob("node_modules/.installed-*")]


@pytest.mark.parametrize(("failing", "told"), [("npm", "npm ci failed"), ("apt-get", "apt-get install"), ("pip", "")])
def test_what_fails_beside_the_others_fails_the_setup_when_all_have_ended(tree, failing, told):
    """The exit code is 1, npm and apt are named (pip says it itself), and no other program still runs when it ends."""
    (tree / f"fail-{failing}").touch()
    code, printed, said = set_up(tree)
    assert (1, True) == (code, told in printed)
    assert {"pip", "npm", "apt-get"} - {failing} == {line[4:] for line in said if line.startswith("end ")}
    assert (failing in {"npm", "pip"}) == ("sotto" not in said)
    assert (failing == "npm") == (not [*tree.glob("node_modules/.installed-*")])


def test_where_debian_packages_cannot_be_installed_nothing_else_is_begun(tree):
    """An account without rights is told the command at once, before minutes of downloads."""
    (tree / "machine/id").write_text("#!/bin/sh\necho 1000\n", encoding="utf-8")
    (tree / "said").touch()
    code, printed, said = set_up(tree)
    assert (1, []) == (code, said)
    assert "sudo apt-get install -y fontconfig fonts-noto-cjk" in printed
