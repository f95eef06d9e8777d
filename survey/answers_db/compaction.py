"""Deletes withdrawn answers and spent work, sets bad rows aside, and leaves no order of arrival. No Flask."""

import hashlib
import time
from collections.abc import Mapping, Sequence

from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from crypto.record_rules import RecordRules
from survey.answers_db.row_checks import bad_rows, spend_withdrawn_keys, spent_keys_digest
from survey.answers_db.spent_work import DAY
from survey.database.compaction.copied_table import Aside, CopiedTable, Row
from survey.database.compaction.errors import compaction_error
from survey.database.compaction.file_swap import compact_file
from survey.database.compaction.server_log import release_log
from survey.database.compaction.table_swap import alone, compact_table
from survey.database.engine import is_sqlite

STAYS = """
    NOT EXISTS (SELECT 1 FROM spent_key s WHERE s.row_key = one.row_key AND s.epoch = one.epoch)
    AND NOT EXISTS (SELECT 1 FROM refused r
      WHERE r.row_key = one.row_key AND r.epoch = one.epoch AND r.record = one.record)
"""
# Challenges end within the hour: what could be used until yesterday can be used no more.
NOT_ENDED = "one.day >= {today}"
SMALL = ("epoch", "alembic_version")
"""The tables that respondents do not fill: few rows, which tell nothing of an order."""


# Decisions 52 and 133.
def compact(engine: Engine, rules: Mapping[bytes, RecordRules]) -> None:
    """
    Delete withdrawn answers, set bad rows aside, and make the files of the database depend on its set of rows alone.

    `rules` are those of every wave, by key id: each row is checked again. Of a withdrawn answer only its key stays, and
    nothing of the secret that withdrew it. Hand-ins and withdrawals go on meanwhile. Every tombstone that stands there
    at the beginning is applied; what comes later is in the next compaction, and until then at the end of the files.

    SQLite: the database becomes a new file, the same bytes whatever the order of arrival, without a log.
    PostgreSQL: table, index and transaction numbers lose the order, and the write-ahead log's old segments are
    released (with the settings of deploy/postgres/sotto.conf they are removed, not reused). Raises CompactionError
    where another process holds a lock, and where the disk has no room for the second copy: no row is then lost, and
    the next compaction does what this one left. Raises DatabaseSettingsError where the role may not release the log.
    """
    today = int(time.time() // DAY)
    if is_sqlite(engine):
        _spend(engine)
        compact_file(engine, _tables(rules, today), SMALL, _conditions(engine, rules, today))
        return
    with alone(engine):
        _spend(engine)
        # One after the other, never a lock on both: a hand-in holds the first and asks for the second, a withdrawal
        # the reverse.
        for table in _tables(rules, today):
            compact_table(engine, table)
        release_log(engine)


def _tables(rules: Mapping[bytes, RecordRules], today: int) -> tuple[CopiedTable, ...]:
    def check(rows: Sequence[Row]) -> list[Row]:
        return bad_rows(rows, rules)

    # Rows that are set aside go into `refused`, which therefore comes later.
    return (
        CopiedTable("sealed", "row_key", STAYS, Aside("refused", check)),
        CopiedTable("withdrawn", "w"),
        CopiedTable("spent_key", "row_key"),
        CopiedTable("refused", "id"),
        CopiedTable("spent_work", "id", NOT_ENDED.format(today=today)),
    )


def _spend(engine: Engine) -> None:
    try:
        spend_withdrawn_keys(engine)
    except DBAPIError as error:
        raise compaction_error(error) from None


def _conditions(engine: Engine, rules: Mapping[bytes, RecordRules], today: int) -> bytes:
    """Return what stands for everything that decides which rows stay: a copy is completed only under the same."""
    parts = (b"%d" % today, *sorted(rules), spent_keys_digest(engine))
    return hashlib.sha256(b"".join(parts)).digest()
