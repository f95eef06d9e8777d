"""Dependencies: each import is declared where it is needed, and nothing installed is spelt as one of our packages."""

import ast
import re
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from paths import ROOT
from walls.installed import OURS, claims, normalised
from walls.statements import statements

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BASE = ("dependencies",)
WEB, ANALYSIS, PRINT, XLSFORM = ((*BASE, extra) for extra in ("web", "analysis", "print", "xlsform"))
# What a module may import, by the longest part of its path that stands here; what both halves read has no extra.
ROOMS = {
    "crypto": BASE,
    "crypto/custody.py": ANALYSIS,
    "crypto/share_words.py": ANALYSIS,
    "crypto/issuing.py": WEB,
    "survey": BASE,
    **{
        f"survey/{room}": WEB
        for room in (
            "admission", "answers_db", "commands", "database", "demo", "desk_app", "desk_process", "issuer_app",
            "migrations",
            "office_db", "operations", "page_identity", "plain_form", "preview", "publication", "respond_app",
            "service", "web", "workbook",
        )
    },
    "survey/authoring/xlsform": XLSFORM,
    "survey/paper": PRINT,
    "survey/typesetting.py": PRINT,
    "analysis": ANALYSIS,
    "analysis/report": (*ANALYSIS, "print"),
}  # fmt: skip
RUN_TIME = ("web", "analysis", "print", "xlsform")


def declared(project: dict[str, object], parts: tuple[str, ...]) -> set[str]:
    """The distributions that these parts of pyproject.toml name."""
    extras = project["optional-dependencies"]
    lines = [line for part in parts for line in (project["dependencies"] if part in BASE else extras[part])]
    return {normalised(re.match(r"[A-Za-z0-9._-]+", line)[0]) for line in lines}


def imports(path: Path) -> Iterator[str]:
    """Yield the top-level name of each import of a module, at its top or in a function, that is not for types alone."""
    nodes = [*statements(ast.parse(path.read_text(encoding="utf-8")))]
    typing = [node for node in nodes if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)]
    skipped = {id(inner) for node in typing for inner in statements(node)}
    for node in nodes:
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module).partition(".")[0]


@cache
def foreign() -> tuple[tuple[str, str], ...]:
    """Return each module of ours with each distribution that it imports."""
    return tuple(_foreign())


def _foreign() -> Iterator[tuple[str, str]]:
    installed = packages_distributions()
    for path in sorted(path for package in ("survey", "crypto", "analysis") for path in (ROOT / package).rglob("*.py")):
        for name in {*imports(path)} - OURS - sys.stdlib_module_names:
            # What is not installed here is taken to be spelt like its distribution.
            (distribution,) = {normalised(one) for one in installed.get(name, [name])}
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


@pytest.mark.parametrize("removed", ["sqlalchemy", "wtforms", "werkzeug", "markupsafe", "gmpy2", "numpy", "pydantic"])
def test_a_dependency_that_is_removed_is_missed(removed):
    """The control: without its line in pyproject.toml the modules that import it are named."""

    def without(lines: list[str]) -> list[str]:
        return [line for line in lines if not re.match(rf"{removed}\b", line)]

    extras = {name: without(lines) for name, lines in PROJECT["optional-dependencies"].items()}
    changed = {"dependencies": without(PROJECT["dependencies"]), "optional-dependencies": extras}
    assert {removed} == {distribution for _, distribution in undeclared(changed)}


def test_nothing_installed_at_run_time_is_spelt_as_ours():
    """No locked package of a half installs our names in any case, so that no file of one overwrites the other's."""
    locks = [(ROOT / "requirements" / f"{half}.txt").read_text(encoding="utf-8") for half in RUN_TIME]
    locked = {normalised(name) for lock in locks for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)}
    assert set() == {(name, owner) for name, owner in claims(sysconfig.get_path("purelib")) if owner in locked}


def test_a_package_that_is_spelt_as_ours_is_seen(tmp_path):
    """The control: a distribution with `Crypto`, and one with `SURVEY.py`, are named as they are spelt."""
    for name, file in (("PyOther", "Crypto/__init__.py"), ("second", "SURVEY.py"), ("third", "cryptodome/__init__.py")):
        folder = tmp_path / f"{name}-1.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n", encoding="utf-8")
        (folder / "RECORD").write_text(f"{file},,\n", encoding="utf-8")
    assert {("Crypto", "pyother"), ("SURVEY.py", "second")} == claims(str(tmp_path))
