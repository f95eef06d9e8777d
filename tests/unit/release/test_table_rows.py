"""A table as CSV is data for a spreadsheet and never a formula."""

import csv
import io

import pytest
from hosts.collection import BOX_HEADER, Collection, read
from hypothesis import given
from hypothesis import strategies as st

from crypto.canonical import canonical
from survey.release.release import Label, Release
from survey.release.table_rows import ESTIMATES, FORMULA, cells_csv, estimates_csv


@pytest.fixture(scope="module")
def release() -> Release:
    """Return an unsigned release of the study's own plan."""
    from hosts.collection import PLAN, compiled

    from survey.authoring.plan_compiler import compile_plan
    from survey.settings import Settings

    plan = compile_plan(PLAN, compiled()[0])
    return read(canonical(Collection(Settings.from_environ({})).unsigned(plan, BOX_HEADER)))


@given(text=st.text(max_size=30), start=st.sampled_from(("", *FORMULA)))
def test_no_cell_is_a_formula(release, text, start):
    """Whatever a label says, no text cell begins with a character that a spreadsheet would run."""
    table = release.tables[0]
    axis = table.dimensions[0]
    label = Label(text="x", levels={str(code): start + text for code in axis.codes})
    labels = {"en": dict(release.labels["en"]) | {axis.id: label}}
    changed = release.model_copy(update={"labels": labels})
    for write in (estimates_csv, cells_csv):
        rows = csv.DictReader(io.StringIO(write(changed, table, "en"), newline=""))
        assert not any(cell.startswith(FORMULA) for row in rows for name, cell in row.items() if "label" in name)


def test_an_unknown_locale_gets_the_first(release):
    """A reader whose language the study does not have gets the study's first."""
    table = release.tables[0]
    first = next(iter(release.labels))
    for write in (estimates_csv, cells_csv):
        assert write(release, table, first) == write(release, table, "fr")


def test_the_header_is_stable(release):
    """Scripts may rely on the columns and their order."""
    assert ",".join(ESTIMATES) == estimates_csv(release, release.tables[0], "en").splitlines()[0]
