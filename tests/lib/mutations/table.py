"""The table of mutations, `tests/data/mutations/*.toml`, and what SECURITY.md says of the same properties."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paths import ROOT

FOLDER = ROOT / "tests" / "data" / "mutations"
SECURITY = ROOT / "SECURITY.md"
ROW = re.compile(r"^\| (S\d+) \|.*$", re.MULTILINE)
NAMED = re.compile(r"`(test_\w+(?:::test_\w+)?|survey/browser/tests/[\w/.-]+\.test\.ts(?:::[^`]+)?)`")
UNTESTED = re.compile(r"^\* (S\d+): (.+)$", re.MULTILINE)


class TableError(ValueError):
    """A row of the table cannot be used; the message names it and says what to mend."""


# Decision 116.
@dataclass(frozen=True)
class Mutation:
    """One way to break a property: a text of one file, what stands in its place, and the tests that must fail."""

    breaks: str
    does: str
    file: str
    text: str
    instead: str
    tests: tuple[str, ...]
    quick: bool = False

    @property
    def name(self) -> str:
        """What the mutation is called in reports."""
        return f"{self.breaks}: {self.does}"

    def applied(self, source: str) -> str:
        """
        Return the text of a file with the mutation.

        Raises TableError unless what is replaced occurs exactly once: a refactoring must not leave a dead mutation.
        """
        occurrences = source.count(self.text)
        if occurrences != 1 or self.instead == self.text:
            raise TableError(
                f"{self.name}: its text occurs {occurrences} times in {self.file} and must occur once, with another"
                " one in its place: write the row anew for what the file says now"
            )
        return source.replace(self.text, self.instead)


@dataclass(frozen=True)
class Elsewhere:
    """A property that a test breaks by mutations of its own."""

    breaks: str
    test: str


def numbered(name: str) -> int:
    """Return the number of a property, for sorting."""
    return int(name.removeprefix("S"))


def _tables(folder: Path, kind: str) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.toml")):
        yield from tomllib.loads(path.read_text(encoding="utf-8")).get(kind, [])


def mutations(folder: Path = FOLDER) -> list[Mutation]:
    """Return every mutation, by property; raise TypeError for a row with a member too few or too many."""
    rows = [Mutation(**{**row, "tests": tuple(row["tests"])}) for row in _tables(folder, "mutation")]
    return sorted(rows, key=lambda one: numbered(one.breaks))


def named_tests(some: Iterable[Mutation]) -> list[str]:
    """Return the tests of some mutations, each once."""
    return [*dict.fromkeys(test for row in some for test in row.tests)]


def elsewhere(folder: Path = FOLDER) -> list[Elsewhere]:
    """Return the properties whose mutations stand in tests of their own."""
    return [Elsewhere(**row) for row in _tables(folder, "elsewhere")]


def rows() -> dict[str, set[str]]:
    """Return for each property of SECURITY.md the tests that its row names, as they are written there."""
    text = SECURITY.read_text(encoding="utf-8")
    return {match[1]: set(NAMED.findall(match[0].rpartition(" | ")[2])) for match in ROW.finditer(text)}


def untested() -> dict[str, str]:
    """Return the properties that SECURITY.md lists as broken by no mutation, with the reason."""
    _, _, section = SECURITY.read_text(encoding="utf-8").partition("\n## Properties that no mutation breaks\n")
    return dict(UNTESTED.findall(section.partition("\n## ")[0]))


def short(test: str) -> str:
    """Return how SECURITY.md names a test of the table: without folders, and without a parameter."""
    if ".test.ts" in test:
        return test
    file, _, name = test.partition("::")
    return f"{Path(file).stem}::{name.partition('[')[0]}"


def is_named(test: str, named: set[str]) -> bool:
    """Say whether a row names a test: itself, its whole file, or for TypeScript the beginning of its name."""
    one = short(test)
    return one in named or one.partition("::")[0] in named
