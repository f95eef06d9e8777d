"""Imports the envelopes that a field kit saved as a file because it had no network."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from crypto.envelope import EnvelopeError, Record
from crypto.kit_file import QueueFile
from crypto.tokens import TokenError
from survey.answers_db import insert_only, owner_access, store_errors
from survey.errors import OfficeError
from survey.office_db.acts import Act
from survey.office_db.tables import Wave, document
from survey.operations.transaction import note_act, office_session
from survey.settings import Settings
from survey.wave.manifest import Manifest


class TakeInError(OfficeError):
    """A file whose envelopes were not all stored; the message says which part of it was, and why."""


@dataclass(frozen=True)
class TakenIn:
    """The result of an import: the wave, and how many envelopes of the file the answers database holds now."""

    wave: int
    stored: int


def take_in(settings: Settings, study: str, path: Path) -> TakenIn:
    """
    Store every envelope of the file at `path`; doing it again changes nothing, and how many were new is not said.

    Raise QueueFileError for a file that is not whole, and TakeInError for one of another study or wave or with a token
    that does not hold, and where the wave is closed: then those count that were stored before it closed, and the others
    came too late; and where a token was spent on another answer, or its own was taken back.
    """
    file = QueueFile.read(path)
    with office_session(settings) as session:
        wave = _wave(session, study, file)
        stored = _store_all(settings, wave, file)
        # The file's hash and not its number: what staff did is on record, how far fieldwork has come is not.
        note_act(session, Act.ENVELOPES_TAKEN_IN, f"{study} {wave.number} {file.digest}")
        session.commit()
        late = len(file.records) - stored
        if late and wave.state == "open":
            raise TakeInError(
                f"{late} of {len(file.records)} envelopes were not stored: their invitations were used for another "
                "answer, or their answer was taken back. The others are stored"
            )
        if late:
            raise TakeInError(
                f"wave {wave.number} of {study} is closed: {late} of {len(file.records)} envelopes came too late and "
                f"were not stored; {stored} were stored before"
            )
        return TakenIn(wave.number, stored)


def _wave(session: Session, study: str, file: QueueFile) -> Wave:
    header = file.header
    if header.study != study:
        raise TakeInError(f"the file is of the study {header.study} and not of {study}; nothing was taken in")
    waves = session.exec(select(Wave).where(Wave.study == study))
    wave = next((wave for wave in waves if wave.epoch.hex() == header.key_id), None)
    if wave is None:
        raise TakeInError(f"{study} has had no wave with the key of this file; nothing was taken in")
    manifest = Manifest.from_bytes(document(session, wave.manifest))
    if wave.record_size != header.record_size or not _all_fit(manifest, file):
        raise TakeInError(f"the file's envelopes do not fit wave {wave.number} of {study}; nothing was taken in")
    return wave


def _all_fit(manifest: Manifest, file: QueueFile) -> bool:
    """Say whether every record may be stored, as `survey.admission` does: a valid token, or none on an open link."""
    entrance = manifest.record_rules
    try:
        for record in file.records:
            entrance.checked(record)
    except (EnvelopeError, TokenError):
        return False
    return True


def _store_all(settings: Settings, wave: Wave, file: QueueFile) -> int:
    """Store the records; return how many of the file the answers database holds afterwards."""
    engine = owner_access.connect_owner(settings.answers_url)
    try:
        # In the order of row keys: the store learns nothing of the order in which they were sealed.
        rows = [(record.row_key, record.to_bytes()) for record in file.records]
        try:
            return owner_access.insert_records(engine, wave.epoch, rows)
        except (store_errors.WaveClosedError, store_errors.RecordRefusedError):
            return sum(_stored(engine, wave.epoch, record) for record in file.records)
    finally:
        engine.dispose()


def _stored(engine: Engine, epoch: bytes, record: Record) -> bool:
    try:
        insert_only.insert_record(engine, epoch, record.row_key, record.to_bytes())
    except (store_errors.WaveClosedError, store_errors.RecordRefusedError):
        return False
    return True
