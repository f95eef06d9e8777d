"""Access of the answers database's owner (staff commands): opens and closes waves, and reads sealed rows for a box."""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice

from sqlalchemy import case, func, insert, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from survey.answers_db.store_errors import RecordRefusedError, translate
from survey.answers_db.tables import EPOCH, SEALED, insert_unless_present
from survey.database.engine import check_settings, connect
from survey.database.limited_access import once_more
from survey.database.schema_version import require_migrated

CHUNK = 1000


def connect_owner(url: str) -> Engine:
    """Return the engine of staff commands, which may read and change every table."""
    engine = connect(url, guard=None)
    require_migrated(engine, "answers")
    check_settings(engine)
    return engine


def start_accepting(engine: Engine, wave_key_id: bytes, record_size: int) -> None:
    """
    Accept records of `record_size` bytes for a wave.

    Raises RecordRefusedError where the wave was closed, or opened for another size.
    """
    once_more(lambda: _start_accepting(engine, wave_key_id, record_size))


def _start_accepting(engine: Engine, wave_key_id: bytes, record_size: int) -> None:
    with engine.begin() as connection:
        stored = connection.execute(
            select(EPOCH.c.record_size, EPOCH.c.open).where(EPOCH.c.id == wave_key_id)
        ).one_or_none()
        if stored is None:
            connection.execute(insert(EPOCH).values(id=wave_key_id, record_size=record_size, open=True))
        elif stored != (record_size, True):
            raise RecordRefusedError(
                "this wave was closed, or was opened for records of another size: it is never opened again"
            )


def is_accepting(engine: Engine, wave_key_id: bytes) -> bool:
    """Say whether records of a wave are accepted."""
    with engine.connect() as connection:
        return bool(connection.execute(select(EPOCH.c.open).where(EPOCH.c.id == wave_key_id)).scalar_one_or_none())


def stop_accepting(engine: Engine, wave_key_id: bytes) -> None:
    """Close a wave irreversibly to records; inserts in progress are stored or refused before this returns."""
    once_more(lambda: _stop_accepting(engine, wave_key_id))


def _stop_accepting(engine: Engine, wave_key_id: bytes) -> None:
    with engine.begin() as connection:
        connection.execute(update(EPOCH).where(EPOCH.c.id == wave_key_id).values(open=False))


# Decision 145.
def fieldwork_level(engine: Engine, wave_key_id: bytes, enough: int, target: int) -> str:
    """Return `few`, `enough` or `target` for the number of a wave's records; the number stays in the database."""
    number = func.count()
    level = case((number >= target, "target"), (number >= enough, "enough"), else_="few")
    with engine.connect() as connection:
        return str(
            connection.execute(select(level).select_from(SEALED).where(SEALED.c.epoch == wave_key_id)).scalar_one()
        )


def iter_records(engine: Engine, wave_key_id: bytes) -> Iterator[bytes]:
    """Yield the records of a wave in the order of their row keys, with one chunk in memory at a time."""
    statement = select(SEALED.c.record).where(SEALED.c.epoch == wave_key_id).order_by(SEALED.c.row_key)
    with engine.connect() as connection:
        yield from connection.execution_options(yield_per=CHUNK).execute(statement).scalars()


def insert_records(engine: Engine, wave_key_id: bytes, rows: Iterable[tuple[bytes, bytes]]) -> int:
    """Store (row key, record) pairs in bulk, one commit for each chunk; return the number of pairs in `rows`."""
    count, remaining = 0, iter(rows)
    while chunk := [
        {"row_key": key, "epoch": wave_key_id, "record": record} for key, record in islice(remaining, CHUNK)
    ]:
        try:
            once_more(partial(_insert_chunk, engine, chunk))
        except DBAPIError as error:
            raise translate(error) from None
        count += len(chunk)
    return count


def _insert_chunk(engine: Engine, chunk: list[dict[str, bytes]]) -> None:
    with engine.begin() as connection:
        if connection.execute(insert_unless_present(SEALED, engine.dialect.name), chunk).rowcount != len(chunk):
            # As in insert_only: on a second try the trigger distinguishes a replay from another row's key.
            connection.execute(insert_unless_present(SEALED, engine.dialect.name), chunk)
