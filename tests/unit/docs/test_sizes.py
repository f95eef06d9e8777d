"""Functions and files of the whole tree keep the sizes that a reader can take in."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from paths import ROOT
from walls.statements import statements

pytestmark = pytest.mark.slow

PARTS = ("survey", "crypto", "analysis", "deploy", "verifier", "scripts", "bench", "tests")
PYTHON = sorted(path for part in PARTS for path in (ROOT / part).rglob("*.py"))
TYPESCRIPT = sorted((ROOT / "survey" / "browser").rglob("*.ts"))
MOST_LINES_OF_A_FILE = 400
# Decision 117.
LONGER = {"verifier/verify.py": 890}
"""The one file that an outsider reads alone: parts of it that lay apart would be read by nobody."""
MOST_LINES_OF_A_FUNCTION = 50
NINE_IN_TEN = 25
HALF = 8


@cache
def sizes_in(path: Path) -> tuple[tuple[int, str], ...]:
    """Return the sizes of a file's functions, read once for all tests."""
    return tuple(sizes(path.read_text(encoding="utf-8")))


def sizes(source: str) -> Iterator[tuple[int, str]]:
    """Yield how many lines each function has, signature and docstring counted and decorators not, and its name."""
    for node in statements(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.end_lineno - node.lineno + 1, node.name


def too_long(functions: Iterable[tuple[int, str]]) -> list[str]:
    """Return each function that is longer than one may be, with its lines."""
    return [f"{name}: {lines}" for lines, name in functions if lines > MOST_LINES_OF_A_FUNCTION]


def test_no_function_is_longer_than_a_screen():
    """Every function of the tree has at most 50 lines, signature and docstring counted."""
    assert [] == too_long(one for path in PYTHON for one in sizes_in(path))


def test_a_function_of_51_lines_is_named():
    """Control: a signature of two lines over a body of 49 is one line too many; one line less is not."""
    body = "\n    a" * (MOST_LINES_OF_A_FUNCTION - 1)
    sources = f"@decorated(\n)\ndef f(\n    x):{body}", f"def g(x):{body}"
    assert ["f: 51"] == too_long(one for source in sources for one in sizes(source))


@pytest.mark.parametrize("part", ["survey crypto analysis", "deploy verifier scripts bench", "tests"])
def test_most_functions_are_short(part):
    """Half of the functions have at most 8 lines and nine in ten at most 25: of what is shipped, of tools, of tests."""
    paths = (path for path in PYTHON if path.relative_to(ROOT).parts[0] in part.split())
    lines = sorted(lines for path in paths for lines, _ in sizes_in(path))
    assert lines[len(lines) // 2] <= HALF
    assert lines[len(lines) * 9 // 10] <= NINE_IN_TEN


def test_no_file_is_too_long():
    """Every file of Python and TypeScript has at most 400 lines, but for the one that has to be one."""
    counts = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n") for path in PYTHON + TYPESCRIPT}
    too_many = {name: lines for name, lines in counts.items() if lines > LONGER.get(name, MOST_LINES_OF_A_FILE)}
    assert {} == too_many
