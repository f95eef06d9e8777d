"""What compaction copies of a table, on either kind of database. No Flask."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Row = tuple[Any, ...]
"""A row in the order of its table's columns; the first is the key."""
FEW = 200
"""With so few rows left to copy the old and the new are exchanged: nobody can write meanwhile."""
ROUNDS = 50
"""How often rows that came in the meantime are copied before that, at the most."""
Check = Callable[[Sequence[Row]], list[Row]]
"""Says which of some rows are to be set aside, as rows of another table."""


@dataclass(frozen=True, slots=True)
class Aside:
    """Where rows go that `check` finds: it returns rows of `table`, each its identifier and then the row itself."""

    table: str
    check: Check


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """A table and its key, which is its first column, of which the rows are copied that meet `kept`, said of `one`."""

    name: str
    key: str
    kept: str = "true"
    aside: Aside | None = None
