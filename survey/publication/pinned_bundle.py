"""A bundle read as a phone reads it: every document compared with the pin of the link, and refused on a difference.

The twin of survey/browser/pinned/manifest.ts, for the form without JavaScript; tests/vectors/corrections.json holds
both together.
"""

from dataclasses import dataclass

from crypto.canonical import CanonicalError, digest
from crypto.errors import RefusedError
from survey.document import DocumentError
from survey.publication.bundles import WORDING, bundle_documents
from survey.questionnaire.questionnaire import Questionnaire, Texts
from survey.wave.correction import PinnedWording
from survey.wave.manifest import Manifest, pin_of


class PinnedError(RefusedError):
    """A bundle that is not what the link pins; the message is the part that differs."""


@dataclass(frozen=True)
class PinnedBundle:
    """A wave's documents in one locale, as the link with `pin` leads to them."""

    pin: str
    manifest: Manifest
    questionnaire: Questionnaire
    texts: Texts


def read_bundle(content: bytes, pin: str, study: str, locale: str) -> PinnedBundle:
    """Return the documents of a bundle; raise PinnedError unless all are those that the pin stands for."""
    try:
        parts = bundle_documents(content)
        manifest = Manifest.from_bytes(parts["manifest"])
        bundle = PinnedBundle(
            pin, manifest, Questionnaire.from_bytes(parts["questionnaire"]), Texts.from_bytes(parts["texts"])
        )
    except (CanonicalError, DocumentError) as error:
        raise PinnedError(f"shape ({type(error).__name__})") from None
    wording = _wording(parts[WORDING]) if WORDING in parts else None
    named = manifest if wording is None else wording
    if pin_of(named.digest) != pin:
        raise PinnedError("pin")
    if wording is not None and (wording.manifest, wording.study) != (manifest.digest, study):
        raise PinnedError("wording")
    if manifest.study != study:
        raise PinnedError("study")
    if digest(parts["questionnaire"]) != manifest.questionnaire:
        raise PinnedError("questionnaire")
    if digest(parts["texts"]) != named.texts.get(locale):
        raise PinnedError("texts")
    return bundle


def _wording(content: bytes) -> PinnedWording:
    try:
        return PinnedWording.from_bytes(content)
    except DocumentError:
        raise PinnedError("wording") from None
