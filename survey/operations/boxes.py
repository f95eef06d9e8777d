"""A wave's box of sealed records, and the compaction that leaves no order of arrival behind."""

import logging
from pathlib import Path

from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from crypto.box import BoxHeader, write_box
from crypto.durable import require_writable, write_file
from crypto.errors import SottoError
from crypto.merkle import MerkleTree
from crypto.record_rules import RecordRules
from survey.answers_db import owner_access
from survey.answers_db.compaction import compact
from survey.answers_db.row_checks import refused_count
from survey.office_db.acts import Act
from survey.office_db.tables import (
    Wave,
    document,
    plans_before_box,
)
from survey.operations.fieldwork import tokens_of, wave_fieldwork
from survey.operations.transaction import (
    OperationError,
    UnfinishedError,
    answers_store,
    compact_office,
    note_act,
    office_session,
    publishing,
    wave_of,
)
from survey.operations.watching import note_compaction
from survey.operations.waves import end_wave, note_frontend
from survey.public_log import log_events
from survey.questionnaire.study_metadata import Fieldwork, fieldwork_path
from survey.settings import Settings
from survey.wave.manifest import Manifest


def make_box(settings: Settings, study: str, wave: int, path: Path) -> BoxHeader:
    """
    Compact the store and write the box of a closed wave to `path`; return its header.

    Asked again it writes the identical box; a box that would differ from the first is never written (OperationError).
    The wave's fieldwork file lies beside it. An open wave has no box, and where no file can be written at either path
    nothing is changed (OperationError); where writing fails later, the box can be made again (UnfinishedError).
    """
    for output in (path, fieldwork_path(path)):
        _require_writable(output)
    _require_closed(settings, study, wave)
    end_wave(settings, study, wave)  # completes a close that broke off
    try:
        header, counts = _box_closed_wave(settings, study, wave, path)
    except OSError as error:
        raise UnfinishedError(
            f"the box of wave {wave} of {study} was not written to {path} ({error.strerror}). No record is lost: make "
            "room or give another path, then run `sotto box` again"
        ) from None
    compact_office(settings)
    note_compaction(settings)
    with publishing():
        log_events.box_made(settings, header, path, **counts)
        note_frontend(settings)  # the page that checks receipts lists the box, also for another wave that is open
    return header


def _require_writable(path: Path) -> None:
    try:
        require_writable(path)
    except OSError as error:
        raise OperationError(
            f"no file can be written to {path} ({error.strerror}), so nothing was changed: make the folder, or give "
            "another path for the box, where this account may write both it and its fieldwork file"
        ) from None


# Decision 96.
def _require_closed(settings: Settings, study: str, wave: int) -> None:
    with office_session(settings) as session:
        if wave_of(session, study, wave).state == "open":
            raise OperationError(
                f"wave {wave} of {study} is open and takes answers, so it has no box yet: end fieldwork with "
                f"`sotto study close {study}` first, which closes it for ever (nothing was changed)"
            )


def _box_closed_wave(settings: Settings, study: str, number: int, path: Path) -> tuple[BoxHeader, dict[str, int]]:
    """Write the box of a closed wave, append it to the audit chain; return its header, refused rows and tokens."""
    compact_store(settings)
    with office_session(settings) as session, answers_store(settings) as answers:
        wave = session.get_one(Wave, (study, number))
        wave.fieldwork = owner_access.fieldwork_level(answers, wave.epoch, wave.enough, wave.target)
        header = _write_box(settings, session, answers, wave, path)
        if wave.state != "boxed":
            wave.state, wave.box_root, wave.box_count = "boxed", header.root, header.count
            note_act(session, Act.BOX_MADE, f"{study} {number} {header.root}")
        session.add(wave)
        _write_fieldwork(wave_fieldwork(settings, session, wave), fieldwork_path(path))
        return header, {"refused": refused_count(answers, wave.epoch)} | tokens_of(session, wave)


def _write_fieldwork(fieldwork: Fieldwork | None, path: Path) -> None:
    """Write the fieldwork file; where the wave's own numbers contradict each other leave it out, and say so."""
    if fieldwork is not None:
        write_file(path, fieldwork.to_bytes())
        return
    # The box holds what people answered: numbers that do not add up are no reason to lose it.
    logging.getLogger(__name__).warning(
        "%s was not written: this host has more answers than used codes, or a wave that closed before it opened. The "
        "box is whole; was an older copy of the office database put back, or the clock set? Releases of this wave say "
        "nothing of its fieldwork",
        path,
    )


def box_doubts(settings: Settings, study: str, wave: int) -> tuple[str, ...]:
    """Return, in a sentence, what the first box of a closed wave makes irreversible; nothing for any other."""
    with office_session(settings) as session:
        if wave_of(session, study, wave).state != "closed" or plans_before_box(session, study, wave):
            return ()
    late = "every release of a plan that its box does not name says for ever that it came late"
    return (f"no plan for wave {wave} is published, and {late}: `sotto plan publish` it first",)


def compact_answers(settings: Settings) -> dict[str, str]:
    """Compact both databases and write the fieldwork levels, as a timer does daily; return each level by study/wave."""
    levels = {}
    compact_store(settings)
    with office_session(settings) as session, answers_store(settings) as answers:
        for wave in session.exec(select(Wave).where(Wave.state == "open")):
            wave.fieldwork = owner_access.fieldwork_level(answers, wave.epoch, wave.enough, wave.target)
            session.add(wave)
            levels[f"{wave.study}/{wave.number}"] = wave.fieldwork
    compact_office(settings)
    note_compaction(settings)
    _note_frontend_after_compaction(settings)
    return levels


def compact_store(settings: Settings) -> None:
    """Compact the answers alone; the staff's database is not held meanwhile, which takes minutes."""
    with office_session(settings) as session:
        rules = _record_rules(session)
    with answers_store(settings) as answers:
        compact(answers, rules)


def _note_frontend_after_compaction(settings: Settings) -> None:
    try:
        note_frontend(settings)
    except (SottoError, OSError) as error:
        raise UnfinishedError(
            f"both databases are compacted; what browsers are served could not be looked at and logged: {error}"
        ) from None


def _record_rules(session: Session) -> dict[bytes, RecordRules]:
    """Return the checks on the records of every wave that this host has had, by key id."""
    waves = session.exec(select(Wave)).all()
    return {wave.epoch: Manifest.from_bytes(document(session, wave.manifest)).record_rules for wave in waves}


def _write_box(settings: Settings, session: Session, answers: Engine, wave: Wave, path: Path) -> BoxHeader:
    manifest = Manifest.from_bytes(document(session, wave.manifest))
    if wave.state == "boxed":
        _require_same_records(answers, wave)
    return write_box(
        path,
        study=manifest.study,
        wave=manifest.wave,
        mode=manifest.mode,
        manifest=manifest.digest,
        key_id=manifest.key_id,
        record_size=wave.record_size,
        records=owner_access.iter_records(answers, wave.epoch),
        plans=plans_before_box(session, wave.study, wave.number),
        corrections=tuple(
            (entry.hash, entry.day) for entry in log_events.corrections_of_wave(settings, wave.study, wave.number)
        ),
    )


def _require_same_records(answers: Engine, wave: Wave) -> None:
    tree = MerkleTree()
    for record in owner_access.iter_records(answers, wave.epoch):
        tree.add(record)
    if (tree.root().hex(), len(tree)) != (wave.box_root, wave.box_count):
        raise OperationError("the store no longer holds what the first box of this wave held: restore it from its copy")
