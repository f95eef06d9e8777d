"""Tables of the staff database: studies, waves, documents, plans, releases, audit chain. No answers."""

from datetime import date

from sqlalchemy import JSON, BigInteger, Column, LargeBinary, Table, select, text
from sqlmodel import Field, Session

from crypto.canonical import canonical, digest
from survey.database.engine import is_sqlite
from survey.errors import OfficeError
from survey.office_db.acts import Act
from survey.office_db.base import StaffDatabase

FIRST_PREVIOUS = "0" * 64


class AuditError(OfficeError):
    """The audit chain is broken: a row was changed, removed or inserted."""


class StoredDocument(StaffDatabase, table=True):
    """The exact bytes of a document under its hash."""

    __tablename__ = "document"

    hash: str = Field(primary_key=True)
    kind: str
    content: bytes


class Study(StaffDatabase, table=True):
    """A compiled study: hashes of its authored file, questionnaire and texts by locale; what is missing to open it."""

    __tablename__ = "study"

    slug: str = Field(primary_key=True)
    source: str = Field(foreign_key="document.hash")
    questionnaire: str = Field(foreign_key="document.hash")
    texts: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    lacking: list[str] = Field(sa_column=Column(JSON, nullable=False))
    since: date


class Wave(StaffDatabase, table=True):
    """One wave: new rows are `open`, then `closed`, then `boxed`; `fieldwork` is few, enough or target."""

    __tablename__ = "wave"

    study: str = Field(foreign_key="study.slug", primary_key=True)
    number: int = Field(primary_key=True)
    state: str
    manifest: str = Field(foreign_key="document.hash")
    epoch: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    record_size: int
    enough: int
    target: int
    fieldwork: str
    opened: date
    closed: date | None = None
    box_root: str | None = None
    box_count: int | None = None


class RegisteredPlan(StaffDatabase, table=True):
    """A registered plan, as published on this host."""

    __tablename__ = "plan"

    hash: str = Field(foreign_key="document.hash", primary_key=True)
    study: str
    wave: int
    nano_rho: int = Field(sa_type=BigInteger)
    since: date


class PublishedRelease(StaffDatabase, table=True):
    """A published release; each plan has at most one."""

    __tablename__ = "release"

    hash: str = Field(foreign_key="document.hash", primary_key=True)
    study: str
    wave: int
    plan: str = Field(foreign_key="plan.hash", unique=True)
    sequence: int
    since: date


class LastCompaction(StaffDatabase, table=True):
    """The day on which both databases were last compacted: one row, or none (survey.office_db.compaction_days)."""

    __tablename__ = "last_compaction"

    day: date = Field(primary_key=True)


class AuditEntry(StaffDatabase, table=True):
    """One act of staff: who, what, to what, on which day; chained by hash to the one before."""

    __tablename__ = "audit"

    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    day: date
    actor: str
    action: str
    subject: str
    previous: str
    entry: str


AUDIT: Table = StaffDatabase.metadata.tables["audit"]


def store_document(session: Session, kind: str, content: bytes) -> str:
    """Store bytes under their hash, once; return the hash."""
    name = digest(content)
    if session.get(StoredDocument, name) is None:
        session.add(StoredDocument(hash=name, kind=kind, content=content))
        session.flush()
    return name


def document(session: Session, name: str) -> bytes:
    """Return the bytes of a stored document; raise OfficeError where there is none."""
    stored = session.get(StoredDocument, name)
    if stored is None:
        raise OfficeError("a document is missing from the office database")
    return stored.content


def documents_of_kind(session: Session, kind: str) -> list[bytes]:
    """Return the bytes of every stored document of a kind."""
    return [stored.content for stored in session.scalars(select(StoredDocument).filter_by(kind=kind))]


def plans_before_box(session: Session, study: str, wave: int) -> tuple[str, ...]:
    """Return the hashes of a wave's plans that were published before its box was made (or until now), ascending."""
    acts = session.scalars(select(AuditEntry).order_by(AUDIT.c.sequence)).all()
    acts_of_wave = [act for act in acts if act.subject.startswith(f"{study} {wave} ")]
    box_sequence = next((act.sequence for act in acts_of_wave if act.action == Act.BOX_MADE), None)
    published = (
        act
        for act in acts_of_wave
        if act.action == Act.PLAN_PUBLISHED and (box_sequence is None or act.sequence < box_sequence)
    )
    return tuple(sorted({act.subject.split()[-1] for act in published}))


def record_act(session: Session, day: date, actor: str, action: str, subject: str) -> None:
    """Append one act to the audit chain, in the caller's transaction."""
    if not is_sqlite(session.connection()):
        session.connection().execute(text("LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE"))
    last = session.scalars(select(AuditEntry).order_by(AUDIT.c.sequence.desc()).limit(1)).first()
    fields = {
        "sequence": last.sequence + 1 if last else 1,
        "day": day.isoformat(),
        "actor": actor,
        "action": action,
        "subject": subject,
        "previous": last.entry if last else FIRST_PREVIOUS,
    }
    session.add(AuditEntry.model_validate({**fields, "entry": digest(canonical(fields))}))
    session.flush()


def check_audit(session: Session) -> str:
    """Return the hash of the newest act; raise AuditError where the chain is broken."""
    previous = FIRST_PREVIOUS
    for number, act in enumerate(session.scalars(select(AuditEntry).order_by(AUDIT.c.sequence)), start=1):
        fields = act.model_dump(mode="json", exclude={"entry"})
        if act.sequence != number or act.previous != previous or act.entry != digest(canonical(fields)):
            raise AuditError(
                f"the audit chain breaks at entry {number}: somebody changed the office database past this program; "
                "compare it with a copy from before"
            )
        previous = act.entry
    return previous
