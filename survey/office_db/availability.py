"""Whether the office database answers, for the processes that read it."""

from sqlalchemy import exc
from sqlalchemy.engine import Engine

from survey.database.engine import DatabaseAwayError, DatabaseFullError
from survey.database.limited_access import require_answering

AWAY: tuple[type[Exception], ...] = (
    DatabaseAwayError,
    DatabaseFullError,
    exc.OperationalError,
    exc.InterfaceError,
    exc.TimeoutError,
)
"""What work with an engine raises while the database gives no answer; a wrong query or schema raises others."""


def require_office(engine: Engine) -> None:
    """Raise DatabaseError unless the office database answers and has the schema of this version."""
    require_answering(engine, "office")
