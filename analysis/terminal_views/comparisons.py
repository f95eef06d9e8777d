"""Differences, correlations and tests on the terminal, each with its margin and its p-value."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from analysis.consistency.groups import Group
from analysis.estimates.comparisons import Compared, Related, Tested
from analysis.exports.export import chosen_locale
from survey.release.level_labels import base_text, dimension_text, label, row_label
from survey.release.note_codes import TOO_UNCERTAIN, UNRELIABLE
from survey.release.reader import number_of_people
from survey.release.release import Release

NOTABLE_P = 0.05
LEAST_P = 0.001
NOTES = {TOO_UNCERTAIN: "too uncertain", UNRELIABLE: "uncertain"}
"""What stands in place of a difference that is not given."""


def groups(release: Release, rows: Sequence[Compared], lang: str | None) -> None:
    """Show differences between groups of one table."""
    console, locale = Console(highlight=False), chosen_locale(release, lang)
    second = _axes(release, rows[0].table)[1]
    grid = _table(release, rows[0], locale, ("", "difference", "p", "p adjusted"))
    for row in rows:
        first, other = (_level(release, second, group, locale) for group in (row.one, row.other))
        grid.add_row(escape(f"{_share_label(release, row, locale)}{first} − {other}"), *_difference(row))
    console.print(grid)
    _print_notes(console, rows)


def waves(
    releases: tuple[Release, Release], rows: Sequence[Compared], lang: str | None, left_out: Mapping[str, str]
) -> None:
    """Show how tables changed from one wave to another, and why others are left out."""
    before, after = releases
    console, locale = Console(highlight=False), chosen_locale(before, lang)
    for _, changes in groupby(rows, lambda row: (row.table, row.row)):
        _print_changes(console, before, [*changes], locale)
    for name, reason in left_out.items():
        console.print(escape(f"Left out, {name}: {reason}."))
    console.print(f"Wave {after.wave} ({after.day}) less wave {before.wave} ({before.day}).")
    if before.questionnaire != after.questionnaire:
        numbers = [release.version.number if release.version else 1 for release in (before, after)]
        console.print(
            f"Wave {before.wave} asked version {numbers[0]} of the questionnaire and wave {after.wave} version "
            f"{numbers[1]}: codes and words of these tables are the same. Whether the same people were asked, and "
            "whether an indicator is computed alike, no release says: `sotto study diff` does."
        )
    _print_notes(console, rows)


def _print_changes(console: Console, before: Release, rows: Sequence[Compared], locale: str) -> None:
    """Print the changes of one table, or of one row of a grid."""
    within = "" if rows[0].within is None else _level(before, _axes(before, rows[0].table)[1], rows[0].within, locale)
    grid = _table(before, rows[0], locale, (escape(within or "everyone"), "change", "p", "p adjusted"))
    for row in rows:
        label = _share_label(before, row, locale) or "mean"
        grid.add_row(escape(label.removesuffix(": ")), *_difference(row))
    console.print(grid)


def correlations(release: Release, rows: Sequence[Related], lang: str | None, *, ranks: bool) -> None:
    """Show correlations with their intervals."""
    console, locale = Console(highlight=False), chosen_locale(release, lang)
    grid = Table(box=None, pad_edge=False, header_style="bold")
    grid.add_column("table", overflow="fold")
    grid.add_column("rank correlation" if ranks else "correlation", justify="right", no_wrap=True)
    grid.add_column("95 % interval", justify="right", no_wrap=True)
    grid.add_column("of (noisy)", justify="right", no_wrap=True)
    grid.add_column("left out", justify="right", no_wrap=True)
    for row in rows:
        label = escape(_pair_of(release, row, locale))
        if row.value is None or row.low is None or row.high is None:
            grid.add_row(label, "[dim]too few[/]", "", "", "")
        else:
            declared = release.box.count
            people = (f"{number_of_people(number or 0.0, declared):.0f}" for number in (row.total, row.left_out))
            grid.add_row(label, f"{row.value:+.2f}", f"{row.low:+.2f} to {row.high:+.2f}", *people)
    console.print(grid)
    method = "Spearman, mid-ranks" if ranks else "Pearson of the codes"
    console.print(
        f"{method}; answers to both that have a place in an order; left out: asked both, but without. "
        "Codes are taken in their order: only where that means something."
    )


def independences(release: Release, rows: Sequence[Tested], lang: str | None) -> None:
    """Show tests of independence."""
    console, locale = Console(highlight=False), chosen_locale(release, lang)
    grid = Table(box=None, pad_edge=False, header_style="bold")
    grid.add_column("table", overflow="fold")
    grid.add_column("p", justify="right", no_wrap=True)
    grid.add_column("p adjusted", justify="right", no_wrap=True)
    for row in rows:
        ps = ("[dim]too few[/]", "") if row.p is None else (_p(row.p), _noted(row.adjusted))
        grid.add_row(escape(_pair_of(release, row, locale)), *ps)
    console.print(grid)
    console.print(
        "A small p: the two answers hang together. The noise is in the test; sampling is taken as simple random."
    )
    _print_notes(console, rows)


def _table(release: Release, row: Compared, locale: str, columns: tuple[str, ...]) -> Table:
    title = dimension_text(release, _axes(release, row.table)[0], locale)
    about = "means" if row.level is None else f"shares {base_text(row.base, locale)}, in points"
    suffix = "" if row.row is None else f", {row_label(release, row.row, locale)}"
    grid = Table(title=escape(f"{row.table}  {title}{suffix} ({about})"), title_justify="left", title_style="bold")
    grid.box, grid.pad_edge = None, False
    for name in columns:
        first = name == columns[0]
        grid.add_column(name, justify="left" if first else "right", overflow="fold", no_wrap=not first)
    return grid


def _axes(release: Release, table: str) -> list[str]:
    return [axis.id for candidate in release.tables if candidate.id == table for axis in candidate.dimensions]


def _share_label(release: Release, row: Compared, locale: str) -> str:
    """Return the label of the level whose share a row compares; "" for a mean."""
    return "" if row.level is None else f"{label(release, _axes(release, row.table)[0], row.level, locale)}: "


def _level(release: Release, dimension: str, group: Group, locale: str) -> str:
    return label(release, dimension, group, locale) if isinstance(group, int) else str(group)


def _pair_of(release: Release, row: Related | Tested, locale: str) -> str:
    first, second = (dimension_text(release, name, locale) for name in row.dimensions)
    title = f"{row_label(release, row.row, locale)} × {second}" if row.row else f"{first} × {second}"
    return f"{row.table}  {title}"


def _difference(row: Compared) -> tuple[str, str, str]:
    if row.note is not None:
        return f"[dim]{NOTES[row.note]}[/]", "", ""
    if row.value is None or row.margin is None or row.p is None:
        return "[dim]too few[/]", "", ""
    factor, digits = (1, 2) if row.level is None else (100, 1)
    return f"{factor * row.value:+.{digits}f} ±{factor * row.margin:.{digits}f}", _p(row.p), _noted(row.adjusted)


def _p(p: float) -> str:
    return f"<{LEAST_P}" if p < LEAST_P else f"{p:.3f}"


def _noted(p: float | None) -> str:
    if p is None:
        return ""
    return f"[bold]{_p(p)}[/]" if p < NOTABLE_P else _p(p)


def _print_notes(console: Console, rows: Sequence[Compared] | Sequence[Tested]) -> None:
    if any(isinstance(row, Compared) and row.note is not None for row in rows):
        console.print(
            "uncertain: noise drowns one of the two numbers; too uncertain: the margin leaves no difference worth a "
            "number. Neither says that there is a difference, or that there is none."
        )
    number = sum(row.p is not None for row in rows)
    if number > 1:
        console.print(f"p adjusted for having looked at all {number} rows (Holm). Nothing of this costs any budget.")
    else:
        console.print("Nothing of this costs any budget.")
