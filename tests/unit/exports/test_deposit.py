"""A release as a folder for a repository, SDMX-CSV, and a reader for R: analysis/exports/repository, sdmx.py."""

import csv
import io
import json
import re
import shutil
import subprocess
from hashlib import sha256

import pytest
from studies import small_study as small
from studies.exported import UNIVERSITY, planted

from analysis.exports.export import ExportError, export
from analysis.exports.repository.datacite import datacite
from analysis.exports.repository.deposit import DepositError, deposit_files
from analysis.exports.repository.ro_crate import ro_crate
from analysis.exports.sdmx import DIMENSIONS, sdmx_files
from analysis.releasing.run import make_release
from survey.questionnaire.study_metadata import Author
from survey.release import reader
from survey.release.estimate import Mean
from survey.release.long_columns import LONG
from survey.release.table_rows import ESTIMATES, cell_rows, estimate_rows

TYPES = {"integer": int, "double": float, "string": str}


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    world = small.build(tmp_path_factory.mktemp("deposit"))
    return planted(make_release(world.request(small.plan(each=10_000_000))).release)


@pytest.fixture(scope="module")
def folder(release, tmp_path_factory):
    root = tmp_path_factory.mktemp("folder")
    assert () == export(release, root, ("deposit",)).failures
    return root


def document(folder, name):
    return json.loads((folder / name).read_text(encoding="utf-8"))


def table(folder, name):
    return list(csv.reader(io.StringIO((folder / name).read_text(encoding="utf-8"), newline="")))


def test_the_crate_lists_every_file_as_it_is_and_names_nothing_else(folder):
    """Each file of the folder stands in the crate with its size and SHA-256; every @id that is used is described."""
    graph = {entity["@id"]: entity for entity in document(folder, "ro-crate-metadata.json")["@graph"]}
    parts = {part["@id"] for part in graph["./"]["hasPart"]}
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert files.keys() - {"ro-crate-metadata.json"} == parts
    assert {name: (str(len(files[name])), sha256(files[name]).hexdigest()) for name in parts} == {
        name: (graph[name]["contentSize"], graph[name]["sha256"]) for name in parts
    }
    text = (folder / "ro-crate-metadata.json").read_text(encoding="utf-8")
    used = set(re.findall(r'"@id": "([^"]+)"', text)) - {"https://w3id.org/ro/crate/1.1"}
    assert used == graph.keys()
    wanted = {"name", "description", "datePublished", "license", "author", "publisher"}
    assert wanted <= {name for name, value in graph["./"].items() if value}


def test_csvw_describes_every_column_of_every_table(folder):
    """Each CSV file is described, its columns in their order, and every cell that is not empty is of its type."""
    described = {one["url"]: one["tableSchema"]["columns"] for one in document(folder, "csv-metadata.json")["tables"]}
    assert {path.name for path in folder.glob("*.csv")} - {"release-sdmx.csv"} == described.keys()
    for name, columns in described.items():
        header, *rows = table(folder, name)
        assert header == [column["titles"][0] for column in columns], name
        for row in rows:
            for cell, column in zip(row, columns, strict=True):
                kind = column["datatype"]
                if cell and isinstance(kind, dict):
                    assert cell in {"True", "False"}, (name, column)
                elif cell:
                    TYPES[kind](cell)


def test_datacite_has_what_a_doi_needs(release, folder):
    """The members that DataCite 4 makes mandatory are there, and creators, rights and days are the release's."""
    written = document(folder, "datacite.json")
    assert {"creators", "titles", "publisher", "publicationYear", "types", "schemaVersion"} <= written.keys()
    assert "https://orcid.org/0000-0002-1825-0097" == written["creators"][0]["nameIdentifiers"][0]["nameIdentifier"]
    assert release.about.licence == written["rightsList"][0]["rightsIdentifier"]
    days = {one["dateType"]: one["date"] for one in written["dates"]}
    assert {"Issued": release.day, "Collected": "2026-03-01/2026-04-30"} == days
    assert release.digest == written["alternateIdentifiers"][0]["alternateIdentifier"]


def test_an_author_that_is_an_organisation_is_described_as_one(release):
    """RO-Crate's type and DataCite's name type are what the metadata says of each author."""
    wanted = (Author(name="Doe, Jo", affiliation="A university"),)
    wanted += (Author(name="An institute", kind="organisation", affiliation="A university"),)
    other = release.model_copy(update={"about": release.about.model_copy(update={"authors": wanted})})
    graph = {one["@id"]: one for one in ro_crate(other, other.about, "en", {}, {})["@graph"]}
    person, institute = (graph[f"#author-{number}"] for number in (1, 2))
    assert ("Person", "Organization") == (person["@type"], institute["@type"])
    assert person["affiliation"] == institute["parentOrganization"]
    creators = datacite(other, other.about, "en")["creators"]
    assert [("Doe, Jo", "Personal"), ("An institute", "Organizational")] == [
        (one["name"], one["nameType"]) for one in creators
    ]


def test_an_affiliation_has_its_address(release, folder):
    """RO-Crate names it by its address, once for all who work there; DataCite takes an entry in ROR and no other."""
    graph = {one["@id"]: one for one in document(folder, "ro-crate-metadata.json")["@graph"]}
    place = {"@id": UNIVERSITY, "@type": "Organization", "name": "A university", "url": UNIVERSITY}
    assert place == graph[UNIVERSITY]
    (creator,) = document(folder, "datacite.json")["creators"]
    assert (UNIVERSITY, "ROR") == tuple(
        creator["affiliation"][0][name] for name in ("affiliationIdentifier", "affiliationIdentifierScheme")
    )
    author = release.about.authors[0].model_copy(update={"affiliation_url": "https://example.org"})
    other = release.about.model_copy(update={"authors": (author,)})
    assert [{"name": "A university"}] == datacite(release, other, "en")["creators"][0]["affiliation"]


def test_datacite_leaves_out_what_a_study_does_not_say(release):
    """A study without funders, keywords and countries has no such member in datacite.json, not an empty list."""
    optional = {"fundingReferences", "subjects", "geoLocations"}
    whole = {"funders": ("A fund",), "keywords": ("food",), "countries": ("DE",)}
    full, bare = (
        datacite(release, release.about.model_copy(update=about), "en") for about in (whole, dict.fromkeys(whole, ()))
    )
    assert optional == full.keys() - bare.keys()
    assert [{"funderName": "A fund"}] == full["fundingReferences"]
    assert [] == [name for name, value in bare.items() if value == []]


def test_the_readme_names_every_file_and_how_to_cite(release, folder):
    """A reader finds each file with what it holds, the licence, the contact and the release's hash."""
    text = (folder / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(.+?)` \| .+ \|$", text, re.MULTILINE))
    assert {path.name for path in folder.iterdir()} - {"README.md", "ro-crate-metadata.json"} == listed
    assert all(word in text for word in (release.digest, "CC-BY-4.0", "mail@example.org", "Doe, Jo"))


def test_a_release_that_lacks_what_a_repository_needs_is_refused_with_the_places(release, tmp_path):
    """Without authors and licence the deposit names both with their places; other formats are written all the same."""
    about = release.about.model_copy(update={"authors": (), "licence": None})
    with pytest.raises(DepositError, match=r"about\.authors .*about\.licence .*sotto study about"):
        list(deposit_files(release.model_copy(update={"about": about}), "en"))
    written = export(release.model_copy(update={"about": None}), tmp_path, ("csv", "deposit"))
    assert ["deposit"] == [failure.format for failure in written.failures]
    assert (tmp_path / "T1.csv").exists()
    with pytest.raises(ExportError, match="sdmx, r, deposit"):
        export(release, tmp_path, ("zenodo",))


def sdmx_rows(release):
    return list(csv.DictReader(io.StringIO(dict(sdmx_files(release, "en"))["release-sdmx.csv"].decode(), newline="")))


def test_sdmx_marks_means_and_differences_that_are_too_uncertain(release, monkeypatch):
    """A mean or difference that people are shown in words is U as a greyed share is; without a margin it is A."""
    first = release.tables[0]
    # The table is no list experiment: its planted difference is given the span of one.
    monkeypatch.setattr(reader, "span_of_lines", lambda _: 1.0)
    estimate = first.estimates[0]
    for margin, status in ((90.0, "U"), (0.0, "A")):
        wide = {name: Mean(value=1.0, margin=margin) for name in ("mean", "difference")}
        estimates = (estimate.model_copy(update=wide), *first.estimates[1:])
        tables = (first.model_copy(update={"estimates": estimates}), *release.tables[1:])
        written = sdmx_rows(release.model_copy(update={"tables": tables}))
        everyone = [row for row in written if (row["DATASET"], row["GROUP"]) == (first.id, "_T")]
        rows = [(row["MEASURE"], row["OBS_STATUS"]) for row in everyone if row["MEASURE"] in {"MEAN", "DIFFERENCE"}]
        assert [("MEAN", status), ("DIFFERENCE", status)] == rows


def test_the_period_of_an_observation_is_the_day_of_the_close_or_none(release):
    """Without fieldwork in the release TIME_PERIOD is empty, not the release's day; with it, it is the closing day."""
    assert {""} == {row["TIME_PERIOD"] for row in sdmx_rows(release.model_copy(update={"fieldwork": None}))}
    assert {release.fieldwork.closed} == {row["TIME_PERIOD"] for row in sdmx_rows(release)}


def test_sdmx_has_each_estimate_once_with_its_margin_and_status(release):
    """Every estimate is one observation under its own key; a silent group is Q without a value, a greyed share U."""
    rows = sdmx_rows(release)
    estimates = [row for one in release.tables for row in estimate_rows(release, one, "en")]
    assert len(estimates) == len({tuple(row[name] for name in DIMENSIONS) for row in rows}) == len(rows)
    for own, name in (("value", "OBS_VALUE"), ("margin_95", "MARGIN_95")):
        assert [row.get(own) for row in estimates] == [float(row[name]) if row[name] else None for row in rows]
    assert {"A", "U", "Q"} == {row["OBS_STATUS"] for row in rows}
    assert {("Q", "")} == {(row["OBS_STATUS"], row["OBS_VALUE"]) for row in rows if not row["OBS_VALUE"]}
    assert {"2026-04-30"} == {row["TIME_PERIOD"] for row in rows}


def test_r_reads_every_estimate_with_its_margin(release, folder, tmp_path):
    """Debian's R gives the release's values, margins and labels; a text like a formula has no apostrophe then."""
    program = tmp_path / "check.R"
    program.write_text(
        f'source("{folder}/read_release.R")\n'
        f'estimates <- read_release("{folder}")\n'
        "stopifnot(is.numeric(estimates$value), is.logical(estimates$reliable))\n"
        'write.csv(estimates[c("table", "measure", "label", "value", "margin_95")], stdout(), row.names = FALSE)\n'
        'cat(attr(estimates, "facts")[["release (SHA-256)"]], "\\n")\n'
        f'cat(sum(read_cells("{folder}", "T3")$noisy_count), "\\n")\n',
        encoding="utf-8",
    )
    *lines, digest, cells = run_r(program).stdout.splitlines()
    read = [
        (row["table"], row["measure"], row["label"], _number(row["value"]), _number(row["margin_95"]))
        for row in csv.DictReader(lines)
    ]
    rows = [row for one in release.tables for row in estimate_rows(release, one, "en")]
    assert [
        (row["table"], row["measure"], row.get("label", ""), row.get("value"), row.get("margin_95")) for row in rows
    ] == read
    assert (release.digest, sum(release.table("T3").counts)) == (digest.strip(), int(cells))


def test_r_reads_numbers_as_numbers_and_texts_whole(release, tmp_path):
    """Every numeric column of estimates and cells is numeric in R; a label with NUL is not cut nor warned of."""
    axis = release.table("T3").dimensions[0]
    label = release.labels["en"][axis.id]
    spoiled = label.model_copy(update={"levels": {**label.levels, str(axis.codes[0]): "be\0fore\x01 and after"}})
    labels = {**release.labels, "en": {**release.labels["en"], axis.id: spoiled}}
    export(release.model_copy(update={"labels": labels}), tmp_path, ("csv", "r"))
    program = tmp_path / "classes.R"
    program.write_text(
        f'source("{tmp_path}/read_release.R")\n'
        f'estimates <- read_release("{tmp_path}")\n'
        f'frames <- list(estimates, read_cells("{tmp_path}", "T3"))\n'
        "for (frame in frames) cat(names(frame)[vapply(frame, is.numeric, logical(1))], sep = '\\t', fill = 100000)\n"
        f'cat(frames[[2]][["{axis.id}_label"]][1])\n',
        encoding="utf-8",
    )
    done = run_r(program)
    estimates, cells, text = done.stdout.splitlines()
    assert "" == done.stderr
    assert "be\ufffdfore\ufffd and after" == text
    assert {name for name in ESTIMATES if LONG[name] in {int, float}} | {"rho"} == {*estimates.split()}
    row = next(iter(cell_rows(release, release.table("T3"), "en")))
    assert {name for name, cell in row.items() if not isinstance(cell, str)} | {"rho"} == {*cells.split()}


def run_r(program):
    command = [shutil.which("Rscript") or "Rscript is missing: run scripts/setup test", str(program)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)


def _number(text: str) -> float | None:
    return None if text == "NA" else float(text)
