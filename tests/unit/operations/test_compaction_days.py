"""The day of the last compaction: noted where both databases were compacted, and a missed one is an alarm."""

import json
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from hosts.collection import STUDY
from sqlmodel import select

from crypto.errors import ExitCode
from survey.commands.main import main
from survey.document import today
from survey.office_db.tables import LastCompaction
from survey.operations import boxes, watching
from survey.operations.transaction import UnfinishedError, office_session
from survey.public_log.log import LogError

pytestmark = pytest.mark.slow


def days_later(monkeypatch, days: int) -> date:
    later = today() + timedelta(days=days)
    monkeypatch.setattr(watching, "today", lambda: later)
    return later


def noted(collection) -> list[date]:
    with office_session(collection.settings) as session:
        return [row.day for row in session.exec(select(LastCompaction))]


def check(collection) -> tuple[int, str]:
    home = collection.settings.public.parent
    done = CliRunner().invoke(main, ["compact", "--check", "--json"], env={"SOTTO_HOME": str(home)})
    return done.exit_code, done.output


def test_the_day_of_the_last_success_is_told(collection):
    """Compacted twice on a day it is noted once, and `sotto compact --check` tells the day and no hour."""
    collection.open_wave()
    assert (ExitCode.DONE, {"last": None, "missed": False}) == (check(collection)[0], json.loads(check(collection)[1]))
    for _ in range(2):
        boxes.compact_answers(collection.settings)
    assert [today()] == noted(collection)
    assert {"last": today().isoformat(), "missed": False} == json.loads(check(collection)[1])


@pytest.mark.parametrize(("days", "code"), [(1, ExitCode.DONE), (2, ExitCode.UNVERIFIED), (400, ExitCode.UNVERIFIED)])
@pytest.mark.parametrize("compacted", [True, False])
def test_a_missed_compaction_is_an_alarm(open_collection, monkeypatch, days, code, compacted):
    """The day after nothing is wrong; two days after the last one, or after the wave opened, the check says so."""
    if compacted:
        boxes.compact_answers(open_collection.settings)
    days_later(monkeypatch, days)
    found, output = check(open_collection)
    assert code == found
    assert (code == ExitCode.UNVERIFIED) is json.loads(output)["missed"]


def test_where_every_wave_has_its_box_nothing_is_missed(open_collection, tmp_path, monkeypatch):
    """A box compacts, which is noted; years later nothing is overdue, for nothing comes in."""
    open_collection.box(tmp_path / "wave.box")
    assert [today()] == noted(open_collection)
    days_later(monkeypatch, 400)
    assert ExitCode.DONE == check(open_collection)[0]


def test_half_a_compaction_is_not_noted(open_collection, monkeypatch):
    """Where the second database fails, the day is not noted."""
    monkeypatch.setattr(boxes, "compact_office", lambda _: (_ for _ in ()).throw(OSError("the office")))
    with pytest.raises(OSError, match="the office"):
        boxes.compact_answers(open_collection.settings)
    assert [] == noted(open_collection)


def test_a_log_that_cannot_be_written_makes_no_failed_compaction(collection, monkeypatch):
    """Without its log folder the host says that it compacted, and what is missing; the day is noted."""

    def fail(_settings: object) -> None:
        raise LogError("the head is missing")

    collection.open_wave()
    monkeypatch.setattr(boxes, "note_frontend", fail)
    with pytest.raises(UnfinishedError, match=r"both databases are compacted.*the head is missing"):
        boxes.compact_answers(collection.settings)
    assert [today()] == noted(collection)


def test_the_staff_database_is_free_while_answers_are_compacted(collection, monkeypatch):
    """An act of staff is possible in the middle of a compaction, which takes minutes."""
    collection.open_wave()

    def act(*_: object) -> None:
        with office_session(collection.settings) as session:
            session.connection().exec_driver_sql("UPDATE wave SET fieldwork = 'few'")

    monkeypatch.setattr(boxes, "compact", act)
    assert {f"{STUDY}/1"} == {*boxes.compact_answers(collection.settings)}
