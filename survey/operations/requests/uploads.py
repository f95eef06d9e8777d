"""Uploaded documents: of which study and wave one is, and publishing it as `sotto publish` does."""

from survey.operations.corrections import publish_correction
from survey.operations.releases import publish_release
from survey.operations.statements import KINDS, kind_of, publish_statement
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
