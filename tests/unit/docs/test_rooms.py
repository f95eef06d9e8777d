"""The tree shows the way: each room says what it is for and whom it knows, and none is too full to be read."""

import ast
import re
import sys
from collections import Counter
from functools import cache

import grimp
import pytest
from paths import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import folders

PACKAGES = ("survey", "analysis", "crypto")
ROOMS = sorted(
    path.parent.relative_to(ROOT).as_posix().replace("/", ".")
    for package in ("survey", "analysis")
    for path in (ROOT / package).rglob("__init__.py")
    if path.parent != ROOT / package
)


def docstring(room: str) -> str:
    source = (ROOT / room.replace(".", "/") / "__init__.py").read_text(encoding="utf-8")
    return ast.get_docstring(ast.parse(source)) or ""


def room_of(module: str) -> str:
    """Return the room that a module stands in, or the module itself where it stands in the root of its package."""
    if module.startswith("crypto"):
        return "crypto"
    return max((room for room in ROOMS if f"{module}.".startswith(f"{room}.")), key=len, default=module)


@cache
def arrows() -> frozenset[tuple[str, str]]:
    """Return every (importing room, imported room), rooms themselves left out."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    pairs = ((one, other) for one in graph.modules for other in graph.find_modules_directly_imported_by(one))
    rooms = ((room_of(one), room_of(other)) for one, other in pairs if "." in one and "." in other)
    return frozenset((one, other) for one, other in rooms if one != other)


def listed(room: str, title: str) -> set[str]:
    """Return the rooms that a paragraph of the docstring lists."""
    line = re.search(rf"^{title}: (.+?)\.$", docstring(room), re.MULTILINE | re.DOTALL)
    assert line, f"{room} has no line '{title}: …'"
    return set(re.split(r",\s+", line[1])) - {"nothing", "nobody"}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_lists_exactly_what_it_imports_and_who_imports_it(room):
    """The docstring of a folder names the rooms on both sides of its walls, all of them and no other."""
    imports = {other for one, other in arrows() if one == room}
    importers = {one for one, other in arrows() if other == room}
    assert (imports, importers) == (listed(room, "Imports"), listed(room, "Imported by"))


def purpose(room: str) -> str:
    """Return the first paragraph of what a room says of itself: in Python its docstring, on the phone its README."""
    readme = ROOT / room / "README.md"
    if readme.exists():
        return readme.read_text(encoding="utf-8").split("\n\n")[1]
    return docstring(room.replace("/", ".")).split("\n\n")[0]


def test_the_table_of_rooms_in_the_docs_is_the_tree():
    """docs/architecture.md names each room with the first paragraph of what it says of itself, and no other room."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `((?:survey|analysis)/[\w/]+)` \| (.+) \|$", text, re.MULTILINE))
    phone = [path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "survey" / "browser").glob("*/README.md")]
    rooms = [*(room.replace(".", "/") for room in ROOMS), *phone]
    assert {room: " ".join(purpose(room).split()) for room in rooms} == rows


def test_no_folder_of_code_is_too_full():
    """Each folder of code can be taken in at a glance, those of tests and their helpers included."""
    counts = folders.files_per_folder(ROOT)
    assert {"survey/wave", "survey/browser/tests/answers", "tests/unit/crypto", "tests/lib/hosts", "bench"} <= set(
        counts
    )
    assert [] == folders.too_full(counts)


def test_a_folder_with_one_file_too_many_is_named():
    """The count is not blind: one file more than allowed is a fault that names its folder."""
    counts = Counter({"survey/wave": folders.MOST, "crypto": folders.ALLOWED["crypto"] + 1})
    assert ["crypto"] == [line.split()[0] for line in folders.too_full(counts)]
    assert ["survey/wave"] == [line.split()[0] for line in folders.too_full(Counter({"survey/wave": folders.MOST + 1}))]


MODULES = sorted(path.stem for path in (ROOT / "survey").glob("*.py"))


def rooms_with_tests() -> dict[str, list[str]]:
    """Return for each folder of unit tests how a test may name the code: docs/ apart, `survey` is the modules there."""
    return {
        **{
            name: [f"survey.{name}", f"analysis.{name}", f"from hosts.applications import {name}"]
            for name in (room.split(".")[1] for room in ROOMS)
        },
        "survey": [f"from survey{dot}import" for dot in (" ", *(f".{module} " for module in MODULES))],
        "crypto": ["crypto"],
        "verifier": ["verifier"],
    }


UNIT_TESTS = sorted(path for path in (ROOT / "tests" / "unit").rglob("test_*.py") if path.parent.name != "docs")


@pytest.mark.parametrize("path", UNIT_TESTS, ids=lambda path: path.stem)
def test_unit_tests_stand_in_the_folder_of_a_room_that_they_test(path):
    """A reader of a room finds its tests under the room's name, and no folder of tests has another one."""
    names = rooms_with_tests()[path.parent.relative_to(ROOT / "tests" / "unit").as_posix()]
    assert re.search(rf"\b({'|'.join(map(re.escape, names))})\b", path.read_text(encoding="utf-8")), names


def test_no_two_test_files_have_one_name():
    """pytest imports a test file by its name alone, and collects nothing at all where two have the same."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [] == [name for name, count in names.items() if count > 1]
