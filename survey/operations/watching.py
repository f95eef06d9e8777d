"""How the host does, as who runs it notes and asks it: the day of the last compaction, and what the last look found."""

import time
from collections.abc import Mapping
from datetime import date

from survey.document import DocumentError, today
from survey.office_db import compaction_days as days
from survey.office_db.health import (
    MOST_TEXT,
    HealthReport,
    HostFindings,
    LogState,
    keep_report,
    newest_report,
    with_days,
)
from survey.operations.transaction import office_session
from survey.public_log.published_source import PublishedSource
from survey.public_log.verification import LogCheckError, PublishedLog
from survey.public_log.witness_quorum import WitnessCheck
from survey.settings import Settings


def note_compaction(settings: Settings) -> None:
    """Note that both databases were compacted today."""
    with office_session(settings) as session:
        days.note_day(session, today())


def compaction_days(settings: Settings) -> days.CompactionDays:
    """Return when both databases were last compacted, and whether another is overdue."""
    with office_session(settings) as session:
        return days.compaction_days(session, today())


def keep_health(
    settings: Settings, findings: HostFindings, backed_up: date | None, versions: Mapping[str, str]
) -> HealthReport:
    """Keep what a look at the host found, in place of the look before; `backed_up` is the day of the last copy."""
    log, day = _log_state(settings), today().isoformat()
    with office_session(settings) as session:
        try:
            before = newest_report(session)
        except DocumentError:
            before = None  # of another version: its days are not ours to read
        report = HealthReport(
            format="sotto-health-1",
            day=day,
            versions=dict(versions),
            backed_up=backed_up.isoformat() if backed_up else None,
            log=log,
            checks=with_days(findings, before, day),
        )
        keep_report(session, report)
    return report


def kept_health(settings: Settings) -> HealthReport | None:
    """Return what the last look found, None where nobody looked; raise DocumentError for one of another version."""
    with office_session(settings) as session:
        return newest_report(session)


def _log_state(settings: Settings) -> LogState | None:
    """Return how the public log stands, None before anything is logged."""
    if not (settings.public / "log" / "entries.jsonl").exists():
        return None
    try:
        log = PublishedLog.read(PublishedSource(str(settings.public)))
        witnesses = WitnessCheck(log, int(time.time()))
        faults, remarks = [*log.faults(), *witnesses.faults()], [*witnesses.remarks()]
    except LogCheckError as error:
        return LogState(size=None, root=None, faults=(_cut(str(error)),), remarks=())
    return LogState(
        size=log.head.size, root=log.head.root.hex(), faults=tuple(map(_cut, faults)), remarks=tuple(map(_cut, remarks))
    )


def _cut(sentence: str) -> str:
    return sentence[:MOST_TEXT]
