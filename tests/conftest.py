"""Fixtures that every test may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from collection import Collection
from pgserver import Server, running_server

from survey.settings import Settings

SECRET = "s" * 40


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return the settings of a collection host that is all in one folder."""
    return Settings.from_environ({"SOTTO_HOME": str(tmp_path / "home"), "SOTTO_SECRET_KEY": SECRET})


@pytest.fixture
def collection(settings: Settings) -> Collection:
    """Return a migrated collection host with the Sesame study and one account."""
    made = Collection(settings)
    made.begin()
    return made


@pytest.fixture(scope="session")
def pg_server() -> Iterator[Server]:
    """Run a throwaway PostgreSQL server with our roles."""
    with running_server() as server:
        yield server
