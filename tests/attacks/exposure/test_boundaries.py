"""The walls between survey, crypto and analysis hold, and each guard catches what it is said to catch."""

import ast
import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from walls import guards
from walls.mutations import ENVELOPES, MUTATIONS

from survey.database.migration import migrate
from survey.settings import Settings


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return guards.copy_tree(tmp_path_factory.mktemp("tree"))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A collection host's home with migrated databases."""
    folder = tmp_path_factory.mktemp("home")
    migrate(Settings.from_environ({"SOTTO_HOME": str(folder)}))
    (folder / "public").mkdir(exist_ok=True)
    return folder


@pytest.mark.parametrize("process", guards.PROCESSES)
def test_a_process_never_loads_what_it_must_not(home, process):
    """Alone in its interpreter, neither importing nor working loads a module from behind a wall."""
    assert set() == guards.unwanted(guards.ROOT, home, process)


def test_the_linter_is_quiet_on_the_tree_as_it_is(tree):
    """No contract is broken in the unbroken copy: what the linter says of mutations is about the mutations."""
    assert set() == guards.broken_contracts(tree)


@pytest.mark.parametrize("process", guards.APPLICATIONS)
def test_the_guards_of_a_process_are_quiet_on_the_tree_as_it_is(tree, home, process):
    """Each application does its work in the unbroken copy: alone in its interpreter, and under the bolt."""
    assert (set(), set()) == (guards.unwanted(tree, home, process), guards.refused(tree, home, process))


def test_what_the_mutations_import_is_there():
    """Without a bolt every row's code runs: a name that is gone would fail behind a bolt and without one alike."""
    codes = {mutation.name: mutation.code for mutation in MUTATIONS}
    failing = "import sys, traceback\nfor name, code in eval(sys.argv[1]).items():\n    try:\n        exec(code, {})\n"
    failing += "    except Exception:\n        print(name, traceback.format_exc())"
    environ = os.environ | {guards.TRIGGER: "1"}
    command = [sys.executable, "-c", failing, repr(codes)]
    assert "" == subprocess.check_output(command, cwd=guards.ROOT, env=environ, text=True)


@pytest.mark.parametrize("code", ["import survey.no_such_module", "raise RuntimeError('broken')"])
def test_an_application_that_fails_for_itself_is_not_stopped_by_the_bolt(tree, home, code):
    """The control: an import of what does not exist and any other failure are told from the bolt's refusal."""
    mutation = guards.Mutation("broken", "survey/desk_app/views.py", code, "", None, bolt=None, process="desk")
    with guards.mutated(tree, mutation), pytest.raises(RuntimeError, match="the bolt refused nothing"):
        guards.refused(tree, home, mutation.process)


def in_make_test(mutation: guards.Mutation) -> bool:
    """Say whether a row is in `make test`: the first of each process, and openers that the linter cannot see."""
    first = next(one for one in MUTATIONS if one.process == mutation.process)
    return mutation is first or (not mutation.linter and mutation in ENVELOPES)


ROWS = [m if in_make_test(m) else pytest.param(m, marks=pytest.mark.long) for m in MUTATIONS]


@pytest.mark.parametrize("mutation", ROWS, ids=lambda mutation: mutation.name)
def test_each_mutation_is_caught_by_the_guards_named_in_its_row(tree, home, mutation):
    """A hole in a wall is seen by exactly the guards that its row names."""
    with guards.mutated(tree, mutation):
        broken = guards.broken_contracts(tree)
        assert mutation.linter in broken if mutation.linter else not broken
        before = guards.banned_names(guards.ROOT, mutation.file) if (guards.ROOT / mutation.file).exists() else set()
        assert guards.banned_names(tree, mutation.file) - before == ({mutation.banned} if mutation.banned else set())
        if mutation.fresh is not None:
            loaded = guards.unwanted(tree, home, mutation.process)
            assert any(f"{name}.".startswith(f"{mutation.fresh}.") for name in loaded) if mutation.fresh else not loaded
        if mutation.bolt is not None:
            modules = guards.refused(tree, home, mutation.process)
            assert any(f"{module}.".startswith(f"{mutation.bolt}.") for module in modules)


def test_a_new_room_of_survey_is_forbidden_to_analysis_at_first(tree):
    """The contract forbids every room but the white list: a room that is in neither is seen here."""
    forbidden = set(guards.contracts(tree)["analysis-reads-documents"]["forbidden_modules"])
    assert {f"survey.{room}" for room in guards.rooms(tree) - guards.PURE} == forbidden
    attic = next(one for one in MUTATIONS if one.file.startswith("survey/attic/"))
    with guards.mutated(tree, attic):
        assert {"survey.attic"} == {f"survey.{room}" for room in guards.rooms(tree) - guards.PURE} - forbidden


def test_every_folder_of_code_is_a_package():
    """The linter sees packages alone: code in a folder that is none would pass every wall; only migrations are so."""
    folders = {path.parent for part in ("survey", "analysis", "crypto") for path in (guards.ROOT / part).rglob("*.py")}
    outside = {folder for folder in folders if not (folder / "__init__.py").exists()}
    assert {"migrations"} == {folder.relative_to(guards.ROOT / "survey").parts[0] for folder in outside}


def test_no_contract_is_softened():
    """No contract ignores an import but Jinja for reports and paper, and no layers let a room go without a floor."""
    soft = {"ignore_imports", "exhaustive_ignores", "unmatched_ignore_imports_alerting", "allow_indirect_imports"}
    used = {name: {key: one[key] for key in soft & set(one)} for name, one in guards.contracts(guards.ROOT).items()}
    assert {
        "no-web": {"ignore_imports": ["survey.typesetting -> jinja2"]},
        "bare-roots": {"allow_indirect_imports": True},
    } == {name: keys for name, keys in used.items() if keys}
    layers = [one for one in guards.contracts(guards.ROOT).values() if one["type"] == "layers"]
    assert {"survey", "analysis", "survey.answers_db", "survey.authoring.xlsform"} == {
        name for one in layers for name in one["containers"]
    }
    assert all(one["exhaustive"] for one in layers)


@pytest.mark.parametrize("process", guards.APPLICATIONS)
def test_the_bolt_is_before_all_that_a_process_must_not_load(process):
    """What the fresh interpreter must not load, gunicorn's configuration keeps from being loaded."""
    # numpy is no secret: it is only large, and opendp and the analysis, which need it, are bolted.
    never = guards.PROCESSES[process][1] - {"numpy"}
    assert set() == never - guards.bolted(guards.APPLICATIONS[process].factory)


def test_an_unknown_application_is_bolted_from_all(tree):
    """An application that the configuration does not know may import nothing that any of the three may not."""
    known = [guards.bolted(application.factory) for application in guards.APPLICATIONS.values()]
    assert set.union(*known) == guards.bolted("thief:app()")


def test_no_shipped_module_names_the_import_function():
    """ruff bans `builtins.__import__` and does not know the bare name: no shipped module has it."""
    files = [path for part in ("survey", "crypto", "analysis") for path in (guards.ROOT / part).rglob("*.py")]
    names = ((path, one) for path in files for one in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    assert [] == [path for path, one in names if isinstance(one, ast.Name) and one.id == "__import__"]


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
        "survey/serving/servers.py",
        "analysis/noise/noise.py",
    }
    shipped = (path for package in ("survey", "crypto", "analysis") for path in (guards.ROOT / package).rglob("*.py"))
    named = {str(path.relative_to(guards.ROOT)) for path in shipped if "os.environ" in path.read_text(encoding="utf-8")}
    assert entries == named
