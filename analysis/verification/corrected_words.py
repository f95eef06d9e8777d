"""Checks the corrections that a release names against the study folder's."""

from analysis.study.corrected import corrected_in
from analysis.study.folder import StudyError, StudyFolder, WaveDocuments
from survey.questionnaire.questionnaire import Texts
from survey.release.release import Release


def corrected_texts(release: Release, folder: StudyFolder, documents: WaveDocuments) -> dict[str, Texts] | None:
    """Return a wave's texts after the corrections that a release names; None where the folder has not these."""
    named = release.corrections or ()
    try:
        texts, due = corrected_in(folder, documents, [(one.correction, one.since) for one in named])
    except StudyError:
        return None
    return texts if named == due else None
