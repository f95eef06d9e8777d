"""What the last look at the host found, as a document: the owner's account keeps the newest, the desk reads it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import delete
from sqlmodel import Session, col

from survey.document import Count, Document, DocumentError
from survey.names import Sha256
from survey.office_db.request_document import Day
from survey.office_db.tables import StoredDocument, documents_of_kind, store_document

KIND = "health"
LONGEST = 1
"""How many days old a look may be: the timer looks each morning."""
MOST_TEXT = 2000
"""The longest sentence of a check, in characters."""
Sentence = Annotated[str, Field(max_length=MOST_TEXT)]
Version = Annotated[str, Field(max_length=100)]


# Decision 154.
class HostFinding(Document):
    """What one check found, as `sotto doctor` tells it; why it matters and what mends it, where something is wrong."""

    name: Annotated[str, Field(min_length=1, max_length=300)]
    state: Literal["fine", "wrong", "unknown", "not here"]
    found: Sentence
    why: Sentence
    mend: Sentence


class HostFindings(Document):
    """What a whole table of checks found, on its way from root's look to the owner's account."""

    format: Literal["sotto-findings-1"]
    checks: Annotated[tuple[HostFinding, ...], Field(max_length=1000)]


class KeptFinding(HostFinding):
    """What one check found, and the day since which each look found the same."""

    since: Day


class LogState(Document):
    """
    The public log when it was looked at: its head, what does not hold, and who signed for its witnesses.

    `size` and `root` are None where the head itself does not hold.
    """

    size: Count | None
    root: Sha256 | None
    faults: tuple[Sentence, ...]
    remarks: tuple[Sentence, ...]


class HealthReport(Document):
    """
    One look at the host, on a day in UTC; nothing in it moves when somebody answers.

    `log`: None before anything is logged. `backed_up`: the day of the last copy, None where there was none.
    """

    format: Literal["sotto-health-1"]
    day: Day
    versions: dict[Version, Version]
    backed_up: Day | None
    log: LogState | None
    checks: tuple[KeptFinding, ...]

    @property
    def wrong(self) -> tuple[KeptFinding, ...]:
        """The checks that found something, or could not look."""
        return tuple(one for one in self.checks if one.state in {"wrong", "unknown"})

    @property
    def faults(self) -> int:
        """How many things are to be mended, of the checks and of the log."""
        return len(self.wrong) + len(self.log.faults if self.log else ())


@dataclass(frozen=True)
class Health:
    """How the host stands on a day; `report` is None where nobody looked, or another version did (`unreadable`)."""

    report: HealthReport | None
    unreadable: bool
    stale: bool

    @property
    def alarming(self) -> bool:
        """Whether whoever runs the host must act."""
        return self.stale or self.unreadable or (self.report is not None and self.report.faults > 0)


def with_days(findings: HostFindings, before: HealthReport | None, day: Day) -> tuple[KeptFinding, ...]:
    """Return findings with the day since which each is so: that of the look before where it found the same."""
    since = {(one.name, one.state): one.since for one in before.checks} if before else {}
    return tuple(KeptFinding(**one.to_json(), since=since.get((one.name, one.state), day)) for one in findings.checks)


def keep_report(session: Session, report: HealthReport) -> None:
    """Keep a report in place of those before it."""
    session.connection().execute(delete(StoredDocument).where(col(StoredDocument.kind) == KIND))
    store_document(session, KIND, report.to_bytes())


def newest_report(session: Session) -> HealthReport | None:
    """Return the report that is kept, None where there is none; raise DocumentError for one of another version."""
    return _newest(documents_of_kind(session, KIND))


def health(session: Session, day: date) -> Health:
    """Return how the host stands on a day. A look that is dated after it is of a wrong clock, and counts as old."""
    try:
        report = newest_report(session)
        age = (day - date.fromisoformat(report.day)).days if report else 0
    except (DocumentError, ValueError):
        return Health(report=None, unreadable=True, stale=False)
    return Health(report, unreadable=False, stale=not 0 <= age <= LONGEST)


def _newest(contents: Iterable[bytes]) -> HealthReport | None:
    return max((HealthReport.from_bytes(one) for one in contents), key=lambda one: one.day, default=None)
