"""The acts of the audit chain as staff look for them, by words and days; searched here, so that no database differs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlmodel import Session

from survey.office_db.tables import AUDIT, AuditEntry, AuditError, check_audit


@dataclass(frozen=True, slots=True)
class RecordedAct:
    """One act of the chain, with the hash of the entry before it and its own."""

    sequence: int
    day: date
    actor: str
    action: str
    subject: str
    previous: str
    entry: str


@dataclass(frozen=True, slots=True)
class ActSearch:
    """
    What is looked for: each word stands in the act, its subject or the person's name; the days are included.

    `called` is what acts are called where somebody searches, by their stored names: a word may stand there too.
    """

    words: str = ""
    since: date | None = None
    until: date | None = None
    called: Mapping[str, str] = field(default_factory=dict)

    def fits(self, act: RecordedAct) -> bool:
        """Say whether an act is looked for."""
        if (self.since and act.day < self.since) or (self.until and act.day > self.until):
            return False
        text = "\n".join((act.actor, act.action, act.subject, self.called.get(act.action, ""))).casefold()
        return all(word in text for word in self.words.casefold().split())


@dataclass(frozen=True, slots=True)
class Chain:
    """Whether the chain is whole: `head` is the hash of its newest act, `fault` says where it breaks."""

    head: str
    fault: str


def acts(session: Session, search: ActSearch) -> list[RecordedAct]:
    """Return the acts that a search finds, the newest first."""
    every = session.scalars(select(AuditEntry).order_by(AUDIT.c.sequence.desc()))
    return [act for act in (RecordedAct(**one.model_dump()) for one in every) if search.fits(act)]


def chain(session: Session) -> Chain:
    """Check every act against the one before it."""
    try:
        return Chain(check_audit(session), "")
    except AuditError as error:
        return Chain("", str(error))
