"""The table of mutations and SECURITY.md say the same: each property is broken by one, or listed as broken by none."""

import json

import pytest
from mutations.named import missing
from mutations.table import Mutation, elsewhere, is_named, mutations, numbered, rows, short, untested
from paths import ROOT

ROWS = mutations()
TESTS = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_mutation_applies_and_its_tests_are_those_that_the_property_names(row: Mutation):
    """The text that it replaces stands once in its file, and SECURITY.md names each of its tests in that row."""
    assert row.applied((ROOT / row.file).read_text(encoding="utf-8"))
    assert [] == [test for test in row.tests if not is_named(test, rows()[row.breaks])]
    assert [] == [test for test in row.tests if not (ROOT / test.partition("::")[0]).is_file()]
    assert row.tests


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_named_test_of_python_is_there(row: Mutation):
    """No row names a function that was renamed (`scripts/test` holds the tests of the phone to vitest's own list)."""
    named = [short(test).partition("::")[::2] for test in row.tests if ".test.ts" not in test]
    assert [] == [(file, name) for file, name in named if f"def {name}(" not in TESTS[file]]


def test_a_test_of_the_phone_that_is_gone_is_named(tmp_path):
    """Of a run with one file without tests, every row's test is missing; of one with that title, one fewer is."""
    row = next(test for row in ROWS for test in row.tests if ".test.ts" in test)
    file, _, title = row.partition("::")
    found: dict = {"name": str(ROOT / file), "assertionResults": []}
    (report := tmp_path / "report.json").write_text(json.dumps({"testResults": [found]}), encoding="utf-8")
    without = missing(report, ROOT)
    found["assertionResults"].append({"fullName": f"{title} and more"})
    report.write_text(json.dumps({"testResults": [found]}), encoding="utf-8")
    assert row in without
    assert row not in missing(report, ROOT)


def test_mutations_that_stand_elsewhere_are_in_tests_that_the_property_names():
    """A property that points at a test with mutations of its own names that test in SECURITY.md, and it is there."""
    for one in elsewhere():
        assert is_named(one.test, rows()[one.breaks]), one
        file, _, name = short(one.test).partition("::")
        assert f"def {name}(" in TESTS[file]


def test_every_property_is_broken_or_listed_with_its_reason():
    """No row of SECURITY.md is without a mutation but those that it lists; those have none, and each says why.

    Where this fails for a new property: docs/testing.md says how to write its mutation.
    """
    broken = {one.breaks for one in (*ROWS, *elsewhere())}
    assert [] == sorted(rows().keys() - broken - untested().keys(), key=numbered)
    assert set() == untested().keys() & broken
    assert untested().keys() | broken == rows().keys()
    assert [] == [name for name, why in untested().items() if len(why) < 20]


def test_no_two_mutations_have_one_name():
    """A report names each mutation alone."""
    names = [row.name for row in ROWS]
    assert sorted(set(names)) == sorted(names)


def test_a_test_that_a_row_does_not_name_is_seen():
    """Control: another test, another file and another TypeScript test are not named; a parameter does not matter."""
    script = "survey/browser/tests/pinned/media.test.ts"
    named = {"test_log::test_a", "test_keys", script}
    good = ("test_log.py::test_a[1]", "test_keys.py::test_b", f"{script}::c")
    assert all(is_named(test, named) for test in good)
    bad = ("test_log.py::test_b", "test_logs.py::test_a", f"{script.replace('media', 'manifest')}::c")
    assert not any(is_named(test, named) for test in bad)
