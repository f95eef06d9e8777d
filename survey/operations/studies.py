"""Creates studies from authored files, and reads the status of each."""

from collections.abc import Mapping
from pathlib import Path

from survey.authoring.compiler import compile_with_media, missing_for_opening
from survey.document import today
from survey.office_db import study_status as status
from survey.office_db.acts import Act
from survey.office_db.tables import (
    Study,
    check_audit,
    store_document,
)
from survey.operations.study_state import publish_state
from survey.operations.transaction import (
    OperationError,
    note_act,
    office_session,
    publishing,
    waves_of,
)
from survey.publication.media import publish_media
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.settings import Settings


def new_study(settings: Settings, path: Path) -> str:
    """
    Compile an authored study, keep it and publish it; return its slug. Doing it again publishes it again.

    Raises AuthoringError with every problem, and OperationError where the study has had a wave: what was asked then,
    in whatever words and languages, can not change under the answers.
    """
    compiled = compile_with_media(path)
    questionnaire, texts = compiled.questionnaire, compiled.texts
    slug = questionnaire.study
    with office_session(settings) as session:
        existing = session.get(Study, slug)
        if existing and waves_of(session, slug):
            _require_same(existing, questionnaire, texts)
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


def _require_same(study: Study, questionnaire: Questionnaire, texts: Mapping[str, Texts]) -> None:
    if study.questionnaire != questionnaire.digest:
        raise OperationError(f"{study.slug} has had a wave with another questionnaire: give the changed one a new name")
    before, after = study.texts, {locale: text.digest for locale, text in texts.items()}
    changed = sorted(locale for locale in before.keys() | after.keys() if before.get(locale) != after.get(locale))
    if changed:
        raise OperationError(
            f"{study.slug} has had a wave with other wording in {', '.join(changed)}: words of the same meaning are "
            "corrected by a signed statement (`sotto study correct` on the analysis host, then `sotto publish`); give "
            "anything else a new name"
        )
