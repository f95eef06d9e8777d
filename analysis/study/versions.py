"""Which version of the questionnaire a wave of a study folder asks."""

from analysis.study.folder import StudyFolder
from survey.release.corrections import ReleasedVersion
from survey.wave.manifest import Manifest


def version_of(folder: StudyFolder, manifest: Manifest) -> ReleasedVersion | None:
    """Return the version that a wave with this manifest asked, None for the study's first.

    All manifests of the waves before it are read and checked, for without one the number would be another. Raises
    StudyError where one is unusable.
    """
    before = [folder.manifest(one).questionnaire for one in range(1, manifest.wave)]
    return ReleasedVersion.of([*before, manifest.questionnaire])
