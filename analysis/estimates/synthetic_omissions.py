"""Which released tables invented rows do not follow, and why: each is named, so that nobody takes it for compared."""

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.estimates.synthetic_groups import group_sources
from survey.release.release import Release, Table

FILTERED = "of part of the people only, and rows are of everyone"
DRAWN_ALONE = "a grid, ranking or several answers beside another question: each is drawn alone, never together"


@dataclass(frozen=True)
class Omission:
    """A table that rows were neither drawn from nor compared with as a whole; `reason` as readers see it."""

    table: str
    dimensions: tuple[str, ...]
    reason: str

    def __str__(self) -> str:
        return f"{self.table} ({' x '.join(self.dimensions)}): {self.reason}"


def omissions(release: Release) -> list[Omission]:
    """Return the tables that invented rows do not follow, in the release's order."""
    drawn = {table.id for table, _ in group_sources(release).values()}
    return [
        Omission(table.id, tuple(axis.id for axis in table.dimensions), reason)
        for table in release.tables
        for reason in _reasons(table, drawn=table.id in drawn)
    ]


def _reasons(table: Table, *, drawn: bool) -> Iterator[str]:
    if table.population is not None and not drawn:
        yield FILTERED
    elif len(table.dimensions) > 1 and any(axis.multi or axis.rows for axis in table.dimensions):
        yield DRAWN_ALONE
