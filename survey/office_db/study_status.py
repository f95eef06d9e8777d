"""Status of studies and waves for the desk and the command line, without counts of an open wave."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from survey.office_db.tables import PublishedRelease, RegisteredPlan, Study, Wave, document, documents_of_kind
from survey.questionnaire.questionnaire import Texts
from survey.wave.correction import Correction
from survey.wave.manifest import Manifest


@dataclass(frozen=True)
class WaveStatus:
    """
    One wave; `box_count` is public.

    `mode` is open or invitation, `fieldwork` few, enough or target, as of the last compaction.
    """

    number: int
    state: str
    fieldwork: str
    opened: str
    closed: str | None
    pin: str
    mode: str
    box_root: str | None
    box_count: int | None


@dataclass(frozen=True)
class StudyStatus:
    """One study: `state` is that of its newest wave, or `new`; plans and releases by hash, oldest first."""

    study: str
    titles: dict[str, str]
    state: str
    lacking: tuple[str, ...]
    waves: tuple[WaveStatus, ...]
    plans: tuple[str, ...]
    releases: tuple[str, ...]


def studies(session: Session) -> tuple[StudyStatus, ...]:
    """Return every study, by name."""
    return tuple(_study_status(session, study) for study in session.exec(select(Study).order_by(Study.slug)))


def study(session: Session, slug: str) -> StudyStatus | None:
    """Return one study, or None."""
    row = session.get(Study, slug)
    return _study_status(session, row) if row else None


def source_of(session: Session, slug: str) -> bytes | None:
    """Return the file of the questionnaire that a study has now, None where there is no such study."""
    row = session.get(Study, slug)
    return document(session, row.source) if row else None


def _study_status(session: Session, study: Study) -> StudyStatus:
    slug = study.slug
    waves = session.exec(select(Wave).where(Wave.study == slug).order_by(col(Wave.number))).all()
    plans = session.exec(select(RegisteredPlan).where(RegisteredPlan.study == slug).order_by(col(RegisteredPlan.since)))
    published = select(PublishedRelease).where(PublishedRelease.study == slug)
    releases = session.exec(published.order_by(col(PublishedRelease.sequence)))
    texts = {locale: Texts.from_bytes(document(session, name)) for locale, name in study.texts.items()}
    return StudyStatus(
        study=slug,
        titles={locale: text.title for locale, text in texts.items()},
        state=waves[-1].state if waves else "new",
        lacking=tuple(study.lacking),
        waves=tuple(_wave_status(session, wave) for wave in waves),
        plans=tuple(plan.hash for plan in plans),
        releases=tuple(release.hash for release in releases),
    )


def _wave_status(session: Session, wave: Wave) -> WaveStatus:
    manifest = Manifest.from_bytes(document(session, wave.manifest))
    return WaveStatus(
        number=wave.number,
        state=wave.state,
        fieldwork=wave.fieldwork,
        opened=wave.opened.isoformat(),
        closed=wave.closed.isoformat() if wave.closed else None,
        pin=_newest_pin(session, wave, manifest),
        mode=manifest.mode,
        box_root=wave.box_root,
        box_count=wave.box_count,
    )


def _newest_pin(session: Session, wave: Wave, manifest: Manifest) -> str:
    """Return the pin of a wave's links since its newest correction of wording, where it has any."""
    corrections = [Correction.from_bytes(one) for one in documents_of_kind(session, "correction")]
    own = [one for one in corrections if one.manifest == wave.manifest]
    followed = {one.previous for one in own}
    newest = next((one.wording for one in own if one.digest not in followed), None)
    return (newest or manifest).pin
