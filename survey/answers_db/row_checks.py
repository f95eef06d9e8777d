"""The checks that compaction makes again on every row and tombstone; what fails is set aside or dropped. No Flask."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.engine import Connection, Engine

from crypto.envelope import EnvelopeError
from crypto.record_rules import RecordRules
from crypto.tokens import TokenError
from crypto.withdrawal import withdrawn_row_key
from survey.answers_db.tables import REFUSED, SEALED, SPENT_KEY, WITHDRAWN, insert_unless_present
from survey.database.compaction.copied_table import Row

CHUNK = 1000


class StoredRow(NamedTuple):
    """A row of the table `sealed`; `epoch` is its wave's key id (8 bytes)."""

    row_key: bytes
    epoch: bytes
    record: bytes


# Decision 105.
def bad_rows(rows: Sequence[Row], rules: Mapping[bytes, RecordRules]) -> list[Row]:
    """
    Return, as rows of the table of refused rows, those of some stored rows that do not belong.

    A row belongs where its key is that of its record, and size, version, suite, key id and token are those of its wave
    in `rules` (by key id). The door lets no other row pass, so only a process of the host itself can have put it there.
    A row of a wave without rules is not judged.
    """
    stored = [StoredRow(*row) for row in rows]
    return [(_identifier(row), *row) for row in stored if not _belongs(row, rules.get(row.epoch))]


def spend_withdrawn_keys(engine: Engine) -> None:
    """Replace each tombstone by the spent key of its answer, and drop those whose row key is not that of their w."""
    with engine.connect() as connection:
        tombstones = connection.execute(select(WITHDRAWN)).all()
    if not tombstones:
        return
    true = [(one.row_key, one.epoch) for one in tombstones if one.row_key == withdrawn_row_key(one.w)]
    # A transaction of its own, which begins with a write: SQLite refuses to write after a read that others overtook.
    with engine.begin() as connection:
        if true:
            rows = [{"row_key": row_key, "epoch": epoch} for row_key, epoch in sorted(true)]
            connection.execute(insert_unless_present(SPENT_KEY, engine.dialect.name), rows)
        _forget_secrets(connection, [one.w for one in tombstones])


def spent_keys_digest(engine: Engine) -> bytes:
    """Return what stands for the set of all spent keys (32 bytes)."""
    digest = hashlib.sha256()
    with engine.connect() as connection:
        for row in connection.execute(select(SPENT_KEY).order_by(SPENT_KEY.c.row_key)):
            digest.update(row.row_key + row.epoch)
    return digest.digest()


def refused_count(engine: Engine, wave_key_id: bytes) -> int:
    """Return how many rows of a wave were set aside."""
    counted = select(func.count()).select_from(REFUSED).where(REFUSED.c.epoch == wave_key_id)
    with engine.connect() as connection:
        return int(connection.execute(counted).scalar_one())


def row_count(engine: Engine) -> int:
    """Return how many answers are stored: for demonstrations alone, since no number is shown of a wave that is open."""
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(SEALED)).scalar_one())


def withdrawn_count(engine: Engine, wave_key_id: bytes) -> int:
    """Return how many answers of a wave were withdrawn and deleted, as the last compaction found."""
    counted = select(func.count()).select_from(SPENT_KEY).where(SPENT_KEY.c.epoch == wave_key_id)
    with engine.connect() as connection:
        return int(connection.execute(counted).scalar_one())


def _belongs(row: StoredRow, rules: RecordRules | None) -> bool:
    try:
        return rules is None or rules.read(row.record).row_key == row.row_key
    except (EnvelopeError, TokenError):
        return False


def _identifier(row: StoredRow) -> bytes:
    """Return the key of a refused row: another bad row under the same row key is another one."""
    return hashlib.sha256(row.row_key + row.epoch + row.record).digest()


def _forget_secrets(connection: Connection, secrets: list[bytes]) -> None:
    for start in range(0, len(secrets), CHUNK):
        connection.execute(delete(WITHDRAWN).where(WITHDRAWN.c.w.in_(secrets[start : start + CHUNK])))
