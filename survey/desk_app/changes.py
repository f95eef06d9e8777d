"""Changes of how people sign in, in one transaction each; what was wrong comes back by the name that pages know."""

from collections.abc import Callable
from typing import TypeVar

from sqlmodel import Session

from survey.desk_app.signed_in import office
from survey.office_db.people.accounts import WrongCodeError
from survey.office_db.people.own_account import OtherPersonError
from survey.office_db.people.passkeys import PasskeyError
from survey.office_db.people.passwords import CommonPasswordError, PasswordLengthError

Done = TypeVar("Done")
PROBLEMS = {
    CommonPasswordError: "common",
    PasswordLengthError: "length",
    WrongCodeError: "code",
    OtherPersonError: "present",
    PasskeyError: "passkey",
}
"""What is wrong with what was chosen, as templates/desk/means.html knows it."""


def changed(change: Callable[[Session], Done]) -> tuple[Done | None, str]:
    """
    Return what a change gives, or what is wrong with it; then nothing was changed.

    The transaction is over when this returns, so that a page may begin one of its own: SQLite has one at a time.
    """
    with office() as database:
        try:
            done = change(database)
        except tuple(PROBLEMS) as error:
            return None, PROBLEMS[type(error)]
        database.commit()
    return done, ""
