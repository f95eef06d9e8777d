"""Deletes withdrawn answers and spent work, sets bad rows aside, and leaves no order of arrival. No Flask."""

import time
from collections.abc import Mapping

from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from crypto.record_rules import RecordRules
from survey.answers_db.row_checks import set_aside_rows, spend_withdrawn_keys
from survey.answers_db.spent_work import DAY
from survey.database.compaction import compact_sqlite, compact_table, compaction_error, release_log
from survey.database.engine import is_sqlite

STAYS = """
    NOT EXISTS (SELECT FROM public.spent_key s WHERE s.row_key = one.row_key AND s.epoch = one.epoch)
    AND NOT EXISTS (SELECT FROM public.refused r
      WHERE r.row_key = one.row_key AND r.epoch = one.epoch AND r.record = one.record)
"""
WITHDRAW = """
    DELETE FROM sealed WHERE row_key IN (SELECT row_key FROM spent_key) AND EXISTS (
      SELECT 1 FROM spent_key WHERE spent_key.row_key = sealed.row_key AND spent_key.epoch = sealed.epoch)
"""
SET_ASIDE = """
    DELETE FROM sealed WHERE row_key IN (SELECT row_key FROM refused) AND EXISTS (
      SELECT 1 FROM refused
      WHERE refused.row_key = sealed.row_key AND refused.epoch = sealed.epoch AND refused.record = sealed.record)
"""
# Challenges end within the hour: what could be used until yesterday can be used no more.
ENDED = "DELETE FROM spent_work WHERE day < {today}"
NOT_ENDED = "one.day >= {today}"


# Decision 52.
def compact(engine: Engine, rules: Mapping[bytes, RecordRules]) -> None:
    """
    Delete withdrawn answers, set bad rows aside, and make the files of the database depend on its set of rows alone.

    `rules` are those of every wave, by key id: each row is checked again. Of a withdrawn answer only its key stays, and
    nothing of the secret that withdrew it.

    SQLite: the file becomes the same bytes whatever the order of arrival, and the write-ahead log is emptied.
    PostgreSQL: table, index and transaction numbers lose the order, and the write-ahead log's old segments are
    released (with the settings of deploy/postgres/sotto.conf they are removed, not reused). Raises CompactionError
    where another process holds a lock, and where the disk has no room for the second copy: the rows are then unchanged.
    Raises DatabaseSettingsError where the role may not release the log.
    """
    today = int(time.time() // DAY)
    try:
        set_aside_rows(engine, rules)
        spend_withdrawn_keys(engine)
    except DBAPIError as error:
        raise compaction_error(error) from None
    if is_sqlite(engine):
        compact_sqlite(engine, WITHDRAW, SET_ASIDE, ENDED.format(today=today))
        return
    # One after the other, never a lock on both: a hand-in holds the first and asks for the second, a withdrawal the
    # reverse. One that commits in between is applied the next time; after a close none does.
    compact_table(engine, "sealed", "row_key", STAYS)
    for table, key in (("withdrawn", "w"), ("spent_key", "row_key"), ("refused", "id")):
        compact_table(engine, table, key)
    compact_table(engine, "spent_work", "id", NOT_ENDED.format(today=today))
    release_log(engine)
