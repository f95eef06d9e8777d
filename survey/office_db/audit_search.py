"""The acts of the audit chain as staff look for them, by words and days; searched here, so that no database differs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlmodel import Session

from survey.office_db.acts import PEOPLE_ACTS, STUDY_ACTS, Act
from survey.office_db.tables import AUDIT, AuditEntry, AuditError, check_audit

AT_DESK = "@desk"
"""What stands behind the name of who asked at the desk, where the operator did it."""


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
    `person`: who did it, on the host or at the desk, or to whom it was done. `study`: what it was done to.
    """

    words: str = ""
    since: date | None = None
    until: date | None = None
    called: Mapping[str, str] = field(default_factory=dict)
    person: str = ""
    study: str = ""

    def fits(self, act: RecordedAct) -> bool:
        """Say whether an act is looked for."""
        if (self.since and act.day < self.since) or (self.until and act.day > self.until):
            return False
        if (self.person and self.person not in persons_of(act)) or (self.study and self.study not in studies_of(act)):
            return False
        text = "\n".join((act.actor, act.action, act.subject, self.called.get(act.action, ""))).casefold()
        return all(word in text for word in self.words.casefold().split())


@dataclass(frozen=True, slots=True)
class Chain:
    """Whether the chain is whole: `head` is the hash of its newest act, `fault` says where it breaks."""

    head: str
    fault: str


def persons_of(act: RecordedAct) -> set[str]:
    """Return who did an act, and to whom it was done, by the names of their accounts."""
    to = act.subject.split()[:1] if act.action in PEOPLE_ACTS else []
    return {act.actor.removesuffix(AT_DESK), *to}


def studies_of(act: RecordedAct) -> set[str]:
    """Return what studies an act was done to, or gave a role in."""
    words = act.subject.split()
    if act.action in STUDY_ACTS:
        return set(words[:1])
    return set(words[2:]) if act.action == Act.ROLE_GIVEN else set()


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
