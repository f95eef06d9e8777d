"""Faults planted in counting, pricing, estimating and reporting: each turns the test red that is named for it."""

import builtins
import dis
import importlib
from collections.abc import Iterator
from types import CodeType

import pytest
from adversaries import number_faults
from adversaries.number_faults import FAULTS, QUICK, Fault
from walls import guards

PASSED, FAILED = 0, 1
"""Pytest's exit codes; others say that it could not run."""
ROWS = [fault if fault.name in QUICK else pytest.param(fault, marks=pytest.mark.long) for fault in FAULTS]


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return number_faults.copy_with_tests(tmp_path_factory.mktemp("faults"))


def named(faults) -> list[str]:
    """Return the tests that are named for faults, each once."""
    return [*dict.fromkeys(fault.test for fault in faults)]


def test_the_named_tests_are_green_on_the_copy_as_it_is(tree):
    """Control: without a fault the tests of the quick rows pass in the copy, and they import the copy."""
    code, printed = number_faults.outcomes(tree, named(fault for fault in FAULTS if fault.name in QUICK))
    assert PASSED == code, printed


@pytest.mark.long
def test_all_named_tests_are_green_on_the_copy_as_it_is(tree):
    """Control: without a fault every named test passes in the copy."""
    code, printed = number_faults.outcomes(tree, named(FAULTS))
    assert PASSED == code, printed


@pytest.mark.parametrize("fault", ROWS, ids=lambda fault: fault.name)
def test_each_fault_turns_its_named_test_red(tree, fault: Fault):
    """With the fault in the copy the named test fails by what it asserts, and not by an error on the way."""
    with guards.mutated(tree, fault.mutation):
        code, printed = number_faults.outcomes(tree, [fault.test])
    assert FAILED == code, printed
    error_lines = [line for line in printed.splitlines() if line.startswith("E ")]
    assert any("assert " in line or "DID NOT RAISE" in line for line in error_lines), printed


def names_read(code: CodeType) -> Iterator[str]:
    """Yield the global names that a module's code reads, those of its functions included."""
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_NAME", "LOAD_GLOBAL"):
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names_read(constant)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_code_of_a_fault_names_what_its_module_has(fault: Fault):
    """No row reads a name that was renamed: it would fail for that, and not for the fault."""
    module = importlib.import_module(fault.file.removesuffix(".py").replace("/", "."))
    code = compile(fault.code, fault.file, "exec")
    defined = {step.argval for step in dis.get_instructions(code) if step.opname == "STORE_NAME"}
    assert set() == {*names_read(code)} - {*vars(module), *vars(builtins), *defined}


def test_a_renamed_name_would_be_seen():
    """Control: the same search finds a name that nothing defines."""
    assert {"absent"} == {*names_read(compile("def f():\n    return absent", "row", "exec"))} - {"f"}


def test_every_quick_row_is_a_row():
    """A row that was renamed does not fall out of `make test` unseen."""
    assert {fault.name for fault in FAULTS} >= QUICK
