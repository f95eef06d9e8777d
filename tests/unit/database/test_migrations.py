"""Both schemas go up, down and up again, and are what the models say."""

import pytest
from hosts.schema_proof import SchemaProof

from survey.database.engine import DatabaseError, connect
from survey.database.migration import head, history, migrate, upgrade
from survey.database.schema_version import REVISIONS


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/empty.sqlite"


class TestSqlite(SchemaProof):
    """The proof on SQLite."""


def test_migrating_twice_is_harmless(settings):
    """`sotto migrate` may run again, and returns the newest revision of both."""
    assert {"answers": head("answers"), "office": head("office")} == migrate(settings) == migrate(settings)


def test_the_versions_that_processes_know_are_the_migrations():
    """Processes that serve know every revision, in order, without Alembic: one that is not written there fails."""
    assert {branch: history(branch) for branch in REVISIONS} == REVISIONS


def test_new_files_are_their_owners_alone(settings):
    """SQLite files are made unreadable to others."""
    migrate(settings)
    home = settings.public.parent
    assert {0o600} == {path.stat().st_mode & 0o777 for path in home.glob("*.sqlite")}
    assert 0o700 == home.stat().st_mode & 0o777


def test_a_database_that_is_away_is_said(settings):
    """Migrating a server that is not there names the database and not its address."""
    engine = connect("postgresql+psycopg://nobody:hunter2@127.0.0.1:1/none")
    with pytest.raises(DatabaseError, match="answers database") as caught:
        upgrade(engine, "answers")
    assert "hunter2" not in str(caught.value)
