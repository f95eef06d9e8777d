"""Uploaded documents: of which study and wave one is, publishing it, and keeping a questionnaire, as commands do."""

import tempfile
from dataclasses import replace
from pathlib import Path

from survey.faults import AuthoringError
from survey.operations.corrections import publish_correction
from survey.operations.releases import publish_release
from survey.operations.statements import KINDS, kind_of, publish_statement
from survey.operations.studies import new_study
from survey.release.release import Release
from survey.settings import Settings
from survey.wave.correction import Correction


def about(content: bytes) -> tuple[str, int]:
    """Return the study and the wave of a release, statement or correction; raise DocumentError for anything else."""
    kind = kind_of(content)
    if kind == "correction":
        correction = Correction.from_bytes(content)
        return correction.study, correction.wave
    document = Release.from_bytes(content) if kind == "release" else KINDS[kind].from_bytes(content)
    return document.study, document.wave


def publish(settings: Settings, content: bytes) -> str:
    """Publish and log a release, statement or correction; return its hash. Publishing it again is harmless."""
    if kind_of(content) == "correction":
        return publish_correction(settings, content)[0]
    return (publish_release if kind_of(content) == "release" else publish_statement)(settings, content)


def keep_study(settings: Settings, study: str, questionnaire: bytes) -> str:
    """
    Keep an uploaded questionnaire, which is YAML and never a workbook, as the study; return its name.

    It stands alone in a folder: what it names beside itself is not there. Raises AuthoringError with every problem,
    and OperationError for a questionnaire of another study, or one that a study with a wave may not have.
    """
    with tempfile.TemporaryDirectory(prefix="sotto-study-") as folder:
        path = Path(folder) / "questionnaire.yaml"
        path.write_bytes(questionnaire)
        try:
            return new_study(settings, path, named=study)
        except AuthoringError as error:
            raise AuthoringError([replace(one, file=path.name) for one in error.problems]) from None
