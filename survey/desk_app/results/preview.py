"""A release before it is published: read, and held against what the office knows. Nothing is stored. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from crypto.errors import RefusedError
from survey.document import DocumentError
from survey.release.release import Release
from survey.wave.manifest import Manifest


class PreviewError(RefusedError):
    """What was uploaded is shown nowhere; the text is the name of what is wrong (templates/desk/preview.html)."""

    def __init__(self, fault: str, detail: str = "") -> None:
        """Keep what the parser said."""
        super().__init__(fault)
        self.detail = detail


@dataclass(frozen=True)
class KnownWave:
    """What the office knows of a wave and its plans: the box is None before it is made; plans and releases by hash."""

    manifest: Manifest
    box: tuple[str, int] | None
    plans: frozenset[str]
    released: dict[str, str]
    """By the plan of each published release, the release's hash."""


def shown_release(content: bytes, wave: KnownWave) -> Release:
    """Return a release that the wave's own key signed; raise PreviewError for all else, whose numbers are not shown."""
    if not content:
        raise PreviewError("empty")
    try:
        release = Release.from_bytes(content)
    except DocumentError as error:
        raise PreviewError("content", str(error)) from None
    if (release.study, release.wave) != (wave.manifest.study, wave.manifest.wave):
        raise PreviewError("other")
    if not release.is_signed_by(wave.manifest.signer):
        raise PreviewError("signature")
    return release


def refusals(release: Release, wave: KnownWave) -> Iterator[str]:
    """Yield the name of each reason known here for which the release would not be published (preview.html)."""
    budget, announced = release.budget, wave.manifest.budget
    if wave.released.get(release.plan) == release.digest:
        yield "published"
    elif release.plan in wave.released:
        yield "released"
    if wave.box is None:
        yield "no-box"
    elif wave.box != (release.box.root, release.box.count):
        yield "box"
    if release.manifest != wave.manifest.digest:
        yield "manifest"
    if release.plan not in wave.plans:
        yield "plan"
    if (budget.total, budget.atto_delta.total) != (announced.nano_rho, announced.atto_delta):
        yield "budget"
    if release.intent is None and not release.demo:
        yield "intent"
