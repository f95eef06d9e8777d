"""A class's name stands for one thing in the whole of the shipped Python."""

import ast
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from paths import ROOT


def classes_of(sources: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return where each public class is defined at the top of a module: name -> files."""
    files_by_class = defaultdict(list)
    for file, source in sources:
        for node in ast.parse(source).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                files_by_class[node.name].append(file)
    return files_by_class


def repeated(sources: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the names that several modules give to a class."""
    return {name: files for name, files in classes_of(sources).items() if len(files) > 1}


def shipped() -> list[tuple[str, str]]:
    """Return every module that is shipped, with its text."""
    paths = [path for root in ("crypto", "survey", "analysis") for path in Path(ROOT, root).rglob("*.py")]
    return [(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")) for path in paths]


def test_no_two_classes_have_one_name():
    """Whoever reads a class's name in a message, a signature or a document finds one class of it."""
    assert {} == repeated(shipped())


def test_two_classes_of_one_name_are_seen():
    """Control: the same search sees a second class, and lets private ones and other names be."""
    sources = [
        ("a.py", "class Row: ...\nclass _Row: ...\n"),
        ("b.py", "class Row: ...\nclass _Row: ...\nclass Cell: ..."),
    ]
    assert {"Row": ["a.py", "b.py"]} == repeated(sources)
