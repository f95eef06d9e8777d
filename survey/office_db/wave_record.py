"""What the office knows of the life of one wave: its row, its study, and the acts of staff on it. No counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from survey.office_db.acts import Act
from survey.office_db.tables import AUDIT, AuditEntry, Study, Wave, document, documents_of_kind
from survey.plan.plan import Plan
from survey.plan.registration import Registration
from survey.questionnaire.questionnaire import Questionnaire
from survey.wave.manifest import Manifest

ACTS_OF_WAVES = frozenset(
    {
        Act.ISSUER_KEY_MADE, Act.ISSUER_KEY_DELETED, Act.BATCH_MADE, Act.BATCH_CLOSED, Act.WAVE_OPENED,
        Act.WAVE_CLOSED, Act.ENVELOPES_TAKEN_IN, Act.CORRECTION_PUBLISHED, Act.PLAN_PUBLISHED, Act.BOX_MADE,
        Act.RELEASE_PUBLISHED, Act.SPLIT_PUBLISHED, Act.INTENT_PUBLISHED, Act.DESTRUCTION_PUBLISHED,
    }
)  # fmt: skip
"""Acts whose subject begins with a study and the number of a wave."""
_FILES = {
    Act.PLAN_PUBLISHED: "plan",
    Act.CORRECTION_PUBLISHED: "correction",
    Act.SPLIT_PUBLISHED: "custody",
    Act.INTENT_PUBLISHED: "intent",
    Act.RELEASE_PUBLISHED: "release",
    Act.DESTRUCTION_PUBLISHED: "destruction",
}
"""What the documents of a wave are called in files, by the act that names each."""


@dataclass(frozen=True, slots=True)
class NotedAct:
    """One act on a wave: by whom, on which day, and what its subject says behind study and wave."""

    actor: str
    day: date
    detail: str


@dataclass(frozen=True, slots=True)
class NotedBatch:
    """A batch of invitations as the audit has it: `codes` is how many were made, never how many were used."""

    name: str
    made: NotedAct
    codes: int
    open: bool


@dataclass(frozen=True, slots=True)
class WaveRecord:
    """
    One wave of a study, opened or to come; `state` is `new`, `open`, `closed` or `boxed`.

    `fieldwork` is few, enough or target, None before it opens. `lacking` is what the study needs before a wave may
    open, `hypotheses` those that its plans say they answer. `files` are the names of the documents that cross between
    the machines, each with its hash in the office.
    """

    study: str
    number: int
    mode: str
    strata: tuple[str, ...]
    locales: tuple[str, ...]
    lacking: tuple[str, ...]
    state: str
    fieldwork: str | None
    compiled: tuple[NotedAct, ...]
    acts: Mapping[str, tuple[NotedAct, ...]]
    hypotheses: tuple[str, ...]
    files: Mapping[str, str]

    def noted(self, act: Act) -> tuple[NotedAct, ...]:
        """Return the acts of a kind on this wave, the oldest first."""
        return self.acts.get(act, ())

    @property
    def batches(self) -> tuple[NotedBatch, ...]:
        """The batches of invitations, the oldest first; a wave that is closed has none that is open."""
        ended = {one.detail for one in self.noted(Act.BATCH_CLOSED)}
        still = self.state in {"new", "open"}
        made = [(one.detail.rpartition(" "), one) for one in self.noted(Act.BATCH_MADE)]
        return tuple(NotedBatch(name, one, int(codes), still and name not in ended) for (name, _, codes), one in made)


# Decision 153.
def wave_record(session: Session, study: str, number: int) -> WaveRecord | None:
    """Return what is known of a wave; None where there is no such study, or the wave is beyond the next one."""
    row = session.get(Study, study)
    numbers = list(session.exec(select(Wave.number).where(Wave.study == study)))
    if row is None or not 1 <= number <= max(numbers, default=0) + 1:
        return None
    wave = session.get(Wave, (study, number))
    acts = _acts(session, f"{study} {number}")
    manifest = Manifest.from_bytes(document(session, wave.manifest)) if wave else None
    # What is asked in an open wave stays, though the study may have been compiled anew for the next.
    asked = manifest.questionnaire if manifest else row.questionnaire
    questionnaire = Questionnaire.from_bytes(document(session, asked))
    return WaveRecord(
        study=study,
        number=number,
        mode=questionnaire.mode,
        strata=tuple(questionnaire.strata),
        locales=tuple(questionnaire.locales),
        lacking=tuple(row.lacking),
        state=wave.state if wave else "new",
        fieldwork=wave.fieldwork if wave else None,
        compiled=_compiled(session, study),
        acts=acts,
        hypotheses=_hypotheses(session, acts),
        files=_files(session, row, wave, acts),
    )


def wave_file(session: Session, record: WaveRecord, name: str) -> bytes | None:
    """Return the bytes of a document of this wave by the name of its file, None where there is none of that name."""
    found = record.files.get(name)
    return document(session, found) if found else None


def _acts(session: Session, about: str) -> dict[str, tuple[NotedAct, ...]]:
    """Return the acts whose subject is a wave, or begins with it, by their names."""
    found: dict[str, tuple[NotedAct, ...]] = {}
    for entry in _entries(session, ACTS_OF_WAVES):
        if entry.subject == about or entry.subject.startswith(f"{about} "):
            own = NotedAct(entry.actor, entry.day, entry.subject[len(about) + 1 :])
            found[entry.action] = (*found.get(entry.action, ()), own)
    return found


def _compiled(session: Session, study: str) -> tuple[NotedAct, ...]:
    entries = _entries(session, {Act.STUDY_COMPILED})
    own = [entry for entry in entries if entry.subject.split()[0] == study]
    return tuple(NotedAct(entry.actor, entry.day, "") for entry in own)


def _entries(session: Session, actions: frozenset[Act] | set[Act]) -> list[AuditEntry]:
    # Subjects are compared here: on SQLite the desk may call no function, and LIKE is one.
    chosen = select(AuditEntry).where(col(AuditEntry.action).in_(sorted(actions)))
    return list(session.exec(chosen.order_by(AUDIT.c.sequence)))


def _hypotheses(session: Session, acts: Mapping[str, tuple[NotedAct, ...]]) -> tuple[str, ...]:
    plans = [Plan.from_bytes(document(session, one.detail)) for one in acts.get(Act.PLAN_PUBLISHED, ())]
    named = {name for plan in plans for table in plan.tables for name in table.hypotheses}
    named |= {name for plan in plans for phrases in plan.words or () for name in phrases.hypotheses}
    return tuple(sorted(named, key=lambda name: (len(name), name)))


def _files(
    session: Session, study: Study, wave: Wave | None, acts: Mapping[str, tuple[NotedAct, ...]]
) -> dict[str, str]:
    """Return the names of files by which documents cross, each with the hash of its document."""
    files = {"questionnaire.yaml": study.source}
    if wave is not None:
        files["manifest.json"] = wave.manifest
    for act, name in _FILES.items():
        files |= {f"{name}-{one.detail[:12]}.json": one.detail for one in acts.get(act, ())}
    plans = {one.detail for one in acts.get(Act.PLAN_PUBLISHED, ())}
    registered = [Registration.from_bytes(one) for one in documents_of_kind(session, "registration")] if plans else []
    return files | {f"registration-{one.plan[:12]}.json": one.digest for one in registered if one.plan in plans}
