"""The checks that compaction makes again on every row and tombstone; what fails is set aside or dropped. No Flask."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.engine import Connection, Engine

from crypto.envelope import EnvelopeError
from crypto.record_rules import RecordRules
from crypto.tokens import TokenError
from crypto.withdrawal import withdrawn_row_key
from survey.answers_db.tables import REFUSED, SEALED, SPENT_KEY, WITHDRAWN, insert_unless_present

CHUNK = 1000


class StoredRow(NamedTuple):
    """A row of the table `sealed`; `epoch` is its wave's key id (8 bytes)."""

    row_key: bytes
    epoch: bytes
    record: bytes


# Decision 105.
def set_aside_rows(engine: Engine, rules: Mapping[bytes, RecordRules]) -> None:
    """
    Copy every row that does not belong into the table of refused rows, from where it is in no box and in no one's way.

    A row belongs where its key is that of its record, and size, version, suite, key id and token are those of its wave
    in `rules` (by key id). The door lets no other row pass, so only a process of the host itself can have put it there.
    """
    bad = [row for wave_key_id, wave in rules.items() for row in _bad_rows(engine, wave_key_id, wave)]
    if not bad:
        return
    rows = [{"id": _identifier(row), **row._asdict()} for row in bad]
    with engine.begin() as connection:
        connection.execute(insert_unless_present(REFUSED, engine.dialect.name), rows)


def spend_withdrawn_keys(engine: Engine) -> None:
    """Replace each tombstone by the spent key of its answer, and drop those whose row key is not that of their w."""
    with engine.begin() as connection:
        tombstones = connection.execute(select(WITHDRAWN)).all()
        true = [(one.row_key, one.epoch) for one in tombstones if one.row_key == withdrawn_row_key(one.w)]
        if true:
            rows = [{"row_key": row_key, "epoch": epoch} for row_key, epoch in sorted(true)]
            connection.execute(insert_unless_present(SPENT_KEY, engine.dialect.name), rows)
        _forget_secrets(connection, [one.w for one in tombstones])


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


def _bad_rows(engine: Engine, wave_key_id: bytes, rules: RecordRules) -> Iterator[StoredRow]:
    statement = select(SEALED).where(SEALED.c.epoch == wave_key_id).order_by(SEALED.c.row_key)
    with engine.connect() as connection:
        for row in connection.execution_options(yield_per=CHUNK).execute(statement):
            if not _belongs(row.row_key, row.record, rules):
                yield StoredRow(row.row_key, row.epoch, row.record)


def _belongs(row_key: bytes, record: bytes, rules: RecordRules) -> bool:
    try:
        return rules.read(record).row_key == row_key
    except (EnvelopeError, TokenError):
        return False


def _identifier(row: StoredRow) -> bytes:
    """Return the key of a refused row: another bad row under the same row key is another one."""
    return hashlib.sha256(row.row_key + row.epoch + row.record).digest()


def _forget_secrets(connection: Connection, secrets: list[bytes]) -> None:
    for start in range(0, len(secrets), CHUNK):
        connection.execute(delete(WITHDRAWN).where(WITHDRAWN.c.w.in_(secrets[start : start + CHUNK])))
