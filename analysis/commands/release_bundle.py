"""The files beside a release in its folder: tables as CSV, pictures as SVG, and a note of which file is signed."""

from pathlib import Path

from analysis.exports.export import export
from analysis.pictures.draw import plot
from crypto.durable import write_file
from survey.release.release import Release

README = """A release of Sotto.

release.json   The release: every table with noise, margins, price and how it was made. The only file here that is
               signed; `sotto verify release.json` checks it.
plan.json      The plan that was decided before anything was opened; the release names its hash.
tables/        The same numbers as CSV, one table a file.
charts/        The same numbers as pictures, in one language.

Tables and charts are not signed: they are made from release.json and can be made again, by `sotto export` and
`sotto plot`, also in the other languages. Where they disagree with release.json, believe release.json.
"""


def write_bundle(release: Release, folder: Path, lang: str | None = None) -> list[Path]:
    """Write tables, charts and a README beside a release; labels in `lang`, by default English or the first locale."""
    write_file(folder / "README.txt", README.encode())
    tables = export(release, folder / "tables", ("csv",), lang).paths
    return [*tables, *plot(release, folder / "charts", formats=("svg",), lang=lang), folder / "README.txt"]
