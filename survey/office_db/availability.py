"""Whether the office database answers, for the processes that read it."""

from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from survey.database.engine import DatabaseError
from survey.database.limited_access import require_answering

AWAY: tuple[type[Exception], ...] = (DatabaseError, DBAPIError)
"""What work with an engine raises while the database gives no answer."""


def require_office(engine: Engine) -> None:
    """Raise DatabaseError unless the office database answers and has the schema of this version."""
    require_answering(engine, "office")
