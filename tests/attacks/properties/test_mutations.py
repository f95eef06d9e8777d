"""Properties of SECURITY.md broken one at a time in a copy of the tree: the tests that are named for them turn red."""

import contextlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
from mutations.outcomes import needs_a_server, workshop
from mutations.table import Mutation, TableError, mutations, named_tests

pytestmark = pytest.mark.slow

ROWS = [row for row in mutations() if not needs_a_server(row)]
QUICK = [row for row in ROWS if row.quick]
EACH = [row if row.quick else pytest.param(row, marks=pytest.mark.long) for row in ROWS]


@pytest.fixture(scope="module")
def shop():
    with workshop() as one:
        yield one


def test_the_named_tests_are_green_on_the_copy_as_it_is(shop):
    """Control: without a mutation the tests of the quick rows pass in the copy."""
    assert [] == shop.faults_unbroken(named_tests(QUICK))


@pytest.mark.long
def test_all_named_tests_are_green_on_the_copy_as_it_is(shop):
    """Control: without a mutation every named test passes in the copy, and none is skipped."""
    assert [] == shop.faults_unbroken(named_tests(ROWS))


@pytest.mark.parametrize("row", EACH, ids=lambda row: row.name)
def test_a_broken_property_turns_its_tests_red(shop, row: Mutation):
    """Each test that a row names fails by what it asserts, and not because the mutated program does not run."""
    assert [] == shop.faults_broken(row)


def test_what_breaks_nothing_is_told_from_what_does(shop):
    """Control: a mutation that changes nothing leaves the test green; a program that does not run proves nothing."""
    row = QUICK[0]
    (green, *_), (broken, *_) = (
        shop.faults_broken(replace(row, instead=f"{row.text}{more}", tests=row.tests[:1])) for more in ("  ", " (")
    )
    assert f"{row.tests[0]} stayed green" == green
    assert f"{row.tests[0]} did not run" == broken


LEAVING = """
import subprocess, sys
from pathlib import Path

def test_leaves_a_server(tmp_path):
    folder = str(Path(__file__).parents[3])
    command = f'setsid {sys.executable} -c "import time; time.sleep(600)" {folder} > /dev/null 2>&1 &'
    subprocess.run(command, shell=True, check=True)
"""


def test_nothing_that_a_test_leaves_running_stays(shop):
    """A server in a session of its own, as ours are, is ended with the run that left it, and not much later."""
    path = shop.tree.folder / "tests" / "unit" / "survey" / "test_leaving.py"
    path.write_text(LEAVING, encoding="utf-8")
    assert [] == shop.faults_unbroken([f"{path.relative_to(shop.tree.folder)}::test_leaves_a_server"])
    path.unlink()
    needle, lines = str(shop.tree.folder).encode(), []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            lines.append((process / "cmdline").read_bytes())
    assert [] == [line for line in lines if needle in line]


def test_a_dead_mutation_is_refused(shop):
    """A text that is gone from its file, stands there twice or is replaced by itself stops the run with its row."""
    row = QUICK[0]
    for dead in (replace(row, text="no such text"), replace(row, text="e"), replace(row, instead=row.text)):
        with pytest.raises(TableError, match=rf"{re.escape(row.name)}: .* must occur once"):
            shop.faults_broken(dead)
