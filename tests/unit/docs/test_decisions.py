"""Decisions: one file each, numbered, listed in one index, and named where they govern code."""

import os
import re
from functools import cache
from pathlib import Path

import pytest
from paths import ROOT

FOLDER = ROOT / "docs" / "decisions"
FILES = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
PARTS = ["Status", "Context", "Decision", "Consequences"]
WRITTEN = {".py", ".ts", ".mjs", ".md", ".sql", ".conf", ".yaml", ".html", ".css", ".toml"}
NOT_OURS = {"node_modules", "dist", "build", "data", "__pycache__"}
UNNAMED = {17}
"""The licence, which governs no code; LICENSE and pyproject.toml have it."""
NUMBERS = re.compile(r"\b[Dd]ecisions? (\d+(?:(?:, | and |, and )\d+)*)\b")
LINKED = re.compile(r"decisions/(\d{4})\b")


def heading(path: Path) -> tuple[int, str]:
    """Return the number and the title in the first line of a decision."""
    match = re.match(r"# (\d{4})\. (.+)\n", path.read_text(encoding="utf-8"))
    assert match, path.name
    return int(match[1]), match[2]


def status(path: Path) -> str:
    """Return a decision's status without its full stop."""
    match = re.search(r"^Status: (.+)\.$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert match, path.name
    return match[1]


def _written(path: Path) -> bool:
    # Scripts of the shell have no suffix.
    return path.suffix in WRITTEN or path.parent == ROOT / "scripts"


@cache
def named() -> dict[Path, frozenset[int]]:
    """Return which decisions each file of the tree names, by number or by file; files that name none are left out."""
    numbers_by_file: dict[Path, frozenset[int]] = {}
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS and not name.startswith(".")]
        for path in (Path(folder, name) for name in files if _written(Path(folder, name))):
            text = path.read_text(encoding="utf-8")
            numbers = {int(number) for several in NUMBERS.findall(text) for number in re.findall(r"\d+", several)}
            numbers |= {int(number) for number in LINKED.findall(text)}
            if numbers:
                numbers_by_file[path] = frozenset(numbers)
    return numbers_by_file


def test_numbers_run_without_a_gap():
    """Files are numbered from 0001 on, each once, and the heading has the number of its file."""
    assert [*range(1, len(FILES) + 1)] == [int(path.name[:4]) for path in FILES]
    assert [*range(1, len(FILES) + 1)] == [heading(path)[0] for path in FILES]
    assert len(FILES) >= 69


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_decision_has_its_four_parts(path):
    """A decision says its status, context, decision and consequences, once each and in this order."""
    assert re.fullmatch(r"\d{4}(-[a-z0-9]+)+", path.stem)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert PARTS == [line.partition(":")[0] for line in lines[1:] if line]


def test_the_index_lists_every_decision():
    """The index has a line for each file, in order, with its title, its status and what it governs, and no other."""
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d{4}) \| \[(.+?)\]\(([\w.-]+)\) \| (.+?) \| (.+?) \|$", index, re.MULTILINE)
    assert [(path.name[:4], heading(path)[1], path.name, status(path)) for path in FILES] == [row[:4] for row in rows]
    assert len(rows) == len(re.findall(r"^\| \d", index, re.MULTILINE))
    assert all(governs.strip() for *_, governs in rows)


def test_both_sides_name_a_supersession():
    """A status that supersedes another decision is answered by that one's status, and the later number supersedes."""
    superseding = {
        (int(path.name[:4]), int(number))
        for path in FILES
        for number in re.findall(r"supersedes \[decision (\d+)\]", status(path))
    }
    superseded = {
        (int(number), int(path.name[:4]))
        for path in FILES
        for number in re.findall(r"superseded by \[decision (\d+)\]", status(path))
    }
    assert superseding == superseded
    assert superseding
    assert all(later > earlier for later, earlier in superseding)


def test_a_link_to_a_decision_says_its_number():
    """A link that is called "decision 38" leads to the file of that number."""
    for path in named():
        for number, file in re.findall(r"\[decision (\d+)\]\(([^)]+)\)", path.read_text(encoding="utf-8")):
            assert int(number) == int(Path(file).name[:4]), path


def test_every_decision_that_is_named_exists():
    """No code, page or test names a decision by a number that there is not."""
    numbers = {*range(1, len(FILES) + 1)}
    unknown = {str(path.relative_to(ROOT)): cited - numbers for path, cited in named().items() if cited - numbers}
    assert {} == unknown


def test_decisions_that_govern_code_are_named_there():
    """Every decision that is in force is named in what it governs: code, a shipped study, a script or a test."""
    governed = frozenset().union(*(cited for path, cited in named().items() if path.suffix != ".md"))
    in_force = {int(path.name[:4]) for path in FILES if not status(path).startswith("superseded")}
    assert in_force - governed == UNNAMED


def test_the_old_file_is_gone():
    """No page and no code still leads to the one file that held all decisions."""
    assert not (ROOT / "DECISIONS.md").exists()
    old = "DECISIONS" + ".md"
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "crypto").rglob("*.md")]
    assert [] == [str(path) for path in pages if old in path.read_text(encoding="utf-8")]
