"""What pages, comments and docstrings name is there: paths of files, and the parameters of functions."""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from paths import ROOT
from walls.statements import statements

FOLDERS = ("analysis", "bench", "crypto", "deploy", "docs", "scripts", "survey", "templates", "tests", "verifier")
WRITTEN = {".py", ".ts", ".mjs", ".md", ".sql", ".conf", ".yaml", ".html", ".css", ".toml"}
NOT_OURS = {"node_modules", "dist", "build", "__pycache__"}
SUFFIXES = "py|ts|mjs|html|css|json|jsonl|yaml|yml|md|sql|conf|toml|csv|po"
NAMED_PATH = re.compile(rf"(?<![\w/.{{}}-])((?:{'|'.join(FOLDERS)})/[\w./*-]*[\w*]\.(?:{SUFFIXES}))\b")
# What the build makes is not in a fresh tree; a module that a test plants is in none.
MADE = re.compile(r"static/dist/|/attic/")
NAMED_WORD = re.compile(r"`([a-z_]\w*)`")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def written() -> Iterator[tuple[Path, str]]:
    """Yield every text file of the tree that is written by hand, and what it says."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS and not name.startswith(".")]
        for path in (Path(folder, name) for name in files if Path(name).suffix in WRITTEN):
            yield path.relative_to(ROOT), path.read_text(encoding="utf-8")


def test_paths_that_any_text_names_are_there():
    """A path in a page, comment, string, study or benchmark is one of this tree: nothing points at moved files."""
    named = {(path.as_posix(), one) for path, text in written() for one in NAMED_PATH.findall(text)}
    assert ("bench/work_phone.py", "survey/browser/delivery/proof_of_work.ts") in named
    assert ("survey/studies/showcase/priors.yaml", "survey/simulation/respondents.py") in named
    assert ("docs/architecture.md", "survey/paper/*.py") in named
    assert [] == [pair for pair in sorted(named) if not MADE.search(pair[1]) and not any(ROOT.glob(pair[1]))]


def words_of_code(tree: ast.Module) -> set[str]:
    """Return each identifier of a module, and each word of a string in it that is no docstring."""
    words: set[str] = set()
    nodes = [*ast.walk(tree)]
    documented = {
        id(node.body[0].value)
        for node in nodes
        if isinstance(node, (ast.Module, ast.ClassDef, *FUNCTIONS)) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
            words.update(re.findall(r"\w+", node.value))
        elif isinstance(node, ast.alias):
            words.update((node.asname or node.name).split("."))
        else:
            words.update(getattr(node, field) for field in ("id", "attr", "arg", "name") if hasattr(node, field))
    return words


def members(tree: ast.Module) -> set[str]:
    """Return the names of a module's functions and of what its classes have: methods and fields."""
    defined = [*statements(tree)]
    classes = [node for node in defined if isinstance(node, ast.ClassDef)]
    fields = {
        entry.target.id
        for node in classes
        for entry in node.body
        if isinstance(entry, ast.AnnAssign) and isinstance(entry.target, ast.Name)
    }
    return fields | {node.name for node in defined if isinstance(node, FUNCTIONS)}


def stale_words(trees: dict[Path, ast.Module]) -> set[tuple[str, str, str]]:
    """Return (file, function, word) of each marked word of a docstring that neither its module nor a member has."""
    everywhere = set().union(*(members(tree) for tree in trees.values())) | {path.stem for path in trees}
    # Of gettext and of YAML, which no code of ours spells.
    everywhere |= {"msgctxt", "else", "from", "to"}
    return {
        (path.as_posix(), node.name, word)
        for path, tree in trees.items()
        for words in [everywhere | words_of_code(tree)]
        for node in statements(tree)
        if isinstance(node, FUNCTIONS)
        for word in NAMED_WORD.findall(ast.get_docstring(node) or "")
        if word not in words
    }


@pytest.mark.slow
def test_words_that_docstrings_mark_are_in_the_code():
    """A `word` in a function's docstring is in its module's code or a member of a class: no parameter left its text."""
    code = [(path, text) for path, text in written() if path.parts[0] in {"survey", "analysis", "crypto"}]
    assert set() == stale_words({path: ast.parse(text) for path, text in code if path.suffix == ".py"})


def test_a_word_of_a_renamed_parameter_is_seen():
    """A docstring that still marks the name that a parameter had is found; one that marks its new name is not."""
    function = 'def write(folder):\n    """Write a card into `{}`."""\n    return folder\n'
    trees = {Path("old.py"): ast.parse(function.format("place")), Path("new.py"): ast.parse(function.format("folder"))}
    assert {("old.py", "write", "place")} == stale_words(trees)
