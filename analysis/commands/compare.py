"""`sotto compare` and `sotto relate`: differences, correlations and tests from released tables, at no cost."""

from dataclasses import asdict
from pathlib import Path

import click

from analysis.commands.shared import JSON, RELEASE, print_result

# Commands import what they need when they run.
# ruff: noqa: PLC0415 - see above

TABLE = click.argument("table")
TABLES = click.argument("tables", nargs=-1)
LEVELS = click.option("--level", "levels", type=int, multiple=True, help="Compare the share of this code; repeatable.")
ROW = click.option("--row", help="Which row of a grid, by its id.")
LANG = click.option("--lang", help="The locale of the labels.")


@click.group()
def compare() -> None:
    """Differences between groups and between waves, with margins."""


@click.group()
def relate() -> None:
    """Whether two answers hang together: correlations and tests."""


@compare.command("groups")
@click.argument("release_file", metavar="RELEASE", type=RELEASE)
@TABLE
@click.option("--group", "groups", type=int, multiple=True, help="A code of the second dimension; by default all.")
@LEVELS
@ROW
@LANG
@JSON
def compare_groups(
    *,
    release_file: Path,
    table: str,
    groups: tuple[int, ...],
    levels: tuple[int, ...],
    row: str | None,
    lang: str | None,
    as_json: bool,
) -> None:
    """Compare the groups of a table pair by pair: the means of a score, or the shares of levels.

    Groups are the levels of the table's second dimension. Margins hold sampling and noise together; p-values are also
    given adjusted for all rows shown (Holm).

    \b
    Example: sotto compare groups release-1/release.json T02 --group 1 --group 5
    """
    from analysis.estimates.comparisons import compare_groups as group_differences
    from analysis.study.release_file import read_release
    from analysis.terminal_views import comparisons

    release = read_release(release_file)
    rows = group_differences(release, table, groups, levels=levels, row=row)
    print_result(
        as_json, {"differences": [asdict(one) for one in rows]}, lambda: comparisons.groups(release, rows, lang)
    )


@compare.command("waves")
@click.argument("first", metavar="BEFORE", type=RELEASE)
@click.argument("second", metavar="AFTER", type=RELEASE)
@click.argument("table", required=False)
@click.option("--group", type=int, help="Within this code of the second dimension; by default everyone.")
@LEVELS
@ROW
@LANG
@JSON
def compare_waves(
    *,
    first: Path,
    second: Path,
    table: str | None,
    group: int | None,
    levels: tuple[int, ...],
    row: str | None,
    lang: str | None,
    as_json: bool,
) -> None:
    """Show how a table changed from one wave's release to another's: means of a score, or shares of levels.

    Without a TABLE all tables that ask the same in both waves are compared, and it says which are left out and why.
    Where the questionnaire has a new version in between, a table asks the same only if the codes and the words of its
    questions and answers are the same in both.

    \b
    Example: sotto compare waves release-1/release.json release-2/release.json T02 --level 1
    Example: sotto compare waves release-1/release.json release-2/release.json
    """
    from analysis.estimates.comparisons import compare_all_waves
    from analysis.estimates.comparisons import compare_waves as wave_differences
    from analysis.study.release_file import read_release
    from analysis.terminal_views import comparisons

    if table is None and (group is not None or levels or row):
        raise click.UsageError("--group, --level and --row are of one table: give its TABLE too")
    releases, left_out = (read_release(first), read_release(second)), dict[str, str]()
    if table is None:
        rows, left_out = compare_all_waves(*releases)
    else:
        rows = wave_differences(*releases, table, group=group, levels=levels, row=row)
    value = {"differences": [asdict(one) for one in rows], "left_out": left_out}
    print_result(as_json, value, lambda: comparisons.waves(releases, rows, lang, left_out))


@relate.command("correlation")
@click.argument("release_file", metavar="RELEASE", type=RELEASE)
@click.argument("tables", nargs=-1, required=True)
@click.option("--pearson", is_flag=True, help="Pearson's correlation of the codes instead of Spearman's of the ranks.")
@LANG
@JSON
def correlation(*, release_file: Path, tables: tuple[str, ...], pearson: bool, lang: str | None, as_json: bool) -> None:
    """Correlate the first two dimensions of tables, with 95 % intervals that hold sampling and noise.

    \b
    Example: sotto relate correlation release-1/release.json T02 T09
    """
    from analysis.estimates.comparisons import correlations
    from analysis.study.release_file import read_release
    from analysis.terminal_views import comparisons

    release = read_release(release_file)
    rows = correlations(release, tables, ranks=not pearson)
    value = {"method": "pearson" if pearson else "spearman", "correlations": [asdict(one) for one in rows]}
    print_result(as_json, value, lambda: comparisons.correlations(release, rows, lang, ranks=not pearson))


@relate.command("independence")
@click.argument("release_file", metavar="RELEASE", type=RELEASE)
@TABLES
@click.option("--draws", type=click.IntRange(99, 99_999), default=1999, show_default=True, help="Draws of each test.")
@LANG
@JSON
def independence(*, release_file: Path, tables: tuple[str, ...], draws: int, lang: str | None, as_json: bool) -> None:
    """Test whether two answers hang together, with the noise accounted for; by default in every table of two.

    The ordinary chi-squared test would find associations in the noise. p-values are also given adjusted for all tests
    that were asked together (Holm).

    \b
    Example: sotto relate independence release-1/release.json
    """
    from analysis.estimates.comparisons import independences
    from analysis.study.release_file import read_release
    from analysis.terminal_views import comparisons

    release = read_release(release_file)
    rows = independences(release, tables, draws=draws)
    value = {"draws": draws, "tests": [asdict(one) for one in rows]}
    print_result(as_json, value, lambda: comparisons.independences(release, rows, lang))
