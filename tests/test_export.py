"""Files for people and programs: analysis/export.py."""

import csv
import io
import json

import pytest
import small_study as small
from hypothesis import given
from hypothesis import strategies as st

from analysis.export import ExportError, csv_files, export
from analysis.run import make_release
from survey.sheets import FORMULA, guarded, label


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    # sigma is 10 and every one-way total near 240: an estimate abstains under 87, 15 standard deviations away.
    world = small.build(tmp_path_factory.mktemp("export"))
    return make_release(world.request(small.plan(each=10_000_000))).release


def rows(release, name, file=""):
    text = csv_files(release, release.table(name), "en")[f"{name}{file}.csv"]
    return list(csv.DictReader(io.StringIO(text)))


def test_every_number_stands_beside_its_margin_its_noise_and_its_price(release):
    """Each row with a value has a margin or an interval, sigma and rho, and its total unless it is weighted."""
    found = [row for table in release.tables for row in rows(release, table.id)]
    valued = [row for row in found if row["value"]]
    assert valued
    assert all((row["margin_95"] or row["low_95"]) and row["sigma"] and row["rho"] for row in valued)
    assert all(row["total_margin_95"] or row["measure"].startswith("weighted") for row in valued)
    assert all(row["abstained"] in ("too-few", "class-lost") for row in found if not row["value"])


def test_the_cells_are_the_noisy_integers_with_their_labels(release):
    """The cells file lists every level of every dimension in the release's order, outside last."""
    found = rows(release, "T3", "-cells")
    assert [str(count) for count in release.table("T3").counts] == [row["noisy_count"] for row in found]
    assert ("outside the population", "254") == (found[-1]["GAP_label"], found[-1]["AGE"])
    assert {"AGE 1", "AGE 2", "AGE 3", "I don't want to answer", "not asked", "unreadable"} == {
        row["AGE_label"] for row in found[:-1]
    }


def test_json_holds_the_same_rows_and_the_notes(release, tmp_path):
    """The JSON file of a table has as many rows as its CSV files, and says what the release warns of."""
    paths = export(release, tmp_path, ("csv", "json"))
    assert len(release.tables) * 3 == len(paths) == len(list(tmp_path.iterdir()))
    document = json.loads((tmp_path / "T2.json").read_text())
    assert len(rows(release, "T2")) == len(document["estimates"])
    assert len(rows(release, "T2", "-cells")) == len(document["cells"])
    assert ["duplicates-possible", "registered-late"] == document["notes"]


@given(st.text(max_size=20))
def test_no_cell_begins_a_formula(text):
    """Any text as a label: the CSV cell never begins with = + - @, tab, return, newline or NUL."""
    assert not str(guarded(text)).startswith(FORMULA)


def test_a_label_that_is_a_formula_is_only_quoted(release):
    """A level called =1+1 is exported as '=1+1, and numbers, negative ones too, stay numbers."""
    document = release.to_json()
    for labels in document["labels"].values():
        labels["AGE"]["levels"]["1"] = "=1+1"
    edited = type(release).from_bytes(small.canonical(document))
    assert "'=1+1" in {row["label"] for row in rows(edited, "T1")}
    assert -5 == guarded(-5)


def test_unknown_formats_and_locales_are_refused_with_what_there_is(release, tmp_path):
    """xlsx is not there yet, nor is Klingon; the message names what is."""
    with pytest.raises(ExportError, match="csv, json"):
        export(release, tmp_path, ("xlsx",))
    with pytest.raises(ExportError, match="zh-Hans"):
        export(release, tmp_path, ("csv",), "tlh")


def test_a_level_without_a_text_is_called_by_its_code(release):
    """Reserved codes have fixed names; any other level without a text is its number."""
    assert ("not asked", "unreadable", "42") == tuple(label(release, "AGE", code, "en") for code in (97, 255, 42))
