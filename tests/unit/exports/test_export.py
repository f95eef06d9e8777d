"""
Files for people and programs: analysis/exports/export.py, CSV and JSON.

The other formats have tests of their own.
"""

import csv
import io
import json
from codecs import BOM_UTF8

import openpyxl
import pyreadstat
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from studies import small_study as small
from studies.exported import FORMULA as PLANTED
from studies.exported import numbers, planted

from analysis.__main__ import main
from analysis.exports import export as exporting
from analysis.exports.export import FORMATS, ExportError, export
from analysis.exports.privacy_statement import statement
from analysis.releasing.run import make_release
from crypto.signing import SigningKey
from survey.release.level_labels import label
from survey.release.release import Release
from survey.release.release_rows import csv_files
from survey.release.table_rows import FORMULA, guarded
from survey.signed import SchemePair
from survey.workbook import xlsx

LONGEST = "A" * 32


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    # sigma is 10 and every one-way total near 240: an estimate abstains under 87, 15 standard deviations away.
    world = small.build(tmp_path_factory.mktemp("export"))
    return planted(make_release(world.request(small.plan(each=10_000_000))).release)


def signed_again(release):
    """Return the release signed by a new key, as a command asks for."""
    key = SigningKey.generate()
    return release.model_copy(update={"signer": SchemePair.of(key.verifying_key), "signature": None}).signed(key)


def rows(release, file, locale="en"):
    text = dict(csv_files(release, locale))[f"{file}.csv"].decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_number_stands_beside_its_margin_its_noise_and_its_price(release):
    """Each row with a value has a margin or an interval, sigma and rho, and its total unless it is weighted."""
    csv_rows = [row for table in release.tables for row in rows(release, table.id)]
    valued = [row for row in csv_rows if row["value"]]
    assert valued
    assert all((row["margin_95"] or row["low_95"]) and row["sigma"] and row["rho"] for row in valued)
    assert all(row["total_margin_95"] or row["measure"].startswith("weighted") for row in valued)
    assert {"too-few", "class-lost"} == {row["abstained"] for row in csv_rows if not row["value"]}


def test_no_estimate_is_left_out(release):
    """The CSV files together hold each number of the release once, in its order, exactly."""
    exported_numbers = [
        (t.id, float(row["value"])) for t in release.tables for row in rows(release, t.id) if row["value"]
    ]
    expected_numbers = sorted(numbers(release))
    assert expected_numbers == sorted(exported_numbers)


def test_notes_say_what_a_reader_must_know(release):
    """Weighted, trimmed, greyed, Bayesian and silent numbers carry their codes; others carry none."""
    csv_rows = rows(release, "T1")
    notes = {row["measure"]: row["notes"] for row in csv_rows if row["code"] in ("", "1")}
    assert "unreliable; bayes" == notes["share"]
    assert "weighted; post-stratified; trimmed; not-the-population" == notes["weighted share"]
    assert "1.5" == next(row["kish"] for row in csv_rows if row["measure"] == "weighted share")
    assert "class-lost; weighted; post-stratified" in {row["notes"] for row in rows(release, "T2")}
    assert "" in {row["notes"] for row in csv_rows}


def test_the_cells_are_the_noisy_integers_with_their_labels(release):
    """The cells file lists every level of every dimension in the release's order, outside last."""
    csv_rows = rows(release, "T3-cells")
    assert [str(count) for count in release.table("T3").counts] == [row["noisy_count"] for row in csv_rows]
    assert list(release.table("T3").consistent) == [float(row["consistent_count"]) for row in csv_rows]
    assert list(release.table("T3").variances) == [float(row["variance"]) for row in csv_rows]
    assert ("outside the population", "254") == (csv_rows[-1]["GAP_label"], csv_rows[-1]["AGE"])
    assert {"I don't want to answer", "not asked", "unreadable"} <= {row["AGE_label"] for row in csv_rows[:-1]}


def test_words_and_margins_have_files_of_their_own(release):
    """A phrase stands with its number, margin, threshold and price; an empty list says that it is empty."""
    csv_rows = rows(release, "W1")
    assert [("1", "鱼", "90"), ("2", "'+fish", "71")] == [
        (row["rank"], row["phrase"], row["count"]) for row in csv_rows
    ]
    assert {("62.0", "64", "31.6", "0.002", "10")} == {
        (row["margin_95"], row["threshold"], row["sigma"], row["rho"], row["atto_delta"]) for row in csv_rows
    }
    assert ["none-over-threshold"] == [row["notes"] for row in rows(release, "W2")]
    margins = rows(release, "public-margins")
    assert [0.3, 0.4, 0.3] == [float(row["share"]) for row in margins]
    assert {"memory"} == {row["status"] for row in margins}


def test_the_codebook_names_every_level_once(release):
    """Each dimension's codes stand in the release's order, with the tables that they are in."""
    csv_rows = rows(release, "release-codebook")
    axes = {axis.id: axis for table in release.tables for axis in table.dimensions}
    assert [(name, str(code)) for name, axis in axes.items() for code in axis.codes] == [
        (row["dimension"], row["code"]) for row in csv_rows
    ]
    facts = {row["fact"]: row["value"] for row in rows(release, "release-facts")}
    assert release.digest == facts["release (SHA-256)"]


def test_json_holds_the_same_rows_the_release_and_its_schema(release, tmp_path):
    """JSON has as many rows as CSV, names the schema beside it, and the release's bytes are the signed ones."""
    export(release, tmp_path, ("csv", "json"))
    document = json.loads((tmp_path / "T2.json").read_text())
    assert len(rows(release, "T2")) == len(document["estimates"])
    assert len(rows(release, "T2-cells")) == len(document["cells"])
    assert ["duplicates-possible", "registered-late"] == document["notes"]
    assert (tmp_path / document["document"]["$schema"]).is_file()
    assert release == Release.from_bytes((tmp_path / "release.json").read_bytes())
    assert 2 == len(json.loads((tmp_path / "W1.json").read_text())["phrases"])


def hostile(release):
    """Return the release with ids and labels that some format cannot hold, one of each kind."""
    text = release.to_bytes().decode().replace('"AGE"', f'"{LONGEST}"')
    document = json.loads(text)
    for table, name in zip(document["tables"], ("HISTORY", "CON", "STATEMENT"), strict=False):
        table["id"] = name
    for labels in document["labels"].values():
        labels[LONGEST]["levels"] |= {"1": "zero\0byte", "2": "non\ufffecharacter"}
    return Release.from_bytes(small.canonical(document))


@pytest.mark.slow
def test_what_one_format_cannot_hold_stops_none(release, tmp_path):
    """An id of 32 letters, HISTORY, CON, STATEMENT, NUL and U+FFFE: every format is written, and names are told."""
    written = export(hostile(release), tmp_path, FORMATS)
    assert () == written.failures
    names = {path.name.lower() for path in written.paths}
    assert len(written.paths) == len(names)
    assert not {"con.csv", "con.json"} & names
    name_rows = list(csv.DictReader(io.StringIO((tmp_path / "release-names.csv").read_text(), newline="")))
    renamed = {(row["kind"], row["id"]): row["name"] for row in name_rows}
    assert {("variable", LONGEST), ("sheet", "HISTORY"), ("file", "CON"), ("file", "STATEMENT")} <= renamed.keys()
    assert f"{renamed['file', 'CON']}.csv".lower() in names
    _, meta = pyreadstat.read_dta(tmp_path / "release.dta")
    assert meta.column_names_to_labels[renamed["variable", LONGEST]].startswith(f"{LONGEST}: "[:40])
    assert "zero�byte" in meta.variable_value_labels[renamed["variable", LONGEST]].values()
    assert renamed["sheet", "HISTORY"] in openpyxl.load_workbook(tmp_path / "release.xlsx").sheetnames


def test_nothing_is_renamed_where_every_format_holds_the_ids(release, tmp_path):
    """An ordinary release has no file of names, but for the header's variables, which Stata cannot call @mode."""
    plain = [table for table in release.tables if not any(axis.id.startswith("@") for axis in table.dimensions)]
    export(release.model_copy(update={"tables": tuple(plain)}), tmp_path, ("csv",))
    assert not (tmp_path / "release-names.csv").exists()


def test_a_writer_that_fails_stops_no_other(release, tmp_path, monkeypatch):
    """Where the workbook's writer breaks, all else is written; the command ends with 3 and says what is not and why."""
    monkeypatch.setattr(xlsx, "XLSX_ROWS", 3)
    document = tmp_path / "release.json"
    document.write_bytes(signed_again(release).to_bytes())
    done = CliRunner().invoke(main, ["export", str(document), "--to", str(tmp_path / "all"), "--format", "all"])
    assert 3 == done.exit_code
    assert "xlsx: the sheet" in done.stderr
    made = {path.suffix for path in (tmp_path / "all").iterdir()}
    assert {".csv", ".json", ".parquet", ".dta", ".sav", ".xml", ".md", ".R"} == made
    monkeypatch.setattr(xlsx, "Workbook", lambda: 1 / 0)
    (failure,) = export(release, tmp_path / "broken", ("xlsx", "csv")).failures
    assert ("xlsx", "ZeroDivisionError: division by zero") == (failure.format, failure.reason)


@pytest.mark.parametrize("name", ["statement", "names"])
def test_what_goes_with_every_format_stops_none(release, tmp_path, monkeypatch, name):
    """A privacy statement or list of names that cannot be made is reported by name, and every format is written."""

    def broken(_):
        raise RuntimeError("broken")
        yield

    whole = {path.name for path in export(hostile(release), tmp_path / "whole", ("csv", "json")).paths}
    monkeypatch.setattr(exporting, f"{name}_files", broken)
    written = export(hostile(release), tmp_path / "rest", ("csv", "json"))
    assert [(name, "RuntimeError: broken")] == [(one.format, one.reason) for one in written.failures]
    lost = {"statement": {"statement.json", "statement.md"}, "names": {"release-names.csv"}}[name]
    assert whole - lost == {path.name for path in (tmp_path / "rest").iterdir()}
    assert lost < whole


def test_csv_files_begin_with_a_byte_order_mark_on_request(release, tmp_path):
    """With `bom` every CSV file has one mark, which Excel needs to know UTF-8, and no other file has; else none has."""
    export(release, tmp_path / "with", ("csv", "json"), bom=True)
    export(release, tmp_path / "without", ("csv", "json"))
    marked = {path.name for path in (tmp_path / "with").iterdir() if path.read_bytes().startswith(BOM_UTF8)}
    assert {path.name for path in (tmp_path / "with").glob("*.csv")} == marked
    for path in (tmp_path / "without").iterdir():
        assert (tmp_path / "with" / path.name).read_bytes().removeprefix(BOM_UTF8) == path.read_bytes()


@pytest.mark.parametrize("name", FORMATS)
def test_the_privacy_statement_goes_with_every_format(release, tmp_path, name):
    """statement.json and statement.md are those of this release, whatever else is written."""
    paths = export(release, tmp_path, (name,)).paths
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in paths}
    assert statement(release).to_markdown() == (tmp_path / "statement.md").read_text()
    assert release.digest == json.loads((tmp_path / "statement.json").read_text())["release"]


@pytest.mark.slow
@given(st.text(max_size=20), st.sampled_from(("", *FORMULA)))
def test_no_cell_begins_a_formula(text, start):
    """Any text as a label: the CSV cell never begins with = + - @, tab, return or newline, and holds no NUL."""
    assert not str(guarded(start + text)).startswith(FORMULA)
    assert "\0" not in str(guarded("\0" + text))


def test_a_label_that_is_a_formula_is_only_quoted(release):
    """A level called =1+1 is exported as '=1+1 in every file, and numbers, negative ones too, stay numbers."""
    every = [
        cell
        for file, text in csv_files(release, "en")
        for row in csv.reader(io.StringIO(text.decode(), newline=""))
        for cell in row
    ]
    assert f"'{PLANTED}" in every
    assert not [cell for cell in every if cell.startswith(("=", "+", "@", "\t"))]
    assert all(cell.startswith("-") is False or float(cell) < 0 for cell in every)
    assert -5 == guarded(-5)


@pytest.mark.parametrize(("locale", "expected_label"), [("en", "not asked"), ("zh-Hans", "未被问到")])
def test_labels_are_in_the_locale_that_was_asked_for(release, locale, expected_label):
    """Levels that no questionnaire names are in the reader's language too."""
    assert expected_label in {row["AGE_label"] for row in rows(release, "T1-cells", locale)}


def test_unknown_formats_and_locales_are_refused_with_what_there_is(release, tmp_path):
    """Neither a format nor a language that is not there is guessed; nothing is written."""
    with pytest.raises(ExportError, match=r"'xls'.*csv, json, xlsx, parquet, stata, spss, ddi, sdmx, r, deposit"):
        export(release, tmp_path, ("csv", "xls"))
    with pytest.raises(ExportError, match="zh-Hans"):
        export(release, tmp_path, FORMATS, "tlh")
    assert [] == list(tmp_path.iterdir())


def test_a_level_without_a_text_is_called_by_its_code(release):
    """Reserved codes have fixed names; any other level without a text is its number."""
    assert ("not asked", "unreadable", "42") == tuple(label(release, "AGE", code, "en") for code in (97, 255, 42))


def test_the_command_writes_every_format_and_refuses_with_a_remedy(release, tmp_path):
    """`--format all` writes one file or more of each; an unknown format ends with 3 and names those there are."""
    document = tmp_path / "release.json"
    document.write_bytes(signed_again(release).to_bytes())
    done = CliRunner().invoke(
        main, ["export", str(document), "--to", str(tmp_path / "all"), "--format", "all", "--json"]
    )
    assert 0 == done.exit_code, done.output
    made = {path.suffix for path in (tmp_path / "all").iterdir()}
    assert {".csv", ".json", ".xlsx", ".parquet", ".dta", ".sav", ".xml", ".md", ".R"} == made
    refused = CliRunner().invoke(main, ["export", str(document), "--to", str(tmp_path / "none"), "--format", "pdf"])
    assert (3, False) == (refused.exit_code, (tmp_path / "none").exists())
    assert "csv, json, xlsx, parquet, stata, spss, ddi, sdmx, r, deposit" in refused.output
