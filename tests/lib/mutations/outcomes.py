"""Runs named tests in a copy of the tree and says of each whether it failed, and by what."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from mutations.table import Mutation
from mutations.tree import Tree

SECONDS = 600
"""The most for each named test: a wave's whole life takes two minutes, and another test runs beside it."""
NO_VERDICT = frozenset(
    {"AttributeError", "ImportError", "IndentationError", "ModuleNotFoundError", "NameError", "ReferenceError"}
    | {"SyntaxError", "TypeError", "UnboundLocalError"}
)
"""Exceptions that say that the mutated program does not run, and not that a property is broken."""


SERVERS = re.compile(r"tests/(browser|postgres|processes)/|survey/browser/tests/|canary|on_postgresql|test_postgresql")


def needs_a_server(mutation: Mutation) -> bool:
    """Say whether a mutation's tests start a browser, PostgreSQL, processes or Node."""
    return any(SERVERS.search(test) for test in mutation.tests)


@dataclass(frozen=True)
class Ended:
    """How one test ended: of pytest `when` is setup, call or teardown; `error` is the class of its exception."""

    test: str
    when: str
    outcome: str
    error: str


@dataclass(frozen=True)
class Run:
    """Every test that ended in one run, and the end of what was printed."""

    ended: tuple[Ended, ...]
    printed: str = field(repr=False)

    def of(self, test: str) -> list[Ended]:
        """Return the ends of a test: of all parameters where it names none, in TypeScript of all that begin so."""
        begins = test if ".test.ts" in test else f"{test}["
        return [one for one in self.ended if one.test == test or one.test.startswith(begins)]

    def fault_if_green(self, test: str) -> str:
        """Return why a test that must fail by itself did not, else nothing."""
        failed = [one for one in self.of(test) if one.outcome == "failed"]
        if any(one.when == "call" and one.error not in NO_VERDICT for one in failed):
            return ""
        if failed:
            return f"{test} failed in its {failed[0].when} by {failed[0].error}: the mutated program does not run"
        return f"{test} {'stayed green' if self.of(test) else 'did not run'}"

    def fault_if_red(self, test: str) -> str:
        """Return why a test that must pass did not, else nothing; a test that was skipped proves nothing."""
        others = [f"{one.outcome} in its {one.when}" for one in self.of(test) if one.outcome != "passed"]
        if others or not self.of(test):
            return f"{test} {others[0] if others else 'did not run'}"
        return ""


class Workshop:
    """A copy of the tree with the process that runs its tests."""

    def __init__(self, folder: Path) -> None:
        self.tree = Tree(folder / "tree")
        self._folder = folder
        others = ("SOTTO_", "PYTEST_", "CI", "BUILD_NUMBER", "COV_")
        environ = {name: value for name, value in os.environ.items() if not name.startswith(others)}
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        command = [sys.executable, str(Path(__file__).with_name("server.py"))]
        self._server = subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self) -> None:
        """End the process."""
        self._server.communicate()

    def faults_unbroken(self, tests: Sequence[str]) -> list[str]:
        """Return a line for each test that does not pass on the copy as it is: the control of all the rest."""
        run = self._run(tests)
        return _with_print([run.fault_if_red(test) for test in tests], run)

    def faults_broken(self, mutation: Mutation) -> list[str]:
        """Return a line for each test of a mutation that does not fail by what it asserts."""
        with self.tree.broken(mutation):
            run = self._run(mutation.tests)
        return _with_print([run.fault_if_green(test) for test in mutation.tests], run)

    def _run(self, tests: Sequence[str]) -> Run:
        scripts = [test for test in tests if ".test.ts" in test]
        python = [test for test in tests if test not in scripts]
        runs = [*([self._pytest(python)] if python else []), *(self._vitest(test) for test in scripts)]
        return Run(tuple(one for run in runs for one in run.ended), "\n".join(run.printed for run in runs))

    def _pytest(self, tests: Sequence[str]) -> Run:
        report, output = self._folder / "report.json", self._folder / "output.txt"
        report.unlink(missing_ok=True)
        job = {"tree": str(self.tree.folder), "tests": [*tests], "report": str(report), "output": str(output)}
        job |= {"scratch": str(self._folder / "scratch"), "seconds": SECONDS * len(tests)}
        self._server.stdin.write(json.dumps(job) + "\n")
        self._server.stdin.flush()
        if self._server.stdout.readline() != "done\n":
            raise RuntimeError("the process that runs tests has ended")
        ended = json.loads(report.read_text(encoding="utf-8")) if report.exists() else []
        return Run(tuple(Ended(**one) for one in ended), output.read_text(encoding="utf-8", errors="replace"))

    def _vitest(self, test: str) -> Run:
        file = test.partition("::")[0]
        report = self._folder / "vitest.json"
        report.unlink(missing_ok=True)
        tool = self.tree.folder / "node_modules" / "vitest" / "vitest.mjs"
        named = file.removeprefix("survey/browser/")
        options = ["run", "--root", "survey/browser", named, "--reporter=json", f"--outputFile={report}"]
        done = subprocess.run(
            ["node", str(tool), *options],
            cwd=self.tree.folder,
            capture_output=True,
            check=False,
            text=True,
            timeout=SECONDS,
        )
        found = json.loads(report.read_text(encoding="utf-8"))["testResults"] if report.exists() else []
        ended = (_of_vitest(file, one) for suite in found for one in suite["assertionResults"])
        # Vitest prints where its report lies though all is green; hundreds of such lines hide what pytest said.
        return Run(tuple(ended), done.stdout + done.stderr if done.returncode else "")


def _of_vitest(file: str, one: dict) -> Ended:
    message = "".join(one["failureMessages"][:1])
    return Ended(f"{file}::{one['fullName']}", "call", one["status"], message.partition(":")[0])


def _with_print(faults: list[str], run: Run) -> list[str]:
    """Return the faults that are some, with the end of what was printed."""
    some = [fault for fault in faults if fault]
    return [*some, run.printed[-3000:]] if some else []


@contextmanager
def workshop() -> Iterator[Workshop]:
    """Make a copy of the tree in a temporary folder; end its process and remove it in the end."""
    with TemporaryDirectory(prefix="sotto-mutate.") as folder:
        one = Workshop(Path(folder))
        try:
            yield one
        finally:
            one.close()
