"""Problems of an authored file, reported all at once: each with its file, line number, path and remedy."""

from dataclasses import dataclass

from crypto.errors import RefusedError

Where = tuple[str | int, ...]
"""A path in a document: keys, indexes, and ids or codes of list members."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault of an authored file; `where` is the path to it, such as `items.AGE.options`."""

    file: str
    line: int
    where: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.where}: {self.message}. {self.remedy[:1].upper()}{self.remedy[1:]}."


class AuthoringError(RefusedError):
    """An authored file that cannot be compiled; `problems` holds every fault, in the order of the lines."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a document, before its file and line number are looked up.

    `where` is a path of keys, indexes, and ids or codes of list members (the last of several equal ones if `again`);
    `names` are the ids the fault is about.
    """

    where: Where
    message: str
    remedy: str
    names: frozenset[str] = frozenset()
    again: bool = False
