"""Parquet, Stata and SPSS files of a release, opened again by their libraries and compared number by number."""

import io
import json
import math

import pyreadstat
import pytest
from pyarrow import parquet
from studies import small_study as small
from studies.exported import numbers, planted

from analysis.exports.parquet import parquet_files
from analysis.exports.stata_spss import STATA_MISSING, spss_files, spss_missing, stata_files
from analysis.releasing.run import make_release
from survey.plan.dimension import Dimension
from survey.questionnaire.bases import BASES
from survey.release.format_rules import SPSS_VALUE
from survey.release.level_labels import base_text, label
from survey.release.long_columns import LONG
from survey.release.release import Release

WRITERS = {"dta": (stata_files, pyreadstat.read_dta), "sav": (spss_files, pyreadstat.read_sav)}


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    world = small.build(tmp_path_factory.mktemp("stat"))
    return planted(make_release(world.request(small.plan(each=10_000_000))).release)


@pytest.fixture(scope="module")
def long(release):
    return parquet.read_table(io.BytesIO(dict(parquet_files(release, "zh-Hans"))["release.parquet"]))


def opened(release, kind, folder, locale="zh-Hans"):
    """Return (columns, metadata) of a file that was written and opened again."""
    write, read = WRITERS[kind]
    path = folder / f"release.{kind}"
    path.write_bytes(dict(write(release, locale))[path.name])
    return read(path, output_format="dict", user_missing=True)


def test_parquet_holds_every_number_typed(release, long):
    """Estimates, cells, phrases and public shares are all there, in the types that are documented."""
    rows = long.to_pylist()
    assert list(LONG) == long.column_names
    valued = [(row["table"], row["value"]) for row in rows if row["kind"] == "estimate" and row["value"] is not None]
    assert sorted(numbers(release)) == sorted(valued)
    cells = [row["value"] for row in rows if row["kind"] == "cell"]
    assert [
        float(n) for t in release.tables for pair in zip(t.counts, t.consistent, strict=True) for n in pair
    ] == cells
    assert [90.0, 71.0] == [row["value"] for row in rows if row["measure"] == "phrase count"]
    assert [0.3, 0.4, 0.3] == [row["value"] for row in rows if row["measure"] == "public share"]


def test_parquet_says_which_release_it_is_of(release, long):
    """The metadata holds the release's hash and its facts."""
    metadata = long.schema.metadata
    assert release.digest == metadata[b"sotto.release"].decode()
    assert release.study == json.loads(metadata[b"sotto.facts"])["study"]


@pytest.mark.parametrize("kind", WRITERS)
def test_the_file_holds_the_long_rows(release, long, kind, tmp_path):
    """Stata and SPSS files have the same rows as Parquet: each value, margin, sigma and price, absent ones absent."""
    columns, meta = opened(release, kind, tmp_path)
    assert long.num_rows == meta.number_rows
    for name in ("value", "margin_95", "low_95", "variance", "total", "sigma", "nano_rho", "code", "kish"):
        cells = [None if cell is None or math.isnan(cell) else cell for cell in columns[name]]
        assert long.column(name).to_pylist() == cells, name
    for name in ("study", "table", "dimension", "label", "group", "notes", "weighted_by"):
        assert long.column(name).to_pylist() == columns[name], name


@pytest.mark.parametrize("kind", WRITERS)
def test_values_and_variables_have_labels_in_the_locale(release, kind, tmp_path):
    """Each dimension is a variable with the questionnaire's words, in the release's order of codes."""
    _, meta = opened(release, kind, tmp_path)
    assert "数值" == meta.column_names_to_labels["value"]
    assert meta.column_names_to_labels["AGE"].startswith("AGE: ")
    codes = release.tables[0].dimensions[0].codes
    written = STATA_MISSING if kind == "dta" else {}
    expected_labels = {written.get(code, code): label(release, "AGE", code, "zh-Hans") for code in (*codes, 254)}
    assert expected_labels == meta.variable_value_labels["AGE"]
    assert {"估计", "单元格", "词语", "公开边际"} == set(meta.variable_value_labels["kind"].values())
    assert {1: "回答太少", 2: "加权类别淹没在噪声中", 3: "无法满足公开比例"} == meta.variable_value_labels["abstained"]
    assert {number: base_text(base, "zh-Hans") for number, base in enumerate(BASES, 1)} == meta.variable_value_labels[
        "base"
    ]
    assert release.digest[:50] in meta.file_label


@pytest.mark.parametrize("kind", WRITERS)
def test_a_row_stands_at_its_levels(release, kind, tmp_path):
    """A cell's row has the code of each of its table's dimensions in their variables and nothing in the others."""
    columns, meta = opened(release, kind, tmp_path)
    names = list(meta.variable_value_labels)
    kinds = {text: code for code, text in meta.variable_value_labels["kind"].items()}
    at = [i for i, one in enumerate(columns["table"]) if one == "T7" and columns["kind"][i] == kinds["单元格"]]
    places_of_rows = {tuple(columns[axis.id][i] for axis in release.table("T7").dimensions) for i in at}
    assert len(release.table("T7").counts) == len(places_of_rows)
    absent = [columns[name][i] for name in ("USES", "GAP") if name in names for i in at]
    assert all(cell is None or math.isnan(cell) for cell in absent)


def test_reserved_codes_are_declared_missing(release, tmp_path):
    """SPSS and Stata count not asked, don't know, refused, outside and unreadable as missing, and keep their labels."""
    for kind, (_, read) in WRITERS.items():
        kept, meta = opened(release, kind, tmp_path)
        plain, _ = read(tmp_path / f"release.{kind}", output_format="dict")
        codes = {int(code) for code in plain["AGE"] if code is not None and not math.isnan(code)}
        assert set(release.tables[0].dimensions[0].substantive) == codes
        unreadable = STATA_MISSING[255] if kind == "dta" else 255
        assert unreadable in kept["AGE"]
        assert label(release, "AGE", 255, "zh-Hans") == meta.variable_value_labels["AGE"][unreadable]
        assert 255 in plain["code"]


def test_codes_above_the_missing_ones_stay_answers():
    """An indicator with a level of 120 is not declared missing by the range that the reserved codes lie in."""
    kind = {"id": "X", "score": True, "multi": False, "base": "answered"}
    plain = Dimension.model_validate(kind | {"codes": (1, 2, 97, 255)})
    high = Dimension.model_validate(kind | {"codes": (1, 120, 97, 255)})
    assert [{"lo": 97, "hi": 255}] == spss_missing(plain)
    assert [{"lo": 97, "hi": 99}, 255] == spss_missing(high)


def test_long_labels_are_cut_where_spss_ends_and_stay_apart(release, tmp_path):
    """Two answers that begin with the same 60 Chinese characters keep different labels; Stata keeps them whole."""
    document = release.to_json()
    levels = document["labels"]["zh-Hans"]["AGE"]["levels"]
    levels["1"], levels["2"] = "长" * 60 + "一", "长" * 60 + "二"
    edited = Release.from_bytes(small.canonical(document))
    short = opened(edited, "sav", tmp_path)[1].variable_value_labels["AGE"]
    assert short[1] != short[2]
    assert all(len(text.encode()) <= SPSS_VALUE for text in short.values())
    assert levels["1"] == opened(edited, "dta", tmp_path)[1].variable_value_labels["AGE"][1]
