"""The wave that may be given invented answers: open, over a link, under the key of a demo."""

from survey.office_db.tables import document
from survey.operations.checks import documents
from survey.operations.transaction import OperationError, office_session, study_of, waves_of
from survey.questionnaire.questionnaire import Questionnaire
from survey.settings import Settings
from survey.wave.manifest import Manifest


def open_demonstration(settings: Settings, study: str) -> tuple[Questionnaire, Manifest]:
    """
    Return the questionnaire and manifest of a study's open wave, which must be a demonstration over an open link.

    Raises OperationError for any other: among the answers of people invented ones could never be told apart.
    """
    with office_session(settings) as session:
        row = study_of(session, study)
        waves = waves_of(session, study)
        if not waves or waves[-1].state != "open":
            raise OperationError(f"{study} has no open wave: open one (`sotto study open {study} --demo …`)")
        questionnaire, _ = documents(session, row)
        manifest = Manifest.from_bytes(document(session, waves[-1].manifest))
    if not manifest.demo:
        raise OperationError(
            f"wave {manifest.wave} of {study} is for people: invented answers could not be told apart from theirs. "
            "Rehearse with a key of its own (`sotto key ceremony … --demo`, `sotto study open … --demo`)"
        )
    if questionnaire.mode == "invitation":
        raise OperationError(
            f"{study} is answered by invitation, one code an answer: `sotto demo --invitations` rehearses that"
        )
    return questionnaire, manifest
