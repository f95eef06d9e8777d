"""Rewrites the marks of used invitations, so that no order of use is left."""

from sqlalchemy.engine import Engine

from survey.database.compaction import compact_sqlite, compact_table, release_log
from survey.database.engine import is_sqlite


def compact_invitations(engine: Engine) -> None:
    """Rewrite the table of invitations as answers are; raise CompactionError and DatabaseSettingsError likewise."""
    if is_sqlite(engine):
        compact_sqlite(engine)
        return
    compact_table(engine, "invitation", "code_hash")
    release_log(engine)
