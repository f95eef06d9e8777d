"""A database that cannot be used is named for what it is: older, newer, missing, full, away; each has its remedy."""

import contextlib
import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from survey.database.engine import DatabaseAwayError, DatabaseFullError, NotMigratedError, connect
from survey.database.migration import migrate
from survey.database.schema_version import REVISIONS, require_migrated, unusable
from survey.respond_app.app import respond_app
from survey.respond_app.settings import RespondSettings


class DriverError(Exception):
    """An error as a driver raises it."""

    def __init__(self, text: str = "canary", *, state: str | None = None, code: int | None = None) -> None:
        super().__init__(text)
        if state:
            self.sqlstate = state
        if code is not None:
            self.sqlite_errorcode = code


@pytest.mark.parametrize(
    ("cause", "kind", "words"),
    [
        (DriverError(code=sqlite3.SQLITE_FULL), DatabaseFullError, "make room"),
        (DriverError(state="53100"), DatabaseFullError, "make room"),
        (DriverError(code=sqlite3.SQLITE_CANTOPEN), NotMigratedError, "sotto migrate"),
        (DriverError("no such table: alembic_version", code=1), NotMigratedError, "sotto migrate"),
        (DriverError(state="42P01"), NotMigratedError, "sotto migrate"),
        (DriverError(code=sqlite3.SQLITE_NOTADB), NotMigratedError, "no SQLite database"),
        (DriverError(code=sqlite3.SQLITE_IOERR_READ), DatabaseAwayError, "see that it runs"),
        (DriverError(code=sqlite3.SQLITE_BUSY), DatabaseAwayError, "see that it runs"),
        (DriverError(), DatabaseAwayError, "see that it runs"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_failure_has_its_own_remedy(cause, kind, words):
    """A full disk is not called a missing schema, nor a server that is away; the driver's text is not repeated."""
    error = unusable(OperationalError("SELECT", None, cause), "answers")
    assert (kind, True) == (type(error), words in str(error))
    assert ("sotto migrate" in str(error)) == (words == "sotto migrate")
    assert "canary" not in str(error)


@pytest.mark.parametrize(("revision", "words"), [("a1", "sotto migrate"), ("a9", "newer version"), ("x", "newer")])
def test_an_older_schema_is_migrated_and_a_newer_one_left_alone(settings, revision, words):
    """Only a schema that this version can bring up to date is answered with `sotto migrate`."""
    migrate(settings)
    engine = connect(settings.answers_url, guard=None)
    require_migrated(engine, "answers")
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
    with pytest.raises(NotMigratedError, match=words) as raised:
        require_migrated(engine, "answers")
    assert ("sotto migrate" in str(raised.value)) == (revision in REVISIONS["answers"])
    engine.dispose()


def test_an_older_program_migrates_nothing_of_a_newer_schema(settings):
    """`sotto migrate` of an older version says so in place of a traceback, and leaves the version as it is."""
    migrate(settings)
    file = settings.office_url.removeprefix("sqlite:///")
    with contextlib.closing(sqlite3.connect(file)) as office, office:
        office.execute("UPDATE alembic_version SET version_num = 'o9'")
    with pytest.raises(NotMigratedError, match=r"office database was migrated by a newer version"):
        migrate(settings)
    with contextlib.closing(sqlite3.connect(file)) as office:
        assert [("o9",)] == office.execute("SELECT version_num FROM alembic_version").fetchall()


def test_a_process_waits_for_a_disk_that_is_full(settings, monkeypatch, caplog):
    """A worker that starts while the disk is full serves its pages and says why it is not ready; a schema stops it."""
    migrate(settings)
    own = RespondSettings(settings.answers_url, settings.public, settings.work_key, settings.hosts)
    with monkeypatch.context() as patched:
        patched.setattr("survey.database.limited_access.require_migrated", full)
        client = respond_app(own).test_client()
        assert "make room" in caplog.text
        assert [200, 503] == [client.get(path).status_code for path in ("/healthz", "/readyz")]
    assert 200 == client.get("/readyz").status_code
    answers = sqlite3.connect(settings.answers_url.removeprefix("sqlite:///"))
    with contextlib.closing(answers) as file, file:
        file.execute("DELETE FROM alembic_version")
    with pytest.raises(NotMigratedError):
        respond_app(own)


def full(*_: object) -> None:
    """Fail as on a full disk."""
    raise DatabaseFullError("the disk of the answers database is full: make room there")
