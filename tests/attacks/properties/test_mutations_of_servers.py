"""The same for properties whose tests start a browser, Node, PostgreSQL or shipped processes."""

import pytest
from mutations.outcomes import needs_a_server, workshop
from mutations.table import Mutation, mutations, named_tests

pytestmark = pytest.mark.long

ROWS = [row for row in mutations() if needs_a_server(row)]


@pytest.fixture(scope="module")
def shop():
    with workshop() as one:
        yield one


def test_all_named_tests_are_green_on_the_copy_as_it_is(shop):
    """Control: without a mutation every named test passes in the copy, and none is skipped."""
    assert [] == shop.faults_unbroken(named_tests(ROWS))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_broken_property_turns_its_tests_red(shop, row: Mutation):
    """Each test that a row names fails by what it asserts, and not because the mutated program does not run."""
    assert [] == shop.faults_broken(row)
