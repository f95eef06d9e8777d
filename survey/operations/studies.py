"""Creates studies from authored files, and reads the status of each."""

from pathlib import Path

from sqlmodel import Session, select

from survey.authoring.compiler import Compiled, compile_with_media, missing_for_opening
from survey.authoring.editing.new_version import version_fault
from survey.authoring.editing.wording_changes import AllTexts, TimedPlaces, corrected_words, other_changes
from survey.document import today
from survey.office_db import study_status as status
from survey.office_db.acts import Act
from survey.office_db.invitations import Batch
from survey.office_db.tables import (
    Study,
    check_audit,
    document,
    store_document,
)
from survey.operations.checks import documents
from survey.operations.study_state import asked_documents, publish_state
from survey.operations.transaction import (
    OperationError,
    note_act,
    office_session,
    publishing,
    waves_of,
)
from survey.publication.media import publish_media
from survey.questionnaire.questionnaire import Questionnaire
from survey.settings import Settings
from survey.wave.manifest import Manifest

_OTHER = (
    "Give the file as it was then; or, once that wave is closed, the changed one as a new version in the same study "
    "(--new-version)"
)
_WORDS = (
    "Words of the same meaning are corrected by a signed statement (`sotto study correct` on the analysis host, then "
    "`sotto publish`); anything else is a new version in the same study (--new-version), once that wave is closed"
)


def new_study(settings: Settings, path: Path, *, new_version: bool = False, named: str | None = None) -> str:
    """
    Compile an authored study, keep it and publish it; return its slug. Doing it again publishes it again.

    With `named` it must be the study of that name.

    A study that has had a wave keeps its questionnaire and its words, those of the program on the phone's page too: a
    newer version of the program may have others. With `new_version` the next wave asks the file's questionnaire, and
    earlier waves keep their own. Raises AuthoringError with every problem, and OperationError where the file has other
    words or questions than such a study and is no new version, or a wave is open: what was asked can not change under
    the answers.
    """
    compiled = compile_with_media(path)
    questionnaire: Questionnaire = compiled.questionnaire
    texts: AllTexts = compiled.texts
    slug = questionnaire.study
    if named not in (None, slug):
        raise OperationError(f"the questionnaire is of the study {slug}, not of {named}: ask for {slug}")
    with office_session(settings) as session:
        existing = session.get(Study, slug)
        if new_version:
            _refuse_version(session, existing, compiled)
        elif existing and waves_of(session, slug):
            questionnaire, texts = _kept(session, existing, questionnaire, texts, compiled.timed)
        study = existing or Study(slug=slug, source="", questionnaire="", texts={}, lacking=[], since=today())
        study.source = store_document(session, "source", compiled.source)
        study.questionnaire = store_document(session, "questionnaire", questionnaire.to_bytes())
        study.texts = {locale: store_document(session, "texts", text.to_bytes()) for locale, text in texts.items()}
        study.lacking = list(missing_for_opening(compiled.authored))
        session.add(study)
        act = Act.VERSION_KEPT if new_version else Act.STUDY_COMPILED
        note_act(session, act, f"{slug} {study.questionnaire}")
    with publishing():
        publish_media(settings.public, compiled.media)
        publish_state(settings, slug)
    return slug


def study_status(settings: Settings) -> tuple[status.StudyStatus, ...]:
    """Return the status of every study; raise AuditError where an entry of the audit chain was changed or removed."""
    with office_session(settings) as session:
        check_audit(session)
        return status.studies(session)


# Decision 147.
def _kept(
    session: Session, study: Study, questionnaire: Questionnaire, texts: AllTexts, timed: TimedPlaces
) -> tuple[Questionnaire, AllTexts]:
    """Return the documents that a study has; raise OperationError where the file's differ in more than page words.

    Where a new version is kept for the next wave, the file may be of that, or of what was asked, which takes it back.
    """
    pending = documents(session, study)
    for kept, before in (asked_documents(session, study), pending):
        changed = next(other_changes(kept, before, questionnaire, texts, timed), None)
        if changed is None and next(corrected_words(before, texts, timed), None) is None:
            return kept, before
    kept, before = pending
    if changed := next(other_changes(kept, before, questionnaire, texts, timed), None):
        raise OperationError(f"{study.slug} has had a wave with another questionnaire: {changed}. {_OTHER}")
    words = next(corrected_words(before, texts, timed))
    raise OperationError(f"{study.slug} has had a wave with other wording: {words}. {_WORDS}")


# Decision 157.
def _refuse_version(session: Session, study: Study | None, compiled: Compiled) -> None:
    """Raise OperationError where a compiled file is no new version of a study, or none can begin now."""
    waves = waves_of(session, study.slug) if study else []
    if study is None or not waves:
        raise OperationError(
            f"{compiled.questionnaire.study} has had no wave here, so there is no version before this one: leave "
            "--new-version out (nothing was changed)"
        )
    if waves[-1].state == "open":
        raise OperationError(
            f"wave {waves[-1].number} of {study.slug} is open, and people answer it: a new version begins with a wave. "
            f"Close it first (`sotto study close {study.slug}`; nothing was changed)"
        )
    manifests = [Manifest.from_bytes(document(session, wave.manifest)) for wave in waves]
    asked = [Questionnaire.from_bytes(document(session, one.questionnaire)) for one in manifests]
    _, before = asked_documents(session, study)
    fault = version_fault(asked, before, compiled.questionnaire, compiled.texts, compiled.timed)
    if fault is None:
        fault = _lost_stratum(session, study, len(waves) + 1, compiled.questionnaire)
    if fault:
        raise OperationError(f"this is no new version of {study.slug}: {fault} (nothing was changed)")


def _lost_stratum(session: Session, study: Study, wave: int, questionnaire: Questionnaire) -> str | None:
    """Return why codes that were made for the next wave do not fit its new version; None where they do."""
    for batch in session.exec(select(Batch).where(Batch.study == study.slug, Batch.wave == wave)):
        if batch.stratum not in questionnaire.strata:
            return f"the batch {batch.name} of wave {wave} is for the stratum {batch.stratum}, which it does not have"
    return None
