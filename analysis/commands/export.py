"""The command that writes a release as files for people and programs."""

from dataclasses import asdict
from pathlib import Path

import click

from analysis.commands.shared import FOLDER, JSON, RELEASE, print_result

# The command imports what it needs when it runs: Arrow and pandas take a second.
# ruff: noqa: PLC0415 - see above


@click.command()
@click.argument("release_file", metavar="RELEASE", type=RELEASE)
@click.option("--to", "folder", type=FOLDER, required=True, help="The folder to write into.")
@click.option(
    "--format",
    "formats",
    default="csv,json",
    show_default=True,
    help="csv, json, xlsx, parquet, stata, spss, ddi, sdmx, r: one or several, with commas; or all; or deposit.",
)
@click.option("--lang", help="The locale of the labels; English or the study's first by default.")
@click.option(
    "--bom/--no-bom", default=False, help="Begin CSV files with a byte order mark, by which Excel knows UTF-8."
)
@JSON
def export(*, release_file: Path, folder: Path, formats: str, lang: str | None, bom: bool, as_json: bool) -> None:
    """Write a release as files: labels, codes, margins, noise, price and notes beside every number.

    The privacy statement (statement.json, statement.md) is written with every format. A format that cannot hold this
    release stops no other: what can be written is, and the command ends with 3 and names the rest and why.
    docs/exports.md says what each file holds.

    \b
    Example: sotto export release-1/release.json --to tables --format csv,xlsx,stata --lang zh-Hans
    """
    from analysis.exports.export import FORMATS, ExportError
    from analysis.exports.export import export as write
    from analysis.study.release_file import read_release
    from analysis.terminal_views import show

    names = FORMATS if formats.strip() == "all" else tuple(formats.split(","))
    written = write(read_release(release_file), folder, names, lang, bom=bom)
    result = {"files": [str(path) for path in written.paths], "failed": [asdict(one) for one in written.failures]}
    print_result(as_json, result, lambda: show.files(written.paths))
    if written.failures:
        reasons = "\n".join(f"{failure.format}: {failure.reason}" for failure in written.failures)
        raise ExportError(f"not everything could be written; the other formats are there:\n{reasons}")
