"""Deletes withdrawn answers and spent work, and leaves no order of arrival of the rest. No Flask."""

import time

from sqlalchemy.engine import Engine

from survey.answers_db.spent_work import DAY
from survey.database.compaction import compact_sqlite, compact_table, release_log
from survey.database.engine import is_sqlite

NOT_WITHDRAWN = "NOT EXISTS (SELECT FROM public.withdrawn w WHERE w.row_key = one.row_key AND w.epoch = one.epoch)"
WITHDRAW = """
    DELETE FROM sealed WHERE EXISTS (
      SELECT 1 FROM withdrawn WHERE withdrawn.row_key = sealed.row_key AND withdrawn.epoch = sealed.epoch)
"""
# Challenges end within the hour: what could be used until yesterday can be used no more.
ENDED = "DELETE FROM spent_work WHERE day < {today}"
NOT_ENDED = "one.day >= {today}"


# Decision 52.
def compact(engine: Engine) -> None:
    """
    Delete withdrawn answers, and make the files of the answers database depend on its set of rows alone.

    SQLite: the file becomes the same bytes whatever the order of arrival, and the write-ahead log is emptied.
    PostgreSQL: table, index and transaction numbers lose the order, and the write-ahead log's old segments are
    released (with the settings of deploy/postgres/sotto.conf they are removed, not reused). Raises CompactionError
    where another process holds a lock, and where the disk has no room for the second copy: the rows are then unchanged.
    Raises DatabaseSettingsError where the role may not release the log.
    """
    today = int(time.time() // DAY)
    if is_sqlite(engine):
        compact_sqlite(engine, WITHDRAW, ENDED.format(today=today))
        return
    # One after the other, never a lock on both: a hand-in holds the first and asks for the second, a withdrawal the
    # reverse. One that commits in between is applied the next time; after a close none does.
    compact_table(engine, "sealed", "row_key", NOT_WITHDRAWN)
    compact_table(engine, "withdrawn", "row_key")
    compact_table(engine, "spent_work", "id", NOT_ENDED.format(today=today))
    release_log(engine)
