"""A name is imported from the module that defines it, so that a reader who follows an import arrives. Decision 92."""

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest
from paths import ROOT
from walls.statements import statements

pytestmark = pytest.mark.slow

PACKAGES = ("survey", "analysis", "crypto", "tests", "bench", "scripts")


def module_name(path: Path) -> str:
    """Return the name that other files import a file by; helpers of tests lie on the path of imports."""
    dotted = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
    return dotted.removeprefix("tests.lib.").removesuffix(".__init__")


SOURCES = {
    module_name(path): path.read_text(encoding="utf-8")
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
}


def imports(tree: ast.Module) -> list[tuple[str, str]]:
    """Return each name that a module imports, at its top or in a function, after the module that it names."""
    lines = [node for node in statements(tree) if isinstance(node, ast.ImportFrom) and node.module]
    return [(line.module, name.name) for line in lines for name in line.names]


def at_the_top(tree: ast.Module) -> set[str]:
    """Return the names that a module has by imports at its top, not within a function."""
    blocks = [*tree.body]
    blocks += [node for block in blocks if isinstance(block, ast.If) for node in block.body]
    return {name.asname or name.name for node in blocks if isinstance(node, ast.ImportFrom) for name in node.names}


def passed_on(sources: Mapping[str, str]) -> list[str]:
    """Return `module: other.NAME` for each import of a name that the other module has only by an import of its own."""
    borrowed, imported = {}, {}
    # One tree at a time: with all of them in memory, half of the time goes into looking for garbage.
    for module, source in sources.items():
        tree = ast.parse(source)
        borrowed[module], imported[module] = at_the_top(tree), imports(tree)
    return [
        f"{module}: {other}.{name}"
        for module, names in imported.items()
        for other, name in names
        if name in borrowed.get(other, ())
    ]


def test_names_are_imported_from_where_they_are_defined():
    """No module takes a name from one that only passes it on."""
    assert len(SOURCES) > 600
    assert passed_on(SOURCES) == []


def test_no_module_of_ours_lists_names_for_others():
    """`__all__` would make passing on legal for the type checker; no module has one."""
    assert [module for module, source in SOURCES.items() if "\n__all__" in source] == []


@pytest.mark.parametrize("line", ["from survey.names import Id", "from survey.names import Slug as Id"])
def test_a_name_that_is_passed_on_is_seen(line):
    """The rule is not blind: a name taken from its borrower is a fault, under whatever name it was borrowed."""
    sources = {"survey.names": "Id = str\nSlug = str", "survey.wave": line, "survey.plan": "from survey.wave import Id"}
    assert passed_on(sources) == ["survey.plan: survey.wave.Id"]
