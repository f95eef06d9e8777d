"""Migrations of both databases with Alembic; only staff commands run them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData
from sqlalchemy.exc import DBAPIError

from survey.database.engine import DatabaseError, connect
from survey.database.schema_version import REVISIONS, Branch, newer_schema

if TYPE_CHECKING:
    from survey.settings import Settings

SCRIPTS = Path(__file__).parents[1] / "migrations"


def migrate(settings: "Settings") -> dict[str, str]:
    """Upgrade both databases to the schema of this version; return the revision of each."""
    urls: dict[Branch, str] = {"answers": settings.answers_url, "office": settings.office_url}
    for branch, url in urls.items():
        engine = connect(url, guard=None, create=True)
        try:
            upgrade(engine, branch)
        finally:
            engine.dispose()
    return {branch: head(branch) for branch in urls}


def upgrade(engine: Engine, branch: Branch, to: str = "head") -> None:
    """Upgrade to a revision, in one transaction; raise DatabaseError where the database cannot be reached."""
    try:
        with engine.begin() as connection:
            _require_not_newer(connection, branch)
            command.upgrade(_config(branch, connection), to)
    except DBAPIError as error:
        raise DatabaseError(f"the {branch} database could not be migrated ({type(error.orig).__name__})") from None


def _require_not_newer(connection: Connection, branch: Branch) -> None:
    """Raise NotMigratedError for a schema that this version does not know; Alembic would end with a traceback."""
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is not None and revision not in REVISIONS[branch]:
        raise newer_schema(branch)


def downgrade(engine: Engine, branch: Branch, to: str = "base") -> None:
    """Downgrade to a revision, in one transaction."""
    with engine.begin() as connection:
        command.downgrade(_config(branch, connection), to)


def head(branch: Branch) -> str:
    """Return the revision that this version knows."""
    revision = ScriptDirectory.from_config(_config(branch)).get_current_head()
    if revision is None:
        raise DatabaseError(f"the migrations of the {branch} database are missing from this installation")
    return revision


def history(branch: Branch) -> tuple[str, ...]:
    """Return the revisions of a database that this installation has, oldest first."""
    scripts = ScriptDirectory.from_config(_config(branch))
    return tuple(script.revision for script in scripts.walk_revisions())[::-1]


def run(context: Any, metadata: MetaData) -> None:  # noqa: ANN401 - alembic.context is a proxy module
    """Run the migrations over the connection in the configuration; called by each env.py."""
    context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()


def _config(branch: Branch, connection: object = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS / branch).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
