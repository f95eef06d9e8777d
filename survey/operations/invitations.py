"""Operations on invitations: make codes once, for the printer; close a batch; delete which codes were used."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, func, insert, text
from sqlmodel import Session, col, select

from crypto.durable import require_new, require_writable, sync_folder, write_new
from crypto.invitation_codes import code_hash, new_code
from survey.database.engine import is_sqlite
from survey.issuer_app.keys import IssuerKeyError, IssuerKeys
from survey.office_db.acts import Act
from survey.office_db.invitations import BATCH_ID_SIZE, INVITATION, Batch
from survey.office_db.tables import AuditEntry, Study, Wave, document
from survey.operations.checks import documents
from survey.operations.transaction import OperationError, note_act, office_session, study_of, waves_of
from survey.questionnaire.questionnaire import Questionnaire
from survey.settings import Settings
from survey.wave.batch_sizes import MAXIMUM, MINIMUM
from survey.wave.invitation_codes import FORMAT, Codes
from survey.wave.issuer_key import IssuerDocument, issuer_id
from survey.wave.manifest import Manifest


@dataclass(frozen=True)
class BatchRequest:
    """A batch to make; `wave` None: the open one, else the next."""

    study: str
    batch: str
    stratum: str
    count: int
    wave: int | None = None


@dataclass(frozen=True)
class BatchStatus:
    """A batch as staff see it: `issued`, how many codes were used, is None until the wave has closed."""

    wave: int
    name: str
    stratum: str
    invited: int
    open: bool
    issued: int | None


def new_issuer(settings: Settings, study: str, wave: int, output: Path) -> IssuerDocument:
    """
    Make the issuer key of a wave to come; the public half, for the ceremony, goes to `output`.

    Raises OperationError for a study without invitations and a wave that was opened, FileTakenError where a file is.
    """
    with office_session(settings) as session:
        _with_invitations(session, study_of(session, study))
        if any(one.number >= wave for one in waves_of(session, study)):
            raise OperationError(f"wave {wave} of {study} was opened: its issuer key is in its manifest, and stays")
        document = IssuerKeys(settings.issuer_keys).make(study, wave, output)
        note_act(session, Act.ISSUER_KEY_MADE, f"{study} {wave} {document.id}")
    return document


def require_issuer_made(settings: Settings, manifest: bytes) -> None:
    """Raise IssuerKeyError unless this host made the key that signs a wave's tokens: who acts may not read the key."""
    public = Manifest.from_bytes(manifest).issuer_key
    with office_session(settings) as session:
        made = session.exec(select(AuditEntry).where(AuditEntry.action == Act.ISSUER_KEY_MADE)).all()
    if public is not None and issuer_id(public) not in {act.subject.split()[-1] for act in made}:
        raise IssuerKeyError(
            "the study is answered by invitation, and the key that signs its tokens was not made on this host: no "
            "slip would be worth anything. Make it with `sotto issuer new`, or, where another host has it, open the "
            "wave with `sotto study open --issuer-elsewhere`"
        )


def require_issuer_key(settings: Settings, manifest: Manifest) -> None:
    """Raise IssuerKeyError, with what to do, unless the key that signs this wave's tokens is on this host."""
    if manifest.issuer_key is None:
        return
    try:
        IssuerKeys(settings.issuer_keys).of(manifest.issuer_key)
    except IssuerKeyError:
        name = f"{issuer_id(manifest.issuer_key)}.pem"
        raise IssuerKeyError(
            f"{manifest.study} is answered by invitation, and {name}, the private key that signs its tokens, is not in "
            f"{settings.issuer_keys} (SOTTO_ISSUER_KEYS), or cannot be read: no slip would be worth anything. "
            f"`sotto issuer new` wrote it there; put it back. Where the issuer runs under another account or on "
            f"another machine, look that {name} is in its folder, then add --issuer-elsewhere. Where it is lost, make "
            "another key and hold the ceremony again: slips that were printed are lost with it"
        ) from None


def retire_issuer_key(settings: Settings, study: str, wave: int) -> None:
    """Delete the private issuer key of a closed wave from this host and audit it; doing it again changes nothing."""
    with office_session(settings) as session:
        public = _issuer_of(session, study, wave)
        if public and IssuerKeys(settings.issuer_keys).delete(public):
            note_act(session, Act.ISSUER_KEY_DELETED, f"{study} {wave} {issuer_id(public)}")


def key_left(settings: Settings, study: str, wave: int) -> str:
    """Return the file name of a closed wave's private key where this host did not delete it, else ""."""
    with office_session(settings) as session:
        public = _issuer_of(session, study, wave)
        subject = f"{study} {wave} {issuer_id(public)}" if public else ""
        noted = select(AuditEntry).where(AuditEntry.action == Act.ISSUER_KEY_DELETED, AuditEntry.subject == subject)
        return f"{issuer_id(public)}.pem" if public and session.exec(noted).first() is None else ""


def _issuer_of(session: Session, study: str, wave: int) -> str | None:
    row = session.get(Wave, (study, wave))
    return Manifest.from_bytes(document(session, row.manifest)).issuer_key if row else None


def invite(settings: Settings, request: BatchRequest, output: Path) -> int:
    """
    Make a batch of codes: their hashes into the office, the codes to `output` (0600) and nowhere else; return the wave.

    Raises OperationError for too few, a stratum that the questionnaire does not have, a name that is taken and a wave
    that is closed, and FileTakenError where `output` exists; nothing was made then.
    """
    require_new(output)
    require_writable(output)
    if not MINIMUM <= request.count <= MAXIMUM:
        raise OperationError(
            f"a batch has {MINIMUM} to {MAXIMUM:,} codes: in a smaller one each person stands among too few others"
        )
    codes = tuple(new_code() for _ in range(request.count))
    # Beside its place until the office knows the codes: a file of this name is never one of codes that do not count.
    part = output.with_name(f"{output.name}.part")
    require_new(part)
    try:
        with office_session(settings) as session:
            wave = _new_batch(session, request, codes)
            codes_document = Codes(
                format=FORMAT,
                study=request.study,
                wave=wave,
                batch=request.batch,
                stratum=request.stratum,
                codes=codes,
            )
            write_new(part, codes_document.to_bytes(), 0o600)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    part.rename(output)
    sync_folder(output.parent)
    return wave


def batches(settings: Settings, study: str) -> tuple[BatchStatus, ...]:
    """Return the batches of a study by wave and name; nothing of it changes while answers come in."""
    with office_session(settings) as session:
        study_of(session, study)
        rows = session.exec(select(Batch).where(Batch.study == study).order_by(col(Batch.wave), col(Batch.name)))
        return tuple(BatchStatus(b.wave, b.name, b.stratum, b.invited, b.open, b.issued) for b in rows)


def close_batch(settings: Settings, study: str, name: str, wave: int | None = None) -> int:
    """Close a batch, so that its unused codes buy no token any more; return its wave. Again changes nothing."""
    with office_session(settings) as session:
        number = wave or _wave(session, study_of(session, study).slug, None)
        batch = session.exec(select(Batch).filter_by(study=study, wave=number, name=name)).one_or_none()
        if batch is None:
            raise OperationError(f"wave {number} of {study} has no batch {name}: `sotto batch list {study}` shows them")
        if batch.open:
            batch.open = False
            session.add(batch)
            note_act(session, Act.BATCH_CLOSED, f"{study} {number} {name}")
    return number


# Decision 57.
def forget_codes(session: Session, study: str, wave: int) -> None:
    """
    Close a wave's batches, write how many codes of each were used, and drop every code: in the caller's transaction.

    Tokens in flight are counted before this goes on, or refused after it.
    """
    if not is_sqlite(session.connection()):
        session.connection().execute(text("LOCK TABLE invitation IN SHARE ROW EXCLUSIVE MODE"))
    for batch in session.exec(select(Batch).filter_by(study=study, wave=wave)):
        if batch.issued is None:
            used = (INVITATION.c.batch == batch.id) & INVITATION.c.blinded_hash.is_not(None)
            counted = select(func.count()).select_from(INVITATION).where(used)
            batch.open, batch.issued = False, session.connection().execute(counted).scalar_one()
            session.add(batch)
        session.connection().execute(delete(INVITATION).where(INVITATION.c.batch == batch.id))


def _new_batch(session: Session, request: BatchRequest, codes: tuple[str, ...]) -> int:
    questionnaire = _with_invitations(session, study_of(session, request.study))
    if request.stratum not in questionnaire.strata:
        there = ", ".join(questionnaire.strata)
        raise OperationError(f"{request.study} has no stratum {request.stratum}: its questionnaire has {there}")
    wave = _wave(session, request.study, request.wave)
    if session.exec(select(Batch).filter_by(study=request.study, wave=wave, name=request.batch)).first():
        raise OperationError(f"wave {wave} of {request.study} has a batch {request.batch}: give this one another name")
    batch = Batch(
        id=secrets.token_bytes(BATCH_ID_SIZE),
        study=request.study,
        wave=wave,
        name=request.batch,
        stratum=request.stratum,
        open=True,
        invited=len(codes),
    )
    session.add(batch)
    session.flush()
    # By hash: the order in the table is no order on paper.
    rows = [{"code_hash": hashed, "batch": batch.id} for hashed in sorted(map(code_hash, codes))]
    session.connection().execute(insert(INVITATION), rows)
    note_act(session, Act.BATCH_MADE, f"{request.study} {wave} {request.batch} {len(codes)}")
    return wave


def _wave(session: Session, study: str, number: int | None) -> int:
    """Return the wave that is open or, where none is, the next; or the wanted one, if it is one of these."""
    waves = waves_of(session, study)
    last = waves[-1].number if waves else 0
    open_now = [wave.number for wave in waves if wave.state == "open"]
    if number is None:
        return open_now[0] if open_now else last + 1
    if number not in {*open_now, last + 1}:
        raise OperationError(f"wave {number} of {study} is closed, or not the next: invite to an open or coming wave")
    return number


def _with_invitations(session: Session, study: Study) -> Questionnaire:
    questionnaire, _ = documents(session, study)
    if questionnaire.mode != "invitation":
        raise OperationError(
            f"{study.slug} is answered by an open link: it has no invitations (its posters: `sotto poster`)"
        )
    return questionnaire
