"""What a look at the author's file gave: the compiled study or none, and everything that is to be said of it."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from survey.authoring.compiler import Compiled, missing_for_opening
from survey.faults import Problem, Say, told

Kind = Literal["problem", "refused", "proposed", "changed", "dropped", "advice", "lacks"]
KINDS: tuple[Kind, ...] = ("problem", "refused", "proposed", "changed", "dropped", "advice", "lacks")
"""In the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Note:
    """One thing to say: its place in the file (a line, or a cell of a workbook), what it is about, and the remedy.

    `item` is the id of an item that it may be about, "" where there is none.
    """

    kind: Kind
    place: str
    message: str
    remedy: str
    item: str = ""

    def told(self, say: Say) -> dict[str, str]:
        """Return the note as plain values, in the language of `say`."""
        return asdict(self) | {"message": told(self.message, say), "remedy": told(self.remedy, say)}


@dataclass(frozen=True)
class Loaded:
    """The study, None where the file cannot be compiled, and the notes in the order in which they are shown."""

    compiled: Compiled | None
    notes: tuple[Note, ...]


Load = Callable[[], Loaded]
"""Reads the author's file as it is now; raises nothing but what a bug would."""


def line_notes(kind: Kind, problems: Iterable[Problem]) -> tuple[Note, ...]:
    """Return the problems of an authored file, or what a colleague would say of it, each with its line."""
    return tuple(
        Note(kind, f"{one.line}: {one.where}", one.message, one.remedy, ([*one.where.split("."), ""])[1])
        for one in problems
    )


def lacking_notes(compiled: Compiled) -> tuple[Note, ...]:
    """Return what a wave would need of this study before it may open."""
    return tuple(Note("lacks", "", one, "") for one in missing_for_opening(compiled.authored))
