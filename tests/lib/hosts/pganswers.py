"""The answers database on the tests' PostgreSQL, empty but for one open epoch, as its owner and as the respond app."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Engine

from hosts.pgserver import Server
from survey.answers_db import insert_only, owner_access
from survey.database.migration import migrate
from survey.settings import Settings

ANSWERS = "sotto_answers"
CLEAR = (
    "SET session_replication_role = replica; DELETE FROM sealed; DELETE FROM withdrawn; "
    "DELETE FROM spent_key; DELETE FROM refused; DELETE FROM epoch;"
)


@contextmanager
def fresh_answers(server: Server, epoch: bytes, size: int) -> Iterator[tuple[Engine, Engine]]:
    """Give the engines of the owner and of the respond app; `epoch` is open for records of `size` bytes."""
    urls = {"SOTTO_ANSWERS_URL": server.url(ANSWERS, "sotto_owner")}
    migrate(Settings.from_environ(urls | {"SOTTO_OFFICE_URL": server.url("sotto_office", "sotto_owner")}))
    server.psql("-d", ANSWERS, "-c", CLEAR)
    owner = owner_access.connect_owner(urls["SOTTO_ANSWERS_URL"])
    respond = insert_only.connect_respond(server.url(ANSWERS, "sotto_respond"))
    owner_access.start_accepting(owner, epoch, size)
    yield owner, respond
    owner.dispose()
    respond.dispose()
