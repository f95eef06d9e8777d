"""What becomes of a study that is over or never was: its documents in one file, or nothing of it left on this host."""

import io
import zipfile
from pathlib import Path

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from crypto.canonical import canonical
from crypto.durable import require_writable, write_file
from survey.office_db.acts import Act
from survey.office_db.invitations import Batch
from survey.office_db.tables import AuditEntry, PublishedRelease, RegisteredPlan, StoredDocument, Study, Wave, document
from survey.operations.statements import ACTS
from survey.operations.transaction import OperationError, note_act, office_session, publishing, study_of, waves_of
from survey.publication.folder import Published
from survey.settings import Settings
from survey.wave.manifest import Manifest

_DAY = (1980, 1, 1, 0, 0, 0)
"""The time of every file in an archive (the earliest of the format), so that the same study gives the same bytes."""
_README = """\
What a collection host kept of the study {study}: its authored file and compiled documents, the manifest of each wave,
registered plans, releases, statements about its keys, and the acts of staff on it. There are no answers and no codes
of invitations in it.
"""


def delete_study(settings: Settings, slug: str) -> None:
    """Take a study that never had a wave off this host: its documents and its public state. Audited.

    Raises OperationError for a study that had a wave, a plan or codes: what was asked of people stays to be checked.
    Run again after a file could not be removed it removes it.
    """
    with office_session(settings) as session:
        # Where its rows are gone already its file is what is left.
        if session.get(Study, slug) is not None or Published(settings.public).study(slug) is None:
            _take_out(session, study_of(session, slug))
    with publishing():
        Published(settings.public).remove_study(slug)


def _take_out(session: Session, study: Study) -> None:
    if reason := _kept_by(session, study.slug):
        raise OperationError(
            f"{study.slug} {reason}, and what people were asked, or may be, stays on the host; "
            f"`sotto study archive {study.slug}` writes it into one file (nothing was changed)"
        )
    own = {study.source, study.questionnaire, *study.texts.values()}
    others = session.exec(select(Study).where(Study.slug != study.slug)).all()
    shared = {name for other in others for name in (other.source, other.questionnaire, *other.texts.values())}
    session.delete(study)
    session.flush()
    session.connection().execute(delete(StoredDocument).where(col(StoredDocument.hash).in_(own - shared)))
    note_act(session, Act.STUDY_DELETED, study.slug)


def _kept_by(session: Session, slug: str) -> str:
    """Return what keeps a study from being deleted, empty where nothing does."""
    if waves := waves_of(session, slug):
        return f"has had {len(waves)} wave{'s' if len(waves) > 1 else ''}"
    if session.scalar(select(func.count()).select_from(Batch).where(Batch.study == slug)):
        return "has codes of invitations"
    if session.scalar(select(func.count()).select_from(RegisteredPlan).where(RegisteredPlan.study == slug)):
        return "has a published plan"
    return ""


def archive_study(settings: Settings, slug: str, output: Path) -> int:
    """Write everything that the office keeps of a study into one ZIP file; return how many files are in it.

    Nothing on the host changes. The same study gives the same bytes. Raises OperationError while a wave is open.
    """
    require_writable(output)
    with office_session(settings) as session:
        study = study_of(session, slug)
        waves = waves_of(session, slug)
        if any(wave.state == "open" for wave in waves):
            raise OperationError(f"a wave of {slug} is open: close it first (`sotto study close {slug}`)")
        files = _files(session, study)
        for wave in waves:
            files |= _wave_files(session, study, wave)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(f"{slug}/{name}", _DAY), data, zipfile.ZIP_DEFLATED)
    write_file(output, content.getvalue())
    return len(files)


def _wave_files(session: Session, study: Study, wave: Wave) -> dict[str, bytes]:
    """Return a wave's manifest, with the documents that it names where the study has a newer version of them."""
    manifest = Manifest.from_bytes(document(session, wave.manifest))
    named = {"manifest": wave.manifest}
    if manifest.questionnaire != study.questionnaire:
        named |= {"questionnaire": manifest.questionnaire}
        named |= {f"texts/{locale}": name for locale, name in manifest.texts.items()}
    return {f"waves/{wave.number}/{place}.json": document(session, name) for place, name in named.items()}


def _files(session: Session, study: Study) -> dict[str, bytes]:
    plans = session.scalars(select(RegisteredPlan.hash).where(RegisteredPlan.study == study.slug)).all()
    releases = session.scalars(select(PublishedRelease.hash).where(PublishedRelease.study == study.slug)).all()
    acts = session.scalars(select(AuditEntry).order_by(col(AuditEntry.sequence))).all()
    statements = [act.subject.split()[-1] for act in acts if act.action in ACTS.values() and _is_of(act, study.slug)]
    own = [act.model_dump(mode="json") for act in acts if _is_of(act, study.slug)]
    return {
        "README.txt": _README.format(study=study.slug).encode(),
        "questionnaire.yaml": document(session, study.source),
        "questionnaire.json": document(session, study.questionnaire),
        **{f"texts/{locale}.json": document(session, name) for locale, name in study.texts.items()},
        **{f"plans/{name}.json": document(session, name) for name in plans},
        **{f"releases/{name}.json": document(session, name) for name in releases},
        **{f"statements/{name}.json": document(session, name) for name in statements},
        "acts.json": canonical(own),
    }


def _is_of(act: AuditEntry, slug: str) -> bool:
    return act.subject.split()[:1] == [slug]
