"""`sotto plot` and `sotto report`: a release as pictures, and as a document for people who make or report policy."""

from pathlib import Path

import click

from analysis.commands.shared import FILE, FOLDER, JSON, RELEASE, print_result

# Commands import what they need when they run: what draws takes half a second to load.
# ruff: noqa: PLC0415 - see above

LANG = click.option("--lang", help="The locale of the words; by default English, or the release's first.")


@click.command()
@click.argument("release_file", metavar="RELEASE", type=RELEASE)
@click.option("--to", "folder", type=FOLDER, required=True, help="The folder to write into.")
@click.option("--table", "tables", multiple=True, help="A table to draw, such as T05; repeatable, by default all.")
@click.option("--format", "formats", default="svg,png", show_default=True, help="svg, png or both.")
@LANG
@JSON
def plot(
    *, release_file: Path, folder: Path, tables: tuple[str, ...], formats: str, lang: str | None, as_json: bool
) -> None:
    """Draw the tables of a release: shares with their margins, groups, averages; one picture a table.

    Numbers that are too uncertain are grey, groups that are too small say so. Refuses a release that was changed.

    \b
    Example: sotto plot release-1/release.json --to pictures --table T05 --lang zh-Hans
    """
    from analysis.pictures.draw import plot as draw
    from analysis.study.release_file import read_release
    from analysis.terminal_views import show

    chosen = tuple(part for part in formats.split(",") if part)
    paths = draw(read_release(release_file), folder, tables=tables, formats=chosen, lang=lang)
    print_result(as_json, {"files": [str(path) for path in paths]}, lambda: show.files(paths))


@click.command()
@click.argument("release_file", metavar="RELEASE", type=RELEASE)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The file to write: .html or .pdf.",
)
@click.option(
    "--findings", type=FILE, help="A findings.yaml beside its questionnaire.yaml; by default the study's own."
)
@click.option("--tables-only", is_flag=True, help="Leave findings and hypotheses out.")
@LANG
@JSON
def report(
    *, release_file: Path, output: Path, findings: Path | None, tables_only: bool, lang: str | None, as_json: bool
) -> None:
    """Write a release as a report for policymakers and journalists: findings, hypotheses, pictures, method.

    What a few interviews said stands beside what the survey found. Studies without findings get tables and method.

    \b
    Example: sotto report release-1/release.json -o report.html --lang zh-Hant
    """
    from analysis.report.report import findings_of, require_format, write_report
    from analysis.study.release_file import read_release
    from analysis.terminal_views import show

    require_format(output)
    release = read_release(release_file)
    written = None if tables_only else findings_of(release, findings)
    path = write_report(release, output, written, lang)
    print_result(as_json, {"files": [str(path)]}, lambda: show.files([path]))
