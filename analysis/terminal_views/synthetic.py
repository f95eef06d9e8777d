"""Synthetic rows on the terminal: their limits, and how well they fit each table."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from analysis.estimates.synthetic import STAMP, Fit, Synthetic

MAX_TABLES = 12
"""The most tables that are shown; the file lists all."""


def rows(made: Synthetic, fits: Sequence[Fit], files: tuple[Path, Path]) -> None:
    """Show how well the rows fit, the worst first, and where they are."""
    out = Console(highlight=False)
    out.print(f"[bold yellow]{STAMP.capitalize()}.[/] {len(made):,} invented rows of {len(made.columns)} columns.")
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
    for path in files:
        out.print(f"Written to {escape(str(path))}", soft_wrap=True)
