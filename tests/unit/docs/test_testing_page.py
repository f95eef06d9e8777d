"""The kinds of tests and the commands that run them are the same in folders, markers, Makefile, scripts and page."""

import re
import tomllib
from dataclasses import dataclass
from itertools import chain, combinations

import pytest
from _pytest.mark.expression import Expression
from kinds import KINDS, kind_of, longest_first
from paths import ROOT

PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
RUNNER = (ROOT / "scripts" / "test").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
CHOSEN = dict(re.findall(r'^(\w+)\) chosen="([^"]+)"', RUNNER, re.MULTILINE))


def marks_that_a_test_may_have() -> list[set[str]]:
    """Return one kind with none, one or both of the marks that say how long a test takes."""
    lengths = [set(some) for some in chain(*(combinations(("slow", "long"), number) for number in range(3)))]
    return [{kind} | some for kind in KINDS for some in lengths]


def runs(command: str, marks: set[str]) -> bool:
    return Expression.compile(CHOSEN[command]).evaluate(lambda name, **_: name in marks)


def test_every_test_is_run_by_one_of_two_commands_and_the_quick_ones_by_both():
    """Whatever marks a test has, `make test` or `make long` runs it and not both; `make quick` runs nothing else."""
    for marks in marks_that_a_test_may_have():
        assert runs("test", marks) != runs("long", marks), marks
        assert runs("test", marks) or not runs("quick", marks), marks
        assert (marks == {"unit"}) == runs("quick", marks), marks


def test_every_test_file_has_a_kind():
    """No test file lies outside of the five folders; the folders are the kinds, and each kind has tests."""
    files = [*(ROOT / "tests").rglob("test_*.py")]
    assert {*KINDS} == {kind_of(path) for path in files}
    assert {*KINDS, "lib"} == {
        path.parent.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").rglob("*/*.py")
    }


@pytest.mark.parametrize("place", ["test_new.py", "speed/test_new.py", "lib/test_new.py"])
def test_a_test_without_a_kind_is_refused(place):
    """A file beside the folders, in a new one or among the helpers stops the run, with the folders that there are."""
    with pytest.raises(pytest.UsageError, match="one of the folders unit, browser"):
        kind_of(ROOT / "tests" / place)


def test_a_unit_test_that_needs_a_server_is_refused():
    """The fixtures of browsers and PostgreSQL stop a unit test; the same fixtures elsewhere, as a control, do not."""
    for fixture in ("browser", "pg_server"):
        with pytest.raises(pytest.UsageError, match=fixture):
            kind_of(ROOT / "tests" / "unit" / "crypto" / "test_new.py", ("tmp_path", fixture))
        assert "attacks" == kind_of(ROOT / "tests" / "attacks" / "test_new.py", (fixture,))


def test_this_test_got_its_kind_and_no_other(request):
    """The marker that the folder gives is on the test when it runs, and it is the only kind that it has."""
    assert ["unit"] == [mark.name for mark in request.node.iter_markers() if mark.name in KINDS]


@dataclass
class Item:
    """What the order of tests looks at: a test's file and its marks."""

    path: str
    marks: tuple[str, ...]

    def get_closest_marker(self, name: str) -> str | None:
        """Return the mark of this name, None where it has none."""
        return name if name in self.marks else None


def test_quick_files_of_unit_tests_come_last():
    """A file with a slow test goes whole before quick ones, its quick tests too; other kinds stay where they are."""
    files = [("quick", "unit"), ("page", "browser"), ("mixed", "unit"), ("mixed", "unit slow"), ("short", "unit"),
             ("long", "unit long"), ("crash", "attacks slow")]  # fmt: skip
    items = [Item(path, tuple(marks.split())) for path, marks in files]
    longest_first(items)
    assert ["page", "mixed", "mixed", "long", "crash", "quick", "short"] == [one.path for one in items]


def test_kinds_and_lengths_are_the_markers_that_there_are():
    """pytest knows a marker for each kind and each length, and no other; the page tells of each kind in this order."""
    known = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]["markers"]
    assert [*KINDS, "slow", "long"] == [marker.partition(":")[0] for marker in known]
    assert [*KINDS] == re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)


def test_the_page_says_what_the_makefile_does():
    """Each command of the page is a target that calls its script; what it chooses is what the script chooses."""
    documented = dict(re.findall(r"^\| `make (\w+)` \|[^|]*\| *(?:`([^`]*)`)? *\|", PAGE, re.MULTILINE))
    assert {"check": ""} | CHOSEN == documented
    for target in documented:
        recipe = re.search(rf"^{target}:\n((?:\t.*\n?)+)", MAKEFILE, re.MULTILINE)[1]
        script = {"check": "scripts/check", "test": "scripts/test"}.get(target, f"scripts/test {target}")
        assert f"\t@{script}" == recipe.splitlines()[-1]
        assert target in re.search(r"^\.PHONY: (.*)", MAKEFILE, re.MULTILINE)[1].split()


def test_continuous_integration_runs_everything():
    """`.ci/run` runs `make test` and then `make long`, and stops where the first fails."""
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert ["make test", "make long"] == [line for line in lines if line.startswith("make")]
    assert "set -euo pipefail" in lines
