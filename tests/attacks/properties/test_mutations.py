"""Properties of SECURITY.md broken one at a time in a copy of the tree: the tests that are named for them turn red."""

import re
from dataclasses import replace

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


def test_a_dead_mutation_is_refused(shop):
    """A text that is gone from its file, stands there twice or is replaced by itself stops the run with its row."""
    row = QUICK[0]
    for dead in (replace(row, text="no such text"), replace(row, text="e"), replace(row, instead=row.text)):
        with pytest.raises(TableError, match=rf"{re.escape(row.name)}: .* must occur once"):
            shop.faults_broken(dead)
