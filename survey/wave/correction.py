"""A correction of wording after a study's first ceremony: signed, of the same codes, routing and meaning."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from crypto.canonical import canonical
from crypto.errors import RefusedError
from survey.document import Document
from survey.names import Locale, Sha256, Slug
from survey.questionnaire.questionnaire import Texts
from survey.signed import Purpose
from survey.wave.custody import CustodyStatement
from survey.wave.manifest import pin_of
from survey.wave.text_places import PLACE, is_recorded, piped, replace_words, words_by_place

FORMAT: Literal["sotto-correction-1"] = "sotto-correction-1"
LONGEST_REASON = 2000
"""Characters of a reason."""


class CorrectionError(RefusedError):
    """A correction that does not fit the texts that it corrects; the message names the place."""


class TextChange(Document):
    """One text of one locale before and after a correction, as a texts document has it."""

    locale: Locale
    place: Annotated[str, Field(pattern=f"^(?:{PLACE})$")]
    old: str
    new: Annotated[str, Field(min_length=1)]

    def __str__(self) -> str:
        return f"{self.place} in {self.locale}: “{self.old}” became “{self.new}”"


class PinnedWording(Document):
    """What the link of a corrected wave pins (`sotto-wording-1`): a manifest, the newest correction, and the texts.

    It is computed from the correction, and a phone gets it in place of the correction, which is long.
    """

    format: Literal["sotto-wording-1"]
    study: Slug
    manifest: Sha256
    correction: Sha256
    texts: dict[Locale, Sha256]

    @property
    def pin(self) -> str:
        """The pin in the link: the first 24 bytes (192 bits) of the hash as 32 base64url characters."""
        return pin_of(self.digest)


# Decision 147.
class Correction(CustodyStatement):
    """Changed words of a study (`sotto-correction-1`), which its key signed.

    `wave` and `manifest` are the study's newest when it was made; `previous` is the hash of the study's correction
    before it, null for the first. `meaning`: the researcher declares that each text means what it meant. `changes`
    stand in the order of locale and place; `texts` are the hashes of all locales after it.
    """

    purpose = Purpose.CORRECTION

    format: Literal["sotto-correction-1"]
    previous: Sha256 | None
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]
    meaning: Literal["same"]
    changes: Annotated[tuple[TextChange, ...], Field(min_length=1)]
    texts: dict[Locale, Sha256]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        places = [(change.locale, change.place) for change in self.changes]
        if places != sorted({*places}) or any(change.old == change.new for change in self.changes):
            raise ValueError("each changed text stands once, in the order of locale and place, and differs")
        return self

    def corrected(self, texts: Mapping[str, Texts]) -> dict[str, Texts]:
        """Return the texts after this correction of `texts`; raise CorrectionError where it is of other texts."""
        result = changed_texts(texts, self.changes)
        if {locale: text.digest for locale, text in result.items()} != self.texts:
            raise CorrectionError("the correction was made of other texts than these: its hashes differ")
        return result

    @property
    def wording(self) -> PinnedWording:
        """What the link to the corrected wave pins."""
        return PinnedWording(
            format="sotto-wording-1",
            study=self.study,
            manifest=self.manifest,
            correction=self.digest,
            texts=self.texts,
        )


def changed_texts(texts: Mapping[str, Texts], changes: tuple[TextChange, ...]) -> dict[str, Texts]:
    """Return the texts with their words changed; raise CorrectionError for the first change that cannot be.

    Nothing else may depend on the words: no recording says the old ones, and the same answers are piped into them.
    """
    documents = {locale: text.to_json() for locale, text in texts.items()}
    for change in changes:
        fault = _fault(change, texts.get(change.locale))
        if fault:
            raise CorrectionError(f"{change.place} in {change.locale} {fault}")
        replace_words(documents[change.locale], change.place, change.new)
    return {locale: Texts.from_bytes(canonical(document)) for locale, document in documents.items()}


def _fault(change: TextChange, texts: Texts | None) -> str:
    """Return why a text cannot be changed so, "" where it can."""
    if texts is None:
        return "is in a language that the study does not have"
    if words_by_place(texts).get(change.place) != change.old:
        return "has other words than the correction says that it had: it was made of other texts"
    if is_recorded(texts, change.place):
        return "is read aloud by a recording, which would still say the old words"
    if piped(change.old) != piped(change.new):
        return "would show the answers to other questions, between braces, than it does"
    return ""
