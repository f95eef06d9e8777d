"""Creates studies from authored files, and reads the status of each."""

from pathlib import Path

from sqlmodel import Session

from survey.authoring.compiler import compile_with_media, missing_for_opening
from survey.authoring.editing.wording_changes import AllTexts, TimedPlaces, corrected_words, other_changes
from survey.document import today
from survey.office_db import study_status as status
from survey.office_db.acts import Act
from survey.office_db.tables import (
    Study,
    check_audit,
    store_document,
)
from survey.operations.checks import documents
from survey.operations.study_state import publish_state
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

_OTHER = "Give the file as it was then, or the changed one a new name"
_WORDS = (
    "Words of the same meaning are corrected by a signed statement (`sotto study correct` on the analysis host, then "
    "`sotto publish`); give anything else a new name"
)


def new_study(settings: Settings, path: Path) -> str:
    """
    Compile an authored study, keep it and publish it; return its slug. Doing it again publishes it again.

    A study that has had a wave keeps its questionnaire and its words, those of the program on the phone's page too: a
    newer version of the program may have others. Raises AuthoringError with every problem, and OperationError where the
    file has other words or questions than such a study: what was asked can not change under the answers.
    """
    compiled = compile_with_media(path)
    questionnaire: Questionnaire = compiled.questionnaire
    texts: AllTexts = compiled.texts
    slug = questionnaire.study
    with office_session(settings) as session:
        existing = session.get(Study, slug)
        if existing and waves_of(session, slug):
            questionnaire, texts = _kept(session, existing, questionnaire, texts, compiled.timed)
        study = existing or Study(slug=slug, source="", questionnaire="", texts={}, lacking=[], since=today())
        study.source = store_document(session, "source", compiled.source)
        study.questionnaire = store_document(session, "questionnaire", questionnaire.to_bytes())
        study.texts = {locale: store_document(session, "texts", text.to_bytes()) for locale, text in texts.items()}
        study.lacking = list(missing_for_opening(compiled.authored))
        session.add(study)
        note_act(session, Act.STUDY_COMPILED, f"{slug} {study.questionnaire}")
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
    """Return the documents that a study has; raise OperationError where the file's differ in more than page words."""
    kept, before = documents(session, study)
    if changed := next(other_changes(kept, before, questionnaire, texts, timed), None):
        raise OperationError(f"{study.slug} has had a wave with another questionnaire: {changed}. {_OTHER}")
    if words := next(corrected_words(before, texts, timed), None):
        raise OperationError(f"{study.slug} has had a wave with other wording: {words}. {_WORDS}")
    return kept, before
