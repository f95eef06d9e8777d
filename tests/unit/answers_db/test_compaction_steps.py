"""Compaction of a SQLite file while others write: at no step is a row lost, doubled, or written where nobody reads."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from cheap.databases import migrated
from compacting import proof
from compacting.proof import EPOCH, STORED, CompactionProof, Store, at_step, break_off
from hosts.store_rows import SIZE, record, row
from sqlalchemy.exc import DBAPIError

from survey.answers_db import insert_only, owner_access, store_errors
from survey.database.compaction import file_swap
from survey.database.compaction.errors import CompactionError, NoRoomError

STEPS = (
    "begun", "slice of sealed", "catching up", "exchanging", "moving", "moved", "emptied the log", "linked", "removed",
)  # fmt: skip
LOCKED = ("exchanging", "moving")


@pytest.fixture
def store(settings, monkeypatch) -> Iterator[Store]:
    """Return a store with STORED rows, of which ten go into a slice."""
    monkeypatch.setattr(file_swap, "SLICE", 10)
    migrated(settings)
    owner, respond = owner_access.connect_owner(settings.answers_url), insert_only.connect_respond(settings.answers_url)
    owner_access.start_accepting(owner, EPOCH, SIZE)
    store = Store(owner, respond, owner_access.connect_owner(settings.answers_url))
    for number in range(STORED):
        store.hand_in(number)
    yield store
    dispose(store)


def dispose(store: Store) -> None:
    for engine in (store.owner, store.respond, store.staff):
        engine.dispose()


def folder(store: Store) -> Path:
    return Path(store.owner.url.database).parent


def names(store: Store) -> list[str]:
    return sorted(path.name for path in folder(store).glob("answers*"))


PROOF = CompactionProof()


@pytest.mark.parametrize("step", STEPS)
def test_others_write_at_every_step(store, step):
    """Hand-ins, replays, other records under a key and withdrawals at each step have the result they always have.

    A step at which nobody can write makes them wait.
    """
    PROOF.check_step(store, step, LOCKED)


@pytest.mark.parametrize("step", STEPS)
def test_a_wave_closes_at_every_step(store, step):
    """A close at each step holds, and takes no answer with it."""
    PROOF.check_close(store, step, LOCKED)


@pytest.mark.parametrize("step", STEPS)
def test_broken_off_at_every_step(store, step):
    """Broken off at each step it loses nothing, and the next one completes it and leaves one file."""
    PROOF.check_broken_off(store, step)
    assert 1 == sum(
        not path.is_symlink() and path.name[-4:] not in {"-wal", "-shm"}
        for path in map(folder(store).joinpath, names(store))
    )


def test_the_proof_sees_rows_that_are_left_behind(store, monkeypatch):
    """The control: where late rows are not copied, the proof finds that one is lost."""
    monkeypatch.setattr(file_swap.FileCopy, "_catch_up", lambda _: 0)
    with pytest.raises(AssertionError):
        PROOF.check_step(store, "catching up", LOCKED)


def test_the_proof_sees_rows_in_a_file_that_nobody_reads(store, monkeypatch):
    """The control: where the old file does not say that it moved, the proof finds that a row went into it."""
    monkeypatch.setattr(file_swap, "_say_moved", lambda live: live.execute("PRAGMA user_version = 1"))
    with pytest.raises(AssertionError):
        PROOF.check_step(store, "moved", LOCKED)


def test_a_second_compaction_is_refused(store):
    """While one runs, another says so and changes nothing."""
    PROOF.check_second(store)


def test_the_name_leads_to_one_file_without_a_log(store):
    """After two compactions the database's name is a link to the one file there is; nothing else is left."""
    for number in (1, 2):
        store.compact()
        dispose(store)
        assert ["answers.sqlite", f"answers.sqlite.copy-{number}"] == names(store)
        assert f"answers.sqlite.copy-{number}" == str((folder(store) / "answers.sqlite").readlink())
    assert 0o600 == (folder(store) / "answers.sqlite").stat().st_mode & 0o777
    assert store.expected() == store.kept()


WRITES = (
    "INSERT INTO epoch VALUES (x'0909090909090909', 1, 1)",
    "UPDATE epoch SET open = 0",
    "DELETE FROM alembic_version",
    "DELETE FROM sealed",
    "UPDATE alembic_version SET version_num = ''",
)


@pytest.mark.parametrize("verb", WRITES)
def test_nothing_is_written_into_a_file_that_moved(store, verb):
    """A connection that has the old file open is refused every write, and told why."""
    with closing(sqlite3.connect(folder(store) / "answers.sqlite", isolation_level=None)) as old:
        old.execute("SELECT * FROM epoch").fetchall()
        store.compact()
        with pytest.raises(sqlite3.IntegrityError, match="sotto: moved"):
            old.execute(verb)


def test_the_respond_connection_gains_nothing_while_rows_are_copied(store):
    """While late rows are noted, and in a file that moved, the respond app can only insert into its three tables."""
    statements = ("SELECT * FROM late", "DELETE FROM late", "INSERT INTO late (name, key) VALUES ('sealed', x'00')")

    def try_them() -> None:
        for statement in statements:
            with store.respond.connect() as connection, pytest.raises(DBAPIError, match=r"not authorized|prohibited"):
                connection.exec_driver_sql(statement)

    with at_step("catching up", try_them):
        store.compact()


def test_a_copy_that_broke_off_is_completed(store):
    """On the same day the next compaction goes on where the first stopped, and does not copy its slices again."""
    with at_step("slice of sealed", break_off), pytest.raises(proof.BrokenOffError):
        store.compact()
    with at_step("resuming", lambda: None) as handler:
        store.compact()
    assert (STORED - 10) // 10 == handler.seen.count("slice of sealed")
    assert store.expected() == store.kept()


def test_a_copy_under_other_conditions_is_begun_again(store):
    """After a withdrawal a copy that broke off, in which the answer may be, is thrown away."""
    with at_step("catching up", break_off), pytest.raises(proof.BrokenOffError):
        store.compact()
    store.withdraw(3)
    with at_step("begun", lambda: None):
        store.compact()
    assert store.expected() == store.kept()
    dispose(store)
    left = b"".join(path.read_bytes() for path in folder(store).glob("answers*"))
    assert record(3)[100:200] not in left
    assert record(4)[100:200] in left, "the control"


def test_a_copy_that_was_completed_is_the_same_bytes(store, tmp_path, monkeypatch):
    """A file that was broken off and completed does not differ from one that was copied at once."""

    def compacted(*, broken: bool) -> bytes:
        home = tmp_path / str(broken)
        settings = SimpleNamespace(answers_url=f"sqlite:///{home}/answers.sqlite", office_url=f"sqlite:///{home}/o")
        migrated(settings)
        owner = owner_access.connect_owner(settings.answers_url)
        owner_access.start_accepting(owner, EPOCH, SIZE)
        other, order = Store(owner, owner, owner), list(range(STORED))
        random.Random(broken).shuffle(order)
        for number in order:
            other.hand_in(number)
        if broken:
            with at_step("slice of sealed", break_off), pytest.raises(proof.BrokenOffError):
                other.compact()
        other.compact()
        owner.dispose()
        return (home / "answers.sqlite").read_bytes()

    assert compacted(broken=True) == compacted(broken=False)


def test_without_room_nothing_is_begun(store, monkeypatch):
    """Where a second copy does not fit, compaction says so, leaves no file, and hand-ins go on."""
    monkeypatch.setattr(file_swap.shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    before = names(store)
    with pytest.raises(NoRoomError, match="make room"):
        store.compact()
    assert before == names(store)
    store.hand_in(900)
    assert store.expected() == store.kept()


def test_a_disk_that_fills_up_is_given_back(store):
    """Where the copy itself meets a full disk, it is removed at once: it would keep hand-ins out too."""

    def fill_up() -> None:
        raise full()

    with at_step("slice of sealed", fill_up), pytest.raises(NoRoomError):
        store.compact()
    assert not [name for name in names(store) if "copy" in name]
    store.hand_in(900)
    assert store.expected() == store.kept()


def full() -> sqlite3.OperationalError:
    """Return the error of a full disk, as SQLite makes it."""
    with closing(sqlite3.connect(":memory:")) as raw:
        raw.execute("CREATE TABLE t (a)")
        raw.execute("PRAGMA max_page_count = 1")
        with pytest.raises(sqlite3.OperationalError) as caught:
            raw.execute("INSERT INTO t VALUES (zeroblob(100000))")
    return caught.value


def test_a_table_that_is_not_known_is_not_lost(store):
    """A database with a table of somebody else's is not compacted, which would leave it out."""
    with store.owner.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE mine (a INTEGER)")
    with pytest.raises(CompactionError, match="does not know"):
        store.compact()
    assert store.expected() == store.kept()


def test_a_reader_of_the_old_file_keeps_it(store, monkeypatch):
    """While another process reads the old file it stays, which is said; the next compaction removes it."""
    monkeypatch.setattr(file_swap, "BUSY_SECONDS", 0.1)
    with closing(sqlite3.connect(folder(store) / "answers.sqlite", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM sealed").fetchone()
        with pytest.raises(CompactionError, match="busy"):
            store.compact()
        store.hand_in(900)
        assert store.expected() == store.kept()
    store.compact()
    assert store.expected() == store.kept()
    assert "answers.sqlite.copy-2" in names(store)
    assert "answers.sqlite.copy-1" not in names(store)


def test_a_refusal_is_no_other_word_for_a_move(store):
    """After a compaction a closed wave, another size and a taken key are still refused by name."""
    store.compact()
    with pytest.raises(store_errors.RecordRefusedError):
        insert_only.insert_record(store.respond, EPOCH, *row(2000, 5))
    with pytest.raises(store_errors.WaveClosedError):
        insert_only.insert_record(store.respond, b"\x09" * 8, *row(2000))
