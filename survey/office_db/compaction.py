"""Rewrites the marks of used invitations, so that no order of use is left."""

from sqlalchemy.engine import Engine

from survey.database.compaction.copied_table import CopiedTable
from survey.database.compaction.server_log import release_log
from survey.database.compaction.small_file import compact_small_file
from survey.database.compaction.table_swap import alone, compact_table
from survey.database.engine import is_sqlite


def compact_invitations(engine: Engine) -> None:
    """Rewrite the table of invitations as answers are; raise CompactionError and DatabaseSettingsError likewise."""
    if is_sqlite(engine):
        compact_small_file(engine)
        return
    with alone(engine):
        compact_table(engine, CopiedTable("invitation", "code_hash"))
        release_log(engine)
