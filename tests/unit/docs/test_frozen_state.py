"""Frozen dataclasses are values: none changes a dictionary, list or set that it holds."""

import ast
import re
from collections.abc import Iterator

from paths import ROOT

CHANGES = re.compile(r"add|append|clear|discard|extend|insert|move_to_end|pop|popitem|remove|setdefault|sort|update")
CONTAINERS = re.compile(r"\b(dict|list|set|deque|bytearray|defaultdict|OrderedDict|Counter|Mutable\w+)\b")
PATHS = sorted(path for package in ("survey", "crypto", "analysis") for path in (ROOT / package).rglob("*.py"))


def frozen(tree: ast.AST) -> Iterator[ast.ClassDef]:
    """Yield the classes under `@dataclass(frozen=True)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any("frozen=True" in ast.unparse(one) for one in node.decorator_list):
            yield node


def attribute(node: ast.AST) -> str:
    """Return NAME of `self.NAME`, else nothing."""
    owner = node.value if isinstance(node, ast.Attribute) else None
    return node.attr if isinstance(owner, ast.Name) and owner.id == "self" else ""


def changed(source: str) -> set[tuple[str, str]]:
    """Return each frozen dataclass with each attribute whose content one of its methods changes."""
    found = set()
    for one in frozen(ast.parse(source)):
        containers = {
            field.target.id
            for field in one.body
            if isinstance(field, ast.AnnAssign) and CONTAINERS.search(ast.unparse(field.annotation))
        }
        for node in ast.walk(one):
            name = ""
            if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
                name = attribute(node.value)
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and CHANGES.fullmatch(node.func.attr)
            ):
                name = attribute(node.func.value)
            found |= {(one.name, name)} if name in containers else set()
    return found


def test_no_frozen_dataclass_changes_what_it_holds():
    """A cache that lives as long as a process is an object of its own, with a limit, not a field of a value."""
    assert {} == {path.name: held for path in PATHS if (held := changed(path.read_text(encoding="utf-8")))}


def test_a_cache_in_a_frozen_dataclass_is_seen():
    """The control: assignments to items, deletions and calls that change are found, in frozen dataclasses alone."""
    body = """
class {name}:
    cache: dict[str, int]
    gone: "OrderedDict[str, int]"
    log: list[int]
    calm: dict[str, int]
    screen: Screen
    def get(self, key):
        del self.gone[key]
        self.cache[key] = self.read(key)
        self.log.append(self.calm[key])
        self.screen.clear()
        other = {{}}
        other[key] = 1
        return self.cache[key]
"""
    source = (
        "@dataclass(frozen=True, slots=True)" + body.format(name="Value") + "@dataclass" + body.format(name="Other")
    )
    assert {("Value", "cache"), ("Value", "gone"), ("Value", "log")} == changed(source)
