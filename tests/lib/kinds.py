"""The kinds of tests: the folder below tests/ in which a test lies is its kind and its marker (decision 77)."""

from collections.abc import Collection, Sequence
from pathlib import Path

import pytest
from paths import ROOT

KINDS = ("unit", "browser", "postgres", "processes", "attacks")
SERVERS = frozenset({"browser", "pg_server"})  # fixtures that start what a unit test must not need


def kind_of(path: Path, fixtures: Collection[str] = ()) -> str:
    """
    Return the kind of the tests in the file at `path`, which use `fixtures`.

    Raises pytest.UsageError for a file outside of the five folders, and for a unit test that needs a browser or a
    PostgreSQL server.
    """
    folder = path.relative_to(ROOT / "tests").parts[0]
    if folder not in KINDS:
        raise pytest.UsageError(f"{path}: tests lie in one of the folders {', '.join(KINDS)} of tests/")
    if folder == "unit" and SERVERS.intersection(fixtures):
        raise pytest.UsageError(f"{path}: a unit test uses {', '.join(sorted(SERVERS.intersection(fixtures)))}")
    return folder


def longest_first(items: list[pytest.Item]) -> None:
    """
    Put the files of unit tests that have slow ones before those that have none; all else stays in its order.

    Processes take file after file: what begins last should be short, or one core waits for the other at the end.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("long")}
    items.sort(key=lambda item: item.get_closest_marker("unit") is not None and item.path not in slow)


def in_long(*values: object) -> list[object]:
    """Return values for a test's parameter that `make long` alone runs it with."""
    return [pytest.param(value, marks=pytest.mark.long) for value in values]


def one_in(step: int, values: Sequence[object]) -> list[object]:
    """Return values for a test's parameter: `make test` runs it with one in `step`, `make long` with the others."""
    return [one for place, value in enumerate(values) for one in ([value] if place % step == 0 else in_long(value))]
