"""How long commands take from a cold start, beside bare Python and beside an earlier commit, in one run.

Example: python bench/commits/commands.py --runs 5

Each figure is CPU time: user and system time of the command and of every process that it starts and waits for, the
least of several runs, so that other jobs on the machine do not show; what uses two cores is quicker by the clock. The
default is the last commit that assembled pictures by Altair and compiled each plan of a study twice.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from urllib.request import urlopen

from repeats import HERE, checkout

BEFORE = "6bd86bbc"
STUDY = "survey/studies/sesame_credit/questionnaire.yaml"
SOTTO = (sys.executable, "-c", "from survey.commands.main import main; main(prog_name='sotto')")
ANSWERS = 2000
HEADINGS = ("command", "before", "now", "ratio", "goal")
Arguments = Sequence[str | Path]


def cpu_seconds(command: Arguments, tree: Path) -> float:
    """Return the CPU seconds of a command that is run in `tree`, with all of its children that were waited for."""
    output = subprocess.DEVNULL
    child = subprocess.Popen(list(map(str, command)), cwd=tree, env=environment(tree), stdout=output, stderr=output)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def environment(tree: Path) -> dict[str, str]:
    """Return the environment of a program of `tree`: Python keeps what it compiles, as where it is installed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": str(tree)}


@dataclass(frozen=True)
class Trial:
    """What a command is measured with: a wave that can be released, and a folder that is new for each run."""

    wave: Path
    new: Path

    def release(self) -> Arguments:
        """Return the arguments of the wave's release, from its study as it was before."""
        copytree(self.wave / "study", self.new / "study")
        inputs = ("--box", self.wave / "wave-1.box", "--study", self.new / "study", "--shares", *self.shares)
        return ("release", self.wave / "plan-1.yaml", *inputs, "-o", self.new / "release", "--yes")

    @property
    def shares(self) -> list[Path]:
        """The share files of the wave."""
        return sorted(self.wave.glob("shares/wave-1/*.txt"))

    def report(self) -> Arguments:
        """Return the arguments of a report of its release."""
        return ("report", self.wave / "release-1/release.json", "-o", self.new / "report.html")

    def demo(self) -> Arguments:
        """Return the arguments of a whole demo."""
        return ("demo", "--once", "--json", "--responses", str(ANSWERS), "--dir", self.new / "demo")


@dataclass(frozen=True)
class Goal:
    """A command, its goal in seconds, its arguments, and the most runs that it is worth."""

    name: str
    seconds: float
    arguments: Callable[[Trial], Arguments]
    runs: int = 100


GOALS = (
    Goal("the help of `sotto`", 0.2, lambda _: ("--help",)),
    Goal("a refused option of `sotto release`", 0.25, lambda _: ("release", "--no-such-option")),
    Goal("`sotto study check`, the shipped study", 0.7, lambda _: ("study", "check", STUDY)),
    Goal("`sotto release`, twelve tables", 5, Trial.release),
    Goal("`sotto report`, twelve tables", 4, Trial.report),
    Goal("`sotto demo --once`", 18, Trial.demo, runs=1),
)


def prepared(folder: Path, answers: int) -> Path:
    """Make a demo's wave up to its box, with its release beside it; return its folder."""
    from survey.authoring.compiler import compile_study
    from survey.demo import demo
    from survey.demo.folder import DemoOptions
    from survey.demo.respondents import insert_in_bulk, sealed_records
    from survey.operations import boxes, waves
    from survey.simulation.respondents import Priors

    run = demo.start_run(DemoOptions(folder, answers, True, True, "127.0.0.1", 0, 0, None, 2017))
    demo.prepare(run)
    manifest, study = demo.open_wave(run, 1, None), run.study
    questionnaire, priors = compile_study(study.questionnaire)[0], Priors.read(study.priors)
    insert_in_bulk(run.settings.answers_url, manifest, sealed_records(questionnaire, manifest, priors, 1, answers))
    waves.close_wave(run.settings, study.slug)
    boxes.make_box(run.settings, study.slug, 1, run.folder.box(1))
    with tempfile.TemporaryDirectory() as copy:
        trial = Trial(folder, Path(copy))
        subprocess.run([*SOTTO, *map(str, trial.release())], cwd=HERE, check=True, capture_output=True)
        copytree(Path(copy) / "release", run.folder.release(1))
    return folder


def measured(goal: Goal, tree: Path, wave: Path, runs: int) -> float:
    """Return the least CPU seconds of a goal's command in `tree`, after one run that compiles its modules."""
    figures = []
    for _ in range(min(runs, goal.runs) + 1):
        with tempfile.TemporaryDirectory() as new:
            figures.append(cpu_seconds([*SOTTO, *goal.arguments(Trial(wave, Path(new)))], tree))
    return min(figures[1:])


def first_page(tree: Path, folder: Path) -> tuple[float, int]:
    """Return the CPU seconds of a demo and all its processes until the first page that it names, and its bytes."""
    from survey.serving.servers import free_port

    ports = ("--port", str(free_port()), "--desk-port", str(free_port()))
    command = [*SOTTO, "demo", "--dir", str(folder), *ports]
    child = subprocess.Popen(command, cwd=tree, env=environment(tree), stderr=subprocess.PIPE, text=True)
    try:
        address = next(line.split()[0] for line in child.stderr or () if line.lstrip().startswith("http"))
        with urlopen(address, timeout=60) as page:
            content = page.read()
        return sum(map(used_by, family(child.pid))), len(content)
    finally:
        child.terminate()
        child.communicate()


def family(pid: int) -> set[int]:
    """Return a process and all that began below it and still run."""
    below = {int(one) for task in Path(f"/proc/{pid}/task").glob("*/children") for one in task.read_text().split()}
    return {pid}.union(*map(family, below))


def used_by(pid: int) -> float:
    """Return the CPU seconds of a process and of its children that have ended (proc(5): utime to cstime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def compare(commit: str, runs: int) -> list[tuple[str, str, str, str, str]]:
    """Return a row for bare Python, for each goal before and now, and for a demo's first page."""
    bare = min(cpu_seconds((sys.executable, "-c", "pass"), HERE) for _ in range(runs))
    rows = [("bare Python (`python -c pass`)", "", f"{bare:.3f}", "", "")]
    with tempfile.TemporaryDirectory() as folder, checkout(commit) as before:
        wave = prepared(Path(folder) / "wave", ANSWERS)
        for goal in GOALS:
            old, now = (measured(goal, tree, wave, runs) for tree in (before, HERE))
            rows.append((goal.name, f"{old:.2f}", f"**{now:.2f}**", f"{old / now:.1f}", f"≤ {goal.seconds:g}"))
        seconds = min(first_page(HERE, Path(folder) / "demo")[0] for _ in range(2))
    return [*rows, ("`sotto demo` until its first page has answered", "", f"**{seconds:.2f}**", "", "≤ 10")]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", default=BEFORE, help="The commit to compare with.")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    for line in (HEADINGS, ("---",) * len(HEADINGS), *compare(arguments.before, arguments.runs)):
        print(f"| {' | '.join(line)} |")
