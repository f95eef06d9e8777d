"""How staff commands refuse: what a database says is told by its kind alone, and faults of ours stay faults."""

import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner
from collection import STUDY
from sqlalchemy import text

from survey.commands.console import REFUSED, Refused, refusing
from survey.commands.main import main
from survey.database.engine import connect

CANARY = "canary-7731"


def test_a_database_error_is_a_refusal_without_its_words(collection):
    """The refusal names the driver's error type and what to do, and nothing of the statement or its values."""
    engine = connect(collection.settings.office_url)
    with pytest.raises(Refused, match=r"OperationalError.*run this again") as caught, refusing():
        engine.connect().execute(text(f"SELECT '{CANARY}' FROM nowhere"))
    engine.dispose()
    assert REFUSED == caught.value.exit_code
    assert CANARY not in str(caught.value.message)


def test_a_fault_of_ours_stays_a_fault():
    """The control: an error that is no answer is not turned into one."""
    with pytest.raises(KeyError), refusing():
        raise KeyError(CANARY)


def test_a_broken_audit_chain_is_found_by_listing(collection):
    """`sotto study list` lists while the chain holds, and exits 3 naming the entry once an act was changed."""
    runner = CliRunner(env={"SOTTO_HOME": str(collection.settings.public.parent)})
    honest = runner.invoke(main, ["study", "list"])
    assert (0, True) == (honest.exit_code, STUDY in honest.stdout)
    with closing(sqlite3.connect(collection.settings.office_url.removeprefix("sqlite:///"))) as raw:
        raw.executescript("DROP TRIGGER audit_stays; UPDATE audit SET actor = 'x' WHERE sequence = 2;")
    broken = runner.invoke(main, ["study", "list"])
    assert (REFUSED, "") == (broken.exit_code, broken.stdout)
    assert "breaks at entry 2" in broken.stderr
