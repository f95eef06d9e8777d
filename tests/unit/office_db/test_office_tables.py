"""The audit chain only grows, and shows it when somebody made it do otherwise."""

import sqlite3
from datetime import date

import pytest
from cheap.databases import migrated
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from survey.errors import OfficeError
from survey.office_db.owner_access import connect_staff_database
from survey.office_db.tables import (
    FIRST_PREVIOUS,
    AuditError,
    check_audit,
    document,
    record_act,
    store_document,
)

DAY = date(2026, 11, 22)


@pytest.fixture
def session(settings):
    migrated(settings)
    engine = connect_staff_database(settings.office_url)
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def chain(session):
    """Return a chain of five acts, committed."""
    for number in range(5):
        record_act(session, DAY, "li", "test", f"subject {number}")
    session.commit()
    return session


def test_an_honest_chain_holds(session):
    """Each act moves the head; an empty chain has the head of nobody."""
    assert FIRST_PREVIOUS == check_audit(session)
    heads = set()
    for number in range(5):
        record_act(session, DAY, "li", "test", str(number))
        heads.add(check_audit(session))
    assert 5 == len(heads)


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit WHERE sequence = 5"])
def test_acts_are_never_changed(chain, statement):
    """The database refuses to change or remove an act."""
    with pytest.raises(DBAPIError, match="sotto: acts"):
        chain.connection().exec_driver_sql(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'x' WHERE sequence = 3",
        "UPDATE audit SET day = '2026-11-23' WHERE sequence = 1",
        "DELETE FROM audit WHERE sequence = 1",
        "DELETE FROM audit WHERE sequence = 3",
        "UPDATE audit SET sequence = -sequence WHERE sequence > 3",
        "INSERT INTO audit VALUES (6, '2026-11-22', 'x', 'x', 'x', 'x', 'x')",
        "UPDATE audit SET entry = 'x' WHERE sequence = 5",
    ],
)
def test_a_forced_change_breaks_the_chain(chain, settings, statement):
    """Somebody with the file and the triggers gone can change it, and the chain no longer holds."""
    before = check_audit(chain)
    chain.rollback()
    with sqlite3.connect(settings.office_url.removeprefix("sqlite:///")) as raw:
        raw.executescript("DROP TRIGGER audit_stays; DROP TRIGGER audit_remains;")
        raw.execute(statement)
    chain.expire_all()
    with pytest.raises(AuditError):
        check_audit(chain)
    assert FIRST_PREVIOUS != before


def test_a_cut_off_end_shows_in_the_head(chain, settings):
    """Removing the newest act leaves a chain that holds, with another head: who remembers the head notices."""
    before = check_audit(chain)
    chain.rollback()
    with sqlite3.connect(settings.office_url.removeprefix("sqlite:///")) as raw:
        raw.executescript("DROP TRIGGER audit_remains; DELETE FROM audit WHERE sequence = 5;")
    chain.expire_all()
    assert before != check_audit(chain)


def test_documents_are_kept_once_under_their_hash(session):
    """Keeping the same bytes twice is one row; a missing hash is an error of its own."""
    assert store_document(session, "texts", b"{}") == store_document(session, "texts", b"{}")
    assert b"{}" == document(session, store_document(session, "texts", b"{}"))
    with pytest.raises(OfficeError):
        document(session, "0" * 64)
