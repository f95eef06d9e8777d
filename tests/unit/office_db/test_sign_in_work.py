"""Whoever tries names learns none by the time of an answer: each refusal has the same statements behind it."""

from collections.abc import Iterator
from datetime import date

import pytest
from argon2 import PasswordHasher
from cheap.databases import migrated
from cheap.passwords import CHEAP
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from crypto.one_time_codes import new_secret
from survey.office_db.desk_access import connect_desk
from survey.office_db.owner_access import connect_staff_database
from survey.office_db.people import accounts, passwords
from survey.office_db.people.sign_in import FREE_GUESSES, Attempt, SignInError, sign_in
from survey.office_db.people.tables import SignInSecret, Staff, UsedChallenge

NOW = 1_800_000_000
PASSWORD = "correct horse battery staple"
NAMES = ("li", "with-app", "locked", "disabled", "no-password")


@pytest.fixture
def desk(settings, monkeypatch) -> Iterator[Engine]:
    """Yield the desk's engine over an office with one person of each kind."""
    monkeypatch.setattr(passwords, "PasswordHasher", CHEAP)
    migrated(settings)
    owner = connect_staff_database(settings.office_url)
    with Session(owner) as session:
        for name in NAMES:
            accounts.add_account(session, name, date(2026, 11, 22))
            if name != "no-password":
                accounts.set_password(session, name, PASSWORD)
        session.get_one(SignInSecret, "with-app").code_secret = new_secret()
        session.get_one(Staff, "disabled").active = False
        session.commit()
    owner.dispose()
    desk = connect_desk(settings.office_url)
    for _ in range(FREE_GUESSES + 1):
        refused(desk, Attempt("locked", "wrong password 1"))
    yield desk
    desk.dispose()


def refused(desk: Engine, attempt: Attempt) -> list[str]:
    """
    Return what a refused sign-in does: the verbs of its statements, and each hash of a password, in order.

    In which order a commit flushes its writes SQLAlchemy says nothing of: they are sorted.
    """
    work: list[str] = []

    def stated(_connection, _cursor, statement: str, *_: object) -> None:
        work.append(statement.split(maxsplit=1)[0])

    with pytest.MonkeyPatch.context() as patched:
        verify = PasswordHasher.verify
        patched.setattr(PasswordHasher, "verify", lambda *arguments: work.append("argon2") or verify(*arguments))
        event.listen(desk, "before_cursor_execute", stated)
        with Session(desk) as session, pytest.raises(SignInError):
            sign_in(session, attempt, NOW)
        event.remove(desk, "before_cursor_execute", stated)
    return [*work[:-2], *sorted(work[-2:])]


TRIES = {
    "nobody's name": Attempt("nobody", PASSWORD),
    "no name": Attempt("No\0name", PASSWORD),
    "somebody disabled, with the right password": Attempt("disabled", PASSWORD),
    "somebody who never signed in": Attempt("no-password", PASSWORD),
    "a locked account, with the right password": Attempt("locked", PASSWORD),
    "a locked account, with a wrong one": Attempt("locked", "wrong password 1"),
    "somebody with an app, with a wrong password": Attempt("with-app", "wrong password 1", "000000"),
}


@pytest.mark.parametrize("attempt", TRIES.values(), ids=TRIES)
def test_each_refusal_has_the_same_work_behind_it(desk, attempt):
    """As of a person who typed a wrong password: four reads, one argon2, an update and an insert, each time."""
    expected = refused(desk, Attempt("li", "wrong password 1"))
    assert {"BEGIN": 2, "SELECT": 4, "argon2": 1, "UPDATE": 1, "INSERT": 1} == {
        one: expected.count(one) for one in expected
    }
    assert [expected] * 2 == [refused(desk, attempt), refused(desk, attempt)]


def test_each_refusal_stores_something(desk):
    """Also within one second: a commit of what stays as it is waits for no disk, and would be told by its time."""
    seen = []
    for _ in range(3):
        refused(desk, Attempt("nobody", PASSWORD))
        with Session(desk) as session:
            seen.append(session.exec(select(UsedChallenge.used)).one())
    assert 3 == len({*seen})


def test_the_control_who_gets_in_has_other_work(desk):
    """The right password begins a session: another statement is seen."""
    work: list[str] = []
    event.listen(desk, "before_cursor_execute", lambda _c, _u, statement, *_: work.append(statement.split()[0]))
    with Session(desk) as session:
        assert sign_in(session, Attempt("li", PASSWORD), NOW)
        session.commit()
    assert work.count("INSERT") > 1
