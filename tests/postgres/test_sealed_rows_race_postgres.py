"""Two records under one key at the same moment on PostgreSQL: one is stored, and only its sender is told so."""

import threading
from collections.abc import Iterator

import psycopg
import pytest
from hosts import store_rows
from hosts.pganswers import ANSWERS, fresh_answers
from hosts.pgserver import Server
from hosts.store_rows import SIZE, row, row_key
from sqlalchemy.engine import Engine

from survey.answers_db import insert_only, owner_access, store_errors

EPOCH = b"\x03" * 8


def record(number: int) -> bytes:
    """Return one of the records of one owner."""
    return store_rows.record(number, owner=0)


KEY = row_key(0)


@pytest.fixture
def engines(pg_server: Server) -> Iterator[tuple[Engine, Engine]]:
    """Return the engines of the owner and of the respond app, with an epoch open and nothing stored."""
    with fresh_answers(pg_server, EPOCH, SIZE) as both:
        yield both


def by_phone(engine: Engine, number: int) -> None:
    insert_only.insert_record(engine, EPOCH, KEY, record(number))


def by_file(engine: Engine, number: int) -> None:
    others = [row(place) for place in range(1, 4)]
    owner_access.insert_records(engine, EPOCH, [*others, (KEY, record(number))])


@pytest.mark.parametrize("way", [by_phone, by_file])
@pytest.mark.parametrize(("second", "refusal"), [(2, store_errors.RecordRefusedError), (1, None)])
def test_whoever_comes_second_is_told_the_truth(engines, pg_server, second, refusal, way):
    """While one insert has not committed, another under its key waits; then only the same record is acknowledged."""
    owner, respond = engines
    ended: list[type[BaseException] | None] = []

    def phone() -> None:
        try:
            way(respond if way is by_phone else owner, second)
            ended.append(None)
        except store_errors.StoreError as error:
            ended.append(type(error))

    address = pg_server.url(ANSWERS, "sotto_respond").replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(address) as first:
        first.execute("INSERT INTO sealed VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", (KEY, EPOCH, record(1)))
        waiting = threading.Thread(target=phone)
        waiting.start()
        waiting.join(0.5)
        assert [] == ended, "it waits"
    waiting.join(5)
    assert [refusal] == ended
    # A file with another record under the key is refused as a whole; one with the same record is taken in whole.
    others = {row(place)[1] for place in range(1, 4)} if way is by_file and refusal is None else set()
    assert {record(1), *others} == {*owner_access.iter_records(owner, EPOCH)}


def test_a_thousand_replays_at_once_store_one(engines):
    """A thousand hand-ins of one record, eight at a time, all succeed and are one row."""
    owner, respond = engines
    done: list[int] = []

    def phone() -> None:
        for number in range(125):
            insert_only.insert_record(respond, EPOCH, KEY, record(1))
            done.append(number)

    threads = [threading.Thread(target=phone) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1000 == len(done)
    assert [record(1)] == list(owner_access.iter_records(owner, EPOCH))
