"""The walls between survey, crypto and analysis hold, and each guard catches what it is said to catch."""

import importlib
from pathlib import Path

import pytest
import walls

from survey.database.migration import migrate
from survey.settings import Settings


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return walls.copy_tree(tmp_path_factory.mktemp("tree"))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A collection host's home with migrated databases."""
    folder = tmp_path_factory.mktemp("home")
    migrate(Settings.from_environ({"SOTTO_HOME": str(folder)}))
    (folder / "public").mkdir(exist_ok=True)
    return folder


@pytest.mark.parametrize("process", walls.PROCESSES)
def test_a_process_never_loads_what_it_must_not(process):
    """Neither importing nor working loads a module from behind a wall."""
    code, never = walls.PROCESSES[process]
    assert set() == walls.unwanted(walls.ROOT, code, never)


def test_the_guards_are_quiet_on_the_tree_as_it_is(tree, home):
    """No guard objects to the unbroken tree: what they say of the mutations is about the mutations."""
    found = (walls.linter_objects(tree), walls.fresh_interpreter_objects(tree), walls.bolt_objects(tree, home))
    assert (False, False, False) == found


@pytest.mark.slow
@pytest.mark.parametrize("mutation", walls.MUTATIONS, ids=lambda mutation: mutation.name)
def test_each_mutation_is_caught_by_the_guards_named_in_its_row(tree, home, mutation):
    """A hole in a wall is seen by exactly the guards that its row names."""
    with walls.mutated(tree, mutation):
        assert mutation.linter == walls.linter_objects(tree)
        if mutation.fresh is not None:
            assert mutation.fresh == walls.fresh_interpreter_objects(tree)
        if mutation.bolt is not None:
            assert mutation.bolt == walls.bolt_objects(tree, home)


def test_our_packages_are_ours():
    """No other distribution shadows our plainly named top-level packages."""
    homes = {Path(importlib.import_module(name).__file__).parents[1] for name in ("survey", "crypto", "analysis")}
    assert 1 == len(homes)
    assert (homes.pop() / "templates" / "respond" / "page.html").exists()


def test_only_entry_points_touch_the_environment():
    """`os.environ` is named where a process begins or starts another, and nowhere else; settings come as arguments."""
    entries = {
        "survey/web/factory.py",
        "survey/commands/console.py",
        "survey/demo/servers.py",
        "analysis/noise/noise.py",
    }
    shipped = (path for package in ("survey", "crypto", "analysis") for path in (walls.ROOT / package).rglob("*.py"))
    named = {str(path.relative_to(walls.ROOT)) for path in shipped if "os.environ" in path.read_text(encoding="utf-8")}
    assert entries == named
