"""A wave's box of sealed records, and the compaction that leaves no order of arrival behind."""

from pathlib import Path

from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from crypto.box import BoxHeader, write_box
from crypto.merkle import MerkleTree
from survey.answers_db import owner_access
from survey.answers_db.compaction import compact
from survey.office_db.tables import (
    BOX_MADE,
    Wave,
    document,
    plans_before_box,
)
from survey.operations.invitations import retire_issuer_key, totals
from survey.operations.transaction import (
    OperationError,
    answers_store,
    compact_office,
    note_act,
    office_session,
    study_of,
)
from survey.operations.waves import end_wave, note_frontend
from survey.public_log import log_events
from survey.settings import Settings
from survey.wave.manifest import Manifest


def make_box(settings: Settings, study: str, wave: int, path: Path) -> BoxHeader:
    """
    Close the wave where it is open, compact the store, write the box to `path`; return its header.

    Asked again it writes the identical box; a box that would differ from the first is never written (OperationError).
    """
    with office_session(settings) as session, answers_store(settings) as answers:
        row = session.get(Wave, (study, wave))
        if row is None:
            raise OperationError(f"{study} has had no wave {wave}")
        if row.state == "open":
            end_wave(settings, session, answers, study_of(session, study), row)
        compact(answers)
        row.fieldwork = owner_access.fieldwork_level(answers, row.epoch, row.enough, row.target)
        header = _write_box(session, answers, row, path)
        if row.state != "boxed":
            row.state, row.box_root, row.box_count = "boxed", header.root, header.count
            note_act(session, BOX_MADE, f"{study} {wave} {header.root}")
        session.add(row)
        tokens = _tokens(session, header)
    retire_issuer_key(settings, study, wave)
    compact_office(settings)
    log_events.box_made(settings, header, path, **tokens)
    return header


def compact_answers(settings: Settings) -> dict[str, str]:
    """Compact both databases and write the fieldwork levels, as a timer does daily; return each level by study/wave."""
    levels = {}
    with office_session(settings) as session, answers_store(settings) as answers:
        compact(answers)
        for wave in session.exec(select(Wave).where(Wave.state == "open")):
            wave.fieldwork = owner_access.fieldwork_level(answers, wave.epoch, wave.enough, wave.target)
            session.add(wave)
            levels[f"{wave.study}/{wave.number}"] = wave.fieldwork
    compact_office(settings)
    note_frontend(settings)
    return levels


def _tokens(session: Session, header: BoxHeader) -> dict[str, int]:
    """Return how many were invited to a wave and how many tokens were issued; nothing of an open link."""
    if header.mode == "open":
        return {}
    counted = totals(session, header.study, header.wave)
    return {"invited": counted.invited, "issued": counted.issued or 0}


def _write_box(session: Session, answers: Engine, wave: Wave, path: Path) -> BoxHeader:
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
    )


def _require_same_records(answers: Engine, wave: Wave) -> None:
    tree = MerkleTree()
    for record in owner_access.iter_records(answers, wave.epoch):
        tree.add(record)
    if (tree.root().hex(), len(tree)) != (wave.box_root, wave.box_count):
        raise OperationError("the store no longer holds what the first box of this wave held: restore it from its copy")
