"""Synthetic rows on the terminal: their limits, and how well they fit each table."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from analysis.estimates.synthetic import STAMP, Fit, Synthetic
from analysis.estimates.synthetic_omissions import Omission

MAX_TABLES = 12
"""The most tables that are shown; the file lists all."""


def rows(synthetic: Synthetic, fits: Sequence[Fit], left_out: Sequence[Omission], files: tuple[Path, Path]) -> None:
    """Show how well the rows fit, the worst first, which tables they leave out and why, and where they are."""
    out = Console(highlight=False)
    out.print(
        f"[bold yellow]{STAMP.capitalize()}.[/] {len(synthetic):,} invented rows of {len(synthetic.columns)} columns."
    )
    grid = Table(box=None, pad_edge=False, header_style="bold")
    grid.add_column("table", overflow="fold")
    grid.add_column("rows that stand elsewhere", justify="right", no_wrap=True)
    grid.add_column("drawn from it", no_wrap=True)
    for fit in fits[:MAX_TABLES]:
        grid.add_row(escape(" × ".join(fit.dimensions)), f"{100 * fit.distance:.1f} %", "yes" if fit.in_tree else "no")
    out.print(grid)
    if len(fits) > MAX_TABLES:
        out.print(f"… and {len(fits) - MAX_TABLES} that fit better.")
    out.print("Only pairs that they were drawn from are right; every association of three questions is missing.")
    for reason in dict.fromkeys(one.reason for one in left_out):
        tables = ", ".join(f"{one.table} ({' × '.join(one.dimensions)})" for one in left_out if one.reason == reason)
        out.print(f"[bold]Left out:[/] {escape(tables)}: {reason}.", soft_wrap=True)
    for path in files:
        out.print(f"Written to {escape(str(path))}", soft_wrap=True)
