"""Dependencies: each import is declared in the extra of the half that needs it."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OURS = frozenset({"survey", "crypto", "analysis"})
BASE = ("dependencies",)
WEB, ANALYSIS, PRINT = (*BASE, "web"), (*BASE, "analysis"), (*BASE, "print")
# What a module may import, by the longest part of its path that stands here; what both halves read has no extra.
ROOMS = {
    "crypto": BASE,
    "crypto/custody.py": ANALYSIS,
    "crypto/share_words.py": ANALYSIS,
    "survey": BASE,
    **{
        f"survey/{room}": WEB
        for room in (
            "admission", "answers_db", "commands", "database", "demo", "desk_app", "issuer_app", "migrations",
            "office_db", "operations", "plain_form", "publication", "respond_app", "web",
        )
    },
    "survey/paper": PRINT,
    "analysis": ANALYSIS,
    "analysis/report": (*ANALYSIS, "print"),
    "analysis/custody": (*ANALYSIS, "print"),
}  # fmt: skip


def normalised(name: str) -> str:
    """The name of a distribution as PEP 503 writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(project: dict[str, object], parts: tuple[str, ...]) -> set[str]:
    """The distributions that these parts of pyproject.toml name."""
    extras = project["optional-dependencies"]
    lines = [line for part in parts for line in (project["dependencies"] if part in BASE else extras[part])]
    return {normalised(re.match(r"[A-Za-z0-9._-]+", line)[0]) for line in lines}


def imports(path: Path) -> Iterator[str]:
    """Yield the top-level name of each import of a module, at its top or in a function, that is not for types alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing = [node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)]
    skipped = {id(inner) for node in typing for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module).partition(".")[0]


def foreign() -> Iterator[tuple[str, str]]:
    """Yield each module of ours with each distribution that it imports."""
    installed = packages_distributions()
    for path in sorted(path for package in ("survey", "crypto", "analysis") for path in (ROOT / package).rglob("*.py")):
        for name in {*imports(path)} - OURS - sys.stdlib_module_names:
            (distribution,) = {normalised(one) for one in installed[name]}
            yield str(path.relative_to(ROOT)), distribution


def undeclared(project: dict[str, object]) -> set[tuple[str, str]]:
    """Return each import that the extra of its module's half does not declare."""
    return {
        (module, distribution)
        for module, distribution in foreign()
        if distribution not in declared(project, ROOMS[max(filter(module.startswith, ROOMS), key=len)])
    }


def test_each_import_is_declared_for_its_half():
    """What a module imports itself is in the extra of its half, and not only there by way of another package."""
    assert set() == undeclared(PROJECT)


@pytest.mark.parametrize("removed", ["sqlalchemy", "wtforms", "werkzeug", "markupsafe", "numpy", "pydantic"])
def test_a_dependency_that_is_removed_is_missed(removed):
    """The control: without its line in pyproject.toml the modules that import it are named."""

    def without(lines: list[str]) -> list[str]:
        return [line for line in lines if not re.match(rf"{removed}\b", line)]

    extras = {name: without(lines) for name, lines in PROJECT["optional-dependencies"].items()}
    changed = {"dependencies": without(PROJECT["dependencies"]), "optional-dependencies": extras}
    assert {removed} == {distribution for _, distribution in undeclared(changed)}
