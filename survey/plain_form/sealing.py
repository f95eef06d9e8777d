"""The pinned documents and the key that the form without JavaScript uses, checked against the wave's pin."""

from dataclasses import dataclass
from functools import cached_property

from crypto.canonical import CanonicalError
from crypto.envelope import EnvelopeError, Record
from crypto.errors import SottoError
from crypto.keys import PostQuantumError, PublicKeyError
from crypto.sealing import Sealer
from survey.publication.bundles import bundle_name
from survey.publication.folder import Published, StudyState
from survey.publication.pinned_bundle import PinnedError, read_bundle
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.questionnaire.rules.sealing_rules import unanswerable
from survey.wave.manifest import Manifest


class PlainFormError(SottoError):
    """This host cannot seal answers for this wave; the message contains nothing of a request."""


@dataclass(frozen=True)
class PinnedWave:
    """A wave's pinned documents in one locale, with the key of its manifest; `pin` is of its newest wording."""

    pin: str
    manifest: Manifest
    questionnaire: Questionnaire
    texts: Texts

    @cached_property
    def sealer(self) -> Sealer:
        """The wave's sealer; raises PlainFormError for an unusable key."""
        manifest = self.manifest
        try:
            return Sealer.of(manifest.public_key, manifest.context, manifest.plaintext_size)
        except (CanonicalError, EnvelopeError, PublicKeyError, PostQuantumError) as error:
            raise PlainFormError(f"{type(error).__name__}: no key to seal to") from None

    def seal(self, payload: bytes) -> Record:
        """Seal a payload in memory as a phone does and return the record; the bytes differ each time."""
        return Record.open_link(self.sealer.seal(payload))


def read_wave(published: Published, state: StudyState, locale: str) -> PinnedWave:
    """Return the wave's documents; raise PlainFormError unless all are there, match the pin and have a valid key."""
    content = published.bundle(state.pin or "", bundle_name(state.locales.index(locale)))
    if content is None:
        raise PlainFormError("the pinned documents are not there")
    try:
        bundle = read_bundle(content, state.pin or "", state.study, locale)
    except PinnedError as error:
        raise PlainFormError(f"the pinned documents are not those of this wave: {error}") from None
    wave = PinnedWave(bundle.pin, bundle.manifest, bundle.questionnaire, bundle.texts)
    _check(wave, state)
    return wave


def _check(wave: PinnedWave, state: StudyState) -> None:
    manifest = wave.manifest
    if manifest.key_id != state.epoch:
        raise PlainFormError("the pinned documents are not those of this wave: key")
    if (manifest.mode, manifest.sealing) != ("open", "phone-or-server") or any(unanswerable(wave.questionnaire)):
        raise PlainFormError("this wave is sealed on the phone only")
    _ = wave.sealer
