"""Both schemas go up, down and up again, and are what the models say."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from survey.answers_db.tables import Answers
from survey.database.engine import DatabaseError, connect
from survey.database.migration import downgrade, head, migrate, upgrade
from survey.database.schema_version import REVISIONS, require_migrated
from survey.office_db.tables import Office

MODELS = {"answers": Answers.metadata, "office": Office.metadata}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request, tmp_path):
    """Return the address of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.sqlite"
        return
    server = request.getfixturevalue("pg_server")
    server.psql("-c", "CREATE DATABASE empty OWNER sotto_owner")
    server.psql("-d", "empty", "-c", "ALTER SCHEMA public OWNER TO sotto_owner")
    yield server.url("empty", "sotto_owner")
    server.psql("-c", "DROP DATABASE empty WITH (FORCE)")


@pytest.mark.parametrize("branch", ["answers", "office"])
def test_up_down_up(url, branch):
    """Going down leaves no table but Alembic's own, and going up again gives the same schema."""
    engine = connect(url, create=True)
    upgrade(engine, branch)
    first = described(engine)
    downgrade(engine, branch)
    assert {"alembic_version"} == set(inspect(engine).get_table_names())
    upgrade(engine, branch)
    assert first == described(engine)
    require_migrated(engine, branch)
    engine.dispose()


@pytest.mark.parametrize("branch", ["answers", "office"])
def test_the_schema_is_what_the_models_say(url, branch):
    """Alembic finds no difference between the migrated database and the models."""
    engine = connect(url, create=True)
    upgrade(engine, branch)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), MODELS[branch])
        missing = compare_metadata(
            MigrationContext.configure(connection), MODELS["office" if branch == "answers" else "answers"]
        )
    engine.dispose()
    assert [] == differences
    assert missing, "the control: the models of the other database differ"


def test_no_time_is_kept_of_a_respondent(url):
    """The answers database has exactly these columns: no time, no number, no address. A new one fails here."""
    engine = connect(url, create=True)
    upgrade(engine, "answers")
    columns = {
        name: [c["name"] for c in inspect(engine).get_columns(name)] for name in ("epoch", "sealed", "withdrawn")
    }
    engine.dispose()
    expected = {"epoch": ["id", "record_size", "open"], "sealed": ["row_key", "epoch", "record"]}
    assert expected | {"withdrawn": ["row_key", "epoch"]} == columns


def test_migrating_twice_is_harmless(settings):
    """`sotto migrate` may run again, and returns the newest revision of both."""
    assert {"answers": head("answers"), "office": head("office")} == migrate(settings) == migrate(settings)


def test_the_version_that_processes_ask_for_is_the_newest_migration():
    """Processes that serve know the newest revision without Alembic: a migration that is not written there fails."""
    assert {branch: head(branch) for branch in REVISIONS} == REVISIONS


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


def described(engine) -> object:
    inspector = inspect(engine)
    return {
        name: (
            repr(inspector.get_columns(name)),
            repr(inspector.get_pk_constraint(name)),
            repr(inspector.get_indexes(name)),
        )
        for name in sorted(inspector.get_table_names())
    }
