"""What the owner of the answers database does: opens and closes epochs, and reads sealed rows for a box."""

from collections.abc import Iterable, Iterator
from itertools import islice

from sqlalchemy import case, func, insert, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from survey.answers_db.store_errors import RecordRefusedError, WaveClosedError, translate
from survey.answers_db.tables import EPOCH, SEALED, insert_unless_taken
from survey.database.engine import check_settings, connect
from survey.database.schema_version import require_migrated

CHUNK = 1000


def connect_owner(url: str) -> Engine:
    """Return the engine of staff commands, which opens and closes epochs and reads the sealed rows for a box."""
    engine = connect(url)
    require_migrated(engine, "answers")
    check_settings(engine)
    return engine


def open_epoch(engine: Engine, epoch: bytes, record_size: int) -> None:
    """Open an epoch for records of `record_size` bytes; raise RecordRefusedError where it exists otherwise."""
    with engine.begin() as connection:
        known = connection.execute(select(EPOCH.c.record_size, EPOCH.c.open).where(EPOCH.c.id == epoch)).one_or_none()
        if known is None:
            connection.execute(insert(EPOCH).values(id=epoch, record_size=record_size, open=True))
        elif known != (record_size, True):
            raise RecordRefusedError("this epoch was closed, or was opened for records of another size")


def close_epoch(engine: Engine, epoch: bytes) -> None:
    """Close an epoch for ever; waits for hand-ins in flight, which are stored before this returns or refused."""
    with engine.begin() as connection:
        connection.execute(update(EPOCH).where(EPOCH.c.id == epoch).values(open=False))


def count(engine: Engine, epoch: bytes) -> int:
    """Return the number of records of an epoch. Only staff commands can ask, and only once the epoch is closed."""
    with engine.connect() as connection:
        is_open = connection.execute(select(EPOCH.c.open).where(EPOCH.c.id == epoch)).scalar_one_or_none()
        if is_open is not False:
            raise WaveClosedError("only a closed epoch is counted")
        return connection.execute(select(func.count()).select_from(SEALED).where(SEALED.c.epoch == epoch)).scalar_one()


def fieldwork(engine: Engine, epoch: bytes, enough: int, target: int) -> str:
    """Return how far an epoch has come: `few`, `enough` or `target`. The number itself never leaves the database."""
    number = func.count()
    word = case((number >= target, "target"), (number >= enough, "enough"), else_="few")
    with engine.connect() as connection:
        return str(connection.execute(select(word).select_from(SEALED).where(SEALED.c.epoch == epoch)).scalar_one())


def records(engine: Engine, epoch: bytes) -> Iterator[bytes]:
    """Yield the records of an epoch in the order of their row keys, a chunk in memory at a time."""
    statement = select(SEALED.c.record).where(SEALED.c.epoch == epoch).order_by(SEALED.c.row_key)
    with engine.connect() as connection:
        yield from connection.execution_options(yield_per=CHUNK).execute(statement).scalars()


def add_many(engine: Engine, epoch: bytes, rows: Iterable[tuple[bytes, bytes]]) -> int:
    """Store (row key, record) pairs in bulk, a commit a chunk, for simulations; return how many were given."""
    given, source = 0, iter(rows)
    while chunk := [{"row_key": key, "epoch": epoch, "record": record} for key, record in islice(source, CHUNK)]:
        try:
            with engine.begin() as connection:
                if connection.execute(insert_unless_taken(SEALED, engine.dialect.name), chunk).rowcount != len(chunk):
                    # As in insert_only: asked again, the trigger tells a replay from another row that came meanwhile.
                    connection.execute(insert_unless_taken(SEALED, engine.dialect.name), chunk)
        except DBAPIError as error:
            raise translate(error) from None
        given += len(chunk)
    return given
