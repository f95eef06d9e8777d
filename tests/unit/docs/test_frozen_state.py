"""Frozen dataclasses are values, and modules keep constants alone (decisions 80 and 99)."""

import ast
import re
from collections.abc import Iterator

from paths import ROOT

CHANGES = re.compile(r"add|append|clear|discard|extend|insert|move_to_end|pop|popitem|remove|setdefault|sort|update")
CONTAINERS = re.compile(r"\b(dict|list|set|deque|bytearray|defaultdict|OrderedDict|Counter|Mutable\w+)\b")
PATHS = sorted(path for package in ("survey", "crypto", "analysis") for path in (ROOT / package).rglob("*.py"))


KEPT = {
    "crypto/word_codes.py:words",
    "crypto/word_codes.py:_word_indexes",
    "survey/answers_db/insert_only.py:_insert_text",
    "survey/release/level_labels.py:catalogues",
    "survey/wording/catalogues.py:load_wordings",
    "survey/wording/page_languages.py:load_languages",
    "survey/workbook/column_names.py:_catalogues",
}
"""Functions whose module keeps their results: of the package's own files and constants alone."""
CACHES = re.compile(r"(functools\.)?(cache|lru_cache)\b")


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
    mutable = set()
    for one in frozen(ast.parse(source)) if "frozen" in source else ():
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
            mutable |= {(one.name, name)} if name in containers else set()
    return mutable


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


def kept(source: str) -> set[str]:
    """Return the functions of a module whose results it keeps, wherever they stand in it."""
    if "cache" not in source:
        return set()
    return {
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and any(CACHES.match(ast.unparse(one)) for one in node.decorator_list)
    }


def environment_changes(source: str) -> bool:
    """Say whether a module writes to its process's environment."""
    if "os" not in source or "env" not in source:
        return False
    tree = ast.parse(source)
    written = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Subscript | ast.Call)]
    stored = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load)
    ]
    calls = re.compile(r"os\.(putenv|unsetenv|environ\.(update|setdefault|pop|popitem|clear))\(")
    return any(one.startswith("os.environ[") for one in stored) or any(calls.match(one) for one in written)


def test_modules_keep_only_what_the_package_determines():
    """A cache of a module that is not in the list could grow with requests, or show what a file no longer says."""
    assert {f"{path.relative_to(ROOT)}:{name}" for path in PATHS for name in kept(path.read_text("utf-8"))} == KEPT


def test_one_module_changes_the_environment():
    """A module that sets a variable at its import changes what every later import of the process finds."""
    changing = {str(path.relative_to(ROOT)) for path in PATHS if environment_changes(path.read_text("utf-8"))}
    assert {"analysis/noise/noise.py"} == changing


def test_caches_and_changes_of_the_environment_are_seen():
    """Control: each spelling of a cache or of a change is found; reading is none."""
    caches = ("cache", "functools.cache", "lru_cache(maxsize=8)", "functools.lru_cache")
    assert [{"f"}] * len(caches) == [kept(f"@{one}\ndef f(): ...") for one in caches]
    assert set() == kept("@cached_property\ndef f(): ...")
    changes = ("os.environ['A'] = '1'", "del os.environ['A']", "os.environ.update(a)", "os.putenv('A', '1')")
    assert all(map(environment_changes, changes))
    assert not environment_changes("value = os.environ['A'] + os.environ.get('B', '')")
