"""Which schema this version knows. No Alembic: a process that serves loads nothing that could change a schema."""

from collections.abc import Mapping
from typing import Literal

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from survey.database.engine import NotMigratedError

Branch = Literal["answers", "office"]
REVISIONS: Mapping[Branch, str] = {"answers": "a4", "office": "o2"}
"""The newest migration of each database (survey/migrations), by Alembic's name for it."""


def require_migrated(engine: Engine, branch: Branch) -> None:
    """Raise NotMigratedError unless the database has exactly the schema that this version knows."""
    remedy = f"run `sotto migrate` with SOTTO_{branch.upper()}_URL set to its owner"
    try:
        with engine.connect() as connection:
            revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    except DBAPIError:
        raise NotMigratedError(f"the {branch} database cannot be reached or is not migrated: {remedy}") from None
    if revision != REVISIONS[branch]:
        raise NotMigratedError(f"the {branch} database has another schema than this version: {remedy}")
