"""What every operation uses: a transaction of the staff database, the answers database as owner, the audit chain."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from crypto.errors import PublicTextError
from survey.answers_db import owner_access
from survey.document import today
from survey.errors import OfficeError
from survey.office_db.acts import Act
from survey.office_db.compaction import compact_invitations
from survey.office_db.owner_access import connect_staff_database
from survey.office_db.people.desk_acts import take_into_chain
from survey.office_db.people.passkeys import drop_orphans
from survey.office_db.people.tokens import new_id
from survey.office_db.request_days import give_out
from survey.office_db.tables import Study, Wave, record_act
from survey.settings import Settings

ACTOR = "sotto actor"
"""What the notes of a session hold of whoever asked for what it does."""


class OperationError(OfficeError):
    """The operation is not possible; nothing was changed, and the message says what to do."""


class UnfinishedError(PublicTextError):
    """The operation was done in part, and running the same command completes it; the message says what is missing."""


# Decision 96.
@contextmanager
def publishing() -> Iterator[None]:
    """Publish what the staff database has committed; raise UnfinishedError where a file cannot be written."""
    try:
        yield
    except OSError as error:
        raise UnfinishedError(
            f"the act is done and noted, but {error.filename or 'a file'} was not published ({error.strerror}): make "
            "room for it, then run the same command again, which publishes it"
        ) from None


@contextmanager
def office_session(settings: Settings) -> Iterator[Session]:
    """
    Yield a session of the staff database that commits at the end of the block and rolls back on an exception.

    What the desk told the audit until now comes into the chain first, what was confirmed of passkeys that are gone is
    taken back, and the day has its value for requests.
    """
    engine = connect_staff_database(settings.office_url)
    try:
        with Session(engine, info={ACTOR: settings.actor}) as session:
            take_into_chain(session, today())
            drop_orphans(session)
            give_out(session, today(), new_id())
            session.commit()
            yield session
            session.commit()
    finally:
        engine.dispose()


@contextmanager
def answers_store(settings: Settings) -> Iterator[Engine]:
    """Yield the answers database, connected as its owner."""
    engine = owner_access.connect_owner(settings.answers_url)
    try:
        yield engine
    finally:
        engine.dispose()


def compact_office(settings: Settings) -> None:
    """Rewrite the marks of used invitations, so that no order is left; raise CompactionError where that fails."""
    engine = connect_staff_database(settings.office_url)
    try:
        compact_invitations(engine)
    finally:
        engine.dispose()


def study_of(session: Session, slug: str) -> Study:
    """Return a study; raise OperationError where there is none."""
    row = session.get(Study, slug)
    if row is None:
        kept = ", ".join(session.exec(select(Study.slug).order_by(Study.slug))) or "none yet"
        raise OperationError(
            f"there is no study {slug} on this host (its studies: {kept}): compare the name, or compile the study "
            "first (`sotto study new`)"
        )
    return row


def wave_of(session: Session, study: str, number: int) -> Wave:
    """Return a wave of a study; raise OperationError, which names those there are, where there is no such one."""
    waves = waves_of(session, study_of(session, study).slug)
    for wave in waves:
        if wave.number == number:
            return wave
    had = ", ".join(f"{wave.number} ({wave.state})" for wave in waves) or "none yet"
    raise OperationError(f"{study} has had no wave {number} (its waves: {had}): `sotto study list` shows them")


def waves_of(session: Session, study: str) -> list[Wave]:
    """Return the waves of a study in their order."""
    return list(session.exec(select(Wave).where(Wave.study == study).order_by(col(Wave.number))))


def note_act(session: Session, act: Act, subject: str) -> None:
    """Append an act to the audit chain: of whom the settings name, else of whoever runs this command."""
    record_act(session, today(), session.info.get(ACTOR) or getpass.getuser(), act.value, subject)
