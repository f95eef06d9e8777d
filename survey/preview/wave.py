"""A wave that lives in one throwaway folder: published as a real one is, with a key that nobody holds."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from crypto.envelope import record_size
from crypto.invitation_codes import new_code
from crypto.keys import public_key_of_nobody
from survey.admission.work_secret import create_secret
from survey.authoring.compiler import Compiled
from survey.publication.folder import Published, StudyState
from survey.publication.media import publish_media
from survey.wave.manifest import LifetimeBudget, Manifest, build_manifest

if TYPE_CHECKING:
    from survey.issuer_app.keys import IssuerKeys

# The issuer's library of numbers is loaded for studies with invitations alone.
# ruff: noqa: PLC0415 - see above

KEPT = 2
"""Waves of which documents stay: the one that is shown, and the one before it, which a page may just be loading."""


@dataclass
class PreviewWaves:
    """The throwaway folder: each version of the file is a wave of its own, pinned by its own manifest."""

    folder: Path
    published: Published = field(init=False)
    issuers: "IssuerKeys | None" = None
    _pins: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.published = Published(self.folder / "public")

    @property
    def work_key(self) -> Path:
        """The secret of the proofs of work."""
        return self.folder / "work.key"

    def publish(self, compiled: Compiled) -> "PreviewWave":
        """Publish a study as an open wave and return it; the wave before the last one is removed."""
        questionnaire, texts = compiled.questionnaire, compiled.texts
        public = public_key_of_nobody()
        manifest = build_manifest(
            questionnaire,
            texts,
            wave=1,
            key=public,
            signer=hashlib.sha256(public).hexdigest(),
            budget=LifetimeBudget(nano_rho=1, atto_delta=0),
            demo=True,
            issuer_key=self._issuer_key(questionnaire.study) if questionnaire.mode == "invitation" else None,
        )
        if questionnaire.work:
            create_secret(self.work_key)
        publish_media(self.published.root, compiled.media)
        contents = {locale: text.to_bytes() for locale, text in texts.items()}
        self.published.write_bundles(manifest.pin, manifest.to_bytes(), questionnaire.to_bytes(), contents)
        self.published.write_study(_state(compiled, manifest))
        self._forget(manifest.pin)
        code = None if manifest.issuer_key is None else new_code()
        return PreviewWave(compiled, manifest.pin, code, manifest.issuer_key)

    def _issuer_key(self, study: str) -> str:
        """Return the public half of the preview's issuer key, made once."""
        from survey.issuer_app.keys import IssuerKeys

        document = self.folder / f"issuer-{len(self._pins)}.json"
        self.issuers = self.issuers or IssuerKeys(self.folder / "issuer")
        return self.issuers.make(study, 1, document).key

    def _forget(self, pin: str) -> None:
        self._pins.append(pin)
        while len(self._pins) > KEPT:
            self.published.remove_bundles(self._pins.pop(0))


@dataclass(frozen=True)
class PreviewWave:
    """A version of the study as phones get it; `code` is an invitation that is never used up, on an open link None."""

    compiled: Compiled
    pin: str
    code: str | None
    issuer_key: str | None


def _state(compiled: Compiled, manifest: Manifest) -> StudyState:
    texts = compiled.texts
    return StudyState(
        study=manifest.study,
        state="open",
        wave=1,
        mode=manifest.mode,
        sealing=manifest.sealing,
        work=bool(compiled.questionnaire.work),
        long_lists=bool(compiled.questionnaire.long_lists),
        pin=manifest.pin,
        epoch=manifest.key_id,
        record_size=record_size(manifest.plaintext_size),
        issuer=manifest.issuer_key,
        locales=tuple(texts),
        names={locale: text.name for locale, text in texts.items()},
        directions={locale: text.dir for locale, text in texts.items()},
        titles={locale: text.title for locale, text in texts.items()},
    )
